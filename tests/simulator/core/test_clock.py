import asyncio
import math
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from darajasim.core.clock import NAIROBI, Clock, compact, iso, nairobi, written
from support.daraja import in_virtual_time

START = datetime(2026, 3, 2, 9, 0, tzinfo=NAIROBI)


def clock(**options):
    return Clock(asyncio.get_running_loop(), start=START, **options)


def test_time_begins_at_its_start_and_follows_the_loop():
    async def main():
        ours = clock()
        assert ours.time() == START.timestamp()
        assert ours.elapsed() == 0
        await asyncio.sleep(90)
        assert ours.now() == datetime(2026, 3, 2, 9, 1, 30, tzinfo=NAIROBI)
        assert ours.elapsed() == 90

    in_virtual_time(main())


def test_a_clock_that_is_made_later_begins_at_its_own_start():
    async def main():
        await asyncio.sleep(1_000)
        assert clock().time() == START.timestamp()

    in_virtual_time(main())


def test_without_a_start_it_is_now():
    async def main():
        assert abs(Clock(asyncio.get_running_loop()).time() - datetime.now(UTC).timestamp()) < 60

    in_virtual_time(main())


@pytest.mark.parametrize("speed", [0.5, 1.0, 60.0])
def test_speed_scales_time_sleep_and_timers(speed):
    async def main():
        loop, ours, rung = asyncio.get_running_loop(), clock(speed=speed), []
        ours.call_later(30, lambda *said: rung.append((ours.elapsed(), *said)), "now")
        await ours.sleep(120)
        assert loop.time() == pytest.approx(120 / speed)
        assert ours.elapsed() == pytest.approx(120)
        assert rung == [(pytest.approx(30), "now")]

    in_virtual_time(main())


def test_a_timer_can_be_taken_back():
    async def main():
        ours, rung = clock(), []
        ours.call_later(1, rung.append, "no").cancel()
        await ours.sleep(2)
        assert rung == []

    in_virtual_time(main())


@pytest.mark.parametrize("speed", [0, -1, math.nan, math.inf])
def test_a_speed_that_is_none_is_refused(speed):
    async def main():
        with pytest.raises(ValueError, match="expected a finite speed above 0, found"):
            clock(speed=speed)

    in_virtual_time(main())


def test_nairobi_is_three_hours_ahead_all_year():
    for month in (1, 7):
        moment = datetime(2026, month, 1, tzinfo=UTC)
        assert nairobi(moment.timestamp()).hour == 3


def test_the_forms_in_which_moments_are_written():
    moment = datetime(2026, 10, 11, 14, 5, 26, 123_900, tzinfo=NAIROBI).timestamp()
    assert compact(moment) == "20261011140526"
    assert written(int(moment), "%d%m%Y%H%M%S") == "11102026140526"
    assert iso(moment) == "2026-10-11T11:05:26.123+00:00"


@given(st.floats(0, 4e9))
def test_compact_says_the_whole_second(moment):
    read = datetime.strptime(compact(moment), "%Y%m%d%H%M%S").replace(tzinfo=NAIROBI)
    assert 0 <= moment - read.timestamp() < 1
