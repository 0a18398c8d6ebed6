"""`daraja_server`: a real socket for the whole run, a namespace for each test."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from darajasim.testing import daraja, daraja_scenarios, remote  # noqa: F401
from darajasim.testing.process import ServedProcess

pytest_plugins = ("pytester",)

PLUGIN = ("-p", "darajasim.pytest_plugin", "-W", "error")


@pytest.fixture(autouse=True)
def alone(monkeypatch):
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")
    monkeypatch.delenv("PYTEST_ADDOPTS", raising=False)


@pytest.fixture
def run(pytester):
    def run(source, *options):
        pytester.makepyfile(test_shop=source)
        return pytester.runpytest_inprocess(*PLUGIN, *options)

    return run


SHOP = '''
    import json
    import threading
    from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

    import httpx
    import pytest
    from darajasim.testing import DarajaTestError

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            body = json.loads(self.rfile.read(int(self.headers["content-length"])))
            self.server.seen.append(body)
            self.send_response(self.server.status)
            self.send_header("content-length", "2")
            self.end_headers()
            self.wfile.write(b"{}")

        def log_message(self, *_):
            pass

    @pytest.fixture
    def shop():
        """Somebody's application, on a socket of its own."""
        server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        server.seen, server.status = [], 200
        server.url = f"http://127.0.0.1:{server.server_port}/cb"
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield server
        server.shutdown()
        thread.join()
        server.server_close()
'''


def test_a_payment_over_real_http(run, pytester):
    pytester.makefile(".yaml", poor="customers: [{phone: 0722000000, balance: 7}]")
    done = run(SHOP + """
    def test_paid(daraja_server, shop):
        payment = daraja_server.push("0722000000", 100, callback_url=shop.url)
        ending = daraja_server.settle(payment)
        assert ending.paid
        callback = daraja_server.expect.callback(code=0, Amount=100, payment=payment)
        assert shop.seen == [json.loads(callback.raw)]
        assert daraja_server.balance("174379") == 100
        assert daraja_server.balance("0722000000") == 49_900
        daraja_server.resend(callback)
        assert shop.seen[0] == shop.seen[1]
        daraja_server.expect.callbacks(2)

    def test_another_world(daraja_server, shop):
        assert daraja_server.callbacks == []
        assert daraja_server.timeline == "nothing reached Daraja"
        daraja_server.rule("stk_push", {"phone": "0722000000"}, customer="cancel")
        daraja_server.customer("0733000000", balance=7.50, name="JANE WANJIKU")
        daraja_server.push(callback_url=shop.url)
        daraja_server.expect.callback(code=1032)
        daraja_server.expect.no_callback(code=0)
        assert daraja_server.balance("0733000000") == 7.5

    @pytest.mark.daraja(scenario="customer-cancels")
    def test_a_scenario(daraja_server):
        daraja_server.push()
        daraja_server.expect.callback(code=1032)

    @pytest.mark.daraja(scenario="shared-parts")
    def test_a_scenario_that_includes_another(daraja_server):
        daraja_server.push("0722000003", 100)
        daraja_server.settle()

    @pytest.mark.daraja(world="poor.yaml")
    def test_a_world_in_a_file(daraja_server):
        assert daraja_server.balance("0722000000") == 7
        assert daraja_server.balance("0733000000") == 50_000
        with pytest.raises(ValueError):
            daraja_server.balance("999999")

    def test_any_request(daraja_server):
        ending = daraja_server.settle(daraja_server.call("b2c_payment", Amount=100))
        assert ending.paid
        daraja_server.expect.callback(kind="result", code=0)

    def test_what_time_it_is(daraja_server):
        before = daraja_server.now()
        daraja_server.advance(3_600)
        assert 3_600 <= (daraja_server.now() - before).total_seconds() < 3_700
        assert before.utcoffset().total_seconds() == 3 * 3_600

    def test_the_url_alone(daraja_server):
        token = httpx.get(
            f"{daraja_server.url}/oauth/v1/generate?grant_type=client_credentials",
            auth=("key", "secret"),
        ).json()["access_token"]
        assert token
        assert [event.kind for _, event in daraja_server.happened()][0] == "request-received"

    def test_waiting(daraja_server, shop):
        later = threading.Timer(0.2, daraja_server.push, kwargs={"callback_url": shop.url})
        later.start()
        (event,) = daraja_server.wait("callback-attempted", timeout=20)
        later.join()
        assert event["status"] == 200
        with pytest.raises(DarajaTestError, match="did you mean `callback-attempted`"):
            daraja_server.wait("callback-atempted")
        with pytest.raises(AssertionError, match="expected 2 events callback-attempted"):
            daraja_server.wait(count=2, timeout=0.1)

    def test_time(daraja_server):
        payment = daraja_server.pay("0722000000", 30)
        daraja_server.advance(86_400)
        assert daraja_server.settle(payment).paid

    def test_refused(daraja_server):
        with pytest.raises(DarajaTestError, match="HTTP 400"):
            daraja_server.push(amount=0)
        with pytest.raises(DarajaTestError, match="did you mean `stk_push`"):
            daraja_server.rule("stk_pusch", customer="cancel")

    def test_settings(daraja_server):
        from mpesa_pochi import MpesaPochiSync, Settings

        settings = daraja_server.settings()
        assert Settings.from_env(daraja_server.environment).base_url == settings.base_url
        with MpesaPochiSync(settings) as mpesa:
            accepted = mpesa.stk_push(
                phone="0722000000", amount=5, reference="INV-1", description="Shoes"
            )
        assert daraja_server.settle(accepted).paid

    def test_left_behind(daraja_server, shop):
        shop.status = 500
        daraja_server.push(callback_url=shop.url)
        daraja_server.settle()

    def test_no_rule(daraja_server):
        daraja_server.rule("stk_push", {"phone": "0733000000"}, customer="cancel")
        daraja_server.push("0722000000")

    def test_failing(daraja_server):
        daraja_server.push()
        daraja_server.expect.callback(code=7)
    """)  # fmt: skip
    done.assert_outcomes(passed=14, failed=1, errors=2)
    done.stdout.fnmatch_lines_random([
        "*a callback was not delivered: stk code 0*HTTP 500*",
        "*no rule allowed: stk_push: the nearest rule*",
        "*expected a callback with code 7, found*",
        "*darajasim timeline*",
        "*phone      254722000000: approve*",
    ])  # fmt: skip


def test_asynchronous_tests_serve_their_application_on_their_own_loop(run):
    done = run("""
    import asyncio
    import json

    import pytest

    pytestmark = pytest.mark.anyio

    @pytest.fixture
    def anyio_backend():
        return "asyncio"

    async def test_paid(daraja_server):
        seen = []

        async def handle(reader, writer):
            head = await reader.readuntil(b"\\r\\n\\r\\n")
            length = int(head.lower().split(b"content-length:")[1].split()[0])
            seen.append(json.loads(await reader.readexactly(length)))
            writer.write(b"HTTP/1.1 204 No Content\\r\\nConnection: close\\r\\n\\r\\n")
            await writer.drain()
            writer.close()

        server = await asyncio.start_server(handle, "127.0.0.1", 0)
        url = "http://127.0.0.1:%d/cb" % server.sockets[0].getsockname()[1]
        payment = daraja_server.push(callback_url=url)
        with pytest.raises(AssertionError, match="await daraja.settled"):
            daraja_server.expect.no_callback()
        assert (await daraja_server.settled(payment)).paid
        daraja_server.expect.callback(code=0)
        daraja_server.push("0733000000", callback_url=url)
        assert len(await daraja_server.waited(count=2)) == 2
        await daraja_server.resent(daraja_server.callbacks[0])
        await daraja_server.advanced(60)
        assert len(seen) == 3
        server.close()
        await server.wait_closed()
    """, "-p", "anyio.pytest_plugin")  # fmt: skip
    done.assert_outcomes(passed=1)


def test_workers_and_random_order_never_disturb_each_other(pytester):
    pytester.makepyfile("""
        import pytest

        @pytest.mark.parametrize("number", range(30))
        def test_its_own_world(daraja_server, number):
            assert daraja_server.callbacks == []
            daraja_server.customer("0722000000", balance=1_000)
            if number % 2:
                daraja_server.rule("stk_push", customer="cancel")
            payment = daraja_server.push("0722000000", number + 1)
            ending = daraja_server.settle(payment)
            assert ending.code == ("1032" if number % 2 else "0")
            paid = 0 if number % 2 else number + 1
            assert daraja_server.balance("0722000000") == 1_000 - paid
            daraja_server.expect.callbacks(1)
    """)
    pytester.makeconftest("""
        import random

        def pytest_collection_modifyitems(items):
            random.Random(7).shuffle(items)
    """)
    done = pytester.runpytest_subprocess(*PLUGIN, "-p", "xdist.plugin", "-n", "2")
    done.assert_outcomes(passed=30)


def pid_lives(pid):
    """Whether there is such a process that has not ended; its parent may not have noticed."""
    try:
        os.kill(pid, 0)
        stat = Path(f"/proc/{pid}/stat").read_text(encoding="ascii")
    except (ProcessLookupError, FileNotFoundError):
        return False
    return stat.rpartition(")")[2].split()[0] != "Z"


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="processes are looked up in /proc")
def test_the_process_ends_with_whoever_started_it():
    with ServedProcess() as served:
        process = served._process
        assert process.poll() is None
    assert process.returncode == 0
    program = """
import signal
from darajasim.testing.process import ServedProcess
served = ServedProcess().__enter__()
print(served._process.pid, flush=True)
signal.pause()
"""
    starter = subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, text=True)
    pid = int(starter.stdout.readline())
    starter.send_signal(signal.SIGKILL)
    starter.wait()
    starter.stdout.close()
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        if not pid_lives(pid):
            return
        time.sleep(0.02)
    raise AssertionError("the server outlived its test run")
