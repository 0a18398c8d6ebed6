"""Over real sockets: what a connection does, and what the client may conclude from it."""

import asyncio
import gzip
import socket
from contextlib import asynccontextmanager, suppress

import httpx
import pytest

from mpesa_pochi import conversation
from mpesa_pochi.answers import LARGEST, Operation, RawAnswer
from mpesa_pochi.conversation import delivered
from mpesa_pochi.desk import Desk
from mpesa_pochi.errors import Unreachable
from mpesa_pochi.line import Line
from mpesa_pochi.secret import Secret
from mpesa_pochi.settings import Settings
from mpesa_pochi.steps import Attempt, Silence
from mpesa_pochi.wire import CONNECTIONS, Wire


def same(text):
    return text


@asynccontextmanager
async def server(behave):
    """A TCP server on a port of its own. `behave(reader, writer)` gets each connection."""
    handlers = set()

    async def handle(reader, writer):
        handlers.add(asyncio.current_task())
        try:
            await behave(reader, writer)
        finally:
            writer.close()
            with suppress(OSError):
                await writer.wait_closed()

    async with await asyncio.start_server(handle, "127.0.0.1", 0) as listening:
        yield f"http://127.0.0.1:{listening.sockets[0].getsockname()[1]}"
        await asyncio.gather(*handlers)


STEP = Attempt(
    operation=Operation.PUSH,
    method="POST",
    path="/path",
    authorization=Secret("Bearer planted-token"),
    body=Secret("{}"),
    redact=same,
)


def desk(base_url):
    return Desk(
        Settings(
            shortcode="174379",
            passkey=Secret("planted-passkey"),
            consumer_key=Secret("planted-key"),
            consumer_secret=Secret("planted-secret"),
            callback_url="https://shop.example/callback",
            base_url=base_url,
        )
    )


async def ask(base_url, seconds=5.0, transport=None):
    line = Line(desk(base_url), transport=transport, timeout=seconds)
    try:
        return await line.perform(delivered(STEP))
    finally:
        await line.aclose()


def answering(reply):
    async def behave(reader, writer):
        await reader.readuntil(b"\r\n\r\n{}")
        writer.write(reply)
        await writer.drain()

    return behave


def over_socket(behave, **options):
    async def scenario():
        async with server(behave) as base_url:
            return await ask(base_url, **options)

    return asyncio.run(scenario())


@pytest.fixture(autouse=True)
def _no_pauses(monkeypatch):
    monkeypatch.setattr(conversation, "CONNECT_PAUSES", (0.0, 0.0))


def test_an_answer():
    reply = b"HTTP/1.1 404 Not Found\r\nContent-Type: text/html\r\nContent-Length: 2\r\n\r\nhi"
    assert over_socket(answering(reply)) == RawAnswer(404, "text/html", b"hi")


def test_a_refused_connection_was_never_sent():
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        with pytest.raises(Unreachable) as caught:
            asyncio.run(ask(f"http://127.0.0.1:{closed.getsockname()[1]}"))
    assert not caught.value.sent
    assert "not connected" in str(caught.value)


def test_a_connection_closed_without_an_answer_may_have_been_heard():
    with pytest.raises(Unreachable) as caught:
        over_socket(answering(b""))
    assert caught.value.sent
    assert "connection lost" in str(caught.value)


@pytest.mark.parametrize(
    "reply",
    [
        b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        b"HTTP/1.1 200",
        b"nonsense\r\n\r\n",
        b"\x00\x01\x02\r\n\r\n",
    ],
)
def test_half_an_answer_is_none(reply):
    with pytest.raises(Unreachable) as caught:
        over_socket(answering(reply))
    assert caught.value.sent


def test_no_answer_in_time_may_have_been_heard():
    async def hang(reader, writer):
        await reader.read()

    with pytest.raises(Unreachable, match=r"no whole answer within 0\.05 s") as caught:
        over_socket(hang, seconds=0.05)
    assert caught.value.sent


def test_a_trickle_of_bytes_does_not_outlive_the_deadline():
    async def trickle(reader, writer):
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n")
        gone = asyncio.create_task(reader.read())
        while not gone.done():
            writer.write(b"x")
            await asyncio.wait({gone}, timeout=0.01)
        gone.exception()

    with pytest.raises(Unreachable, match="no whole answer"):
        over_socket(trickle, seconds=0.1)


def test_a_giant_answer_is_cut_and_says_so():
    async def endless(reader, writer):
        await reader.readuntil(b"\r\n\r\n{}")
        writer.write(b"HTTP/1.1 200 OK\r\n\r\n")
        with suppress(ConnectionError):
            while True:
                writer.write(b"x" * 65536)
                await writer.drain()

    found = over_socket(endless)
    assert (len(found.body), found.complete) == (LARGEST, False)


def test_a_compressed_answer_is_not_unpacked():
    bomb = gzip.compress(b"\0" * 50_000_000)
    head = f"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: {len(bomb)}\r\n\r\n"
    found = over_socket(answering(head.encode() + bomb))
    assert found.body == b"(compressed)"


def test_redirects_are_not_followed():
    reply = b"HTTP/1.1 302 Found\r\nLocation: http://elsewhere.test/\r\nContent-Length: 0\r\n\r\n"
    assert over_socket(answering(reply)).status == 302


@pytest.mark.parametrize(
    ("error", "sent"),
    [
        (httpx.ConnectError, False),
        (httpx.ConnectTimeout, False),
        (httpx.PoolTimeout, False),
        (httpx.ProxyError, False),
        (httpx.UnsupportedProtocol, False),
        (httpx.ReadError, True),
        (httpx.ReadTimeout, True),
        (httpx.WriteError, True),
        (httpx.WriteTimeout, True),
        (httpx.CloseError, True),
        (httpx.RemoteProtocolError, True),
        (httpx.LocalProtocolError, True),
        (httpx.DecodingError, True),
        (httpx.TooManyRedirects, True),
        (httpx.InvalidURL, True),
        (httpx.StreamError, True),
        (ConnectionResetError, True),
        (TimeoutError, True),
    ],
)
def test_what_each_exception_proves(error, sent):
    tries = []

    def fail(request):
        tries.append(request)
        raise error("planted-detail")

    with pytest.raises(Unreachable) as caught:
        asyncio.run(ask("http://daraja.test", transport=httpx.MockTransport(fail)))
    assert caught.value.sent is sent
    assert len(tries) == (1 if sent else 3)
    assert caught.value.__context__ is None
    assert caught.value.__cause__ is None


def test_a_connection_that_comes_up_late_is_used():
    tries = []

    def late(request):
        tries.append(request)
        if len(tries) < 3:
            raise httpx.ConnectError("refused")
        return httpx.Response(200, content=b"{}")

    found = asyncio.run(ask("http://daraja.test", transport=httpx.MockTransport(late)))
    assert (found.status, len(tries)) == (200, 3)


def test_never_more_than_eight_at_once(run):
    async def scenario():
        open_now, most = 0, 0

        async def slow(_):
            nonlocal open_now, most
            open_now += 1
            most = max(most, open_now)
            await asyncio.sleep(1)
            open_now -= 1
            return httpx.Response(200, content=b"{}")

        line = Wire("http://daraja.test", transport=httpx.MockTransport(slow), timeout=30.0)
        await asyncio.gather(*(line.attempt(STEP) for _ in range(40)))
        return most

    assert run(scenario()) == CONNECTIONS == 8


def test_waiting_too_long_for_a_free_connection_was_never_sent(run):
    async def scenario():
        async def hang(_):
            await asyncio.sleep(1000)

        line = Wire("http://daraja.test", transport=httpx.MockTransport(hang), timeout=10.0)
        line._free = asyncio.Semaphore(0)
        return await line.attempt(STEP)

    assert run(scenario()) == Silence("all 8 connections busy for 10 s", sent=False)


def test_a_step_shows_neither_its_headers_nor_its_body():
    step = Attempt(
        operation=Operation.PUSH,
        method="POST",
        path="/path",
        authorization=Secret("Bearer planted"),
        body=Secret("planted"),
        redact=same,
    )
    assert "planted" not in repr(step)


@pytest.mark.parametrize("base_url", ["http://127.0.0.1:1", "https://daraja.test"])
def test_tls_and_proxies_are_for_the_internet_only(base_url, monkeypatch):
    import ssl

    made = []
    real = ssl.create_default_context
    monkeypatch.setattr(
        ssl, "create_default_context", lambda *a, **k: made.append(1) or real(*a, **k)
    )
    monkeypatch.setenv("HTTP_PROXY", "http://proxy.test:3128")
    line = Wire(base_url, transport=None, timeout=5.0)
    assert line._http.trust_env is base_url.startswith("https")
    assert bool(made) is base_url.startswith("https")
