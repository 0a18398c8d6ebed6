"""The course of a B2B Express checkout: the operator's prompt, the payment, the callback.

Who decides, in this order: a rule that names a result, a magic reference, the world's refusals
before any prompt, a rule that scripts the operator, the payment itself.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial

from darajasim.core.catalogue import RESULT_PREFIX, Row, catalogue
from darajasim.core.courier import JSON_HEADERS, Letter
from darajasim.core.events import PaymentSettled
from darajasim.core.namespace import Namespace
from darajasim.core.organisation import Organisation
from darajasim.core.rules import Action, Plan
from darajasim.core.transactions import Transaction
from darajasim.core.wire import dumps
from darajasim.operations import callbacks
from darajasim.operations.callbacks import Callback
from darajasim.operations.money import completed, fill, move, organisation_party
from darajasim.operations.prompts import PROMPT_SECONDS, Conduct, Course, show

NAME = KIND = "b2b_express"
"""The operation, and what the journal calls its callback."""
PAID, CANCELLED = "0", "4001"
KYC, NO_NUMBER, NETWORK_ERROR, NO_ANSWER = "4102", "4104", "4201", "4203"
SHORT, WRONG_PIN, NO_RECEIVER, OVER_CEILING = "1", "2001", "SFC_IC0003", "8"
"""M-PESA's own results, of a payment that failed after the operator said yes (guessed)."""
ACTION_CODES: Mapping[Action, str] = {
    Action.CANCEL: CANCELLED,
    Action.DISMISS: CANCELLED,
    Action.IGNORE: NO_ANSWER,
    Action.EXPIRE: NO_ANSWER,
    Action.BUSY: NO_ANSWER,
    Action.UNREACHABLE: NETWORK_ERROR,
    Action.WRONG_PIN: WRONG_PIN,
}
"""That silence is 4203 and an unreachable phone 4201 is guessed."""
CODE_ACTIONS: Mapping[str, Action] = {
    CANCELLED: Action.CANCEL,
    NO_ANSWER: Action.IGNORE,
    WRONG_PIN: Action.WRONG_PIN,
}
CONDUCT = Conduct(
    ACTION_CODES, CODE_ACTIONS, not_prompted=frozenset({KYC, NO_NUMBER, NETWORK_ERROR})
)
NOT_ASKED_TO_PAY = frozenset({CANCELLED, KYC, NO_NUMBER, NETWORK_ERROR, NO_ANSWER})
"""What ends before M-PESA hears of it: the operator said no, or never said yes."""


@dataclass(slots=True, eq=False)
class Checkout:
    """One accepted request.

    Attributes:
        payer: the shortcode that is debited; `receiver`: the one that is credited.
        amount: whole shillings.
        request_id: the caller's RequestRefID, or one made for it.
        conversation_id: also the subject of its events.
        number: whose phone is asked: the nominated number, or else the shortcode.
    """

    payer: str
    receiver: str
    amount: int
    reference: str
    partner: str
    callback_url: str
    request_id: str
    conversation_id: str
    number: str
    accepted_at: float
    plan: Plan


def begin(namespace: Namespace, checkout: Checkout) -> None:
    """Set an accepted request on its way."""
    course = _course(namespace, checkout)
    namespace.timeline.after(PROMPT_SECONDS, partial(_prompt, namespace, checkout, course))


def _course(namespace: Namespace, checkout: Checkout) -> Course:
    script = checkout.plan.customer
    if checkout.plan.result is not None:
        after = script.after if script else None
        return CONDUCT.forced(catalogue().by_key(checkout.plan.result).code, after)
    if (magic := _magic_code(checkout.reference)) is not None:
        return CONDUCT.forced(magic)
    if (refused := _refused_unasked(namespace, checkout)) is not None:
        return CONDUCT.forced(refused)
    return CONDUCT.forced(None) if script is None else CONDUCT.scripted(script)


def _magic_code(reference: str) -> str | None:
    """The code that the reference `RES-<code>` yields, or None."""
    code = reference.removeprefix(RESULT_PREFIX)
    return code if code != reference and _find(code) is not None else None


def _find(code: str) -> Row | None:
    """The product's own row of a code, or else that of an M-PESA result."""
    rows = catalogue().lookup(code)
    own = (row for row in rows if row.surface == "notice" and row.operation == NAME)
    return next(own, next((row for row in rows if row.surface == "result"), None))


def _refused_unasked(namespace: Namespace, checkout: Checkout) -> str | None:
    """What fails before any prompt: an unknown payer has no nominated number, and one that may not
    pay fails the check of who it is (guessed).
    """
    payer = namespace.world.organisation(checkout.payer)
    if payer is None:
        return NO_NUMBER
    return None if payer.active and payer.takes_part_in(NAME) else KYC


def prompt_text(checkout: Checkout) -> str:
    """What the operator's phone shows, after the operator's id and PIN (guessed)."""
    return (
        f"Pay Ksh {checkout.amount} from {checkout.payer} to {checkout.partner} "
        f"{checkout.receiver} Account no. {checkout.reference}? 1. Yes 2. No"
    )


def _prompt(namespace: Namespace, checkout: Checkout, course: Course) -> None:
    show(
        namespace,
        course,
        subject=checkout.conversation_id,
        number=checkout.number,
        text=prompt_text(checkout),
        end=partial(_end, namespace, checkout, course),
    )


def _end(namespace: Namespace, checkout: Checkout, course: Course) -> None:
    """The operator has acted, or nobody will: move the money or not, owe the callback."""
    now, subject = namespace.clock.time(), checkout.conversation_id
    code, receipt = course.result, None
    if code in (None, PAID):
        code, receipt = _pay(namespace, checkout, assured=code == PAID)
    row = _find(code or PAID)
    if row is None:
        raise AssertionError(f"no catalogue row for the code {code} of B2B Express")
    text = checkout.plan.text or row.text_in(namespace.profile.texts)
    namespace.journal.append(PaymentSettled(now, subject, row.code, text, receipt))
    body = _body(namespace, checkout, row, text, receipt)
    callbacks.owe(
        namespace,
        Callback(
            kind=KIND,
            subject=subject,
            letter=partial(_letter, checkout.callback_url, body),
            plan=checkout.plan.callback,
        ),
    )


def _pay(namespace: Namespace, checkout: Checkout, *, assured: bool) -> tuple[str, str | None]:
    """The code, and the receipt when money moved."""
    world, ledger = namespace.world, namespace.ledger
    payer, receiver = world.organisation(checkout.payer), world.organisation(checkout.receiver)
    cents = checkout.amount * 100
    if payer is None:
        return NO_NUMBER, None
    if receiver is None or not receiver.active:
        return NO_RECEIVER, None
    if assured:
        fill(namespace, payer.account, cents)
    elif ledger.available(payer.account) < cents:
        return SHORT, None
    elif (
        receiver.maximum_cents is not None
        and ledger.balance(receiver.account) + cents > receiver.maximum_cents
    ):
        return OVER_CEILING, None
    receipt = namespace.ids.receipt(namespace.clock.time())
    move(namespace, payer.account, receiver.account, cents, receipt)
    _record(namespace, checkout, payer, receiver, receipt)
    return PAID, receipt


def _record(
    namespace: Namespace,
    checkout: Checkout,
    payer: Organisation,
    receiver: Organisation,
    receipt: str,
) -> None:
    completed(
        namespace,
        Transaction(
            receipt=receipt,
            operation=NAME,
            reason="Merchant to Business Payment",
            debit=organisation_party(payer),
            credit=organisation_party(receiver),
            cents=checkout.amount * 100,
            initiated_at=checkout.accepted_at,
            finalised_at=namespace.clock.time(),
            originator_conversation_id=checkout.request_id,
            conversation_id=checkout.conversation_id,
            reference=checkout.reference,
        ),
    )


def _body(
    namespace: Namespace, checkout: Checkout, row: Row, text: str, receipt: str | None
) -> dict[str, str]:
    """Flat, all text, the amount with one decimal place (documented).

    What M-PESA itself refuses has the keys of a success, and `FAILED` (guessed); a push that failed
    has those of a cancelled one (guessed).
    """
    outcome = {"resultCode": row.code, "resultDesc": text}
    amount = f"{checkout.amount}.0"
    if row.code in NOT_ASKED_TO_PAY:
        return {
            **outcome,
            "requestId": checkout.request_id,
            "amount": amount,
            "paymentReference": checkout.reference,
        }
    return {
        **outcome,
        "amount": amount,
        "requestId": checkout.request_id,
        "resultType": "0",
        "conversationID": checkout.conversation_id,
        "transactionId": receipt or namespace.ids.no_receipt(namespace.clock.time()),
        "status": "SUCCESS" if row.code == PAID else "FAILED",
    }


def _letter(url: str, body: Mapping[str, str]) -> Letter:
    return Letter(url, JSON_HEADERS, dumps(body))
