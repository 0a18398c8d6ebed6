import asyncio

import pytest
from hypothesis import given
from hypothesis import strategies as st

from darajasim.core.clock import Clock
from darajasim.core.timeline import Timeline
from support.daraja import in_virtual_time


def timeline(speed=1.0):
    clock = Clock(asyncio.get_running_loop(), speed=speed)
    return Timeline(clock), clock


def failures():
    """What reaches the loop's exception handler from now on."""
    found = []
    loop = asyncio.get_running_loop()
    loop.set_exception_handler(lambda _loop, context: found.append(context))
    return found


@given(st.lists(st.integers(0, 50), max_size=30))
def test_everything_happens_at_its_time_and_then_in_the_order_asked_for(delays):
    async def main():
        ours, clock = timeline()
        happened = []
        for number, delay in enumerate(delays):
            ours.after(delay, lambda pair=(delay, number): happened.append((clock.elapsed(), pair)))
        assert ours.due == len(delays)
        await ours.idle()
        assert ours.due == 0
        assert [pair for _, pair in happened] == sorted(
            (delay, number) for number, delay in enumerate(delays)
        )
        assert all(at == pytest.approx(delay) for at, (delay, _) in happened)

    in_virtual_time(main())


def test_idle_with_nothing_due_returns_at_once():
    async def main():
        ours, clock = timeline()
        await ours.idle()
        assert clock.elapsed() == 0

    in_virtual_time(main())


def test_idle_waits_for_tasks_and_for_what_they_start():
    async def main():
        ours, clock = timeline()

        async def deliver(rounds):
            await asyncio.sleep(10)
            if rounds:
                ours.after(5, lambda: ours.start(deliver(rounds - 1)) and None)

        ours.start(deliver(2))
        await ours.idle()
        assert clock.elapsed() == pytest.approx(3 * 10 + 2 * 5)

    in_virtual_time(main())


def test_everybody_who_waits_is_told():
    async def main():
        ours, clock = timeline()
        ours.after(7, lambda: None)
        await asyncio.gather(*(ours.idle() for _ in range(3)))
        assert clock.elapsed() == 7

    in_virtual_time(main())


def test_a_waiter_who_has_gone_disturbs_nobody():
    async def main():
        ours, clock = timeline()
        ours.after(7, lambda: None)
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(1):
                await ours.idle()
        await ours.idle()
        assert clock.elapsed() == 7

    in_virtual_time(main())


def test_speed_makes_it_come_sooner():
    async def main():
        ours, _ = timeline(speed=60)
        ours.after(120, lambda: None)
        await ours.idle()
        assert asyncio.get_running_loop().time() == pytest.approx(2)

    in_virtual_time(main())


def test_something_that_fails_is_reported_and_the_rest_happens():
    async def main():
        ours, _ = timeline()
        found, happened = failures(), []
        error = RuntimeError("no")

        def fail():
            raise error

        ours.after(1, fail)
        ours.after(1, lambda: happened.append("same moment"))
        ours.after(2, lambda: happened.append("later"))
        await ours.idle()
        assert happened == ["same moment", "later"]
        assert [context["exception"] for context in found] == [error]
        assert found[0]["message"] == "something on the timeline failed"

    in_virtual_time(main())


def test_a_delivery_that_fails_is_reported_and_idle_returns():
    async def main():
        ours, _ = timeline()
        found = failures()
        error = RuntimeError("no")

        async def fail():
            await asyncio.sleep(1)
            raise error

        ours.start(fail())
        await ours.idle()
        assert [(context["message"], context["exception"]) for context in found] == [
            ("a delivery failed", error)
        ]

    in_virtual_time(main())


def test_closing_forgets_what_is_due_and_ends_what_runs():
    async def main():
        ours, clock = timeline()
        happened, ended = [], []

        async def deliver():
            try:
                await asyncio.sleep(100)
            finally:
                ended.append(clock.elapsed())

        ours.after(5, lambda: happened.append("no"))
        ours.start(deliver())
        await asyncio.sleep(1)
        await ours.close()
        assert ours.due == 0
        assert ended == [1]
        await asyncio.sleep(1_000)
        assert happened == []

    in_virtual_time(main())


@pytest.mark.parametrize("runs", [False, True])
def test_who_waits_for_idle_is_told_of_the_end(runs):
    async def main():
        ours, clock = timeline()
        ours.after(1_000, lambda: None)
        if runs:
            ours.start(asyncio.sleep(1_000))
        clock.call_later(1, lambda: closing.append(asyncio.ensure_future(ours.close())))
        closing = []
        await ours.idle()
        assert clock.elapsed() == 1

    in_virtual_time(main())


def test_the_loop_holds_one_timer_however_much_is_due():
    async def main():
        ours, _ = timeline()
        loop = asyncio.get_running_loop()
        for number in range(1_000):
            ours.after(1_000 + number, lambda: None)
        assert sum(not handle.cancelled() for handle in loop._scheduled) == 1
        await ours.close()

    in_virtual_time(main())


def test_what_stands_in_the_background_happens_but_nobody_waits_for_it():
    async def main():
        ours, clock = timeline()
        happened = []

        def yearly():
            happened.append(clock.elapsed())
            ours.after(1_000, yearly, background=True)
            ours.after(5, lambda: happened.append("what follows is waited for"))

        ours.after(1_000, yearly, background=True)
        ours.after(10, lambda: happened.append("first"))
        assert ours.due == 1
        await ours.idle()
        assert (clock.elapsed(), happened) == (10, ["first"])
        await asyncio.sleep(991)
        assert happened == ["first", 1_000]
        assert ours.due == 1
        await ours.idle()
        assert happened[2:] == ["what follows is waited for"]
        await ours.close()
        assert ours.due == 0
        await asyncio.sleep(5_000)
        assert len(happened) == 3

    in_virtual_time(main())
