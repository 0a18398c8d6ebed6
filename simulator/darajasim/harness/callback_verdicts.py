"""What the validator of `mpesa_pochi` says of callbacks: each form of `callback_forms.py` is
played, and its bytes are given to the validator as a receiver would give them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial

from darajasim.core.clock import NAIROBI
from darajasim.core.events import CallbackAttempted, Event, RequestAnswered
from darajasim.harness.callback_forms import GROUPS, SPOILT, Form, Recorded
from darajasim.harness.runner import run_scenario
from darajasim.scenarios import Scenario, bundled, load_file
from mpesa_pochi import (
    CallbackRefused,
    CommandResult,
    ExpectedPayment,
    StkCallback,
    check_callback,
    parse_callback,
    parse_confirmation,
    parse_result,
    parse_timeout,
    parse_validation,
)

PHONE, AMOUNT = "254722000000", 100
"""What the scenarios that are played ask for."""
CANCELLED = "1032"
AGAINST = "hold ids and amount against the order"
FROM_ANYBODY = "From anybody else"

Said = tuple[str, str]
"""A verdict: in a word, and in a sentence."""


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


@dataclass(frozen=True, slots=True)
class Sent:
    """A callback as the simulator sent it.

    Attributes:
        subject: the id of what was asked for.
        asked_at: aware; when that was accepted. None if no request began it.
    """

    body: bytes
    subject: str
    asked_at: datetime | None


def shown(seed: int) -> Iterator[Shown]:
    """Every form, in the order of the data.

    Raises:
        LookupError: a scenario sends no such callback.
    """
    plays = _Plays(seed)
    true: dict[str, tuple[Form, Sent]] = {}
    for group, forms in GROUPS.items():
        for form in forms:
            sent = plays.sent(form)
            true.setdefault(form.kind, (form, sent))
            said = verdict(form, sent.body, _asked(sent))
            yield Shown(group, form.title, form.kind, sent.body, *said, form.says)
    for spoilt in SPOILT:
        form, sent = true[spoilt.kind]
        body = spoilt.spoil(sent.body)
        said = verdict(form, body, _acknowledged(form, sent))
        yield Shown(FROM_ANYBODY, spoilt.title, spoilt.kind, body, *said, spoilt.says.name)


def verdict(form: Form, body: bytes, asked: ExpectedPayment) -> Said:
    """What the validator says of a callback.

    Args:
        form: says whose callback it is, and what the merchant has recorded.
        asked: of a push, what was asked for.
    """
    validators: dict[str, Callable[[], Said]] = {
        "stk": partial(_pushed, body, asked, form.recorded),
        "result": partial(_result, body, form.operation),
        "timeout": partial(_timeout, body),
        "validation": partial(_asks, body),
        "confirmation": partial(_paid, body),
    }
    if form.kind not in validators:
        return "no validator", "mpesa_pochi has no validator for this product; read it as JSON"
    try:
        return validators[form.kind]()
    except CallbackRefused as refusal:
        return refusal.reason.name, f"refused, {refusal.reason.value}: {refusal.message}"


class _Plays:
    """The scenarios that have been played, each once."""

    def __init__(self, seed: int) -> None:
        self._seed = seed
        self._events: dict[str, tuple[Event, ...]] = {}

    def sent(self, form: Form) -> Sent:
        """The callback that a form's scenario sends.

        Raises:
            LookupError: it sends none.
        """
        events = self._play(form.scenario)
        requests = _requests(events)
        found = [
            event
            for event in events
            if isinstance(event, CallbackAttempted)
            and event.callback == form.kind
            and _is_altered(event, form.altered)
            and _is_of(requests.get(event.subject), form)
        ]
        if len(found) <= form.nth:
            what = " ".join(filter(None, (form.altered, form.operation, form.kind)))
            raise LookupError(
                f"expected callback {form.nth + 1} of {what} in scenario {form.scenario},"
                f" found {len(found)}"
            )
        event = found[form.nth]
        request = requests.get(event.subject)
        return Sent(
            event.body.encode("utf-8", "surrogatepass"),
            event.subject,
            None if request is None else datetime.fromtimestamp(request.at, NAIROBI),
        )

    def _play(self, named: str) -> tuple[Event, ...]:
        if named not in self._events:
            self._events[named] = tuple(run_scenario(_scenario(named), self._seed).events)
        return self._events[named]


def _scenario(named: str) -> Scenario:
    """A bundled scenario; of several cases the first, unless one is named in brackets."""
    name, _, case = named.partition("[")
    found = [each for each in load_file(bundled.files()[name]) if not case or each.name == named]
    if not found:
        raise LookupError(f"expected a case {named} in the bundled scenario {name}, found none")
    return found[0]


def _requests(events: tuple[Event, ...]) -> dict[str, RequestAnswered]:
    """The request that began each subject; later ones only ask about it."""
    began: dict[str, RequestAnswered] = {}
    for event in events:
        if isinstance(event, RequestAnswered) and event.subject is not None:
            began.setdefault(event.subject, event)
    return began


def _is_of(request: RequestAnswered | None, form: Form) -> bool:
    """Whether a callback is of the form's operation. Results of all commands look alike; the other
    kinds belong to one product, and may follow from a payment that no request began.
    """
    if form.kind not in {"result", "timeout"}:
        return True
    return request is not None and request.operation == form.operation


def _is_altered(event: CallbackAttempted, wanted: str) -> bool:
    words = [text.partition(":")[0] for text in event.altered]
    return wanted in words if wanted else not words


def _asked(sent: Sent) -> ExpectedPayment:
    """The payment as a merchant would have recorded it. Only callbacks of pushes are held against
    it.
    """
    return ExpectedPayment(
        amount=AMOUNT, phone=PHONE, checkout_request_id=sent.subject, asked_at=sent.asked_at
    )


def _acknowledged(form: Form, sent: Sent) -> ExpectedPayment:
    """The same, with the other id of the acknowledgement, which a true callback repeats."""
    asked = _asked(sent)
    if form.kind != "stk":
        return asked
    return replace(asked, merchant_request_id=parse_callback(sent.body).merchant_request_id)


def _pushed(body: bytes, asked: ExpectedPayment, recorded: Recorded) -> Said:
    callback = parse_callback(body)
    booked = () if recorded is not Recorded.BOOKED else (callback.receipt or "",)
    check_callback(callback, _as_recorded(asked, callback, recorded), receipts=booked)
    if callback.paid:
        return "paid", f"accepted: paid KES {callback.amount}, receipt {callback.receipt}"
    return "failed", f"accepted: not paid, {callback.code} {callback.text}"


def _as_recorded(
    asked: ExpectedPayment, callback: StkCallback, recorded: Recorded
) -> ExpectedPayment:
    if recorded is Recorded.APPLIED:
        return replace(asked, settled_code=callback.code, settled_receipt=callback.receipt)
    if recorded is Recorded.CANCELLED:
        return replace(asked, settled_code=CANCELLED)
    return asked


def _result(body: bytes, operation: str) -> Said:
    result = parse_result(body)
    if not result.succeeded:
        return "failed", f"accepted: failed, {result.code} {result.text}"
    return "done", f"accepted: {_REPORTS[operation](result)}"


def _payout(result: CommandResult) -> str:
    report = result.payout()
    return f"paid out KES {report.amount}, receipt {report.receipt}; {AGAINST}"


def _balances(result: CommandResult) -> str:
    return ", ".join(f"{each.name} {each.currency} {each.current}" for each in result.balances())


def _status(result: CommandResult) -> str:
    report = result.status()
    return f"{report.receipt} of KES {report.amount} is {report.status}"


def _reversal(result: CommandResult) -> str:
    report = result.reversal()
    return f"gave back KES {report.amount} of {report.original_receipt}, receipt {report.receipt}"


def _b2b(result: CommandResult) -> str:
    report = result.b2b()
    return f"paid KES {report.amount}, receipt {report.receipt}; {AGAINST}"


_REPORTS: Mapping[str, Callable[[CommandResult], str]] = {
    "b2c_payment": _payout,
    "b2pochi_payment": _payout,
    "account_balance": _balances,
    "transaction_status": _status,
    "reversal": _reversal,
    "b2b_payment": _b2b,
    "tax_remittance": _b2b,
}
"""What a success of each command reports, as the client reads it."""


def _timeout(body: bytes) -> Said:
    timeout = parse_timeout(body)
    about = timeout.originator_conversation_id or timeout.conversation_id
    return "unknown", f"accepted: {about} waited too long; ask transaction_status, never pay again"


def _asks(body: bytes) -> Said:
    payment = parse_validation(body)
    return "asks", f"accepted: may KES {payment.amount} be paid for {payment.reference!r}?"


def _paid(body: bytes) -> Said:
    payment = parse_confirmation(body)
    by = payment.phone or (payment.msisdn if "*" in payment.msisdn else "a hashed number")
    return "paid", f"accepted: paid KES {payment.amount} by {by}, receipt {payment.receipt}"
