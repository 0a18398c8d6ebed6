"""Going ahead in time: everything happens, in order, each thing at its own moment."""

import asyncio
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from darajasim.core import leap
from darajasim.core.simulator import Simulator
from darajasim.harness.virtual_loop import VirtualLoop
from support.daraja import START


def on_a_real_loop(main):
    """Run `main(namespace)` where only jumps can make simulated time pass quickly."""

    async def run():
        simulator = Simulator(start=START)
        try:
            return await main(simulator.default)
        finally:
            await simulator.close()

    began = time.perf_counter()
    found = asyncio.run(run())
    assert time.perf_counter() - began < 5
    return found


def test_what_is_due_happens_at_its_own_moment_and_what_follows_from_it_too():
    async def main(namespace):
        seen = []

        def note(name):
            seen.append((name, namespace.clock.elapsed()))

        def first():
            note("first")
            namespace.timeline.after(5, lambda: note("third"))

        namespace.timeline.after(10, first)
        namespace.timeline.after(12, lambda: note("second"))
        namespace.timeline.after(61, lambda: note("too late"))
        await leap.advance(namespace, 60)
        assert [name for name, _ in seen] == ["first", "second", "third"]
        assert [at for _, at in seen] == pytest.approx([10, 12, 15], abs=0.5)
        assert namespace.clock.elapsed() == pytest.approx(60, abs=0.5)
        assert namespace.timeline.due == 1

    on_a_real_loop(main)


def test_it_returns_when_deliveries_have_been_answered():
    async def main(namespace):
        ended = []

        async def deliver():
            await asyncio.sleep(0.05)  # real work: a merchant who takes a moment
            ended.append(namespace.clock.elapsed())

        namespace.timeline.after(100, lambda: namespace.timeline.start(deliver()))
        namespace.timeline.after(101, lambda: ended.append("after"))
        await leap.advance(namespace, 1_000)
        assert len(ended) == 2
        assert ended[0] == pytest.approx(100.05, abs=0.5)
        assert ended[1] == "after"

    on_a_real_loop(main)


def test_a_delivery_that_waits_for_time_to_pass_is_not_waited_for():
    async def main(namespace):
        steps = []

        async def slow():
            for _ in range(3):
                await namespace.clock.sleep(3_600)
                steps.append(namespace.clock.elapsed())

        namespace.timeline.start(slow())
        await leap.advance(namespace, 7_300)
        assert steps == pytest.approx([3_600, 7_200], abs=1)
        assert await leap.settle(namespace)
        assert steps == pytest.approx([3_600, 7_200, 10_800], abs=1)

    on_a_real_loop(main)


def test_settling_stops_with_the_last_thing_and_leaves_the_background_alone():
    async def main(namespace):
        happened = []
        namespace.timeline.after(50, lambda: happened.append("background"), background=True)
        namespace.timeline.after(90, lambda: happened.append("last"))
        namespace.timeline.after(9e6, lambda: happened.append("next year"), background=True)
        assert await leap.settle(namespace)
        assert happened == ["background", "last"]
        assert namespace.clock.elapsed() == pytest.approx(90, abs=0.5)

    on_a_real_loop(main)


def test_settling_says_so_when_it_does_not_reach_the_end():
    async def main(namespace):
        def again():
            namespace.timeline.after(10, again)

        again()
        assert not await leap.settle(namespace, within=100)
        assert 90 <= namespace.clock.elapsed() <= 100

    on_a_real_loop(main)


def test_one_namespace_goes_ahead_alone():
    async def main():
        simulator = Simulator(start=START)
        blue, green = simulator.namespace("blue"), simulator.namespace("green")
        assert blue.clock.now() == green.clock.now() == simulator.clock.now()
        rung = []
        green.timeline.after(10, lambda: rung.append("green"))
        await leap.advance(blue, 86_400)
        assert rung == []
        assert blue.clock.time() - green.clock.time() == pytest.approx(86_400)
        assert green.clock.time() == simulator.clock.time()
        assert simulator.namespace("red").clock.time() == simulator.clock.time()
        await simulator.close()

    with asyncio.Runner(loop_factory=VirtualLoop) as runner:
        runner.run(main())


def test_a_cancelled_timer_never_rings_and_waiting_again_still_works():
    async def main(namespace):
        clock, rung = namespace.clock, []
        timer = clock.call_later(5, rung.append, "cancelled")
        clock.call_later(5, timer.cancel)  # due at the same moment, and later in order
        early = clock.call_later(4, rung.append, "early")
        early.cancel()
        clock.call_later(60, rung.append, "later")
        await leap.advance(namespace, 30)
        assert rung == ["cancelled"]
        assert clock.next_due() == pytest.approx(60, abs=0.5)
        await leap.advance(namespace, 30)
        assert rung == ["cancelled", "later"]
        assert clock.next_due() is None

    on_a_real_loop(main)


def test_setting_the_clock_makes_nothing_due():
    async def main(namespace):
        rung = []
        namespace.timeline.after(10, lambda: rung.append(namespace.clock.time()))
        namespace.clock.set(2_000_000_000.0)
        await leap.advance(namespace, 9)
        assert rung == []
        await leap.advance(namespace, 1)
        assert rung == pytest.approx([2_000_000_010.0], abs=0.5)

    on_a_real_loop(main)


@given(
    st.lists(st.integers(0, 1_000), max_size=12),
    st.lists(st.integers(0, 400), min_size=1, max_size=5),
)
def test_going_ahead_in_parts_is_going_ahead(moments, parts):
    """However the way is cut, the same happens at the same moments; and no clock goes back."""

    def played(steps):
        async def main():
            simulator = Simulator(start=START)
            seen = []
            namespace = simulator.default
            for number, moment in enumerate(moments):
                namespace.timeline.after(
                    moment, lambda n=number: seen.append((n, namespace.clock.elapsed()))
                )
            before = namespace.clock.elapsed()
            for step in steps:
                await leap.advance(namespace, step)
                assert namespace.clock.elapsed() >= before
                before = namespace.clock.elapsed()
            await simulator.close()
            return seen, before

        with asyncio.Runner(loop_factory=VirtualLoop) as runner:
            return runner.run(main())

    (whole, end), (cut, same_end) = played([sum(parts)]), played(parts)
    assert [number for number, _ in whole] == [number for number, _ in cut]
    assert [at for _, at in whole] == pytest.approx([at for _, at in cut])
    assert end == pytest.approx(same_end) == pytest.approx(sum(parts))
    expected = sorted(range(len(moments)), key=lambda n: (moments[n], n))
    assert [number for number, _ in whole] == [n for n in expected if moments[n] <= end]


def test_whoever_goes_ahead_at_the_same_time_waits_for_its_turn():
    async def main(namespace):
        seen = []
        for seconds in (5, 10, 20):
            namespace.timeline.after(seconds, lambda at=seconds: seen.append(at))
        went = await asyncio.gather(
            leap.settle(namespace),
            leap.settle(namespace),
            leap.advance(namespace, 15),
            leap.step(namespace, 100),
        )
        assert went == [True, True, None, False]
        assert seen == [5, 10, 20]
        assert namespace.clock.elapsed() == pytest.approx(20, abs=0.5)

    on_a_real_loop(main)
