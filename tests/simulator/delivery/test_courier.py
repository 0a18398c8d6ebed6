"""One letter, one attempt: whatever the merchant answers, over real sockets."""

import asyncio
import socket
from dataclasses import replace

import pytest

from darajasim.delivery.connection import ANSWER_BYTES, HEAD_BYTES
from support.posting import HEADERS, courier, letter, sent
from support.recorder import OK, answers, closes, hangs, recorder, resets, status
from support.uvicorned import LOOPS, on_loop

# ---------------------------------------------------------------------------------- the request


@pytest.mark.parametrize("loop", LOOPS)
def test_the_letter_arrives_as_it_is(loop):
    async def main():
        async with recorder() as merchant, courier() as carrier:
            body = '{"Amount":1.00,"Name":"é"}'.encode()
            receipt = await carrier.send(letter(f"{merchant.url}/a//b%20c?x=%C3%A9&y#z", body))
            assert (receipt.status, receipt.answer, receipt.error) == (200, OK[-18:].decode(), None)
            (delivery,) = merchant.received
            assert delivery.line == "POST /a//b%20c?x=%C3%A9&y HTTP/1.1"
            assert delivery.body == body
            assert delivery.headers == HEADERS | {
                "Host": f"127.0.0.1:{merchant.port}",
                "Content-Length": str(len(body)),
                "Connection": "keep-alive",
            }

    on_loop(loop, main())


@pytest.mark.parametrize(
    ("url", "line"),
    [("", "POST / HTTP/1.1"), ("?a=b", "POST /?a=b HTTP/1.1"), ("/?", "POST / HTTP/1.1")],
)
def test_a_url_without_a_path(url, line):
    async def main():
        async with recorder() as merchant, courier() as carrier:
            assert (await carrier.send(letter(merchant.url + url))).status == 200
            assert merchant.received[0].line == line

    asyncio.run(main())


# ----------------------------------------------------------------------------------- the answer


@pytest.mark.parametrize("code", [200, 201, 204, 299, 301, 302, 304, 400, 404, 410, 500, 503, 599])
def test_any_status_is_an_answer_and_is_not_acted_on(code):
    head = "Location: http://127.0.0.1:1/elsewhere\r\nRetry-After: 0\r\n"
    body = b"" if code in (204, 304) else b"whatever"
    (receipt,), merchant = sent(status(code, body, head))
    assert (receipt.status, receipt.answer, receipt.error) == (code, body.decode(), None)
    assert len(merchant.received) == 1


CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
ODD_ANSWERS = {
    "chunked": CHUNKED + b"3\r\nabc\r\n2;x=y\r\nde\r\n0\r\nT: 1\r\n\r\n",
    "two-headers": b"HTTP/1.1 200\r\nX: 1\r\nX: 2\r\nContent-Length: 5\r\n\r\nabcde",
    "closing": b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 5\r\n\r\nabcde",
    "continue": b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nabcde",
    "hints": b"HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n" * 3
    + b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nabcde",
}  # fmt: skip
ENDED_ANSWERS = {
    "without-length": b"HTTP/1.1 200 OK\r\n\r\nabcde",
    "http-1.0": b"HTTP/1.0 200 OK\r\n\r\nabcde",
    "http-1.0-length": b"HTTP/1.0 200 OK\r\nContent-Length: 5\r\n\r\nabcde",
    "cut-short": b"HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\nabcde",
}


@pytest.mark.parametrize("raw", ODD_ANSWERS.values(), ids=ODD_ANSWERS)
def test_an_answer_of_another_form(raw):
    (receipt,), _ = sent(answers(raw))
    assert (receipt.status, receipt.answer, receipt.error) == (200, "abcde", None)


@pytest.mark.parametrize("raw", ENDED_ANSWERS.values(), ids=ENDED_ANSWERS)
def test_an_answer_that_ends_with_the_connection(raw):
    (receipt,), _ = sent(answers(raw, goes_on=False))
    assert (receipt.status, receipt.answer, receipt.error) == (200, "abcde", None)


@pytest.mark.parametrize("name", ["continue", "chunked"])
def test_an_answer_byte_by_byte(name):
    async def drip(writer, _delivery):
        for byte in ODD_ANSWERS[name]:
            writer.write(bytes([byte]))
            await writer.drain()
            await asyncio.sleep(0)
        return True

    (receipt,), _ = sent(drip)
    assert (receipt.status, receipt.answer) == (200, "abcde")


@pytest.mark.parametrize(
    "raw",
    [
        b"garbage\r\n\r\n",
        b"\x00\xff" * 50,
        b"HTTP/1.1 abc OK\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n",
        b"SSH-2.0-OpenSSH_9.6\r\n",
        b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: Upgrade\r\n\r\n\x00",
        b"GET / HTTP/1.1\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
    ],
)
def test_garbage_is_named(raw):
    (receipt,), _ = sent(answers(raw))
    assert receipt.status is None
    assert receipt.error.startswith("the answer is not HTTP: ")


@pytest.mark.parametrize(
    ("act", "error"),
    [
        (closes, "the connection was closed before an answer"),
        (answers(b"HTTP/1.1 200 OK\r\nX: y", goes_on=False), "the connection was closed before"),
        (answers(b"HTTP/1.1 100 Continue\r\n\r\n", goes_on=False), "the connection was closed "),
        (
            answers(b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\n", goes_on=False),
            "the connection was closed before an answer",
        ),
        (resets, "the connection was reset "),
    ],
)
def test_no_answer_is_named(act, error):
    (receipt,), merchant = sent(act)
    assert (receipt.status, receipt.answer) == (None, "")
    assert receipt.error.startswith(error)
    assert len(merchant.received) == 1


@pytest.mark.parametrize("act", [hangs, answers(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nab")])
def test_a_merchant_who_never_answers_is_left(act):
    (receipt,), _ = sent(act, answer_seconds=0.05)
    assert receipt.status is None
    assert receipt.error == "no answer within 0.05 s"


def test_an_answer_at_the_last_moment_is_one():
    async def slow(writer, _delivery):
        await asyncio.sleep(0.1)
        writer.write(OK)
        return True

    (receipt,), _ = sent(slow, answer_seconds=5)
    assert receipt.status == 200


def test_nobody_listens():
    async def main():
        with socket.socket() as idle:
            idle.bind(("127.0.0.1", 0))
            port = idle.getsockname()[1]
            async with courier() as carrier:
                receipt = await carrier.send(letter(f"http://127.0.0.1:{port}/"))
        assert receipt.status is None
        assert receipt.error.startswith(f"cannot connect to 127.0.0.1:{port}: ")

    asyncio.run(main())


def test_port_0_is_not_port_80():
    async def main():
        async with courier() as carrier:
            receipt = await carrier.send(letter("http://127.0.0.1:0/"))
        assert receipt.error.startswith("cannot connect to 127.0.0.1:0: ")

    asyncio.run(main())


@pytest.mark.parametrize("body", [b"x" * 401, "é".encode() * 5_000, b"\xff" * 500])
def test_only_the_head_of_an_answer_is_kept(body):
    (receipt,), _ = sent(status(200, body))
    assert receipt.status == 200
    assert receipt.answer == body[:HEAD_BYTES].decode("utf-8", "replace")


@pytest.mark.parametrize(
    "head", [b"HTTP/1.1 200 OK\r\n\r\n", b"HTTP/1.1 200 OK\r\nContent-Length: 99999999999\r\n\r\n"]
)
def test_an_answer_that_goes_on_for_ever_is_cut(head):
    poured = 0

    async def pour(writer, _delivery):
        nonlocal poured
        writer.write(head)
        while True:
            writer.write(b"x" * 65_536)
            poured += 65_536
            await writer.drain()

    (receipt,), _ = sent(pour)
    assert (receipt.status, receipt.answer) == (200, "x" * HEAD_BYTES)
    assert poured < 32 * ANSWER_BYTES


def test_a_head_that_goes_on_for_ever_is_refused():
    async def pour(writer, _delivery):
        writer.write(b"HTTP/1.1 200 OK\r\nX: ")
        while True:
            writer.write(b"x" * 65_536)
            await writer.drain()

    (receipt,), _ = sent(pour)
    assert receipt.status is None
    assert receipt.error == "the answer's head is too long"


def test_a_large_answer_is_read_to_its_end():
    receipts, merchant = sent(status(200, b"x" * (ANSWER_BYTES // 2)), count=3)
    assert [receipt.status for receipt in receipts] == [200] * 3
    assert len(merchant.received) == 3


# ------------------------------------------------------------------------- bytes that are missing


@pytest.mark.parametrize("loop", LOOPS)
def test_a_letter_that_promises_more_than_it_has(loop):
    """The merchant waits for the rest, and the sender for an answer, until it gives up."""

    async def main():
        async with recorder() as merchant, courier(answer_seconds=0.2) as carrier:
            promising = replace(letter(f"{merchant.url}/a"), promised=20)
            receipt = await carrier.send(promising)
            assert (receipt.status, receipt.error) == (None, "no answer within 0.2 s")
            await merchant.until(lambda: merchant.open == 0)
            assert merchant.received == []
            assert (await carrier.send(letter(f"{merchant.url}/b"))).status == 200
            assert merchant.opened == 2

    on_loop(loop, main())


def test_its_connection_is_used_for_nothing_else_even_if_it_is_answered():
    async def hasty(reader, writer):
        await reader.readuntil(b"\r\n\r\n")
        writer.write(OK)
        await reader.read()
        ended.set()
        writer.close()

    ended = asyncio.Event()

    async def main():
        server = await asyncio.start_server(hasty, "127.0.0.1", 0)
        url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/"
        async with courier() as carrier:
            assert (await carrier.send(replace(letter(url), promised=20))).status == 200
            async with asyncio.timeout(5):
                await ended.wait()
        server.close()

    asyncio.run(main())
