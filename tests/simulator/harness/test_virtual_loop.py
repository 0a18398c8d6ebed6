import asyncio
import socket
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from darajasim.harness.virtual_loop import StalledError, VirtualLoop


def run(main):
    with asyncio.Runner(loop_factory=VirtualLoop) as runner:
        return runner.run(main)


def test_a_day_takes_no_time():
    async def main():
        await asyncio.sleep(86_400)
        return asyncio.get_running_loop().time()

    began = time.perf_counter()
    assert run(main()) == pytest.approx(86_400)
    assert time.perf_counter() - began < 5


@given(st.lists(st.floats(0, 1e6), min_size=1, max_size=20))
def test_sleepers_wake_in_the_order_of_their_times(delays):
    woken = []

    async def sleeper(delay):
        await asyncio.sleep(delay)
        woken.append((asyncio.get_running_loop().time(), delay))

    async def main():
        await asyncio.gather(*map(sleeper, delays))

    run(main())
    assert [delay for _, delay in woken] == sorted(delays)
    assert all(at == pytest.approx(delay, abs=1e-6) for at, delay in woken)


def test_a_thread_is_not_overtaken_by_a_timer():
    release = __import__("threading").Event()
    order = []

    async def main():
        loop = asyncio.get_running_loop()
        timer = loop.call_later(100, order.append, "timer")
        loop.call_later(0.01, release.set)
        await asyncio.to_thread(release.wait, 10)
        order.append("thread")
        timer.cancel()
        return loop.time()

    assert run(main()) < 10
    assert order == ["thread"]


def test_a_socket_is_not_overtaken_by_a_timer():
    order = []

    async def answer(reader, writer):
        writer.write(await reader.read(4))
        writer.close()

    async def main():
        server = await asyncio.start_server(answer, "127.0.0.1", 0)
        timer = asyncio.get_running_loop().call_later(100, order.append, "timer")
        reader, writer = await asyncio.open_connection(*server.sockets[0].getsockname())
        writer.write(b"ping")
        order.append((await reader.read(4)).decode())
        writer.close()
        await writer.wait_closed()
        server.close()
        await server.wait_closed()
        timer.cancel()

    run(main())
    assert order == ["ping"]


def test_a_listening_socket_does_not_stop_time():
    async def main():
        server = await asyncio.start_server(lambda *_: None, "127.0.0.1", 0)
        await asyncio.sleep(3_600)
        server.close()
        await server.wait_closed()

    began = time.perf_counter()
    run(main())
    assert time.perf_counter() - began < 5


def test_time_goes_on_beside_an_open_socket():
    async def main():
        left, right = socket.socketpair()
        left.setblocking(False)
        loop = asyncio.get_running_loop()
        with left, right, pytest.raises(TimeoutError):
            async with asyncio.timeout(0.02):
                await loop.sock_recv(left, 1)

    run(main())


def test_waiting_for_ever_is_an_error(monkeypatch):
    monkeypatch.setattr("darajasim.harness.virtual_loop.STALL_SECONDS", 0.01)

    async def main():
        await asyncio.get_running_loop().create_future()

    with pytest.raises(StalledError, match="nothing is due"):
        run(main())
