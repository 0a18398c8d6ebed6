"""What happened in a scenario as rows of a sequence diagram: arrows between lanes, and notes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from functools import lru_cache
from urllib.parse import urlsplit

from darajasim.core import events
from darajasim.core.events import Event
from darajasim.core.wire import MalformedJson, loads
from darajasim.harness.exchanges import Exchange, Place
from darajasim.harness.notes import StepBegan
from darajasim.harness.report_json import portable_text
from darajasim.harness.runner import ScenarioResult
from darajasim.harness.stage import DARAJA_HOST
from darajasim.harness.story import brief, changed, tell
from darajasim.operations import operations

END = 1 << 60


class Lane(StrEnum):
    """Who does something."""

    MERCHANT = "Merchant"
    DARAJA = "Daraja"
    PHONE = "Phone"


class Tone(StrEnum):
    """What kind of a row it is."""

    USUAL = "usual"
    STEP = "step"
    BAD = "bad"
    RESULT = "result"


@dataclass(frozen=True, slots=True)
class Row:
    """An arrow from `source` to `target`, or a note where both are the same.

    Attributes:
        offset: simulated seconds since the scenario began.
        event: the number of the event in the scenario's journal that it shows; None for none.
        body: what was sent, with its headers; "" for nothing.
        broken: whether the arrow never arrived.
    """

    offset: float
    source: Lane
    target: Lane
    text: str
    tone: Tone = Tone.USUAL
    event: int | None = None
    body: str = ""
    broken: bool = False


_LANES = {"phone": Lane.PHONE, "daraja": Lane.DARAJA, "ledger": Lane.DARAJA, "chaos": Lane.DARAJA}
_TOLD_OTHERWISE = (events.RequestReceived, events.RequestAnswered, events.CallbackAttempted)


def rows(result: ScenarioResult) -> list[Row]:
    """The rows of a scenario, in the order in which things happened."""
    drawing = _Drawing(result)
    for exchange in result.exchanges:
        drawing.exchange(exchange)
    for number, event in enumerate(result.events):
        if number not in drawing.shown:
            drawing.event(number, event)
    return [row for _place, row in sorted(drawing.placed, key=lambda each: each[0])]


@dataclass(slots=True)
class _Drawing:
    """Rows with their places; what went over a wire is joined with the events that tell of it."""

    result: ScenarioResult
    placed: list[tuple[Place, Row]] = field(default_factory=list)
    shown: set[int] = field(default_factory=set)

    def exchange(self, exchange: Exchange) -> None:
        """The rows of something that went over a wire."""
        if urlsplit(exchange.url).hostname == DARAJA_HOST:
            self._request(exchange)
        elif (number := self._callback_of(exchange)) is not None:
            self._callback(number, exchange)
        else:
            text = f"{exchange.method} {urlsplit(exchange.url).path}"
            self._put(exchange.before, exchange.asked, text, body=_asked(exchange))
            came = f"HTTP {exchange.status}" if exchange.status else exchange.fault
            body = _answered(exchange)
            self._put(exchange.after, exchange.answered, f"{text}: {came}", body=body)

    def event(self, number: int, event: Event) -> None:
        """The row of an event that no exchange shows."""
        text = tell(event)
        if text is None or (self.result.exchanges and isinstance(event, _TOLD_OTHERWISE[:2])):
            return
        who, _, said = portable_text(text, self.result.scenario).partition(" ")
        said, place = said.strip(), (self.result.dropped + number, END)
        source = target = _LANES.get(who, Lane.MERCHANT)
        tone = Tone.USUAL
        match event:
            case StepBegan():
                tone, said = Tone.STEP, event.step
            case events.PromptSent():
                source, target = Lane.DARAJA, Lane.PHONE
            case events.CustomerActed():
                source, target = Lane.PHONE, Lane.DARAJA
            case events.RequestReceived():
                source, target, said = Lane.MERCHANT, Lane.DARAJA, said.removeprefix("→ ")
            case events.RequestAnswered():
                source, target, said = Lane.DARAJA, Lane.MERCHANT, said.removeprefix("← ")
            case events.CallbackAttempted():
                source, target = Lane.DARAJA, Lane.MERCHANT
            case events.PaymentSettled():
                tone = Tone.RESULT
        body = event.body if isinstance(event, events.CallbackAttempted) else ""
        offset = event.at - self.result.start
        self.placed.append((place, Row(offset, source, target, said, tone, number, body)))

    def _request(self, exchange: Exchange) -> None:
        name = _operation(exchange.url)
        asked = self._claim(exchange, name, events.RequestReceived)
        self._put(
            exchange.before,
            exchange.asked,
            f"{name} {brief(name, _fields(exchange.body))}".strip(),
            (Lane.MERCHANT, Lane.DARAJA),
            event=asked,
            body=_asked(exchange),
        )
        answered = self._claim(exchange, name, events.RequestAnswered)
        decided = None if answered is None else self.result.events[answered]
        self._put(
            exchange.after,
            exchange.answered,
            _answer_text(exchange, decided),
            (Lane.DARAJA, Lane.MERCHANT),
            event=answered,
            body=_answered(exchange),
            tone=Tone.USUAL if (exchange.status or 999) < 400 else Tone.BAD,
            broken=exchange.status is None,
        )

    def _callback(self, number: int, exchange: Exchange) -> None:
        event = self.result.events[number]
        if not isinstance(event, events.CallbackAttempted):
            raise TypeError(f"expected a callback, found {event.kind}")
        self.shown.add(number)
        text = f"callback {event.callback} no. {event.attempt}{changed(event)}"
        to_merchant, back = (Lane.DARAJA, Lane.MERCHANT), (Lane.MERCHANT, Lane.DARAJA)
        self._put(exchange.before, exchange.asked, text, to_merchant, body=_asked(exchange))
        came = exchange.fault if exchange.status is None else f"HTTP {event.status} {event.answer}"
        self._put(
            exchange.after,
            exchange.answered,
            f"{text}: {came}",
            back,
            event=number,
            body=_answered(exchange),
            tone=Tone.USUAL if event.acknowledged else Tone.BAD,
            broken=exchange.status is None,
        )

    def _put(
        self,
        place: Place,
        at: float,
        text: str,
        lanes: tuple[Lane, Lane] = (Lane.MERCHANT, Lane.MERCHANT),
        *,
        event: int | None = None,
        body: str = "",
        tone: Tone = Tone.USUAL,
        broken: bool = False,
    ) -> None:
        offset = at - self.result.start
        # An exchange stands after the event that had been seen last, and before the next one.
        before_next = (place[0] - 1, END + place[1])
        row = Row(offset, *lanes, text, tone, event, body, broken)
        self.placed.append((before_next, row))

    def _claim(self, exchange: Exchange, operation: str, kind: type[Event]) -> int | None:
        """The event of this kind that the exchange brought about."""
        for number in self._between(exchange.before[0], exchange.after[0]):
            event = self.result.events[number]
            named = getattr(event, "operation", None)
            if isinstance(event, kind) and named == operation and number not in self.shown:
                self.shown.add(number)
                return number
        return None

    def _callback_of(self, exchange: Exchange) -> int | None:
        """The delivery that this exchange was: it is told of when it has ended."""
        for number in self._between(exchange.before[0], END):
            event = self.result.events[number]
            if (
                isinstance(event, events.CallbackAttempted)
                and number not in self.shown
                and event.url == exchange.url
                and event.at >= exchange.answered
                and event.status == exchange.status
            ):
                return number
        return None

    def _between(self, first: int, last: int) -> Iterator[int]:
        start = max(first - self.result.dropped, 0)
        return iter(range(start, min(last - self.result.dropped, len(self.result.events))))


@lru_cache(maxsize=1024)
def _operation(url: str) -> str:
    """What the journal calls the operation of a path."""
    found = operations().get(urlsplit(url).path)
    return found.name if found else "unknown-path"


def _fields(body: str) -> dict[str, object]:
    try:
        found = loads(body.encode("utf-8", "replace"))
    except MalformedJson:
        return {}
    return found if isinstance(found, dict) else {}


def _answer_text(exchange: Exchange, decided: Event | None) -> str:
    if exchange.status is None:
        return exchange.fault
    said = ""
    if isinstance(decided, events.RequestAnswered):
        said = " ".join(filter(None, (decided.code, decided.message)))
    return f"HTTP {exchange.status} {said}".strip()


def _asked(exchange: Exchange) -> str:
    head = [f"{exchange.method} {exchange.url}"]
    head += [f"{name}: {value}" for name, value in exchange.headers]
    return "\n".join([*head, "", exchange.body]).strip()


def _answered(exchange: Exchange) -> str:
    if exchange.status is None:
        return ""
    head = [f"HTTP {exchange.status}"]
    head += [f"x-darajasim-hint: {exchange.hint}"] if exchange.hint else []
    return "\n".join([*head, "", exchange.answer]).strip()
