"""A scenario's events as a timeline that a person reads."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cache, singledispatch
from typing import Any

from darajasim.core import events
from darajasim.core.events import Event
from darajasim.harness import notes
from darajasim.scenarios.products import products


def story(happened: Iterable[Event], start: float) -> list[str]:
    """One line an event: seconds since `start`, who, what."""
    lines = []
    for event in happened:
        text = tell(event)
        if text is not None:
            lines.append(f"{event.at - start:>10.3f}s  {text}")
    return lines


@singledispatch
def tell(_event: Event) -> str | None:
    """What happened, or None for events that a reader does not need."""
    return None


@tell.register
def _step(event: notes.StepBegan) -> str:
    place = f"   ({event.where})" if event.where else ""
    return f"scenario   {event.step}{place}"


@tell.register
def _received(event: events.RequestReceived) -> str:
    return f"merchant   → {event.operation} {brief(event.operation, event.body)}".rstrip()


def brief(operation: str, body: Mapping[str, Any]) -> str:
    """The fields of a request that a reader wants to know, as far as a line has room."""
    names = [name for name in _shown(operation) if _is_short(body.get(name))]
    return " ".join(f"{name}={body[name]}" for name in names[:_MOST_FIELDS])


_ALIASES = (
    "phone",
    "amount",
    "reference",
    "receipt",
    "checkout_request_id",
    "party_b",
    "shortcode",
    "command",
    "originator_conversation_id",
)
"""What a reader wants to know of a request, most of all first, by the names that rules use."""
_MOST_FIELDS = 3
_MOST_CHARACTERS = 60


@cache
def _shown(operation: str) -> tuple[str, ...]:
    """The fields of a request that a line has room for, by their names on the wire."""
    product = products().get(operation)
    if product is None or not product.versions:
        return ("grant_type",)
    names = {field.alias: field.name for field in product.fields}
    return tuple(names[alias] for alias in _ALIASES if alias in names)


def _is_short(value: object) -> bool:
    return value is not None and len(str(value)) <= _MOST_CHARACTERS


@tell.register
def _matched(event: events.RuleMatched) -> str:
    return f"daraja     rule {event.rule}"


@tell.register
def _missed(event: events.RuleMissed) -> str:
    near = f"rule {event.rule} came nearest: {event.met} of {event.of} conditions"
    if not event.condition:
        return f"daraja     {near}"
    found = "nothing" if event.found is None else event.found
    return f"daraja     {near}; {event.condition}: expected {event.expected}, found {found}"


@tell.register
def _answered(event: events.RequestAnswered) -> str:
    status = f"HTTP {event.status}"
    said = " ".join(filter(None, (event.operation, status, event.code, event.message)))
    fault = f", then the connection: {event.fault}" if event.fault else ""
    hint = f"   hint: {event.hint}" if event.hint else ""
    return f"daraja     ← {said}{fault}{hint}"


@tell.register
def _prompt(event: events.PromptSent) -> str:
    return f"phone      {event.msisdn} shows: {event.text}"


@tell.register
def _acted(event: events.CustomerActed) -> str:
    return f"phone      {event.msisdn}: {event.action}"


@tell.register
def _money(event: events.MoneyMoved) -> str:
    amount = f"{event.cents / 100:.2f}"
    return f"ledger     {amount} from {event.debit} to {event.credit} ({event.receipt})"


@tell.register
def _settled(event: events.PaymentSettled) -> str:
    return f"daraja     result {event.code} {event.text}"


@tell.register
def _withheld(event: events.CallbackWithheld) -> str:
    return f"daraja     no callback: {event.reason}"


@tell.register
def _called(event: events.CallbackAttempted) -> str:
    came = event.error or f"HTTP {event.status} {event.answer}"
    what = f"{event.callback} no. {event.attempt} of {event.subject}{changed(event)}"
    return f"callback   {what}: {came}"


def changed(event: events.CallbackAttempted) -> str:
    """What was altered in a callback on purpose, or ""."""
    return f", altered ({', '.join(event.altered)})" if event.altered else ""


@tell.register
def _raised(event: notes.ClientRaised) -> str:
    return f"client     raised {event.error}"


@tell.register
def _lost(event: notes.CallLost) -> str:
    return f"scenario   {event.call} got no answer: {event.fault}"


@tell.register
def _merchant(event: notes.MerchantAnswered) -> str:
    return f"merchant   {event.payment}: HTTP {event.status} {event.text}"


@tell.register
def _awaited(event: notes.AwaitEnded) -> str:
    return f"client     waited for {event.payment}: {event.state} {event.code}"


@tell.register
def _gone(event: notes.MerchantLost) -> str:
    return f"merchant   {event.payment}: went away before it answered"


@tell.register
def _signalled(event: notes.MerchantSignalled) -> str:
    said = {"stop": "stopped", "kill": "killed", "restart": "started again"}
    return f"merchant   {said[event.signal]}"


@tell.register
def _chaos(event: events.ChaosBegan) -> str:
    changes = f": {event.changes}" if event.changes else ""
    return f"chaos      {event.chaos} begins, for {event.lasts:g} s{changes}"


@tell.register
def _calm(event: events.ChaosEnded) -> str:
    return f"chaos      {event.chaos} is over"
