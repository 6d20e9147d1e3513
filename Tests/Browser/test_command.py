"""`starling-lab` itself: its first line, and what it says to wrong usage."""

import contextlib
import os
import re
import select
import subprocess
import sys
import urllib.request

import pytest

import deck as d
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


@contextlib.contextmanager
def opened(**environment):
    """The lab with `--open` where there is no display, or what the environment says."""
    rest = {key: value for key, value in os.environ.items() if key not in ("DISPLAY", "WAYLAND_DISPLAY")}
    with subprocess.Popen([LAB, "--port", "0", "--open"], env=rest | environment, text=True,
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE) as lab:
        try:
            yield lab, lab.stdout.readline()
        finally:
            lab.terminate()


@pytest.mark.skipif(sys.platform == "darwin", reason="there it would open the browser")
def test_open_opens_the_address_in_the_browser(tmp_path):
    opener = tmp_path / "xdg-open"
    opener.write_text(f'#!/bin/sh\necho "$@" >"{tmp_path}/asked"\nmv "{tmp_path}/asked" "{tmp_path}/opened"\n')
    opener.chmod(0o755)
    with opened(PATH=f"{tmp_path}:{os.environ['PATH']}", DISPLAY=":7") as (lab, address):
        d.eventually((tmp_path / "opened").exists)
        assert (tmp_path / "opened").read_text() == address
        lab.terminate()
        assert lab.stderr.read() == ""


@pytest.mark.skipif(sys.platform == "darwin", reason="there is a display wherever there is a user")
def test_open_without_a_display_says_so_and_serves():
    with opened() as (lab, address):
        assert select.select([lab.stderr], [], [], 20)[0], "nothing is said"
        assert lab.stderr.readline() == "note: there is no browser to open here; open the address in yours\n"
        urllib.request.urlopen(address.strip(), timeout=5).close()
