"""Reset, silence and closed connections, on every loop and parser that uvicorn may use."""

import asyncio
import json
import logging

import pytest

from darajasim.core.rules import CallbackPlan, Condition, Equals, Fault, Plan, Reply, Rule
from darajasim.http.faults import GARBAGE
from support.caller import caller, request
from support.daraja import PUSH_PATH, push_body
from support.recorder import recorder, status
from support.uvicorned import on_loop, uvicorned

STACKS = [
    pytest.param("uvloop", "httptools", id="uvloop+httptools"),
    pytest.param("asyncio", "httptools", id="asyncio+httptools"),
    pytest.param("asyncio", "h11", id="asyncio+h11"),
]


@pytest.fixture(autouse=True)
def silence(caplog):
    """uvicorn has nothing to say about a fault that was asked for."""
    caplog.set_level(logging.WARNING)
    yield
    assert caplog.messages == []


def rule(server, on="stk_push", reference=None, **plan):
    when = (Condition("reference", Equals(reference)),) if reference else ()
    server.simulator.default.rules.rules.append(Rule(on, when, plan=Plan(**plan)))


async def end_of(reader, seconds=5.0):
    """How a connection ended: `reset`, or the bytes before its end."""
    async with asyncio.timeout(seconds):
        try:
            return await reader.read()
        except ConnectionResetError:
            return "reset"


async def raw_push(server, app, reference="INV-1"):
    """A push on a connection of its own, as curl sends one."""
    headers = {"Authorization": f"Bearer {app.bearer}", "Content-Type": "application/json"}
    body = json.dumps(push_body(AccountReference=reference)).encode()
    reader, writer = await asyncio.open_connection(server.host, server.port)
    writer.write(request("POST", PUSH_PATH, headers=headers, body=body))
    return reader, writer


@pytest.mark.parametrize(("loop", "http"), STACKS)
@pytest.mark.parametrize("accepted", [False, True])
@pytest.mark.parametrize(("fault", "end"), [(Fault.RESET, "reset"), (Fault.EMPTY, b"")])
def test_a_connection_ends_without_an_answer(loop, http, fault, end, accepted):
    async def main():
        async with uvicorned(http=http) as server, caller(server) as app:
            await app.token()
            rule(server, reply=Reply(fault=fault, accepted=accepted), reference="BAD")
            reader, writer = await raw_push(server, app, "BAD")
            assert await end_of(reader) == end
            writer.close()
            assert len(server.simulator.default.pushes) == accepted
            reader, writer = await raw_push(server, app, "GOOD")
            assert (await reader.readline()).startswith(b"HTTP/1.1 ")
            writer.close()

    on_loop(loop, main())


@pytest.mark.parametrize(("loop", "http"), STACKS)
def test_a_caller_is_left_hanging_until_it_goes(loop, http):
    async def main():
        async with uvicorned(http=http) as server, caller(server) as app:
            await app.token()
            rule(server, reply=Reply(fault=Fault.HANG))
            reader, writer = await raw_push(server, app)
            with pytest.raises(TimeoutError):
                await end_of(reader, seconds=0.2)
            assert server.tasks == 1
            writer.close()
            await server.until(lambda: server.tasks == 0)

    on_loop(loop, main())


@pytest.mark.parametrize(("loop", "http"), STACKS)
@pytest.mark.parametrize(
    "plan",
    [
        {"reply": Reply(fault=Fault.HANG)},
        {"reply": Reply(after=3600)},
        {"reply": Reply(http=503, after=3600)},
        {"callback": CallbackPlan(before_acknowledgement=True, after=3600)},
    ],
    ids=["hang", "slow", "slow-error", "callback-first"],
)
def test_the_server_stops_although_an_answer_is_due(loop, http, plan):
    async def main():
        clock = asyncio.get_running_loop()
        async with uvicorned(http=http) as server, caller(server) as app:
            await app.token()
            rule(server, **plan)
            reader, writer = await raw_push(server, app)
            await server.until(lambda: len(server.simulator.default.journal) >= 5)
            began = clock.time()
        assert clock.time() - began < 0.9
        assert await end_of(reader) in (b"", "reset")
        writer.close()

    on_loop(loop, main())


def test_the_server_stops_although_a_body_is_on_its_way():
    async def main():
        async with uvicorned() as server:
            reader, writer = await asyncio.open_connection(server.host, server.port)
            writer.write(b"POST /x HTTP/1.1\r\nHost: d\r\nContent-Length: 10\r\n\r\n12345")
            await server.until(lambda: server.tasks == 1)
        assert await end_of(reader) in (b"", "reset")
        writer.close()

    on_loop("uvloop", main())


@pytest.mark.parametrize("http", ["httptools", "h11"])
def test_a_fault_ends_the_pipelined_requests_behind_it(http):
    async def main():
        async with uvicorned(http=http) as server, caller(server) as app:
            await app.token()
            rule(server, reply=Reply(fault=Fault.RESET), reference="BAD")
            async with caller(server) as other:
                other.bearer = app.bearer
                asked = [
                    asyncio.ensure_future(other.push(AccountReference=reference, PhoneNumber=phone))
                    for phone, reference in enumerate(("OK", "BAD", "OK"), start=254722000000)
                ]
                found = await asyncio.gather(*asked, return_exceptions=True)
            assert found[0].status == 200
            assert all(isinstance(end, ConnectionError) for end in found[1:])
            await server.until(lambda: server.tasks == 0)

    on_loop("uvloop", main())


@pytest.mark.parametrize(("loop", "http"), STACKS)
def test_the_callback_comes_before_the_acknowledgement(loop, http):
    async def main():
        async with (
            recorder(status(500)) as merchant,
            uvicorned(http=http, speed=1000) as server,
            caller(server) as app,
        ):
            await app.token()
            rule(server, callback=CallbackPlan(before_acknowledgement=True))
            answer = await app.push(CallBackURL=merchant.url)
            assert answer.status == 200
            (delivery,) = merchant.received
            ids = ("MerchantRequestID", "CheckoutRequestID")
            assert [delivery.callback[id_] for id_ in ids] == [answer.json[id_] for id_ in ids]

    on_loop(loop, main())


def test_a_raw_answer_is_sent_as_it_is():
    async def main():
        async with uvicorned() as server, caller(server) as app:
            await app.token()
            rule(server, reply=Reply(http=429, body="é<b>slow</b>", content_type="text/html"))
            answer = await app.push()
            assert (answer.status, answer.body) == (429, "é<b>slow</b>".encode())
            assert answer.headers["content-type"] == "text/html"

    on_loop("uvloop", main())


async def parts(reader):
    """Head and body of what arrives before the connection ends."""
    head, _, body = (await end_of(reader)).partition(b"\r\n\r\n")
    lines = head.decode().lower().split("\r\n")[1:]
    return head, dict(line.split(": ", 1) for line in lines), body


@pytest.mark.parametrize(("loop", "http"), STACKS)
def test_an_answer_is_cut_in_its_middle(loop, http):
    async def main():
        async with uvicorned(http=http) as server, caller(server) as app:
            await app.token()
            rule(server, reply=Reply(fault=Fault.TRUNCATED), reference="OWN")
            rule(server, reply=Reply(fault=Fault.TRUNCATED, http=503, body="0123456789"))
            reader, writer = await raw_push(server, app, "OWN")
            head, headers, body = await parts(reader)
            assert head.startswith(b"HTTP/1.1 200 ")
            assert len(body) == int(headers["content-length"]) // 2 > 50
            assert body.startswith(b'{"MerchantRequestID":"')
            writer.close()
            assert len(server.simulator.default.pushes) == 1
            reader, writer = await raw_push(server, app)
            head, headers, body = await parts(reader)
            assert head.startswith(b"HTTP/1.1 503 ")
            assert (headers["content-length"], body) == ("10", b"01234")
            writer.close()
            assert len(server.simulator.default.pushes) == 1

    on_loop(loop, main())


@pytest.mark.parametrize(("loop", "http"), STACKS)
@pytest.mark.parametrize("accepted", [False, True])
def test_an_answer_that_is_no_http(loop, http, accepted):
    async def main():
        async with uvicorned(http=http) as server, caller(server) as app:
            await app.token()
            rule(server, reply=Reply(fault=Fault.GARBAGE, accepted=accepted))
            reader, writer = await raw_push(server, app)
            assert await end_of(reader) == GARBAGE
            writer.close()
            assert len(server.simulator.default.pushes) == accepted

    on_loop(loop, main())


def test_what_has_no_body_cannot_be_cut():
    async def main():
        async with uvicorned() as server, caller(server) as app:
            await app.token()
            rule(server, reply=Reply(fault=Fault.TRUNCATED, http=204))
            reader, writer = await raw_push(server, app)
            assert await end_of(reader) == b""
            writer.close()

    on_loop("uvloop", main())


@pytest.mark.parametrize(("loop", "http"), STACKS)
def test_an_answer_trickles_byte_by_byte(loop, http):
    async def main():
        async with uvicorned(http=http) as server, caller(server) as app:
            await app.token()
            rule(server, reply=Reply(http=200, body="0123456789", drip=10), reference="DRIP")
            clock = server.simulator.clock
            reader, writer = await raw_push(server, app, "DRIP")
            await reader.readuntil(b"\r\n\r\n")
            began, moments = clock.time(), []
            for each in b"0123456789":
                assert await reader.readexactly(1) == bytes([each])
                moments.append(clock.time() - began)
            assert moments == sorted(moments)
            assert moments[-1] > 8
            writer.write(request("GET", "/oauth/v1/generate?grant_type=client_credentials"))
            assert (await reader.readline()).startswith(b"HTTP/1.1 4")
            writer.close()

    on_loop(loop, main())


def test_the_server_stops_although_an_answer_trickles():
    async def main():
        clock = asyncio.get_running_loop()
        async with uvicorned() as server, caller(server) as app:
            await app.token()
            rule(server, reply=Reply(drip=360_000))
            reader, writer = await raw_push(server, app)
            await reader.readuntil(b"\r\n\r\n")
            began = clock.time()
        assert clock.time() - began < 0.9
        await end_of(reader)
        writer.close()

    on_loop("uvloop", main())
