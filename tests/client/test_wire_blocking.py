"""The blocking wire over real sockets: what a connection does, and what may be concluded."""

import gzip
import socket
import threading
from contextlib import contextmanager, suppress

import httpx
import pytest

from mpesa_pochi import clock
from mpesa_pochi.answers import LARGEST, Operation, RawAnswer
from mpesa_pochi.secret import Secret
from mpesa_pochi.steps import Attempt, Silence
from mpesa_pochi.wire import CONNECTIONS, BlockingWire

STEP = Attempt(
    operation=Operation.PUSH,
    method="POST",
    path="/path",
    authorization=Secret("Bearer planted-token"),
    body=Secret("{}"),
    redact=lambda text: text.replace("planted", "…"),
)


@contextmanager
def server(behave):
    """A TCP server for one connection, which `behave(socket)` gets."""
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def serve():
            connection, _ = listening.accept()
            with connection, suppress(OSError):
                behave(connection)

        thread = threading.Thread(target=serve)
        thread.start()
        try:
            yield f"http://127.0.0.1:{listening.getsockname()[1]}"
        finally:
            thread.join()


def ask(base_url, seconds=5.0, transport=None, within=None):
    line = BlockingWire(base_url, transport=transport, timeout=seconds)
    try:
        return line.attempt(STEP, within)
    finally:
        line.close()


def answering(reply):
    def behave(connection):
        seen = b""
        while not seen.endswith(b"\r\n\r\n{}"):
            seen += connection.recv(65536)
        connection.sendall(reply)

    return behave


def over_socket(behave, **options):
    with server(behave) as base_url:
        return ask(base_url, **options)


def test_an_answer():
    reply = b"HTTP/1.1 404 Not Found\r\nContent-Type: text/html\r\nContent-Length: 2\r\n\r\nhi"
    assert over_socket(answering(reply)) == RawAnswer(404, "text/html", b"hi")


def test_a_refused_connection_was_never_sent():
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        found = ask(f"http://127.0.0.1:{closed.getsockname()[1]}")
    assert isinstance(found, Silence)
    assert not found.sent
    assert "not connected" in found.why


@pytest.mark.parametrize(
    "reply",
    [b"", b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf", b"HTTP/1.1 200", b"junk\r\n\r\n"],
)
def test_half_an_answer_is_none_and_the_request_may_have_been_heard(reply):
    found = over_socket(answering(reply))
    assert isinstance(found, Silence)
    assert found.sent
    assert "connection lost" in found.why


def hang(connection):
    while connection.recv(65536):
        pass


def test_no_answer_in_time_may_have_been_heard():
    found = over_socket(hang, seconds=0.05)
    assert found == Silence("no whole answer within 0.05 s", sent=True)


def test_less_time_can_be_given():
    found = over_socket(hang, within=0.05)
    assert found == Silence("no whole answer within 0.05 s", sent=True)


def test_a_trickle_of_bytes_does_not_outlive_the_deadline(monkeypatch):
    ticks = iter(range(1000))
    monkeypatch.setattr(clock, "monotonic", lambda: float(next(ticks)))

    def trickle(connection):
        connection.recv(65536)
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n")
        while True:
            connection.sendall(b"x")

    found = over_socket(trickle, seconds=5.0)
    assert found == Silence("no whole answer within 5 s", sent=True)
    assert next(ticks) < 20


def test_a_giant_answer_is_cut_and_says_so():
    def endless(connection):
        connection.recv(65536)
        connection.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
        while True:
            connection.sendall(b"x" * 65536)

    found = over_socket(endless)
    assert (len(found.body), found.complete) == (LARGEST, False)


def test_a_compressed_answer_is_not_unpacked():
    bomb = gzip.compress(b"\0" * 5_000_000)
    head = f"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: {len(bomb)}\r\n\r\n"
    assert over_socket(answering(head.encode() + bomb)).body == b"(compressed)"


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
        (httpx.RemoteProtocolError, True),
        (httpx.DecodingError, True),
        (httpx.InvalidURL, True),
        (ConnectionResetError, True),
        (TimeoutError, True),
    ],
)
def test_what_each_exception_proves(error, sent):
    def fail(_):
        raise error("planted-detail")

    found = ask("http://daraja.test", transport=httpx.MockTransport(fail))
    assert found.sent is sent
    assert "planted" not in found.why


def test_never_more_than_eight_at_once():
    gate = threading.Barrier(CONNECTIONS)
    open_now, most = 0, 0
    lock = threading.Lock()

    def slow(_):
        nonlocal open_now, most
        with lock:
            open_now += 1
            most = max(most, open_now)
        gate.wait(10)
        with lock:
            open_now -= 1
        return httpx.Response(200, content=b"{}")

    line = BlockingWire("http://daraja.test", transport=httpx.MockTransport(slow), timeout=30.0)
    threads = [threading.Thread(target=line.attempt, args=(STEP,)) for _ in range(3 * CONNECTIONS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert most == CONNECTIONS


def test_waiting_too_long_for_a_free_connection_was_never_sent():
    line = BlockingWire(
        "http://daraja.test",
        transport=httpx.MockTransport(lambda _: httpx.Response(200)),
        timeout=0.01,
    )
    for _ in range(CONNECTIONS):
        line._free.acquire()
    assert line.attempt(STEP) == Silence("all 8 connections busy for 0.01 s", sent=False)


def test_closing_under_a_call_is_no_bare_runtime_error():
    def close_and_use(_):
        line.close()
        raise RuntimeError("Cannot send a request, as the client has been closed.")

    line = BlockingWire(
        "http://daraja.test", transport=httpx.MockTransport(close_and_use), timeout=1.0
    )
    assert line.attempt(STEP) == Silence("the client was closed by another thread", sent=True)


def test_other_runtime_errors_are_not_hidden():
    def break_down(_):
        raise RuntimeError("a mistake")

    line = BlockingWire(
        "http://daraja.test", transport=httpx.MockTransport(break_down), timeout=1.0
    )
    with pytest.raises(RuntimeError, match="a mistake"):
        line.attempt(STEP)
