"""The running lab as load.py and fuzz.py see it: its address, its memory, and whether it still answers rightly."""

import http.client
import json
import os
import pathlib
import subprocess
import urllib.parse

import deck

ADDRESS = os.environ["LAB_ADDRESS"]
PID = int(os.environ["LAB_PID"])
KEPT = 16  # runs that the server remembers at most, those that have ended included
PARTS = urllib.parse.urlsplit(ADDRESS)


def connect(timeout=30):
    return http.client.HTTPConnection(PARTS.hostname, PARTS.port, timeout=timeout)


def ask(method, path, body=None, timeout=30):
    """Status and answer of one request on a connection of its own."""
    connection = connect(timeout)
    try:
        content = None if body is None else json.dumps(body)
        headers = {} if body is None else {"Content-Type": "application/json"}
        connection.request(method, path, content, headers)
        response = connection.getresponse()
        text = response.read()
        return response.status, json.loads(text) if "json" in response.getheader("Content-Type", "") else text
    finally:
        connection.close()


def memory():
    """The server's resident memory in MiB."""
    status = pathlib.Path(f"/proc/{PID}/status")
    if status.exists():
        return int(status.read_text().split("VmRSS:")[1].split()[0]) / 1024
    listed = subprocess.run(["ps", "-o", "rss=", "-p", str(PID)], check=True, capture_output=True, text=True)
    return int(listed.stdout) / 1024


def descriptors():
    """How many files and sockets the server holds open, where the system tells."""
    folder = pathlib.Path(f"/proc/{PID}/fd")
    return len(list(folder.iterdir())) if folder.exists() else 0


def check_alive():
    """Demands that the server still computes the fixture."""
    status, answer = ask("POST", "/api/correlate", {"x": deck.X, "k": deck.K, "mode": "valid"})
    assert status == 200, (status, answer)
    assert answer["correlation"] == deck.CORRELATION, answer
    assert answer["convolution"] == deck.CONVOLUTION, answer


def fill():
    """Has the server hold all that it ever keeps, so that what it then holds more would be a leak."""
    ask("POST", "/api/activations", {
        "digit": {"set": "digits", "part": "train", "class": 0, "index": 0}, "run": "trained"}, timeout=120)
    for _ in range(KEPT):
        status, run = ask("POST", "/api/runs", {"images": 1000, "epochs": 1, "isPaused": True}, timeout=60)
        assert status == 201, (status, run)
        ask("POST", f"/api/runs/{run['id']}/step")
        ask("POST", f"/api/runs/{run['id']}/stop")
