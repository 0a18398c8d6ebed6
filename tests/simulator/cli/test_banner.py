"""What `serve` prints; its last line must work when it is pasted."""

import base64
import json
import os
import shutil
import subprocess

import pytest

from darajasim.cli.banner import TIMESTAMP, banner, payment_line
from darajasim.core.organisation import SANDBOX_PASSKEY
from darajasim.operations.express import StkPush
from support.daraja import PUSH_PATH, daraja, in_virtual_time

BASE = "http://127.0.0.1:8700"


def shown(host="127.0.0.1", port=8700, *, seed=7, speed=1.0, scenario=None):
    text = banner(host, port, seed=seed, speed=speed, scenario=scenario)
    return {line[:9].strip(): line[10:] for line in text.splitlines()}


STAND_IN = """#!/bin/sh
for word in "$@"; do printf '%s\\n' "$word" >>"$CALLS"; done
echo '--' >>"$CALLS"
echo '{"access_token":"abc123","expires_in":"3599"}'
"""


@pytest.fixture
def pasted(tmp_path):
    """Runs a line in a shell whose curl only writes down how it was called: a list of calls."""
    shell = shutil.which("sh")
    if shell is None:
        pytest.skip("there is no sh here")
    curl, calls = tmp_path / "curl", tmp_path / "calls"
    curl.write_text(STAND_IN)
    curl.chmod(0o755)
    environment = {"PATH": f"{tmp_path}{os.pathsep}{os.environ['PATH']}", "CALLS": str(calls)}

    def paste(line):
        subprocess.run([shell, "-eu", "-c", line], env=environment, check=True)
        return [call.splitlines() for call in calls.read_text().split("--\n") if call]

    return paste


def test_look(snapshot):
    assert banner("127.0.0.1", 8700, seed=7, speed=1.0, scenario=None) == snapshot


@pytest.mark.parametrize(
    ("host", "base"),
    [
        ("127.0.0.1", "http://127.0.0.1:80"),
        ("localhost", "http://localhost:80"),
        ("0.0.0.0", "http://127.0.0.1:80"),  # noqa: S104  # not bound, only shown
        ("::", "http://[::1]:80"),
        ("fe80::1", "http://[fe80::1]:80"),
    ],
)
def test_the_address_is_one_that_can_be_called(host, base):
    rows = shown(host, 80)
    assert rows["Daraja"].split()[0] == base
    assert rows["Look"] == f"{base}/_sim/journal"
    assert f"{base}{PUSH_PATH}" in rows["Try"]


def test_seed_speed_and_scenario():
    assert shown()["Seed"] == "7   speed 1"
    assert shown(speed=0.5, scenario="customer-cancels")["Seed"] == (
        "7   speed 0.5   scenario customer-cancels"
    )


def test_only_the_ends_of_the_passkey_are_shown_outside_the_line_to_paste():
    rows = shown()
    del rows["Try"]
    assert SANDBOX_PASSKEY not in "".join(rows.values())
    assert f"{SANDBOX_PASSKEY[:8]}…{SANDBOX_PASSKEY[-8:]}" in rows["Paybill"]


def test_the_line_pasted_into_a_shell_takes_a_token_and_pays(pasted):
    line = payment_line(BASE)
    assert "\n" not in line
    token, push = pasted(line)
    assert token == [
        "-s",
        "-u",
        "key:secret",
        f"{BASE}/oauth/v1/generate?grant_type=client_credentials",
    ]
    *words, body = push
    assert words == [
        "-s",
        f"{BASE}{PUSH_PATH}",
        "-H",
        "Authorization: Bearer abc123",
        "-H",
        "Content-Type: application/json",
        "-d",
    ]
    decoded = json.loads(body)
    assert set(decoded) == {field.name for field in StkPush.fields}
    assert decoded["CallBackURL"] == f"{BASE}/_sim/inbox"
    password = base64.b64decode(decoded["Password"]).decode()
    assert password == f"174379{SANDBOX_PASSKEY}{TIMESTAMP}"


def test_the_simulator_accepts_what_the_line_sends():
    *_, body = payment_line(BASE).split("'")[:-1]

    async def main():
        async with daraja() as d:
            answer = await d.post(PUSH_PATH, body.encode())
            assert answer.json["ResponseCode"] == "0"

    in_virtual_time(main())
