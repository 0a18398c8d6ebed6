"""`darajasim diff`: what two Darajas answer differently, in this process and over real sockets."""

import json
import socket
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from click.testing import CliRunner

from darajasim.cli.diff import diff
from darajasim.comparing.difference import Comparison
from darajasim.comparing.playing import Play, Played
from darajasim.comparing.session import Daraja, run
from darajasim.comparing.side import Answer
from darajasim.core.profile import Profile
from darajasim.scenarios import bundled_names, load_paths
from support.served import served

CUT = {"callback-truncated"}
"""Bodies that end in the middle of an id: how much is left of them follows from its length."""
PAID = [
    'paid  access token oauth  answer: expires_in: left "3599" (string), right 3599 (number)',
    "paid  payment-1 stk_push  callback stk 1: Balance: left null, right absent",
    "2 differences in 2 requests of 1 scenario",
]


def compared(*arguments, **environment):
    return CliRunner().invoke(diff, arguments, env=environment)


def test_two_simulators_of_one_profile_differ_in_nothing():
    """In no request of any bundled scenario, whatever their ids and times are."""
    same = Daraja(profile=Profile())
    found = run([each for each in load_paths(bundled_names()) if each.name not in CUT], same, same)
    assert [each for one in found for each in one.differences] == []
    assert sum(one.requests for one in found) > 1_500


def test_what_a_profile_changes_is_listed():
    result = compared("paid", "--right", "sim:documented")
    assert (result.exit_code, result.stdout.splitlines()) == (1, PAID)


def test_one_knob_is_one_difference():
    result = compared("paid", "--right", "sim:observed,balance_item=false")
    assert result.exit_code == 1
    assert result.stdout.splitlines() == [PAID[1], "1 difference in 2 requests of 1 scenario"]
    assert (
        compared("paid", "--right", "sim:balance_item=false", "--ignore", "balance").exit_code == 0
    )


def test_a_served_daraja_is_asked_over_real_sockets(tmp_path):
    report = tmp_path / "diff.json"
    with served("--profile", "documented", "--seed", "7") as server:
        result = compared("paid", "--right", server.base, "--json", str(report))
        assert (result.exit_code, result.stdout.splitlines()) == (1, PAID)
        swapped = compared("paid", "--left", server.base, "--right", "sim:documented")
        assert swapped.exit_code == 0, swapped.output
    document = json.loads(report.read_text(encoding="utf-8"))
    assert document["scenarios"][0]["differences"][0] == {
        "scenario": "paid",
        "step": "access token",
        "operation": "oauth",
        "where": "answer: expires_in",
        "left": '"3599" (string)',
        "right": "3599 (number)",
    }


def test_a_scenario_that_gets_no_token_is_compared_so_far():
    result = compared("unknown-app", "--right", "sim")
    assert result.exit_code == 0
    assert "no access token" in result.stderr


class Unfriendly(BaseHTTPRequestHandler):
    """A Daraja that knows nobody, and is no simulator."""

    def do_GET(self):
        known = self.path.startswith("/oauth/")
        self.send_response(400 if known else 404)
        self.send_header("content-length", "0")
        self.end_headers()

    def log_message(self, *_):
        """Nothing."""


def test_a_daraja_that_gives_no_token_is_no_side():
    with ThreadingHTTPServer(("127.0.0.1", 0), Unfriendly) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        base = f"http://127.0.0.1:{server.server_port}"
        result = compared("paid", "--right", base, DARAJASIM_RIGHT_CONSUMER_SECRET="planted")
        server.shutdown()
    assert result.exit_code == 2
    assert f"expected an access token of {base}, found HTTP 400" in result.stderr
    assert "planted" not in result.output


def test_no_token_is_shown_where_it_is_on_one_side_only():
    left = Play([Played("a", "oauth", Answer(200, "", b'{"a": 1, "access_token": "planted"}'))])
    right = Play([Played("a", "oauth", Answer(200, "", b'{"a": 1}'))])
    (found,) = Comparison("shown").differences(left, right)
    assert (found.left, found.right) == ("*** (string)", "absent")


def test_a_side_that_is_not_there_is_named_and_no_secret_is():
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    result = compared(
        "paid",
        "--right",
        f"http://127.0.0.1:{port}",
        DARAJASIM_RIGHT_CONSUMER_KEY="a-planted-key",
        DARAJASIM_RIGHT_CONSUMER_SECRET="a-planted-secret",
    )
    assert result.exit_code == 2
    assert f"expected a Daraja at http://127.0.0.1:{port}, found none" in result.stderr
    assert "planted" not in result.output


@pytest.mark.parametrize(
    ("right", "says"),
    [
        ("sandbox", "expected `sim`"),
        ("ftp://x", "expected `sim`"),
        ("http://", "expected `sim`"),
        ("sim:nonsense", "nonsense"),
        ("sim:observed,balance=1", "balance"),
    ],
)
def test_what_is_no_side_is_refused(right, says):
    result = compared("paid", "--right", right)
    assert result.exit_code == 2
    assert says in result.stderr


def test_a_report_that_cannot_be_written_is_told(tmp_path):
    result = compared("paid", "--right", "sim", "--json", str(tmp_path / "no" / "diff.json"))
    assert result.exit_code == 2
    assert "cannot write" in result.stderr


def test_the_report_alone_on_standard_output():
    result = compared("paid", "--right", "sim", "--json", "-")
    assert json.loads(result.stdout)["scenarios"][0]["differences"] == []
