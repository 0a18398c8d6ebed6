"""The connections to a merchant: used again while that is safe, and closed."""

import asyncio

import pytest

from darajasim.delivery import pool
from support.posting import courier, letter, sent
from support.recorder import OK, answers, hangs, recorder

SOON = 0.3
CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nabcde\r\n0\r\n\r\n"
CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nabcde"


def patient(monkeypatch, patience=0.0, reuse=5.0):
    monkeypatch.setattr(pool, "PATIENCE_SECONDS", patience)
    monkeypatch.setattr(pool, "REUSE_SECONDS", reuse)


@pytest.mark.parametrize("raw", [CHUNKED, CONTINUE])
def test_a_connection_is_used_again(monkeypatch, raw):
    patient(monkeypatch)
    receipts, merchant = sent(answers(raw), count=5)
    assert [receipt.answer for receipt in receipts] == ["abcde"] * 5
    assert merchant.opened == 1


def test_a_connection_is_used_again_only_for_a_while(monkeypatch):
    patient(monkeypatch, reuse=0.05)

    async def main():
        async with recorder() as merchant, courier() as carrier:
            for _ in range(2):
                await carrier.send(letter(merchant.url))
            assert merchant.opened == 1
            await merchant.until(lambda: merchant.open == 0)  # closed by the courier
            await carrier.send(letter(merchant.url))
            assert merchant.opened == 2

    asyncio.run(main())


def test_a_merchant_is_first_watched_before_its_connections_are_used_again(monkeypatch):
    patient(monkeypatch, patience=0.1)

    async def main():
        async with recorder() as merchant, courier() as carrier:
            for _ in range(3):
                await carrier.send(letter(merchant.url))
            assert merchant.opened == 3
            await asyncio.sleep(0.11)
            for _ in range(3):
                await carrier.send(letter(merchant.url))
            assert merchant.opened == 3

    asyncio.run(main())


def test_a_merchant_who_closes_without_saying_so_loses_nothing():
    """As many small servers do: HTTP/1.1, no `Connection: close`, and the socket is closed."""

    async def closes_late(writer, delivery):
        await answers()(writer, delivery)
        await asyncio.sleep(0.002)
        return False

    async def main():
        async with recorder(closes_late) as merchant, courier() as carrier:
            sending = (carrier.send(letter(f"{merchant.url}/{n}")) for n in range(300))
            receipts = await asyncio.gather(*sending)
            assert [receipt.error for receipt in receipts if receipt.error] == []
            assert len({delivery.path for delivery in merchant.received}) == 300
            assert merchant.opened == 300

    asyncio.run(main())


@pytest.mark.parametrize(
    "raw",
    [
        OK + OK,
        OK + b"HTTP/1.1 200 OK\r\nContent-Le",
        OK + b"garbage",
        OK + b"\r\n\r\nHTTP/1.1 500 No\r\n\r\n",
    ],
)
def test_a_second_answer_to_one_letter_is_not_taken_for_the_next(monkeypatch, raw):
    patient(monkeypatch)
    receipts, merchant = sent(answers(raw), count=4)
    assert [receipt.status for receipt in receipts] == [200] * 4
    assert len(merchant.received) == 4


def test_what_comes_unasked_spoils_a_kept_connection(monkeypatch):
    patient(monkeypatch)

    async def main():
        async with recorder() as merchant, courier() as carrier:
            await carrier.send(letter(merchant.url))

            async def blurts(writer, delivery):
                await answers()(writer, delivery)
                await asyncio.sleep(0)
                return await answers(b"HTTP/1.1 500 Surprise\r\nContent-Length: 0\r\n\r\n")(
                    writer, delivery
                )

            merchant.act = blurts
            await carrier.send(letter(merchant.url))
            await merchant.until(lambda: merchant.open == 0)
            assert (await carrier.send(letter(merchant.url))).status == 200

    asyncio.run(main())


def test_a_merchant_that_was_restarted_is_found_again(monkeypatch):
    patient(monkeypatch)

    async def main():
        async with courier() as carrier:
            async with recorder() as first:
                assert (await carrier.send(letter(first.url))).status == 200
            gone = await carrier.send(letter(first.url))
            assert gone.error
            async with recorder() as second:
                assert (await carrier.send(letter(second.url))).status == 200

    asyncio.run(main())


def test_two_thousand_letters_at_once(monkeypatch):
    monkeypatch.setattr(pool, "REUSE_SECONDS", SOON)

    async def main():
        async with recorder() as merchant, courier() as carrier:
            sending = (carrier.send(letter(f"{merchant.url}/{n}")) for n in range(2_000))
            receipts = await asyncio.gather(*sending)
            assert [receipt.error for receipt in receipts if receipt.error] == []
            paths = sorted(int(delivery.path[1:]) for delivery in merchant.received)
            assert paths == list(range(2_000))
            await merchant.until(lambda: merchant.open == 0)

    asyncio.run(main())


def test_no_more_connections_at_once_than_a_merchant_can_take():
    async def main():
        most = 0
        go = asyncio.Event()

        async def counts(writer, delivery):
            nonlocal most
            most = max(most, merchant.open)
            await go.wait()
            return await answers()(writer, delivery)

        async with recorder(counts) as merchant, courier() as carrier:
            sending = asyncio.gather(*(carrier.send(letter(merchant.url)) for _ in range(200)))
            await merchant.wait_for(pool.MAX_CONNECTIONS)
            go.set()
            await sending
            assert pool.MAX_CONNECTIONS <= most <= pool.MAX_CONNECTIONS + 1

    asyncio.run(main())


def test_a_merchant_that_hangs_does_not_hold_up_another():
    async def main():
        async with recorder(hangs) as stuck, recorder() as quick, courier() as carrier:
            count = pool.MAX_CONNECTIONS + 10
            waiting = [asyncio.ensure_future(carrier.send(letter(stuck.url))) for _ in range(count)]
            await stuck.wait_for(pool.MAX_CONNECTIONS)
            assert (await carrier.send(letter(quick.url))).status == 200
            for task in waiting:
                task.cancel()
            await asyncio.gather(*waiting, return_exceptions=True)
            assert (await carrier.send(letter(quick.url))).status == 200

    asyncio.run(main())


def test_a_letter_that_is_given_up_closes_its_connection():
    async def main():
        arrived, gone = asyncio.Event(), asyncio.Event()

        async def take(reader, writer):
            await reader.readuntil(b"\r\n\r\n")
            arrived.set()
            await reader.read()
            gone.set()
            writer.close()

        server = await asyncio.start_server(take, "127.0.0.1", 0)
        async with server, courier() as carrier:
            port = server.sockets[0].getsockname()[1]
            sending = asyncio.ensure_future(carrier.send(letter(f"http://127.0.0.1:{port}/")))
            async with asyncio.timeout(5):
                await arrived.wait()
                sending.cancel()
                await gone.wait()

    asyncio.run(main())


def test_nothing_is_left_open_when_the_courier_closes():
    async def main():
        async with recorder() as merchant:
            async with courier() as carrier:
                await asyncio.gather(*(carrier.send(letter(merchant.url)) for _ in range(20)))
                assert merchant.open
            await merchant.until(lambda: merchant.open == 0)

    asyncio.run(main())
