"""What the validator of `mpesa_pochi` says of callbacks: each form of `callback_forms.py` is
played, and its bytes are given to the validator as a receiver would give them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from darajasim.core.clock import NAIROBI
from darajasim.core.events import CallbackAttempted
from darajasim.harness.callback_forms import FORMS, SPOILT, Form
from darajasim.harness.runner import run_scenario
from darajasim.scenarios import bundled, load_file
from mpesa_pochi import (
    CallbackRefused,
    ExpectedPayment,
    check_callback,
    parse_callback,
    parse_confirmation,
    parse_result,
    parse_timeout,
    parse_validation,
)

PHONE, AMOUNT = "254722000000", 100
"""What the scenarios that are played ask for."""


@dataclass(frozen=True, slots=True)
class Shown:
    """One form: what was sent, what the validator said, and what it ought to say.

    Attributes:
        group: what it belongs to, for a heading.
        says: the verdict in a word; of a refusal the name of its reason.
        told: the verdict in a sentence.
    """

    group: str
    title: str
    kind: str
    body: bytes
    says: str
    told: str
    expected: str

    @property
    def right(self) -> bool:
        """Whether the validator said what it ought to."""
        return self.says == self.expected


def shown(seed: int) -> Iterator[Shown]:
    """Every form, in the order of the data.

    Raises:
        LookupError: a scenario sends no such callback.
    """
    true: CallbackAttempted | None = None
    for form in FORMS:
        event = _sent(form, seed)
        true = true or event
        body = event.body.encode("utf-8", "surrogatepass")
        said = verdict(form.kind, body, event.subject)
        group = "Altered by a rule of the simulator" if form.altered in _FORGED else "From Daraja"
        yield Shown(group, form.title, form.kind, body, *said, form.says)
    if true is None:
        raise LookupError("expected at least one form")
    asked = ExpectedPayment(
        amount=AMOUNT,
        phone=PHONE,
        checkout_request_id=true.subject,
        merchant_request_id=parse_callback(true.body.encode()).merchant_request_id,
        asked_at=datetime.fromtimestamp(true.at, NAIROBI),
    )
    for spoilt in SPOILT:
        body = spoilt.spoil(true.body.encode())
        said = _said(partial(_pushed, body, asked))
        yield Shown("From anybody else", spoilt.title, "stk", body, *said, spoilt.says.name)


_FORGED = {"wrong_amount", "wrong_phone", "result", "truncated"}


def verdict(kind: str, body: bytes, subject: str) -> tuple[str, str]:
    """What the validator says of a callback: a word, and a sentence.

    Args:
        kind: stk, result, timeout, validation, confirmation, or one that it knows nothing of.
        subject: the id of the payment that was asked for.
    """
    asked = ExpectedPayment(amount=AMOUNT, phone=PHONE, checkout_request_id=subject)
    validators: dict[str, Callable[[], tuple[str, str]]] = {
        "stk": partial(_pushed, body, asked),
        "result": partial(_result, body),
        "timeout": partial(_timeout, body),
        "validation": partial(_asks, body),
        "confirmation": partial(_paid, body),
    }
    if kind not in validators:
        return "no validator", "mpesa_pochi has no validator for this product; read it as JSON"
    return _said(validators[kind])


def _said(validate: Callable[[], tuple[str, str]]) -> tuple[str, str]:
    try:
        return validate()
    except CallbackRefused as refusal:
        return refusal.reason.name, f"refused, {refusal.reason.value}: {refusal.message}"


def _pushed(body: bytes, asked: ExpectedPayment) -> tuple[str, str]:
    callback = parse_callback(body)
    check_callback(callback, asked)
    if callback.paid:
        return "paid", f"accepted: paid KES {callback.amount}, receipt {callback.receipt}"
    return "failed", f"accepted: not paid, {callback.code} {callback.text}"


def _result(body: bytes) -> tuple[str, str]:
    result = parse_result(body)
    if result.succeeded:
        return "done", f"accepted: done, {result.transaction_id}; hold it against the order"
    return "failed", f"accepted: failed, {result.code} {result.text}"


def _timeout(body: bytes) -> tuple[str, str]:
    timeout = parse_timeout(body)
    about = timeout.originator_conversation_id or timeout.conversation_id
    return "unknown", f"accepted: {about} waited too long; ask transaction_status, never pay again"


def _asks(body: bytes) -> tuple[str, str]:
    payment = parse_validation(body)
    return "asks", f"accepted: may KES {payment.amount} be paid for {payment.reference!r}?"


def _paid(body: bytes) -> tuple[str, str]:
    payment = parse_confirmation(body)
    return "paid", f"accepted: paid KES {payment.amount}, receipt {payment.receipt}"


def _sent(form: Form, seed: int) -> CallbackAttempted:
    """The callback that a form's scenario sends."""
    name, _, case = form.scenario.partition("[")
    found = [
        scenario
        for scenario in load_file(bundled.files()[name])
        if not case or scenario.name == form.scenario
    ]
    sent = [
        event
        for event in run_scenario(found[0], seed).events
        if isinstance(event, CallbackAttempted)
        and event.callback == form.kind
        and _is_altered(event, form.altered)
    ]
    if len(sent) <= form.nth:
        raise LookupError(f"scenario {form.scenario} sends no {form.altered} {form.kind} callback")
    return sent[form.nth]


def _is_altered(event: CallbackAttempted, wanted: str) -> bool:
    words = [text.partition(":")[0] for text in event.altered]
    return wanted in words if wanted else not words
