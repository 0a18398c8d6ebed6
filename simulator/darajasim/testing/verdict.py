"""What a test must not leave behind: callbacks nobody took, and requests nobody allowed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from darajasim.core.events import Event, RequestAnswered, RequestReceived, RuleMatched, RuleMissed
from darajasim.testing.seen import Numbered, callbacks_in

UNDELIVERED_ADVICE = (
    "answer it with 2xx, or say @pytest.mark.daraja(allow_undelivered=True), "
    "or expect it: daraja.expect.undelivered()"
)
UNMATCHED_ADVICE = (
    "add a rule, or say @pytest.mark.daraja(allow_unmatched=True), "
    "or expect it: daraja.expect.refused()"
)
_NOT_A_MISS = frozenset({"", "call", "chance"})
"""Conditions of a rule that speak of when, not of which: the other calls are left to the world."""
_MAGIC = "asked for by a rule or a magic value"
_NO_OPERATION = frozenset({404, 405})
_MISTAKES = frozenset(
    {"Wrong credentials", "Merchant does not exist", "Invalid Authentication Header"}
)
"""What Daraja says to mistakes that it does not answer with HTTP 400."""


@dataclass(slots=True)
class Allowed:
    """What a test may leave behind.

    Attributes:
        numbers: events that the test has expected, by their numbers.
    """

    undelivered: bool = False
    unmatched: bool = False
    numbers: set[int] = field(default_factory=set)


def complaints(happened: Iterable[Numbered], allowed: Allowed) -> list[str]:
    """Everything that was left behind and is not allowed, in words."""
    every = list(happened)
    found: list[str] = []
    if not allowed.undelivered:
        found += _undelivered(every, allowed)
    if not allowed.unmatched:
        found += _unmatched(every, allowed)
    return found


def _undelivered(every: list[Numbered], allowed: Allowed) -> Iterator[str]:
    """Callbacks of which no attempt was acknowledged."""
    attempts = callbacks_in(every)
    taken = {(each.subject, each.kind) for each in attempts if each.acknowledged}
    for each in attempts:
        if (each.subject, each.kind) not in taken and each.number not in allowed.numbers:
            yield f"a callback was not delivered: {each.told()} ({UNDELIVERED_ADVICE})"


def _unmatched(every: list[Numbered], allowed: Allowed) -> Iterator[str]:
    for number, reason in refusals(every):
        if number not in allowed.numbers:
            yield f"a request that no rule allowed: {reason} ({UNMATCHED_ADVICE})"


def refusals(every: Iterable[Numbered]) -> Iterator[tuple[int, str]]:
    """Requests that no rule took although there are rules for them, that are malformed, or that
    are none of Daraja's: number and reason.
    """
    ruled = False
    missed: tuple[int, RuleMissed] | None = None
    for number, event in every:
        match event:
            case RequestReceived():
                ruled, missed = False, None
            case RuleMatched():
                ruled = True
            case RuleMissed():
                missed = (number, event) if event.condition not in _NOT_A_MISS else None
            case RequestAnswered():
                reason = "" if ruled else _wrong(event)
                if reason:
                    yield number, reason
                elif missed is not None:
                    yield number, _near(missed[1])
                ruled, missed = False, None


def _wrong(event: RequestAnswered) -> str:
    """Why an answer means that the request was wrong in itself; "" when it was not."""
    hint = event.hint or ""
    mistaken = event.status == 400 or event.message in _MISTAKES or _is_no_operation(event)
    if _MAGIC in hint or not mistaken:
        return ""
    said = " ".join(filter(None, (event.code, event.message)))
    return f"{event.operation}: HTTP {event.status} {said}" + (f"; {hint}" if hint else "")


def _is_no_operation(event: RequestAnswered) -> bool:
    """Whether nothing of Daraja's has this path or takes this method."""
    hint = event.hint or ""
    elsewhere = event.operation == "unknown-path" or hint.startswith(
        ("expected GET", "expected POST")
    )
    return elsewhere and (event.status in _NO_OPERATION or event.status >= 400)


def _near(missed: RuleMissed) -> str:
    found = "nothing" if missed.found is None else repr(missed.found)
    return (
        f"{missed.operation}: the nearest rule, {missed.rule}, met {missed.met} of {missed.of} "
        f"conditions; {missed.condition}: expected {missed.expected}, found {found}"
    )


def timeline(happened: Iterable[Numbered], most: int = 200) -> str:
    """What happened as a person reads it, the last `most` lines."""
    from darajasim.harness.story import story  # noqa: PLC0415  # only a failure needs it

    every: list[Event] = [event for _, event in happened]
    if not every:
        return "nothing reached Daraja"
    lines = story(every, every[0].at)
    left_out = len(lines) - most
    if left_out > 0:
        lines = [f"… {left_out} lines before", *lines[-most:]]
    return "\n".join(lines)
