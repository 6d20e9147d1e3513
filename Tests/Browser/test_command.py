"""`starling-lab` itself: its first line, and what it says to wrong usage."""

import os
import re
import subprocess

import pytest

import server

LAB = os.environ["LAB"]


def run(*arguments):
    return subprocess.run([LAB, *arguments], capture_output=True, text=True, timeout=20, check=False)


@pytest.mark.parametrize("arguments, code, error", [
    (["--prt", "1"], 64, "error: Unknown option '--prt'"),
    (["--port", "x"], 64, "error: The value 'x' is invalid for '--port <port>'"),
    (["--port", "99999"], 64, "error: --port: expected 0 to 65535, got 99999; 0 takes one that is free"),
    (["--site", "/nowhere"], 1, "error: --site /nowhere: expected a folder with index.html, found none; "),
    (["--data-dir", "/nowhere"], 1, "error: /nowhere/mnist: expected a folder of "),
    (["--port", str(server.PARTS.port)], 1,
     f"error: --port {server.PARTS.port}: it is in use; give another, or 0 for one that is free"),
])
def test_wrong_usage_is_told_in_words(arguments, code, error):
    ended = run(*arguments)
    assert ended.returncode == code and ended.stdout == ""
    assert ended.stderr.startswith(error), ended.stderr


def test_the_first_line_is_the_address():
    with subprocess.Popen([LAB, "--port", "0"], stdout=subprocess.PIPE, text=True) as lab:
        try:
            assert re.fullmatch(r"http://127\.0\.0\.1:[1-9]\d*/\n", lab.stdout.readline())
        finally:
            lab.terminate()
