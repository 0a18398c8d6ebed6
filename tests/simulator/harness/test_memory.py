import asyncio

import httpx
import pytest

from darajasim.core.courier import Letter
from darajasim.core.rules import Fault
from darajasim.harness.memory import (
    HEAD_CHARACTERS,
    ConnectionFaultError,
    MemoryCourier,
    MemoryTransport,
    Wire,
)
from darajasim.http.faults import EXTENSION
from support.daraja import in_virtual_time


class App:
    """An ASGI application that does as it is told, and remembers.

    Attributes:
        before: awaited before it answers.
        done: the calls that it has worked through.
        gone: how many callers it saw go.
    """

    def __init__(self, *chunks, status=200, headers=(), before=None):
        self.chunks = chunks or (b"{}",)
        self.status = status
        self.headers = list(headers)
        self.before = before
        self.scopes, self.bodies, self.done, self.gone = [], [], [], 0

    async def __call__(self, scope, receive, send):
        self.scopes.append(scope)
        self.bodies.append((await receive())["body"])
        if self.before is not None:
            await self.before(scope, receive)
        await send({"type": "http.response.start", "status": self.status, "headers": self.headers})
        for number, chunk in enumerate(self.chunks, start=1):
            more = number < len(self.chunks)
            await send({"type": "http.response.body", "body": chunk, "more_body": more})
        self.done.append(asyncio.get_running_loop().time())


def slow(seconds):
    async def wait(_scope, _receive):
        await asyncio.sleep(seconds)

    return wait


def faulty(fault):
    async def do(scope, _receive):
        await scope["extensions"][EXTENSION](fault)

    return do


async def raising(_scope, _receive):
    raise ZeroDivisionError("no")


async def get(app, url="http://shop.test/a%20b?x=1", *, seconds=None, **options):
    """One call of an application through httpx."""
    transport = MemoryTransport({"shop.test": Wire(app)})
    async with httpx.AsyncClient(transport=transport, timeout=seconds) as client:
        return await client.get(url, **options)


def call(wire, *, seconds=None, body=b"", headers=()):
    return wire.call("POST", "http://shop.test/cb", headers=headers, body=body, seconds=seconds)


def test_a_request_and_its_answer():
    async def main():
        app = App(b"one ", b"two", status=201, headers=[(b"x-shop", b"duka")])
        answer = await get(app, headers={"X-Till": "600100"})
        assert (answer.status_code, answer.text, answer.headers["x-shop"]) == (
            201,
            "one two",
            "duka",
        )
        (scope,) = app.scopes
        assert (scope["method"], scope["path"], scope["raw_path"]) == ("GET", "/a b", b"/a%20b")
        assert (scope["query_string"], scope["server"]) == (b"x=1", ("shop.test", 80))
        assert dict(scope["headers"])[b"x-till"] == b"600100"

    in_virtual_time(main())


def test_header_names_arrive_in_lower_case_and_in_order():
    async def main():
        app = App()
        await call(Wire(app), headers=[(b"X-B", b"1"), (b"x-a", b"Two"), (b"X-B", b"3")])
        assert app.scopes[0]["headers"] == [(b"x-b", b"1"), (b"x-a", b"Two"), (b"x-b", b"3")]

    in_virtual_time(main())


def test_the_body_arrives_whole():
    async def main():
        app = App()
        await call(Wire(app), body=b"\x00" * 100_000)
        assert app.bodies == [b"\x00" * 100_000]

    in_virtual_time(main())


def test_no_answer_in_time_is_a_read_timeout():
    async def main():
        with pytest.raises(httpx.ReadTimeout):
            await get(App(before=slow(31)), seconds=30)
        assert asyncio.get_running_loop().time() == 30
        assert (await get(App(before=slow(29)), seconds=30)).status_code == 200

    in_virtual_time(main())


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        (Fault.RESET, httpx.ReadError),
        (Fault.EMPTY, httpx.RemoteProtocolError),
        (Fault.HANG, httpx.ReadTimeout),
        (Fault.GARBAGE, httpx.RemoteProtocolError),
    ],
)
def test_a_fault_of_the_connection_is_what_httpx_makes_of_it(fault, error):
    async def main():
        with pytest.raises(error) as caught:
            await get(App(before=faulty(fault)), seconds=5)
        assert type(caught.value) is error
        assert str(caught.value.request.url).startswith("http://shop.test/")

    in_virtual_time(main())


def test_a_host_that_nobody_is_on_is_a_connect_error():
    async def main():
        with pytest.raises(httpx.ConnectError, match=r"nothing listens on other\.test"):
            await get(App(), "http://other.test/")

    in_virtual_time(main())


def test_an_application_that_fails_is_a_500_and_is_reported():
    async def main():
        found = []
        loop = asyncio.get_running_loop()
        loop.set_exception_handler(lambda _loop, context: found.append(context))
        answer = await get(App(before=raising))
        assert (answer.status_code, answer.text) == (500, "Internal Server Error")
        (context,) = found
        assert context["message"] == "an application failed"
        assert isinstance(context["exception"], ZeroDivisionError)

    in_virtual_time(main())


def test_an_application_that_never_answers_is_a_500():
    async def silent(_scope, receive, _send):
        await receive()

    async def main():
        assert (await get(silent)).status_code == 500

    in_virtual_time(main())


def test_an_application_goes_on_after_its_caller_has_gone():
    async def main():
        app = App(before=slow(50))
        wire = Wire(app)
        with pytest.raises(TimeoutError):
            await call(wire, seconds=10)
        assert app.done == []
        assert wire.open == 1
        await wire.idle()
        assert app.done == [50]
        assert wire.open == 0

    in_virtual_time(main())


def test_it_goes_on_after_a_caller_who_was_cancelled():
    async def main():
        app = App(before=slow(50))
        wire = Wire(app)
        caller = asyncio.ensure_future(call(wire))
        await asyncio.sleep(1)
        caller.cancel()
        await asyncio.gather(caller, return_exceptions=True)
        await wire.idle()
        assert app.done == [50]

    in_virtual_time(main())


def test_an_application_can_see_that_its_caller_has_gone():
    async def until_gone(_scope, receive):
        seen.append((await receive())["type"])

    async def main():
        wire = Wire(App(before=until_gone))
        with pytest.raises(TimeoutError):
            await call(wire, seconds=10)
        await wire.idle()
        assert seen == ["http.disconnect"]

    seen = []
    in_virtual_time(main())


def test_closing_ends_what_is_worked_on_and_lets_nobody_wait():
    async def main():
        app = App(before=slow(50))
        wire = Wire(app)
        caller = asyncio.ensure_future(call(wire))
        await asyncio.sleep(1)
        await wire.close()
        assert (await caller).status == 500
        assert app.done == []
        assert asyncio.get_running_loop().time() == 1

    in_virtual_time(main())


def letter(host="shop.test"):
    return Letter(f"http://{host}/cb", {"Businessshortcode": "174379"}, b'{"Body":1}')


def test_a_wire_knows_whether_it_was_used():
    async def main():
        wire = Wire(App(b"{}"))
        assert not wire.used
        await MemoryCourier({"shop.test": wire}).send(letter())
        assert wire.used

    in_virtual_time(main())


def test_the_courier_waits_as_long_as_it_is_told():
    async def main():
        courier = MemoryCourier({"shop.test": Wire(App(before=slow(9)))})
        assert (await courier.send(letter(), within=8)).error == "no answer within 8 s"
        assert (await courier.send(letter(), within=10)).status == 200

    in_virtual_time(main())


def test_the_courier_brings_a_letter_and_what_was_answered():
    async def main():
        app = App(b"x" * 5_000, b"\xff", status=404)
        receipt = await MemoryCourier({"shop.test": Wire(app)}).send(letter())
        assert (receipt.status, receipt.answer, receipt.error) == (404, "x" * HEAD_CHARACTERS, None)
        assert app.bodies == [b'{"Body":1}']
        (scope,) = app.scopes
        assert (scope["method"], scope["path"]) == ("POST", "/cb")
        assert scope["headers"] == [(b"businessshortcode", b"174379")]

    in_virtual_time(main())


@pytest.mark.parametrize(
    ("app", "host", "error"),
    [
        (App(), "other.test", "cannot connect to other.test: nothing listens"),
        (App(before=slow(31)), "shop.test", "no answer within 30 s"),
        (App(before=faulty(Fault.RESET)), "shop.test", "connection reset"),
        (App(before=faulty(Fault.EMPTY)), "shop.test", "connection empty"),
    ],
)
def test_the_courier_never_raises_for_what_a_merchant_does(app, host, error):
    async def main():
        receipt = await MemoryCourier({"shop.test": Wire(app)}).send(letter(host))
        assert (receipt.status, receipt.answer, receipt.error) == (None, "", error)

    in_virtual_time(main())


def test_a_fault_says_what_it_was():
    error = ConnectionFaultError(Fault.RESET)
    assert (error.fault, str(error)) == (Fault.RESET, "connection reset")


def test_an_answer_that_is_cut_has_begun():
    async def half(scope, _receive, send):
        headers = [(b"content-length", b"10")]
        await send({"type": "http.response.start", "status": 201, "headers": headers})
        await send({"type": "http.response.body", "body": b"01234", "more_body": True})
        await scope["extensions"][EXTENSION](Fault.TRUNCATED)

    async def main():
        transport = MemoryTransport({"shop.test": Wire(half)})
        async with httpx.AsyncClient(transport=transport) as client:
            async with client.stream("GET", "http://shop.test/") as answer:
                assert (answer.status_code, answer.headers["content-length"]) == (201, "10")
                with pytest.raises(httpx.RemoteProtocolError, match="received 5 bytes"):
                    await answer.aread()
            with pytest.raises(httpx.RemoteProtocolError):
                await client.get("http://shop.test/")

    in_virtual_time(main())


def test_a_letter_that_promises_more_is_waited_for_and_given_up():
    seen = []

    async def reads_all(scope, receive, send):
        seen.append(dict(scope["headers"])[b"content-length"])
        while True:
            message = await receive()
            seen.append((message["type"], message.get("body"), message.get("more_body")))
            if not message.get("more_body"):
                return await send({"type": "http.response.start", "status": 200, "headers": []})

    async def main():
        wire = Wire(reads_all)
        letter = Letter("http://shop.test/", {}, b"{}", promised=12)
        receipt = await MemoryCourier({"shop.test": wire}).send(letter)
        assert (receipt.status, receipt.error) == (None, "no answer within 5 s")
        await wire.idle()
        assert seen == [b"12", ("http.request", b"{}", True), ("http.disconnect", None, None)]

    in_virtual_time(main())
