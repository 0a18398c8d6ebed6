"""`python -m mpesa_pochi`: what is wrong is said before anything is served."""

import socket

import pytest
from click.testing import CliRunner

from mpesa_pochi.__main__ import main
from mpesa_pochi.settings import VARIABLES

GOOD = {
    "MPESA_NUMBER": "174379",
    "MPESA_PASSKEY": "a-passkey",
    "MPESA_CONSUMER_KEY": "a-key",
    "MPESA_CONSUMER_SECRET": "a-secret",
    "MPESA_POCHI_CALLBACK": "http://127.0.0.1:8000/api/pochi/callback",
    "MPESA_BASE_URL": "http://127.0.0.1:8700",
}


@pytest.fixture
def run(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    nothing = dict.fromkeys([*VARIABLES.values(), "MPESA_POCHI_DATABASE"])

    def run(*arguments, **environment):
        done = CliRunner().invoke(main, arguments, env={**nothing, **environment})
        return done.exit_code, done.output

    return run


def test_every_missing_setting_is_named(run):
    code, said = run()
    assert code == 2
    for variable in ("MPESA_NUMBER", "MPESA_PASSKEY", "MPESA_CONSUMER_KEY",
                     "MPESA_CONSUMER_SECRET", "MPESA_POCHI_CALLBACK"):  # fmt: skip
        assert f"{variable} is missing or empty; see .env.example" in said


def test_a_wrong_setting_is_named_and_no_secret_is_shown(run):
    code, said = run(**GOOD | {"MPESA_NUMBER": "none", "MPESA_PASSKEY": "planted secret"})
    assert code == 2
    assert "MPESA_NUMBER must be the 5 to 7 digits" in said
    assert "MPESA_PASSKEY must be" in said
    assert "planted" not in said


@pytest.mark.parametrize("url", ["no-url", "nosuch://user:planted@host/base"])
def test_a_wrong_database_is_refused_without_showing_it(run, url):
    code, said = run(**GOOD | {"MPESA_POCHI_DATABASE": url})
    assert code == 2
    assert "MPESA_POCHI_DATABASE" in said
    assert "planted" not in said


def test_a_port_that_is_taken_is_said(run):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        code, said = run("--port", port, "--database", "sqlite://", **GOOD)
    assert code == 2
    assert f"cannot listen on 127.0.0.1:{port}" in said


def test_a_host_that_is_not_here_is_said(run):
    code, said = run("--host", "192.0.2.1", "--port", "0", "--database", "sqlite://", **GOOD)
    assert code == 2
    assert "cannot listen on 192.0.2.1:0" in said


def test_help_tells_where_settings_come_from(run):
    code, said = run("--help")
    assert code == 0
    assert "MPESA_POCHI_DATABASE" in said
    assert ".env.example" in said
