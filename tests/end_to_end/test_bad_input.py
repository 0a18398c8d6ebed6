"""Callers that send too much, too slowly, or half: the server serves on, and grows no bigger."""

import asyncio
import json
from pathlib import Path

import pytest

from darajasim.operations import operations
from support.caller import OAUTH_PATH, caller
from support.commands import B2B, B2C, example
from support.daraja import PUSH_PATH, push_body
from support.served import served

HUGE = 20 * 1024 * 1024
CONNECTIONS = 2_000
AT_ONCE = 200
GROWTH_KB = 24 * 1024
"""What a process may take more of afterwards: allocators keep some of what they once had."""


@pytest.fixture(scope="module")
def server():
    with served("--seed", "1", "--speed", "500") as running:
        yield running


def resident_kb(server) -> int:
    """The server's resident memory."""
    status = Path(f"/proc/{server.process.pid}/status")
    if not status.exists():
        pytest.skip("resident memory is read from /proc")
    line = next(line for line in status.read_text().splitlines() if line.startswith("VmRSS"))
    return int(line.split()[1])


async def serves(server) -> None:
    """A payment is accepted, and the ledger is in balance."""
    async with caller(server) as app:
        await app.token()
        answer = await app.push(CallBackURL=f"{server.base}/_sim/inbox", PhoneNumber=254722000009)
        assert answer.status in (200, 500), answer
        assert (await app.get("/_sim/world")).json["ledger_total_cents"] == 0


def head(path, length, token="x"):
    return (
        f"POST {path} HTTP/1.1\r\nHost: daraja\r\nAuthorization: Bearer {token}\r\n"
        f"Content-Type: application/json\r\nContent-Length: {length}\r\n\r\n"
    ).encode()


async def bearer(server) -> str:
    async with caller(server) as app:
        await app.token()
        return app.bearer


@pytest.mark.parametrize("path", [PUSH_PATH, B2C, B2B])
def test_twenty_megabytes_are_refused_and_forgotten(server, path):
    async def main():
        token = await bearer(server)
        before = resident_kb(server)
        for _ in range(5):
            reader, writer = await asyncio.open_connection(server.host, server.port)
            writer.write(head(path, HUGE, token))
            try:
                for _chunk in range(HUGE // 65_536):
                    writer.write(b"x" * 65_536)
                    await writer.drain()
            except ConnectionError:
                pass  # it may well hang up on such a caller
            async with asyncio.timeout(20):
                answer = await reader.read()
            assert answer.startswith(b"HTTP/1.1 400")
            assert b'"errorCode":"400.002.05"' in answer
            writer.close()
        assert resident_kb(server) - before < GROWTH_KB
        await serves(server)

    asyncio.run(main())


def test_a_body_that_dribbles_in_is_read_to_its_end(server):
    async def main():
        token = await bearer(server)
        body = json.dumps(push_body(CallBackURL=f"{server.base}/_sim/inbox")).encode()
        reader, writer = await asyncio.open_connection(server.host, server.port)
        writer.write(head(PUSH_PATH, len(body), token))
        for place in range(len(body)):
            writer.write(body[place : place + 1])
            await writer.drain()
            if place == len(body) // 2:
                await serves(server)  # others are served meanwhile
        async with asyncio.timeout(10):
            line = await reader.readline()
        assert line == b"HTTP/1.1 200 OK\r\n"
        writer.close()

    asyncio.run(main())


@pytest.mark.parametrize("path", [PUSH_PATH, B2C])
def test_callers_who_hang_up_after_any_byte_change_nothing(server, path):
    async def main():
        token = await bearer(server)
        changes = {"PhoneNumber": 254733000005} if path == PUSH_PATH else {}
        body = json.dumps(push_body(**changes) if path == PUSH_PATH else example(path)).encode()
        whole = head(path, len(body), token) + body
        async with caller(server) as app:
            query = "/_sim/journal?kind=request-answered&limit=1"
            before = (await app.get(query)).json
            count = len(
                (await app.get("/_sim/journal?kind=request-received&limit=10000")).json["events"]
            )
            for place in range(1, len(whole)):
                _reader, writer = await asyncio.open_connection(server.host, server.port)
                writer.write(whole[:place])
                await writer.drain()
                writer.transport.abort()
            await serves(server)
            after = (await app.get("/_sim/journal?kind=request-received&limit=10000")).json[
                "events"
            ]
        assert before["dropped"] == 0
        # The payment and the token that show that it serves are all that was received since.
        assert len(after) - count == 2

    asyncio.run(main())


def test_two_thousand_connections_opened_and_dropped(server):
    async def main():
        await serves(server)
        before = resident_kb(server)
        for _ in range(CONNECTIONS // AT_ONCE):
            made = await asyncio.gather(
                *(asyncio.open_connection(server.host, server.port) for _ in range(AT_ONCE))
            )
            for number, (_reader, writer) in enumerate(made):
                if number % 3 == 0:
                    writer.write(b"POST /mpesa/")
                elif number % 3 == 1:
                    writer.write(b"\x16\x03\x01\x00\xff")
                writer.transport.abort()
            await serves(server)
        assert resident_kb(server) - before < GROWTH_KB

    asyncio.run(main())


@pytest.mark.parametrize(
    ("content_type", "body"),
    [
        ("application/json", '{"Amount":"１０"}'.encode("utf-16")),
        ("application/json", b"\xff\xfe{"),
        ("application/json", b"[" * 100_000),
        ("application/json", b'{"Amount":1,"Amount":2}'),
        ("application/json", b"null"),
        ("application/json", b""),
        ("application/x-www-form-urlencoded", b"Amount=10"),
        ("text/plain", b"{}"),
        ("", b"{}"),
    ],
)
def test_every_product_answers_whatever_it_is_sent(server, content_type, body):
    async def main():
        async with caller(server) as app:
            await app.token()
            for path in operations():
                if path == OAUTH_PATH:
                    continue
                answer = await app.post(path, body, **{"Content-Type": content_type})
                assert answer.status in (200, 400, 404, 500), (path, answer)
                assert b"Traceback" not in answer.body

    asyncio.run(main())
    server.check_log()
