#!/usr/bin/env python3
"""Many connections ask for a bounded time while networks train, and nothing may give way.

    Tests/Browser/run load [--seconds 5] [--connections 200]

Each connection asks for pages, computations and the run's state, one after the other. Meanwhile one training follows on
another, and each one's events are listened to. Demanded are: no answer of 500 or more and none that breaks off, memory
that is flat once it has settled, events without a gap, and every training finished. It ends by itself.
"""

import argparse
import asyncio
import collections
import json
import random
import statistics
import sys
import time

import deck
import picture
import server

# 20 epochs of the built-in digits are over in a moment; these take a few seconds of a loaded machine.
TRAINING = {"data": "digits", "images": 100, "epochs": 10}
SECONDS_FOR_THE_LAST_TRAINING = 180
# Memory may wander this much between the second quarter of the time and the last: no leak of 200 connections hides in it.
SHARE, MEBIBYTES = 0.10, 8

DIGIT = {"set": "digits", "part": "test", "class": 1, "index": 0}
VOLUMES = {"x": [deck.X], "k": [[deck.K]], "b": [[[0]]]}
REQUESTS = [
    ("GET", "/1", None),
    ("GET", "/style.css", None),
    ("GET", "/api/source", None),
    ("GET", "/api/network", None),
    ("GET", "/api/digits?set=digits&part=train&class=0&index=0", None),
    ("POST", "/api/correlate", {"x": deck.X, "k": deck.K, "mode": "full"}),
    ("POST", "/api/forward", {**VOLUMES, "from": 0, "count": 64}),
    ("POST", "/api/backward", {
        "x": [deck.X], "k": [[deck.K]], "dY": [deck.G], "bias": "perChannel",
        "at": {"j": 0, "i": 0, "row": 0, "column": 0}, "mistake": "none"}),
    ("POST", "/api/trace", {"x": [deck.X], "k": [[deck.K]], "dY": [deck.G], "pass": "kernelGradient"}),
    ("POST", "/api/sigmoid", {"x": 0.5, "dY": 1}),
    ("POST", "/api/cross-entropy", {"y": [1, 0], "p": [0.8, 0.3]}),
    ("POST", "/api/activations", {"digit": DIGIT, "run": "trained"}),
    ("POST", "/api/window", {"digit": DIGIT, "map": 1, "row": 2, "column": 3}),
    ("POST", "/api/predict", {"png": picture.as_text(picture.ring(100, 100, 50, 50))}),
    ("GET", "/api/runs/trained/mistakes?limit=3", None),
    ("GET", "/api/runs/trained/checks", None),
    ("POST", "/api/correlate", {"x": deck.X, "k": [[1, 2]], "mode": "wrong"}),  # a refusal costs, too
]


class Tally:
    """What came of the requests."""

    def __init__(self):
        self.statuses = collections.Counter()
        self.times = []
        self.problems = []
        self.run = None  # the training that is under way
        self.finished = 0


async def answer_of(reader):
    """Status and body of one answer on a connection that is kept."""
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
    fields = dict(line.lower().split(": ", 1) for line in head[1:] if ": " in line)
    status = int(head[0].split()[1])
    if fields.get("transfer-encoding") == "chunked":
        body = b""
        while True:
            length = int((await reader.readline()).split(b";")[0], 16)
            body += (await reader.readexactly(length + 2))[:-2]
            if length == 0:
                return status, body
    return status, await reader.readexactly(int(fields.get("content-length", 0)))


async def send(writer, method, path, body):
    content = b"" if body is None else json.dumps(body).encode()
    head = f"{method} {path} HTTP/1.1\r\nHost: {server.PARTS.netloc}\r\nContent-Length: {len(content)}\r\n"
    if body is not None or method == "POST":
        head += "Content-Type: application/json\r\n"
    writer.write(head.encode() + b"\r\n" + content)
    await writer.drain()


async def once(method, path, body=None):
    """One request on a connection of its own."""
    reader, writer = await asyncio.open_connection(server.PARTS.hostname, server.PARTS.port)
    try:
        await send(writer, method, path, body)
        status, content = await asyncio.wait_for(answer_of(reader), 60)
        return status, json.loads(content)
    finally:
        writer.close()


async def client(number, end, tally):
    """One connection, which asks until the time is over."""
    dice = random.Random(number)
    reader, writer = await asyncio.open_connection(server.PARTS.hostname, server.PARTS.port)
    try:
        while time.monotonic() < end:
            method, path, body = dice.choice(REQUESTS)
            if tally.run and dice.random() < 0.1:
                method, path, body = "GET", f"/api/runs/{tally.run}", None
            began = time.monotonic()
            await send(writer, method, path, body)
            status, _ = await asyncio.wait_for(answer_of(reader), 60)
            tally.times.append(time.monotonic() - began)
            tally.statuses[status] += 1
    except (OSError, asyncio.IncompleteReadError, asyncio.TimeoutError, ValueError) as error:
        tally.problems.append(f"connection {number}: {type(error).__name__} {error}")
    finally:
        writer.close()


async def events(identifier, tally):
    """Listens to a run until its events end, and demands that none is missing."""
    reader, writer = await asyncio.open_connection(server.PARTS.hostname, server.PARTS.port)
    kinds, expected, state = collections.Counter(), 1, ""
    try:
        writer.write(
            f"GET /api/runs/{identifier}/events HTTP/1.1\r\nHost: {server.PARTS.netloc}\r\n"
            "Connection: close\r\n\r\n".encode())
        kind = ""
        while line := await asyncio.wait_for(reader.readline(), 60):
            text = line.decode().strip()
            if text.startswith("id:"):
                if int(text[3:]) != expected:
                    tally.problems.append(f"run {identifier}: event {text[3:].strip()} after {expected - 1}")
                expected = int(text[3:]) + 1
            elif text.startswith("event:"):
                kind = text[6:].strip()
                kinds[kind] += 1
            elif text.startswith("data:") and kind == "state":
                state = json.loads(text[5:])["state"]
    finally:
        writer.close()
    if kinds["epoch"] != TRAINING["epochs"] or state != "finished":
        tally.problems.append(f"run {identifier}: {kinds['epoch']} epochs were told, and it ended {state!r}")
    else:
        tally.finished += 1


async def train(end, tally):
    """One training after the other, at least one, and the last to its end."""
    while True:
        status, run = await once("POST", "/api/runs", TRAINING)
        if status != 201:
            tally.problems.append(f"a training was refused: {status} {run}")
            return
        tally.run = run["id"]
        await events(run["id"], tally)
        if time.monotonic() > end:
            return


async def watch(end, sizes):
    """Notes the memory, four times a second."""
    while time.monotonic() < end:
        sizes.append(server.memory())
        await asyncio.sleep(0.25)


async def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--seconds", type=float, default=5)
    parser.add_argument("--connections", type=int, default=200)
    options = parser.parse_args()

    tally, sizes = Tally(), []
    server.check_alive()
    server.fill()
    end = time.monotonic() + options.seconds
    await asyncio.wait_for(
        asyncio.gather(
            train(end, tally), watch(end, sizes),
            *(client(number, end, tally) for number in range(options.connections))),
        options.seconds + SECONDS_FOR_THE_LAST_TRAINING)
    server.check_alive()

    problems = tally.problems
    quarter = len(sizes) // 4
    settled = statistics.median(sizes[quarter:2 * quarter + 1])
    last = statistics.median(sizes[-quarter - 1:])
    if last > settled * (1 + SHARE) + MEBIBYTES:
        problems.append(f"memory grew from {settled:.1f} to {last:.1f} MiB")
    for status, count in tally.statuses.items():
        if status >= 500:
            problems.append(f"{count} answers had status {status}")
    if not tally.finished:
        problems.append("no training finished")

    total = sum(tally.statuses.values())
    times = sorted(tally.times) or [0]
    print(f"{options.connections} connections for {options.seconds:.0f} s: {total:,} answers"
          f" ({total / options.seconds:,.0f} a second), {dict(sorted(tally.statuses.items()))}")
    print(f"an answer took {statistics.median(times) * 1000:.0f} ms (median),"
          f" {times[int(len(times) * 0.99)] * 1000:.0f} ms (99th percentile)")
    print(f"memory {settled:.1f} MiB, then {last:.1f} MiB; {tally.finished} trainings finished meanwhile")
    for problem in problems[:20]:
        print(f"error: {problem}", file=sys.stderr)
    print(f"load: {0 if problems else 1} passed, {1 if problems else 0} failed")
    sys.exit(1 if problems else 0)


if __name__ == "__main__":
    asyncio.run(main())
