"""When a standing order is carried out: its dates in Nairobi, and the hour of the day."""

from __future__ import annotations

import calendar
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from itertools import count
from types import MappingProxyType

from darajasim.core.clock import NAIROBI, nairobi

EXECUTION_HOUR = 8
"""The Nairobi hour at which orders are carried out (guessed; nothing is documented)."""


class Rhythm(StrEnum):
    ONE_OFF = "one off"
    DAILY = "daily"
    WEEKLY = "weekly"
    BI_WEEKLY = "bi-weekly"
    MONTHLY = "monthly"
    BI_MONTHLY = "bi-monthly"
    QUARTERLY = "quarterly"
    HALF_YEARLY = "half yearly"
    YEARLY = "yearly"


_DAYS: Mapping[Rhythm, int] = {Rhythm.DAILY: 1, Rhythm.WEEKLY: 7, Rhythm.BI_WEEKLY: 14}
_MONTHS: Mapping[Rhythm, int] = {
    Rhythm.MONTHLY: 1,
    Rhythm.BI_MONTHLY: 2,
    Rhythm.QUARTERLY: 3,
    Rhythm.HALF_YEARLY: 6,
    Rhythm.YEARLY: 12,
}


def _numbered(*rhythms: Rhythm) -> Mapping[str, Rhythm]:
    return MappingProxyType({str(number): each for number, each in enumerate(rhythms, start=1)})


FREQUENCIES: Mapping[str, Mapping[str, Rhythm]] = MappingProxyType(
    {
        "2026": _numbered(*Rhythm),
        "2025": _numbered(*(each for each in Rhythm if each is not Rhythm.BI_WEEKLY)),
    }
)
"""What Frequency means by edition: from 4 on, the same number means different things
(documented)."""


@dataclass(frozen=True, slots=True)
class Schedule:
    """The dates of an order. A month that is too short takes its last day; the next one does not
    remember that. An end before the start leaves no date (documented: the portal's own sample).
    """

    start: date
    end: date
    rhythm: Rhythm

    def first(self, created: float) -> float | None:
        """The first execution of an order, in seconds since the epoch; None: there is none.

        It comes after the order was made, so that one made on its start date begins a period later
        (documented: the portal's sample of firstPaymentReminderDate). A one-off order for today
        whose hour is past is carried out at once (guessed).
        """
        today = nairobi(created).date()
        if self.rhythm is Rhythm.ONE_OFF and self.start == today <= self.end:
            return max(created, _hour(today))
        return self.after(created)

    def after(self, moment: float) -> float | None:
        """The next execution after `moment`, in seconds since the epoch; None: there is none."""
        for day in self._from(nairobi(moment).date()):
            if day > self.end:
                return None
            if (found := _hour(day)) > moment:
                return found
        return None

    def _from(self, today: date) -> Iterator[date]:
        """The dates from about today on, without walking through those of past years."""
        if self.rhythm is Rhythm.ONE_OFF:
            yield self.start
            return
        days = _DAYS.get(self.rhythm)
        if days is not None:
            skipped = max(0, (today - self.start).days // days)
            steps = (self._plus(number * days) for number in count(skipped))
        else:
            each = _MONTHS[self.rhythm]
            passed = (today.year - self.start.year) * 12 + today.month - self.start.month
            steps = (self._months(n * each) for n in count(max(0, passed // each)))
        for day in steps:
            if day is None:
                return
            yield day

    def _plus(self, days: int) -> date | None:
        return self.start + timedelta(days) if days <= (date.max - self.start).days else None

    def _months(self, months: int) -> date | None:
        year, month = divmod(self.start.year * 12 + self.start.month - 1 + months, 12)
        if year > date.max.year:
            return None
        last = calendar.monthrange(year, month + 1)[1]
        return date(year, month + 1, min(self.start.day, last))


def _hour(day: date) -> float:
    return datetime.combine(day, time(EXECUTION_HOUR), NAIROBI).timestamp()


def parsed(text: str) -> date | None:
    """The date that `yyyymmdd` means, or None."""
    try:
        return date(int(text[:4]), int(text[4:6]), int(text[6:8]))
    except ValueError:
        return None
