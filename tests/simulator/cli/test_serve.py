"""`darajasim serve`: what it prints, and what it says to a mistake, before any request."""

import asyncio
import re
import socket
import ssl

import httpx
import pytest
import trustme
from click.testing import CliRunner

from darajasim.cli.main import main
from darajasim.cli.serve import serve
from support.caller import caller
from support.recorder import recorder
from support.served import served


def refused(*options):
    """What is printed to a mistake; the exit code is 2."""
    found = CliRunner().invoke(main, ["serve", "--port", "0", *options])
    assert found.exit_code == 2, found.output
    assert "Traceback" not in found.output
    return found.output.strip().splitlines()[-1]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--host", "nosuch.invalid"], "--host: expected an address of this machine"),
        (["--host", ""], "--host: expected an address of this machine, found "),
        (["--host", "a..b"], "--host: expected an address of this machine"),
        (["--host", "x" * 70 + ".y"], "--host: expected an address of this machine"),
        (["--host", "300.1.1.1"], "--host: expected an address of this machine"),
        (["--host", "::zz"], "--host: expected an address of this machine"),
        (["--host", "192.0.2.1"], "cannot listen on 192.0.2.1:0: "),
        (["--port", "65536"], "--port: 65536 is not in the range"),
        (["--port", "-1"], "--port: -1 is not in the range"),
        (["--port", "http"], "--port: http is not a valid integer"),
        (["--seed", "lucky"], "--seed: lucky is not a valid integer."),
        (["--speed", "0"], "--speed: 0.0 is not in the range"),
        (["--speed", "-2"], "--speed: -2.0 is not in the range"),
        (["--speed", "nan"], "--speed: expected a number, found nan"),
        (["--speed", "inf"], "--speed: inf is not in the range"),
        (["--speed", "fast"], "--speed: fast is not a valid float range."),
        (["--profile", "modern"], "--profile: expected a profile (observed, documented, legacy)"),
        (["--profile", "observed,x"], "--profile: expected knob=value, found x"),
        (["--profile", "nothing=1"], "--profile: no knob nothing; the knobs are "),
        (["--profile", "token_lifetime=x"], "--profile: profile knob token_lifetime: expected a"),
        (["--profile", "token_lifetime=0"], "--profile: profile knob token_lifetime: expected 1"),
        (["--profile", "in_flight=x"], "--profile: profile knob in_flight: expected one of 4999"),
        (["--allow-callback-host", ""], "--allow-callback-host: expected a host name, address "),
        (["--allow-callback-host", "http://a"], "expected a host name, address or network, found "),
        (["--allow-callback-host", "a:80"], "a host name, address or network, found a:80"),
        (["--allow-callback-host", "10.0.0.0/99"], "expected a host name, address or network, "),
        (["--allow-callback-host", "a b"], "expected a host name, address or network, found a b"),
        (["--nothing"], "No such option"),
        (["surplus"], "unexpected extra argument"),
    ],
)  # fmt: skip
def test_a_mistake_is_refused_in_words(options, message):
    assert message in refused(*options).replace("'", "")


def test_a_port_in_use():
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        found = CliRunner().invoke(serve, ["--port", port])
    assert found.exit_code == 2
    said = found.output.strip().splitlines()[-1]
    assert said.startswith(f"Error: cannot listen on 127.0.0.1:{port}: Address already in use.")
    assert "--port 0" in said


def test_the_banner():
    with served("--seed", "42", "--speed", "10") as server:
        port = server.port
    names = [line.split()[0] for line in server.banner]
    assert names[0] == "Daraja"
    assert names[-1] == "Try"
    text = "\n".join(server.banner)
    assert f"http://127.0.0.1:{port} " in text
    assert re.search(r"^Seed +42 +speed 10$", text, re.MULTILINE)
    assert "bfb279f9…1ed2c919" in text
    assert server.output == ""
    assert server.log == ""


def test_one_seed_gives_one_run_and_no_seed_is_said():
    async def ids(server):
        async with caller(server) as app:
            found = [(await app.token()).json["access_token"]]
            pushed = (await app.push(CallBackURL="http://127.0.0.1:9/")).json
            return [*found, pushed["MerchantRequestID"]]

    found = []
    for options in (["--seed", "5"], ["--seed", "5"], []):
        with served(*options) as server:
            found.append(asyncio.run(ids(server)))
            said = next(line for line in server.banner if line.startswith("Seed"))
    assert found[0] == found[1] != found[2]
    assert re.match(r"Seed +\d+ ", said)


def test_a_profile_and_an_allowed_host_are_heeded():
    async def main(server):
        async with caller(server) as app, recorder() as merchant:
            token = (await app.token()).json
            assert token["expires_in"] == 60_000
            urls = [f"http://localhost:{merchant.port}/", "http://192.0.2.1/"]
            for number, url in enumerate(urls):
                answer = await app.push(
                    PhoneNumber=254722000000 + number, CallBackURL=url, TransactionDesc=...
                )
                assert answer.status == 200, answer
            await merchant.wait_for(1)
            events = []
            async with asyncio.timeout(10):
                while len(events) < 2:
                    page = await app.get("/_sim/journal?kind=callback-attempted")
                    events = page.json["events"]
            refused = next(event for event in events if event["status"] is None)
            assert refused["error"].startswith("192.0.2.1 is 192.0.2.1: only loopback is called")
            assert "--allow-callback-host 192.0.2.1" in refused["error"]

    options = ["--profile", "documented,token_lifetime=60000", "--speed", "5000"]
    with served(*options, "--allow-callback-host", "shop.test") as server:
        asyncio.run(main(server))


def test_bad_hours_begin_at_once_and_end_by_themselves():
    async def main(server):
        async with caller(server) as app:
            page = await app.get("/_sim/journal?kind=chaos-began")
            (began,) = page.json["events"]
            assert (began["chaos"], began["lasts"]) == ("callback-outage", 1_200)
            await app.post("/_sim/clock", {"advance": 1_300})
            page = await app.get("/_sim/journal?kind=chaos-ended")
            (ended,) = page.json["events"]
            assert ended["chaos"] == "callback-outage"

    with served("--chaos", "callback-outage") as server:
        asyncio.run(main(server))


def test_what_is_told_is_one_line_an_event_whatever_was_sent():
    async def main(server):
        async with caller(server) as app:
            await app.token("key\r\nX: y\x1b[31m", query="?grant_type=%0d%0aX-Injected")
            await app.token()
            await app.push(AccountReference="a\nINFO it failed\u2028\x1b[2J\ud800" + "x" * 2_000)
            await app.push(Amount={"\n": ["\n"] * 50})

    with served("-v") as server:
        asyncio.run(main(server))
    told = server.log.split("\n")
    assert told.pop() == ""
    assert len(told) >= 8
    assert all(re.match(r"\d\d:\d\d:\d\d  \w", line) for line in told), told
    assert all(line.isprintable() and len(line) < 600 for line in told)


@pytest.fixture
def issued(tmp_path):
    """Files of a certificate for loopback, its key, and the authority that issued it."""
    authority = trustme.CA()
    leaf = authority.issue_cert("127.0.0.1", "localhost")
    certificate, key, root = (tmp_path / name for name in ("cert.pem", "key.pem", "ca.pem"))
    for blob in leaf.cert_chain_pems:
        blob.write_to_path(certificate, append=True)
    leaf.private_key_pem.write_to_path(key)
    authority.cert_pem.write_to_path(root)
    return certificate, key, root


def test_https_with_a_certificate_of_ones_own(issued):
    certificate, key, root = issued
    options = ("--tls-certificate", str(certificate), "--tls-key", str(key), "--seed", "1")
    with served(*options) as running:
        assert running.base.startswith("https://127.0.0.1:")
        trusted = ssl.create_default_context(cafile=root)
        answer = httpx.get(f"{running.base}/_sim/health", verify=trusted)
        assert answer.json()["status"] == "ok"


def test_tls_files_that_do_not_fit_are_refused(issued, tmp_path):
    certificate, key, _root = issued
    wrong = tmp_path / "wrong.pem"
    wrong.write_text("no certificate")
    both = ("--tls-certificate", str(certificate), "--tls-key")
    assert "expected both files or neither" in refused("--tls-key", str(key))
    assert "expected both files or neither" in refused("--tls-certificate", str(certificate))
    assert "expected a certificate and its key in PEM" in refused(*both, str(wrong))
    assert "expected a certificate and its key in PEM" in refused(*both, str(certificate))
    assert "does not exist" in refused(*both, str(tmp_path / "none.pem"))
