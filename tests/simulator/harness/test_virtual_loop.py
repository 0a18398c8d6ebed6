import asyncio
import socket
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor

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
    release = threading.Event()
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


def busy():
    """Real work that takes a twentieth of a second."""
    threading.Event().wait(0.05)


def test_a_thread_that_nobody_waits_for_any_more_is_not_overtaken():
    ended = []

    def work():
        busy()
        ended.append("thread")

    async def main():
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(asyncio.to_thread(work), 0.001)
        await asyncio.sleep(1_000)
        assert ended == ["thread"]

    run(main())


def test_a_job_that_is_cancelled_before_its_turn_holds_up_nothing():
    release = threading.Event()

    async def main():
        loop = asyncio.get_running_loop()
        with ThreadPoolExecutor(1) as pool:
            first = loop.run_in_executor(pool, release.wait, 10)
            second = loop.run_in_executor(pool, release.wait, 10)
            second.cancel()
            release.set()
            await first
        await asyncio.sleep(3_600)

    began = time.perf_counter()
    run(main())
    assert time.perf_counter() - began < 5


def test_what_a_thread_raises_arrives_and_time_goes_on():
    async def main():
        with pytest.raises(ZeroDivisionError):
            await asyncio.to_thread(lambda: 1 // 0)
        await asyncio.sleep(3_600)

    run(main())


def test_a_pool_that_was_set_is_used():
    async def main():
        loop = asyncio.get_running_loop()
        loop.set_default_executor(ThreadPoolExecutor(1, thread_name_prefix="ours"))
        name = await asyncio.to_thread(lambda: threading.current_thread().name)
        assert name.startswith("ours")

    run(main())


class SlowPool(ThreadPoolExecutor):
    """Takes its time to end."""

    def shutdown(self, **options):
        busy()
        super().shutdown(**options)


def test_the_end_of_the_pool_is_not_overtaken_by_its_own_time_out():
    async def main():
        loop = asyncio.get_running_loop()
        loop.set_default_executor(SlowPool(1))
        async with asyncio.timeout(300):
            await loop.shutdown_default_executor()
        assert loop.time() < 10

    run(main())


@pytest.mark.parametrize("streams", [asyncio.subprocess.DEVNULL, asyncio.subprocess.PIPE])
def test_a_subprocess_is_not_overtaken_by_a_timer(streams):
    program = "import sys; sys.stdout.write('out'); sys.exit(3)"

    async def main():
        async with asyncio.timeout(100):
            process = await asyncio.create_subprocess_exec(
                sys.executable, "-I", "-c", program, stdout=streams
            )
            output, _ = await process.communicate()
            return process.returncode, output

    expected = b"out" if streams == asyncio.subprocess.PIPE else None
    assert run(main()) == (3, expected)


def test_a_shell_is_not_overtaken_and_time_goes_on_after_it():
    async def main():
        async with asyncio.timeout(100):
            process = await asyncio.create_subprocess_shell("exit 4")
            assert await process.wait() == 4
        await asyncio.sleep(86_400)

    began = time.perf_counter()
    run(main())
    assert time.perf_counter() - began < 10


def test_bytes_that_are_there_already_are_read_without_waiting():
    async def main():
        loop = asyncio.get_running_loop()
        left, right = socket.socketpair()
        with left, right:
            left.setblocking(False)
            right.setblocking(False)
            reading = asyncio.ensure_future(loop.sock_recv(left, 4))
            await loop.sock_sendall(right, b"ping")
            assert await reading == b"ping"
            await loop.sock_sendall(right, b"pong")
            assert await loop.sock_recv(left, 4) == b"pong"
        await asyncio.sleep(86_400)
        return loop.time()

    assert run(main()) == pytest.approx(86_400, abs=10)


def test_a_thread_that_the_loop_is_told_of_is_not_overtaken():
    async def main():
        loop = asyncio.get_running_loop()
        done = loop.create_future()

        def work():
            busy()
            loop.call_soon_threadsafe(done.set_result, "thread")

        loop.watch(lambda: not done.done())
        thread = threading.Thread(target=work)
        thread.start()
        async with asyncio.timeout(300):
            assert await done == "thread"
        thread.join()
        await asyncio.sleep(86_400)

    run(main())


def test_a_thread_nobody_told_of_may_still_call():
    async def main():
        loop = asyncio.get_running_loop()
        done = loop.create_future()
        thread = threading.Thread(
            target=lambda: loop.call_soon_threadsafe(done.set_result, "called")
        )
        thread.start()
        found = await done
        thread.join()
        return found

    assert run(main()) == "called"


def test_years_pass_too():
    """Where a float no longer tells nanoseconds apart, timers still ring."""

    async def main():
        for _ in range(40):
            await asyncio.sleep(91 * 86_400 + 0.001)
        return asyncio.get_running_loop().time()

    assert run(main()) == pytest.approx(40 * 91 * 86_400.0, abs=1)
