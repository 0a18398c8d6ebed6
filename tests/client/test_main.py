"""`python -m mpesa_pochi`: what is wrong is said before anything is served."""

import socket

import pytest
from click.testing import CliRunner

from mpesa_pochi import __main__, sealed
from mpesa_pochi.__main__ import main
from mpesa_pochi.merchant import standalone
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
    tables = (VARIABLES, standalone.VARIABLES, sealed.VARIABLES)
    names = [name for table in tables for name in table.values()]
    nothing = dict.fromkeys([*names, "MPESA_POCHI_DATABASE"])

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


WRONG = {
    "MPESA_POCHI_ADMIN_TOKEN": ("planted-short", "at least 16 characters, found 13"),
    "MPESA_POCHI_ALLOWED_SOURCES": ("safaricom, planted", "nor the word safaricom"),
    "MPESA_POCHI_TRUSTED_PROXIES": ("10.0.0.0/99", "trusted proxies"),
    "MPESA_POCHI_LIMITS_STORAGE": ("nosuch://:planted@host", "limits storage"),
    "MPESA_POCHI_PUSHES_PER_PHONE": ("5/fortnight", "such as '5/minute; 30/hour'"),
    "MPESA_POCHI_PUSHES_PER_ADDRESS": ("0/minute", "such as"),
    "MPESA_POCHI_QUERIES_PER_ADDRESS": ("many", "such as"),
    "MPESA_POCHI_WRONG_TOKENS_PER_ADDRESS": ("5", "such as"),
}


def test_everything_that_is_wrong_is_named_at_once(run):
    code, said = run(**GOOD | {name: value for name, (value, _) in WRONG.items()})
    assert code == 2
    assert f"{len(WRONG)} mistakes" in said
    for name, (_, why) in WRONG.items():
        (line,) = [line for line in said.splitlines() if name in line]
        assert why in line
    for name in ("MPESA_POCHI_ADMIN_TOKEN", "MPESA_POCHI_LIMITS_STORAGE"):
        assert WRONG[name][0] not in said


def test_answers_do_not_wait_for_the_other_sides_kernel():
    with (
        __main__._listening("127.0.0.1", 0) as listener,
        socket.create_connection(listener.getsockname()),
    ):
        accepted, _ = listener.accept()
        with accepted:
            assert accepted.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)
