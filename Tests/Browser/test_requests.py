"""Requests that no browser sends: what comes on a connection that is cut, slow, or meant for somebody else."""

import contextlib
import json
import socket
import time

import pytest

import server


def exchange(data, ends=False):
    """Sends bytes, lets the client's side end if so wished, and gives status and error of the answer."""
    with socket.create_connection((server.PARTS.hostname, server.PARTS.port), timeout=20) as door:
        door.sendall(data)
        if ends:
            door.shutdown(socket.SHUT_WR)
        answer = b""
        while part := door.recv(65536):
            answer += part
    head, _, body = answer.partition(b"\r\n\r\n")
    assert b"content-security-policy" in head.lower()
    return int(head.split()[1]), json.loads(body)["error"] if body.startswith(b'{"error"') else body


def post(length, body, host=server.PARTS.netloc, path="/api/runs"):
    return (f"POST {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\nContent-Type: application/json\r\n"
            f"{length}\r\n\r\n{body}").encode()


def runs_that_can_begin():
    """How many more runs the server takes, of four."""
    begun = []
    while len(begun) < 5:
        status, run = server.ask("POST", "/api/runs", {"data": "digits", "isPaused": True})
        if status != 201:
            assert status == 429, run
            break
        begun.append(run["id"])
    for run in begun:
        server.ask("POST", f"/api/runs/{run}/stop")
    return len(begun)


@pytest.mark.parametrize("length, body", [
    ("Content-Length: 50", "{}"), ("Content-Length: 3", "{}"), ("Transfer-Encoding: chunked", "2\r\n{}\r\n")])
def test_half_a_body_does_nothing(length, body):
    before = runs_that_can_begin()
    status, error = exchange(post(length, body), ends=True)
    assert 400 <= status < 500 and "send" in error["message"], (status, error)
    assert runs_that_can_begin() == before, "a run was begun"


def test_a_body_without_a_length_is_refused():
    status, error = exchange(post("Transfer-Encoding: chunked", "2\r\n{}\r\n0\r\n\r\n"))
    assert status == 411 and error["message"].startswith("the body: expected its length"), error


def test_a_body_that_drips_is_told_that_it_is_slow_and_does_nothing():
    before = runs_that_can_begin()
    began = time.monotonic()
    with socket.create_connection((server.PARTS.hostname, server.PARTS.port), timeout=20) as door:
        door.sendall(post("Content-Length: 500", "{}"))
        door.settimeout(0.25)
        answer = b""
        while not answer and time.monotonic() - began < 18:
            try:
                answer = door.recv(65536)
            except TimeoutError:
                door.sendall(b" ")
        # What was still missing comes too late; the door may be shut by now.
        with contextlib.suppress(OSError):
            door.sendall(b" " * 498)
        time.sleep(0.5)
    assert answer.split()[1] == b"408", answer
    error = json.loads(answer.partition(b"\r\n\r\n")[2])["error"]
    assert error["field"] == "body" and "within 10 seconds" in error["message"], error
    assert time.monotonic() - began > 9
    assert runs_that_can_begin() == before, "a run was begun"


@pytest.mark.parametrize("host", [
    "evil.example", "127.0.0.1.evil.example", "localhost.evil.example:8080", "[::2]", "evil.example:80@127.0.0.1"])
def test_a_name_that_somebody_else_points_here_is_refused(host):
    status, error = exchange(post("Content-Length: 2", "{}", host=host))
    assert status == 403 and error["field"] == "Host", (status, error)


def test_an_answer_is_never_taken_for_that_of_another_request():
    """Rubbish behind a request that is still being answered: whatever comes first is that request's answer."""
    first = f"GET /api/data HTTP/1.1\r\nHost: {server.PARTS.netloc}\r\n\r\n".encode()
    with socket.create_connection((server.PARTS.hostname, server.PARTS.port), timeout=20) as door:
        door.sendall(first + b"\x00\x01rubbish\r\n\r\n")
        answer = door.recv(65536)
    assert answer == b"" or answer.split()[1] == b"200", answer
