"""A scenario's events as a timeline that a person reads."""

from __future__ import annotations

from collections.abc import Iterable
from functools import singledispatch

from darajasim.core import events
from darajasim.core.events import Event
from darajasim.harness import notes


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
    shown = {key: event.body[key] for key in _SHOWN if key in event.body}
    fields = " ".join(f"{key}={value}" for key, value in shown.items())
    return f"merchant   → {event.operation} {fields}".rstrip()


_SHOWN = ("PhoneNumber", "Amount", "AccountReference", "CheckoutRequestID", "grant_type")


@tell.register
def _matched(event: events.RuleMatched) -> str:
    return f"daraja     rule {event.rule}"


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
    return f"callback   no. {event.attempt} of {event.checkout_request_id}: {came}"


@tell.register
def _raised(event: notes.ClientRaised) -> str:
    return f"client     raised {event.error}"


@tell.register
def _merchant(event: notes.MerchantAnswered) -> str:
    return f"merchant   {event.payment}: HTTP {event.status} {event.text}"


@tell.register
def _awaited(event: notes.AwaitEnded) -> str:
    return f"client     waited for {event.payment}: {event.state} {event.code}"
