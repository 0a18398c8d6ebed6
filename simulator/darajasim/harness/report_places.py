"""Where in the course of events a finding belongs: the event that shows best what was not so."""

from __future__ import annotations

import re
from collections.abc import Callable

from darajasim.core import events
from darajasim.core.events import Event
from darajasim.harness import notes
from darajasim.harness.findings import Finding
from darajasim.harness.runner import ScenarioResult

Sign = Callable[[Event], bool]

_ABOUT = re.compile(r"(payment|call|requests|callbacks|balance of|ledger) ?:? ?([^:]*)")
_KINDS: dict[str, tuple[type[Event], ...]] = {
    "client": (notes.ClientRaised,),
    "outcome": (notes.AwaitEnded,),
    "callbacks": (events.CallbackAttempted, events.CallbackWithheld),
}


def place(finding: Finding, result: ScenarioResult) -> int | None:
    """The number of the event in the scenario's journal; None for the end of it all."""
    if finding.event is not None:
        return finding.event
    step = _last(
        result, lambda event: isinstance(event, notes.StepBegan) and event.where == finding.where
    )
    if finding.where and step is not None:
        return step
    topic = finding.what.partition(":")[0]
    if topic in _KINDS:
        kinds = _KINDS[topic]
        _, _, kind = finding.what.partition(": ")
        of_kind = _last(
            result,
            lambda event: isinstance(event, kinds) and getattr(event, "callback", "") == kind,
        )
        return _last(result, lambda event: isinstance(event, kinds)) if of_kind is None else of_kind
    if topic == "law":
        return _last(result, lambda event: _named(event, finding.found))
    if topic == "query":
        return _last(result, _answers("stk_query"))
    about = _ABOUT.match(finding.what)
    return None if about is None else _about(about[1], about[2].strip(), finding, result)


def _about(topic: str, name: str, finding: Finding, result: ScenarioResult) -> int | None:
    match topic:
        case "payment":
            ids = {payment.name: payment.checkout_request_id for payment in result.payments}
            said = finding.what.split(": ")[1:2]
            if said and said[0] in ("http", "answer"):
                return _last(result, _answered_step(name))
            return _last(result, _concerns(name, ids.get(name)))
        case "ledger":
            return _last(result, lambda event: isinstance(event, events.MoneyMoved))
        case "call":
            subjects = {call.name: call.subject for call in result.calls}
            said = finding.what.split(": ")[1:2]
            if said and said[0] in ("status", "code", "text", "answer"):
                operations = {call.name: call.operation for call in result.calls}
                return _last(result, _answers(operations.get(name, ""), subjects.get(name)))
            return _last(result, _concerns(name, subjects.get(name)))
        case "requests":
            return _last(
                result,
                lambda event: isinstance(event, events.RequestReceived) and event.operation == name,
            )
        case "balance of":
            owner = name.partition("/")[0]
            return _last(
                result,
                lambda event: (
                    isinstance(event, events.MoneyMoved)
                    and owner in (_owner(event.debit), _owner(event.credit))
                ),
            )
    return None


def _owner(account: str) -> str:
    """Whose ledger account it is: `organisation:174379/utility` is of 174379."""
    return account.partition(":")[2].partition("/")[0]


def _concerns(name: str, subject: str | None) -> Sign:
    """What is about a payment or a call, by its name in the scenario or by Daraja's id."""

    def sign(event: Event) -> bool:
        by_id = subject is not None and getattr(event, "subject", None) == subject
        return by_id or name in (getattr(event, "payment", None), getattr(event, "call", None))

    return sign


def _answered_step(name: str) -> Sign:
    """The merchant's answer to a step about a payment."""
    return lambda event: isinstance(event, notes.MerchantAnswered) and event.payment == name


def _named(event: Event, text: str) -> bool:
    """Whether the text speaks of what the event is about."""
    subject = getattr(event, "subject", None)
    return bool(subject) and str(subject) in text


def _answers(operation: str, subject: str | None = None) -> Sign:
    """The answer to a request for an operation; about `subject`, where that is known."""
    return lambda event: (
        isinstance(event, events.RequestAnswered)
        and event.operation == operation
        and subject in (None, event.subject)
    )


def _last(result: ScenarioResult, sign: Sign) -> int | None:
    numbered = range(len(result.events) - 1, -1, -1)
    return next((number for number in numbered if sign(result.events[number])), None)
