"""The served simulator against callers that misbehave, over real sockets."""

import asyncio
import contextlib
import json
import re
import signal
import socket

import pytest

from darajasim.core.wire import MAX_BODY_BYTES
from support.caller import GRANT, OAUTH_PATH, Caller, basic, caller, lines, request
from support.daraja import PUSH_PATH, push_body
from support.recorder import hangs, recorder
from support.served import served

SECONDS = 10
TOKEN = request("GET", OAUTH_PATH + GRANT, headers={"Authorization": basic()})


@pytest.fixture(scope="module")
def server():
    with served("--seed", "1", "--speed", "200") as running:
        yield running
        running.check_log()


def run(main):
    return asyncio.run(main)


async def connect(server):
    return await asyncio.open_connection(server.host, server.port)


async def answer_to(server, raw: bytes) -> bytes:
    """Everything that comes back, until the server or nobody has more to say."""
    reader, writer = await connect(server)
    writer.write(raw)
    async with asyncio.timeout(SECONDS):
        head = await reader.readuntil(b"\r\n\r\n")
        length = int(re.search(rb"(?i)content-length: (\d+)", head)[1])
        if raw.startswith(b"HEAD"):
            length = 0
        body = await reader.readexactly(length)
    writer.close()
    return head + body


def post(body: bytes, token: str = "", path: str = PUSH_PATH, **headers) -> bytes:
    sent = {"Content-Type": "application/json", "Authorization": f"Bearer {token}"} | headers
    return request("POST", path, headers=sent, body=body)


async def serves(server) -> bool:
    async with caller(server) as app:
        return (await app.token()).status == 200


# -------------------------------------------------------------------------------------- bodies


async def pour(server, head: bytes, piece: bytes) -> tuple[bytes, int]:
    """Send `piece` over and over until the server ends it; its answer, and how much was sent."""
    reader, writer = await connect(server)
    answer, sent = bytearray(), 0

    async def read() -> None:
        with contextlib.suppress(ConnectionError):
            while got := await reader.read(65_536):
                answer.extend(got)

    writer.write(head)
    async with asyncio.timeout(SECONDS):
        reading = asyncio.ensure_future(read())
        with contextlib.suppress(ConnectionError):
            while not reading.done():
                writer.write(piece)
                await writer.drain()
                await asyncio.sleep(0)  # let the answer be read: what is not, a reset throws away
                sent += len(piece)
        await reading
    writer.transport.abort()
    return bytes(answer), sent


@pytest.mark.parametrize("said", ["length", "chunked"])
def test_an_endless_body_is_answered_early_and_the_connection_closed(server, said):
    async def main():
        async with caller(server) as app:
            await app.token()
        head = f"POST {PUSH_PATH} HTTP/1.1\r\nHost: d\r\nAuthorization: Bearer {app.bearer}\r\n"
        head += "Content-Type: application/json\r\n"
        if said == "length":
            head, piece = head + "Content-Length: 99999999999\r\n\r\n", b"x" * 65_536
        else:
            head += "Transfer-Encoding: chunked\r\n\r\n"
            piece = b"10000\r\n" + b"x" * 65_536 + b"\r\n"
        answer, sent = await pour(server, head.encode(), piece)
        assert answer.startswith(b"HTTP/1.1 400 ")
        assert b"connection: close" in answer
        assert b'"errorCode":"400.002.05"' in answer
        assert sent < 40 * MAX_BODY_BYTES  # the bounds, and both sockets' buffers
        assert await serves(server)

    run(main())


@pytest.mark.parametrize("size", [MAX_BODY_BYTES + 1, 5 * MAX_BODY_BYTES])
def test_a_caller_who_sends_all_before_it_reads_sees_the_answer(server, size):
    def call() -> bytes:
        with socket.create_connection((server.host, server.port), timeout=SECONDS) as line:
            line.sendall(post(b"x" * size, "none"))
            answer = b""
            while got := line.recv(65_536):
                answer += got
            return answer

    answer = call()
    assert answer.startswith(b"HTTP/1.1 404 ")
    assert b"404.001.03" in answer
    assert b"connection: close" in answer


def test_a_caller_who_promises_too_much_and_sends_nothing_is_let_go(server):
    async def main():
        raw = post(b"", "none").replace(b"Content-Length: 0", b"Content-Length: 99999999999")
        async with asyncio.timeout(SECONDS):
            reader, writer = await connect(server)
            writer.write(raw)
            assert (await reader.readline()).startswith(b"HTTP/1.1 404 ")
            await reader.read()
            writer.close()

    run(main())


def test_a_body_of_one_mebibyte_is_taken(server):
    async def main():
        async with caller(server) as app:
            await app.token()
            body = json.dumps(push_body(Padding="x" * (MAX_BODY_BYTES - 1_000))).encode()
            assert (await app.post(PUSH_PATH, body)).status == 200

    run(main())


def test_a_slow_body_is_waited_for(server):
    async def main():
        async with caller(server) as app:
            await app.token()
        raw = post(json.dumps(push_body(PhoneNumber=254722000001)).encode(), app.bearer)
        reader, writer = await connect(server)
        for place in range(len(raw)):
            writer.write(raw[place : place + 1])
            await writer.drain()
            if place % 50 == 0:
                assert await serves(server)
        async with asyncio.timeout(SECONDS):
            assert (await reader.readline()).startswith(b"HTTP/1.1 200 ")
        writer.close()

    run(main())


def test_expect_100_continue(server):
    async def main():
        async with caller(server) as app:
            await app.token()
        body = json.dumps(push_body(PhoneNumber=254722000002)).encode()
        raw = post(body, app.bearer, Expect="100-continue")
        reader, writer = await connect(server)
        writer.write(raw[: -len(body)])
        async with asyncio.timeout(SECONDS):
            assert await reader.readuntil(b"\r\n\r\n") == b"HTTP/1.1 100 Continue\r\n\r\n"
            writer.write(body)
            assert (await reader.readline()).startswith(b"HTTP/1.1 200 ")
        writer.close()

    run(main())


# --------------------------------------------------------------------------------- connections


def test_callers_who_hang_up_at_every_byte(server):
    async def main():
        async with caller(server) as app:
            await app.token()
            body = json.dumps(push_body(Amount=3, PhoneNumber=254722000003)).encode()
            raw = post(body, app.bearer)

            async def cut(place: int, *, reset: bool) -> None:
                _reader, writer = await connect(server)
                writer.write(raw[:place])
                await writer.drain()
                writer.transport.abort() if reset else writer.close()

            places = range(len(raw))
            for start in range(0, len(raw), 100):
                part = places[start : start + 100]
                await asyncio.gather(*(cut(place, reset=bool(place % 2)) for place in part))
        async with caller(server) as app:
            await app.token()
            pushes = (await app.get("/_sim/journal?kind=prompt-sent&limit=10000")).json["events"]
            assert not [event for event in pushes if event["msisdn"] == "254722000003"]
            assert await serves(server)

    run(main())


def test_five_hundred_connections_opened_and_dropped(server):
    async def main():
        async with lines(server.host, server.port, 500) as made:
            assert await serves(server)
            answers = await asyncio.gather(*(line.ask(TOKEN) for line in made))
            assert {answer.status for answer in answers} == {200}
            for line in made:
                line.ask(TOKEN).add_done_callback(lambda asked: asked.exception())
                line.transport.abort()
        assert await serves(server)

    run(main())


def test_pipelined_requests_are_answered_in_order(server):
    async def main():
        async with lines(server.host, server.port) as (line,):
            asked = [
                line.ask(request("GET", f"{path}?n={n}", headers={"Authorization": basic()}))
                for n in range(50)
                for path in (OAUTH_PATH, "/nothing", "/_sim/health")
            ]
            statuses = [answer.status for answer in await asyncio.gather(*asked)]
            assert statuses == [400, 404, 200] * 50

    run(main())


def test_a_connection_is_kept_after_every_refusal(server):
    async def main():
        async with lines(server.host, server.port) as (line,):
            app = Caller(line)
            answers = [
                await app.get("/nothing"),
                await app.token(query="?grant_type=x"),
                await app.push(),
                await app.get(PUSH_PATH),
                await app.post(PUSH_PATH, b"{", Authorization="x" * 9_000),
                await app.token(),
                await app.push(Amount=0),
            ]
            statuses = [answer.status for answer in answers]
            assert statuses == [404, 400, 404, 405, 404, 200, 400]
            assert all("connection" not in answer.headers for answer in answers)
            assert not line.lost.done()

    run(main())


# ------------------------------------------------------------------------------- HTTP's corners


@pytest.mark.parametrize(
    ("raw", "status"),
    [
        (b"GET /_sim/health HTTP/1.0\r\n\r\n", 200),
        (b"GET /_sim/health HTTP/1.1\r\nHost: d\r\nConnection: close\r\n\r\n", 200),
        (b"GET http://elsewhere/_sim/health HTTP/1.1\r\nHost: d\r\n\r\n", 200),
        (b"HEAD /_sim/health HTTP/1.1\r\nHost: d\r\n\r\n", 200),
        (b"HEAD " + PUSH_PATH.encode() + b" HTTP/1.1\r\nHost: d\r\n\r\n", 405),
        (b"OPTIONS * HTTP/1.1\r\nHost: d\r\n\r\n", 404),
        (b"GET /?\xff HTTP/1.1\r\nHost: d\r\n\r\n", 400),
        (b"GET /_sim/health HTTP/1.1\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n", 200),
        (b"GET /_sim/health HTTP/1.1\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n", 200),
        (b"GET / HTTP/1.1\r\nHost: d\r\nX: " + b"a" * 500_000 + b"\r\n\r\n", 404),
        (b"GET / HTTP/1.1\r\nHost: d\r\n" + b"X: a\r\n" * 5_000 + b"\r\n", 404),
        (b"GET / HTTP/1.1\r\nHost: d\r\nX: \x00\r\n\r\n", 400),
        (b"GET / HTTP/9.9\r\nHost: d\r\n\r\n", 400),
        (b"POST / HTTP/1.1\r\nHost: d\r\nContent-Length: -1\r\n\r\n", 400),
        (b"POST / HTTP/1.1\r\nHost: d\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab", 400),
        (b"POST / HTTP/1.1\r\nHost: d\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", 400),
        (b"POST / HTTP/1.1\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n", 400),
        (b"CONNECT example.test:443 HTTP/1.1\r\nHost: d\r\n\r\n", 400),
        (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", 400),
        (b"nonsense\r\n\r\n", 400),
    ],
)  # fmt: skip
def test_odd_requests_get_an_answer(server, raw, status):
    async def main():
        answer = await answer_to(server, raw)
        assert answer.startswith(b"HTTP/1.1 %d " % status), answer
        assert b"Traceback" not in answer
        assert await serves(server)

    run(main())


def test_answers_say_no_more_than_they_must(server):
    answer = run(answer_to(server, TOKEN))
    head = answer.partition(b"\r\n\r\n")[0].decode().lower().split("\r\n")
    names = {line.partition(":")[0] for line in head[1:]}
    assert names == {"date", "content-length", "content-type"}


# ---------------------------------------------------------------------------- start and the end


def test_it_stops_on_sigterm_with_everything_open():
    async def main(server):
        async with lines(server.host, server.port, 5) as made:
            await asyncio.gather(*(line.ask(TOKEN) for line in made))
            async with caller(server) as app, recorder(None) as merchant:
                await app.token()
                assert (await app.push(CallBackURL=merchant.url)).status == 200
                code = await asyncio.to_thread(server.stop, signal.SIGTERM)
                assert code in (0, -signal.SIGTERM)
                async with asyncio.timeout(SECONDS):
                    await asyncio.gather(*(line.lost for line in made))

    with served("--speed", "1") as server:
        run(main(server))
        assert server.log == ""


def test_it_stops_on_ctrl_c_while_a_callback_hangs():
    async def main(server):
        async with caller(server) as app, recorder(hangs) as merchant:
            await app.token()
            assert (await app.push(CallBackURL=merchant.url)).status == 200
            await merchant.wait_for(1)
            assert await asyncio.to_thread(server.stop) == 0

    with served("--speed", "1000") as server:
        run(main(server))
        assert server.log == ""


def test_on_ipv6(server):
    if not socket.has_ipv6:
        pytest.skip("no IPv6 here")

    async def main(there):
        async with recorder(host="::1") as merchant, caller(there) as app:
            await app.token()
            assert (await app.push(CallBackURL=f"{merchant.url}/cb?a=b")).status == 200
            await merchant.wait_for(1)
            assert merchant.received[0].path == "/cb?a=b"
            assert merchant.received[0].headers["Host"] == f"[::1]:{merchant.port}"

    with served("--speed", "1000", "--host", "::1") as there:
        assert there.base.startswith("http://[::1]:")
        run(main(there))


def test_the_line_of_the_banner_makes_a_payment():
    """What is printed as `Try` is sent as curl sends it: a token, then a push to the own inbox."""

    async def main(server):
        line = next(line for line in server.banner if line.startswith("Try "))
        assert f"{server.base}{PUSH_PATH} " in line
        body = json.loads(re.search(r"-d '(.*)'$", line)[1])
        async with caller(server) as app:
            await app.token()
            answer = await app.post(PUSH_PATH, json.dumps(body).encode())
            assert answer.status == 200
            found = []
            async with asyncio.timeout(SECONDS):
                while not found:
                    page = await app.get("/_sim/journal?kind=callback-attempted")
                    found = page.json["events"]
            assert found[0]["status"] == 200
            assert found[0]["url"] == f"{server.base}/_sim/inbox"

    with served("--speed", "1000") as server:
        run(main(server))
