import calendar
from datetime import date, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from darajasim.core.clock import NAIROBI, nairobi
from darajasim.operations.ratiba_calendar import (
    EXECUTION_HOUR,
    FREQUENCIES,
    Rhythm,
    Schedule,
    parsed,
)

MONTHS = {
    Rhythm.MONTHLY: 1,
    Rhythm.BI_MONTHLY: 2,
    Rhythm.QUARTERLY: 3,
    Rhythm.HALF_YEARLY: 6,
    Rhythm.YEARLY: 12,
}
DAYS = {Rhythm.DAILY: 1, Rhythm.WEEKLY: 7, Rhythm.BI_WEEKLY: 14}
dates = st.dates(date(2020, 1, 1), date(2032, 12, 31))


def at(day, hour=EXECUTION_HOUR, minute=0):
    return datetime(day.year, day.month, day.day, hour, minute, tzinfo=NAIROBI).timestamp()


def days(schedule, created, most=60):
    """The days of an order's payments."""
    found, moment = [], schedule.first(created)
    while moment is not None and len(found) < most:
        found.append(nairobi(moment).date())
        moment = schedule.after(moment)
    return found


def test_frequencies_of_both_editions():
    assert {number: str(each) for number, each in FREQUENCIES["2026"].items()} == {
        "1": "one off", "2": "daily", "3": "weekly", "4": "bi-weekly", "5": "monthly",
        "6": "bi-monthly", "7": "quarterly", "8": "half yearly", "9": "yearly",
    }  # fmt: skip
    assert {number: str(each) for number, each in FREQUENCIES["2025"].items()} == {
        "1": "one off", "2": "daily", "3": "weekly", "4": "monthly", "5": "bi-monthly",
        "6": "quarterly", "7": "half yearly", "8": "yearly",
    }  # fmt: skip


def test_a_month_that_is_too_short_takes_its_last_day():
    schedule = Schedule(date(2027, 1, 31), date(2027, 6, 30), Rhythm.MONTHLY)
    assert days(schedule, at(date(2027, 1, 1))) == [
        date(2027, 1, 31),
        date(2027, 2, 28),
        date(2027, 3, 31),
        date(2027, 4, 30),
        date(2027, 5, 31),
        date(2027, 6, 30),
    ]


def test_the_29th_of_february_every_year():
    schedule = Schedule(date(2028, 2, 29), date(2032, 12, 31), Rhythm.YEARLY)
    assert [day.isoformat() for day in days(schedule, at(date(2027, 1, 1)))] == [
        "2028-02-29", "2029-02-28", "2030-02-28", "2031-02-28", "2032-02-29",
    ]  # fmt: skip


def test_an_order_made_on_its_start_date_begins_a_period_later():
    schedule = Schedule(date(2027, 1, 5), date(2027, 12, 31), Rhythm.MONTHLY)
    assert days(schedule, at(date(2027, 1, 5), 11, 15))[0] == date(2027, 2, 5)
    assert days(schedule, at(date(2027, 1, 5), 7, 59))[0] == date(2027, 1, 5)


@pytest.mark.parametrize(
    ("created", "expected"),
    [
        (at(date(2027, 1, 4)), at(date(2027, 1, 5))),
        (at(date(2027, 1, 5), 7), at(date(2027, 1, 5))),
        (at(date(2027, 1, 5), 23, 59), at(date(2027, 1, 5), 23, 59)),
        (at(date(2027, 1, 6), 0), None),
    ],
)
def test_one_off(created, expected):
    schedule = Schedule(date(2027, 1, 5), date(2027, 1, 5), Rhythm.ONE_OFF)
    assert schedule.first(created) == expected
    if expected is not None:
        assert schedule.after(expected) is None


@given(dates, dates, st.sampled_from(Rhythm), st.integers(0, 23), dates)
def test_the_dates_of_an_order(start, end, rhythm, hour, created):
    schedule = Schedule(start, end, rhythm)
    made = at(created, hour, 30)
    found = days(schedule, made)
    assert all(start <= day <= end and day >= created for day in found)
    assert all(one < other for one, other in pairwise(found))
    assert schedule.first(made) is None or schedule.first(made) >= made
    if rhythm is Rhythm.ONE_OFF:
        assert found == ([start] if created <= start <= end else [])
    elif rhythm in DAYS:
        assert all((day - start).days % DAYS[rhythm] == 0 for day in found)
        assert all(other - one == timedelta(DAYS[rhythm]) for one, other in pairwise(found))
    else:
        for day in found:
            months = (day.year - start.year) * 12 + day.month - start.month
            assert months % MONTHS[rhythm] == 0
            assert day.day == min(start.day, calendar.monthrange(day.year, day.month)[1])
        assert all(
            (other.year - one.year) * 12 + other.month - one.month == MONTHS[rhythm]
            for one, other in pairwise(found)
        )


@given(dates, st.sampled_from([each for each in Rhythm if each is not Rhythm.ONE_OFF]), dates)
def test_no_date_is_left_out_at_the_beginning(start, rhythm, created):
    """An order made before its start begins on its start."""
    found = days(Schedule(start, date(2040, 1, 1), rhythm), at(created, 0), most=1)
    if created <= start:
        assert found == [start]
    else:
        period = DAYS.get(rhythm) or 31 * MONTHS[rhythm]
        assert (found[0] - created).days <= period


@pytest.mark.parametrize("rhythm", list(Rhythm))
def test_the_end_of_all_calendars(rhythm):
    schedule = Schedule(date(9999, 12, 31), date.max, rhythm)
    assert days(schedule, at(date(2026, 1, 1))) == [date(9999, 12, 31)]
    assert days(Schedule(date.min, date.min, rhythm), at(date(2026, 1, 1))) == []


@pytest.mark.parametrize("text", ["20270230", "20271301", "20270100", "00000101", "abcdefgh", ""])
def test_what_is_no_date(text):
    assert parsed(text) is None


def test_what_is_a_date():
    assert parsed("20280229") == date(2028, 2, 29)
