#!/usr/bin/env python3
"""Sends malformed requests, made from the API's own description, and demands that the server names what is wrong.

    Tests/Browser/run fuzz [--requests 1000] [--seed 1] [--only NUMBER]

For each operation of /api/openapi.json a valid request is made from its schema and then spoiled in one way. Request n of
a seed is always the same, so that --only repeats one. Demanded are: never a status of 500 or more, never a connection
that breaks off without an answer; for each kind of mistake that cannot be right by chance a 4xx; with each 4xx of the
API an error of one line that says where; and in the end a server that still computes rightly, whose memory and open
files have not grown. Before, each operation is asked rightly, and its answer held to the schema that the description has
for it.
"""

import argparse
import collections
import copy
import http.client
import json
import random
import socket
import sys
import time

import jsonschema

import picture
import server

BODY_LIMIT = 64 * 1024  # predict takes more
PREDICT_LIMIT = 2 * 1024 * 1024
PICTURE = picture.as_text(picture.ring(100, 100, 50, 50))
MEBIBYTES = 24  # that memory may have grown by
WORDS = ["", "x", "-1", "none", "same", "../../etc/passwd", "\u0000", "☃", "a" * 300, "1e5", "true", "' OR 1=1"]
WRONG = [None, True, "1", "NaN", [], {}, [[]], [None], {"x": 1}, "Infinity", -1, 0, 1e7, -1e300, 2**63, 2**70, 0.5]
PATHS = ["/api", "/api/", "/api/nothing", "/api/source/../Package.swift", "/api/source/%2e%2e%2fPackage.swift",
         "/api/source/..%5c..", "/api/source/%00", "/js/../../etc/passwd", "/js/%2e%2e/%2e%2e/etc/passwd", "/0", "/11",
         "/1/", "//", "/js/", "/js/pages/p99.js", "/index.html%00.js", "/api/runs/nobody", "/api/runs/-1/events",
         "/api/runs/%ff", "/api/correlate/", "/api//correlate", "/" + "a" * 7000]


class Description:
    """The API's description: its operations, and valid values for their schemas."""

    def __init__(self, document):
        self.document = document
        self.operations = [
            (method.upper(), path, operation, item.get("parameters", []))
            for path, item in document["paths"].items()
            for method, operation in item.items() if method in ("get", "post", "put", "delete")]

    def resolve(self, schema):
        while "$ref" in schema:
            found = self.document
            for part in schema["$ref"].removeprefix("#/").split("/"):
                found = found[part]
            schema = found
        return schema

    def parameters(self, operation, shared):
        return [self.resolve(one) for one in shared + operation.get("parameters", [])]

    def body_schema(self, operation):
        if "requestBody" not in operation:
            return None
        return self.resolve(operation["requestBody"])["content"]["application/json"]["schema"]

    def example(self, operation):
        """The example that the description itself gives for a body, which has to be valid."""
        content = self.resolve(operation["requestBody"])["content"]["application/json"]
        if "example" in content:
            return content["example"]
        if "examples" in content:
            return next(iter(content["examples"].values()))["value"]
        # A picture is too long for an example.
        schema = self.resolve(content["schema"])
        return {"png": PICTURE} if "oneOf" in schema else schema.get("example")

    def value(self, schema, dice):
        """A value that the schema allows."""
        schema = self.resolve(schema)
        for choice in ("oneOf", "anyOf"):
            if choice in schema:
                return self.value(dice.choice(schema[choice]), dice)
        if "allOf" in schema:
            parts = [self.value(part, dice) for part in schema["allOf"]]
            return {key: value for part in parts for key, value in part.items()}
        if "const" in schema:
            return schema["const"]
        if "enum" in schema:
            return dice.choice(schema["enum"])
        kind = schema.get("type", "object" if "properties" in schema else "number")
        if isinstance(kind, list):
            kind = kind[0]
        if kind == "object":
            required = schema.get("required", [])
            return {key: self.value(part, dice) for key, part in schema.get("properties", {}).items()
                    if key in required or dice.random() < 0.7}
        if kind == "array":
            least = schema.get("minItems", 1)
            count = dice.randint(least, max(least, min(schema.get("maxItems", 3), 3)))
            first = self.value(schema["items"], dice)
            return [first, *(self.like(first, schema["items"], dice) for _ in range(count - 1))][:count]
        if kind == "integer":
            low = schema.get("minimum", 0)
            return dice.randint(int(low), int(min(schema.get("maximum", low + 10), low + 10)))
        if kind == "number":
            low, high = schema.get("minimum", -10), schema.get("maximum", 10)
            return round(dice.uniform(max(low, -10), min(high, 10)), 3)
        if kind == "boolean":
            return dice.random() < 0.5
        if schema.get("contentEncoding") == "base64":
            return PICTURE
        return dice.choice(WORDS[1:4])


    def like(self, first, schema, dice):
        """A value that the schema allows, in the shape of another: what a schema cannot say of a matrix."""
        if not isinstance(first, list):
            return self.value(schema, dice)
        return [self.like(inner, self.resolve(schema)["items"], dice) for inner in first]


def places(value, path=()):
    """The path to each value within a value."""
    yield path
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from places(inner, (*path, key))
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            yield from places(inner, (*path, index))


def at(value, path):
    for part in path:
        value = value[part]
    return value


def replaced(value, path, new):
    """A copy of the value with something else at a place."""
    if not path:
        return new
    value = copy.deepcopy(value)
    at(value, path[:-1])[path[-1]] = new
    return value


def wrong_kind(old, dice):
    """A value that cannot stand where this one stands."""
    if isinstance(old, bool):
        return dice.choice(["yes", [], {}, 2])
    if isinstance(old, (int, float)):
        return dice.choice(["1", "NaN", [], {}, True, [1, 2], 1e300])
    if isinstance(old, str):
        return dice.choice([1, [], {}, True, "no such word"])
    if isinstance(old, list):
        return dice.choice([1, "list", {}, True])
    return dice.choice([1, "object", [], True])


# Each way to spoil a body takes a valid one, and gives bytes and whether the server has to refuse them.

def truncated(body, dice):
    text = json.dumps(body).encode()
    return text[: dice.randrange(len(text))], True


def noise(body, dice):
    return b"\xff" + dice.randbytes(dice.randrange(1, 200)), True


def not_a_number(body, dice):
    numbers = [path for path in places(body) if isinstance(at(body, path), (int, float))]
    if not numbers:
        return truncated(body, dice)
    text = json.dumps(replaced(body, dice.choice(numbers), "HERE"))
    return text.replace('"HERE"', dice.choice(["NaN", "Infinity", "1e999", "-1e999", "0x1", "1.", "--1"])).encode(), True


def deep(body, dice):
    depth = dice.choice([100, 1000, 10000])
    path = dice.choice(list(places(body)))
    return json.dumps(replaced(body, path, "HERE")).replace('"HERE"', "[" * depth + "]" * depth).encode(), True


def another_kind(body, dice):
    path = dice.choice(list(places(body)))
    return json.dumps(replaced(body, path, wrong_kind(at(body, path), dice))).encode(), True


def anything(body, dice):
    path = dice.choice(list(places(body)))
    return json.dumps(replaced(body, path, dice.choice(WRONG))).encode(), False


def unknown_field(body, dice):
    objects = [path for path in places(body) if isinstance(at(body, path), dict)]
    path = dice.choice(objects)
    return json.dumps(replaced(body, path, {**at(body, path), dice.choice(["extra", "X", "", "ŷ"]): 1})).encode(), True


def missing_field(body, dice):
    objects = [path for path in places(body) if isinstance(at(body, path), dict) and at(body, path)]
    if not objects:
        return truncated(body, dice)
    path = dice.choice(objects)
    gone = dice.choice(list(at(body, path)))
    return json.dumps(replaced(body, path, {k: v for k, v in at(body, path).items() if k != gone})).encode(), False


def ragged(body, dice):
    matrices = [path for path in places(body)
                if isinstance(at(body, path), list) and len(at(body, path)) > 1
                and all(isinstance(row, list) and row for row in at(body, path))]
    if not matrices:
        return another_kind(body, dice)
    path = dice.choice(matrices)
    row = (*path, dice.randrange(len(at(body, path))))
    return json.dumps(replaced(body, row, at(body, row)[:-1])).encode(), True


def too_large(body, dice):
    lists = [path for path in places(body) if isinstance(at(body, path), list) and at(body, path)]
    if not lists:
        return another_kind(body, dice)
    path = dice.choice(lists)
    return json.dumps(replaced(body, path, at(body, path) * dice.choice([20, 100, 1000]))).encode(), True


def over_the_limit(body, dice):
    return json.dumps({**body, "padding": "x" * (PREDICT_LIMIT + 1)}).encode(), True


SPOILERS = [truncated, noise, not_a_number, deep, another_kind, another_kind, anything, anything, unknown_field,
            missing_field, ragged, too_large]


class Sent:
    """One request: what is sent, and what must come."""

    def __init__(self, kind, method, path, body=None, headers=None, must_refuse=True, raw=None):
        self.kind = kind
        self.method = method
        self.path = path
        self.body = body
        self.headers = {"Content-Type": "application/json"} if headers is None and body is not None else headers or {}
        self.must_refuse = must_refuse
        self.raw = raw

    def __str__(self):
        what = self.raw or self.body or b""
        return f"{self.kind}: {self.method} {self.path[:120]} {self.headers or ''} {what[:300]!r}"


def filled(description, path, operation, shared, dice):
    """A path with its parameters filled in, mostly rightly."""
    query = []
    for parameter in description.parameters(operation, shared):
        value = description.value(parameter.get("schema", {"type": "string"}), dice)
        if parameter["in"] == "path":
            path = path.replace("{" + parameter["name"] + "}", http_quoted(value))
        elif parameter["in"] == "query" and (parameter.get("required") or dice.random() < 0.7):
            query.append(f"{parameter['name']}={http_quoted(value)}")
    return path + ("?" + "&".join(query) if query else "")


def http_quoted(value):
    return "".join(chr(byte) if chr(byte).isalnum() and byte < 128 else f"%{byte:02X}" for byte in str(value).encode())


def request(description, number, seed):
    """Request `number` of a seed."""
    dice = random.Random(seed * 1_000_000 + number)
    # Most mistakes are made in bodies.
    has_body = dice.random() < 0.8
    method, path, operation, shared = dice.choice(
        [each for each in description.operations if ("requestBody" in each[2]) == has_body])
    path = filled(description, path, operation, shared, dice)
    schema = description.body_schema(operation)
    way = dice.random()
    if way < 0.04:
        return Sent("no such path", dice.choice(["GET", "POST"]), dice.choice(PATHS), must_refuse=False)
    if way < 0.08:
        others = [word for word in ("GET", "POST", "PUT", "DELETE", "PATCH", "OPTIONS", "BREW")
                  if not any(word == m and path.split("?")[0] == p for m, p, *_ in description.operations)]
        return Sent("wrong method", dice.choice(others), path)
    if way < 0.10:
        host = dice.choice(["evil.example", "127.0.0.1.evil.example", "localhost.evil.example", "", "[::1", "127.0.0.1:x"])
        return Sent("wrong host", method, path, b"{}" if schema else None, {"Host": host, "Content-Type": "application/json"})
    if way < 0.12:
        return Sent("raw", "", "", raw=raw(dice), must_refuse=False)
    if schema is None:
        name = dice.choice(["class", "index", "set", "limit", "nothing", ""])
        value = dice.choice([*WORDS, "-1", "99999999999999999999", "1.5", "NaN"])
        joint = "&" if "?" in path else "?"
        return Sent("query", method, f"{path}{joint}{name}={http_quoted(value)}", must_refuse=False)

    example = description.example(operation)
    body = copy.deepcopy(example) if example and dice.random() < 0.5 else description.value(schema, dice)
    if not isinstance(body, dict):
        return Sent("wrong method", "DELETE", path)
    if way < 0.15:
        return Sent("no JSON by its type", method, path, json.dumps(body).encode(),
                    {"Content-Type": dice.choice(["text/plain", "application/xml", "multipart/form-data", "", "json"])})
    if way < 0.18:
        origin = dice.choice(["https://evil.example", "null", "http://127.0.0.1:1", "http://localhost.evil.example"])
        return Sent("from another site", method, path, json.dumps(body).encode(),
                    {"Content-Type": "application/json", "Origin": origin})
    if way < 0.185:
        return Sent("over the limit", method, path, over_the_limit(body, dice)[0])
    spoil = dice.choice(SPOILERS)
    spoiled, must_refuse = spoil(body, dice)
    return Sent(spoil.__name__.replace("_", " "), method, path, spoiled, must_refuse=must_refuse)


def raw(dice):
    """Bytes that are hardly a request at all."""
    host = f"Host: {server.PARTS.netloc}\r\n".encode()
    post = b"POST /api/correlate HTTP/1.1\r\n" + host + b"Content-Type: application/json\r\n"
    return dice.choice([
        b"\r\n\r\n",
        b"GET\r\n\r\n",
        b"GET / HTTP/9.9\r\n" + host + b"\r\n",
        b"GET /1 HTTP/1.1\r\n\r\n",
        b"GET /1 HTTP/1.1\r\n" + host + b"X: " + b"a" * 100_000 + b"\r\n\r\n",
        b"GET /1 HTTP/1.1\r\n" + host + b"X: 1\r\n" * 5_000 + b"\r\n",
        b"GET /" + b"a" * 100_000 + b" HTTP/1.1\r\n" + host + b"\r\n",
        post + b"Content-Length: -1\r\n\r\n{}",
        post + b"Content-Length: abc\r\n\r\n{}",
        post + b"Content-Length: 99999999999999999999\r\n\r\n{}",
        post + b"Content-Length: 2\r\nContent-Length: 3\r\n\r\n{}",
        post + b"Transfer-Encoding: chunked\r\n\r\nzz\r\n{}\r\n0\r\n\r\n",
        post + b"Transfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n",  # and then the client goes
        post + b"Content-Length: 50\r\n\r\n{",  # and then the client goes
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + dice.randbytes(200),  # TLS at a plain door
        dice.randbytes(dice.randrange(1, 500)),
    ])


class Fuzzer:
    """Sends requests on one connection, which it opens anew when it was closed."""

    def __init__(self):
        self.connection = server.connect()
        self.statuses = collections.Counter()
        self.kinds = collections.Counter()
        self.problems = []

    def send(self, number, sent):
        self.kinds[sent.kind] += 1
        if sent.raw is not None:
            self.send_raw(number, sent)
            return
        try:
            response, text = self.answer(sent)
        except (OSError, http.client.HTTPException) as error:
            # A server may close the door on a body that is far too large before all of it is sent.
            if len(sent.body or b"") <= BODY_LIMIT:
                self.problem(number, sent, f"no answer: {type(error).__name__} {error}")
            self.connection.close()
            return
        self.statuses[response.status] += 1
        if response.status >= 500:
            self.problem(number, sent, f"status {response.status}: {text[:200]!r}")
        elif response.status < 400 and sent.must_refuse:
            self.problem(number, sent, f"status {response.status}, though it is wrong: {text[:200]!r}")
        elif response.status >= 400 and sent.path.startswith("/api/"):
            self.check_error(number, sent, text)
        if response.status == 201:
            server.ask("POST", f"/api/runs/{json.loads(text)['id']}/stop")

    def answer(self, sent):
        try:
            return self.once(sent)
        except (http.client.RemoteDisconnected, ConnectionResetError, BrokenPipeError, http.client.CannotSendRequest):
            # The connection may have been closed after the answer before.
            self.connection.close()
            return self.once(sent)

    def once(self, sent):
        headers = dict(sent.headers)
        self.connection.putrequest(sent.method, sent.path, skip_host="Host" in headers)
        if sent.body is not None:
            self.connection.putheader("Content-Length", str(len(sent.body)))
        for name, value in headers.items():
            self.connection.putheader(name, value)
        self.connection.endheaders(sent.body)
        response = self.connection.getresponse()
        if "event-stream" in response.getheader("Content-Type", ""):
            self.connection.close()
            return response, b""
        return response, response.read()

    def check_error(self, number, sent, text):
        try:
            error = json.loads(text)["error"]
            message = error["message"]
            assert isinstance(message, str) and 10 <= len(message) <= 400, message
            assert "\n" not in message, message
            assert set(error) <= {"field", "message"}, error
            if sent.kind in ("another kind", "ragged", "too large", "unknown field"):
                assert error.get("field") or message.startswith("the body"), f"no field is named: {error}"
        except (ValueError, KeyError, TypeError, AssertionError) as reason:
            self.problem(number, sent, f"an error that helps nobody: {text[:200]!r} {reason}")

    def send_raw(self, number, sent):
        with socket.create_connection((server.PARTS.hostname, server.PARTS.port), timeout=0.5) as door:
            answer = b""
            try:
                door.sendall(sent.raw)
                door.shutdown(socket.SHUT_WR)
                answer = door.recv(4096)
            except OSError:
                pass  # A closed door is an answer to no request at all.
        status = answer.split(b" ", 2)[1:2]
        self.statuses[int(status[0]) if status and status[0].isdigit() else "closed"] += 1
        if status and status[0].startswith(b"5"):
            self.problem(number, sent, f"status {status[0].decode()}: {answer[:200]!r}")
        if sent.raw.startswith(b"POST") and status and status[0].startswith(b"2"):
            self.problem(number, sent, f"half a request was answered: {answer[:200]!r}")

    def problem(self, number, sent, what):
        self.problems.append(f"request {number}: {sent}\n         {what}")


def check_answers(description):
    """Every operation, asked as the description says, has to answer as the description says."""
    status, run = server.ask(
        "POST", "/api/runs", {"data": "digits", "images": 5, "epochs": 2, "isPaused": True}, timeout=60)
    assert status == 201, (status, run)
    known = {"id": run["id"], "file": "Volume.swift", "set": "digits", "part": "test", "class": 0, "index": 0, "limit": 3}
    # What a paused run is told, in an order in which it can be done.
    order = {"/step": 1, "/resume": 2, "/pause": 3, "/stop": 4}
    for method, path, operation, shared in sorted(
            description.operations, key=lambda each: order.get("/" + each[1].rsplit("/", 1)[-1], 0)):
        if path.endswith("/events"):
            continue  # no JSON: load.py reads it
        parameters = description.parameters(operation, shared)
        address = path.format(**known) + "?" + "&".join(
            f"{each['name']}={known[each['name']]}" for each in parameters if each["in"] == "query")
        example = None
        if "requestBody" in operation:
            example = description.example(operation)
            assert example, f"{method} {path} has no example"
        status, answer = server.ask(method, address, example, timeout=120)
        # So short a run may have finished before it is told to pause.
        assert status < 400 or (status == 409 and path.endswith("/pause")), (method, address, status, answer)
        content = description.resolve(operation["responses"][str(status)])["content"]["application/json"]
        # References in a schema are to the whole description.
        schema = {**content["schema"], "components": description.document["components"]}
        for error in jsonschema.Draft202012Validator(schema).iter_errors(answer):
            raise AssertionError(f"{method} {path} answers not as described: {error.json_path}: {error.message[:200]}")
        if status == 201:
            server.ask("POST", f"/api/runs/{answer['id']}/stop")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--requests", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", type=int)
    options = parser.parse_args()

    server.check_alive()
    status, document = server.ask("GET", "/api/openapi.json")
    assert status == 200, status
    description = Description(document)
    fuzzer = Fuzzer()
    check_answers(description)
    if options.only is not None:
        sent = request(description, options.only, options.seed)
        print(sent)
        fuzzer.send(options.only, sent)
        print(dict(fuzzer.statuses), *fuzzer.problems, sep="\n")
        sys.exit(1 if fuzzer.problems else 0)

    server.fill()
    began = time.monotonic()
    settled, opened = server.memory(), server.descriptors()
    for number in range(options.requests):
        fuzzer.send(number, request(description, number, options.seed))
    seconds = time.monotonic() - began
    fuzzer.connection.close()
    server.check_alive()

    grown = server.memory() - settled
    left = server.descriptors() - opened
    if grown > MEBIBYTES:
        fuzzer.problems.append(f"memory grew by {grown:.1f} MiB")
    if left > 20:
        fuzzer.problems.append(f"{left} more files or sockets are open than before")
    print(f"{options.requests:,} malformed requests to {len(description.operations)} operations in {seconds:.0f} s")
    print("kinds:", dict(sorted(fuzzer.kinds.items())))
    print("statuses:", dict(sorted(fuzzer.statuses.items(), key=str)))
    print(f"memory {settled:.1f} MiB before, {settled + grown:.1f} MiB after; {left:+} open files")
    for problem in fuzzer.problems[:20]:
        print(f"error: {problem}", file=sys.stderr)
    failed = len(fuzzer.problems)
    if failed > 20:
        print(f"error: and {failed - 20} more", file=sys.stderr)
    print(f"fuzz: {options.requests - min(failed, options.requests)} passed, {failed} failed")
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
