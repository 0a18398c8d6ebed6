"""The commands that speak to a running simulator over its control API."""

import json
import socket

import pytest
from click.testing import CliRunner

from darajasim.cli.main import main
from support.served import served

COMMANDS = (["journal"], ["clock"], ["resend", "1"], ["pay", "0722000000", "5"], ["reset"])


@pytest.fixture(scope="module")
def server():
    with served("--seed", "1", "--scenario", "c2b-paid") as running:
        yield running


def run(*arguments, url, code=0):
    found = CliRunner().invoke(main, arguments, env={"DARAJASIM_URL": url})
    assert found.exit_code == code, found.output
    assert "Traceback" not in found.output
    return found.stdout if code == 0 else found.output


@pytest.mark.parametrize("command", COMMANDS)
def test_no_server(command):
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    said = run(*command, url=f"http://127.0.0.1:{port}", code=2)
    assert f"no simulator answers at http://127.0.0.1:{port}" in said
    assert "darajasim serve" in said


@pytest.mark.parametrize("url", ["ftp://x", "localhost:8700", "http://", "file:///etc/passwd"])
def test_what_is_no_url(url):
    assert "expected a URL such as http://127.0.0.1:8700" in run("clock", url=url, code=2)


def test_a_payment_from_the_phone_and_what_became_of_it(server):
    name = ["--namespace", "paying"]
    subject = run("pay", "0722000000", "25", "--reference", "R-1", *name, url=server.base).strip()
    assert "0 due" in run("clock", "--settle", *name, url=server.base)
    lines = run("journal", "--json", *name, url=server.base).splitlines()
    assert any(json.loads(each)["kind"] == "money-moved" for each in lines)
    told = run("journal", "--subject", subject, *name, url=server.base)
    assert subject in told
    assert run("reset", *name, url=server.base) == "paying begins afresh\n"


def test_the_clock(server):
    name = ["--namespace", "clock"]
    moved = run("clock", "--set", "2030-03-02 09:00", *name, url=server.base)
    assert moved.startswith("2030-03-02T06:00:0")
    assert run("clock", "--advance", "1h", *name, url=server.base).startswith("2030-03-02T07:00:0")
    assert "found several" in run("clock", "--settle", "--advance", "1", url=server.base, code=2)
    assert "found 'soon'" in run("clock", "--advance", "soon", url=server.base, code=2)


@pytest.mark.parametrize("numbers", ["x", "-", "5-x", "1.5", "5--6"])
def test_numbers_that_are_none(server, numbers):
    assert "such as 12, or 12-20" in run("resend", "--", numbers, url=server.base, code=2)


def test_resending_what_is_not_there(server):
    said = run("resend", "900-901", url=server.base, code=2)
    assert "expected a callback-attempted event among the numbers 900 to 901" in said
