"""The course of a push after its acceptance: prompt, customer, result, callback.

Who decides, in this order: a rule that names a result, a rule that scripts the customer, a magic
number, the public test number, the world.
"""

from __future__ import annotations

from dataclasses import dataclass

from darajasim.core.catalogue import catalogue, magic_result
from darajasim.core.customer import SANDBOX_MSISDN, Customer
from darajasim.core.events import (
    CustomerActed,
    MoneyMoved,
    PaymentSettled,
    PromptSent,
)
from darajasim.core.ledger import Entry
from darajasim.core.namespace import Namespace
from darajasim.core.organisation import OrganisationKind
from darajasim.core.push import Outcome, Push
from darajasim.core.rules import Action
from darajasim.core.transactions import Transaction
from darajasim.operations import express_callback
from darajasim.operations.express_rules import on_arrival, on_pin, pay
from darajasim.operations.money import completed, customer_party, organisation_party

PROMPT_SECONDS = 1.0
"""From acceptance to the prompt (guessed)."""
PROMPT_CHARACTERS = 182
"""What a prompt can show; longer ones fail with 1025 (documented)."""

ACTION_SECONDS = {
    Action.APPROVE: 12.0,
    Action.WRONG_PIN: 12.0,
    Action.CANCEL: 20.0,
    Action.DISMISS: 20.0,
    Action.UNREACHABLE: 13.0,
    Action.BUSY: 4.0,
    Action.IGNORE: 60.0,
    Action.EXPIRE: 60.0,
}
"""From the prompt to its end. Seen (NKAP): paid between 10 and 17 s, cancelled between 13 and 27 s,
unreachable at 14 s; a prompt lives about 60 s."""

ACTION_RESULTS = {
    Action.CANCEL: "cancelled",
    Action.DISMISS: "dismissed",
    Action.IGNORE: "no-response",
    Action.UNREACHABLE: "no-response",
    Action.EXPIRE: "expired",
    Action.BUSY: "subscriber-locked",
}
RESULT_ACTIONS = {
    "cancelled": Action.CANCEL,
    "dismissed": Action.DISMISS,
    "no-response": Action.UNREACHABLE,
    "sim-unreachable": Action.UNREACHABLE,
    "expired": Action.EXPIRE,
    "subscriber-locked": Action.BUSY,
}
NOT_PROMPTED = frozenset(
    {"push-failed", "request-failed", "system-busy", "not-permitted", "wrong-receiver", "bad-debt",
     "subscriber-locked"}
)  # fmt: skip
NOT_PROMPTED_SECONDS = 9.0
"""From the missing prompt to the result (seen: E3008 stood at 10 s)."""


@dataclass(frozen=True, slots=True)
class Course:
    """What will become of a push.

    Attributes:
        action: what the customer does, or None when no prompt reaches them.
        result: the forced result, or None when the world decides.
        seconds: from the prompt to the result.
    """

    action: Action | None
    result: str | None
    seconds: float


def begin(namespace: Namespace, push: Push, customer: Customer) -> None:
    """Set an accepted push on its way."""
    course = _course(namespace, push, customer)
    if course.result is not None and not catalogue().by_key(course.result).terminal:
        push.stuck = course.result
        return
    if customer.open_push is None:
        customer.open_push = push.checkout_request_id
    namespace.timeline.after(PROMPT_SECONDS, lambda: _prompt(namespace, push, customer, course))


def _course(namespace: Namespace, push: Push, customer: Customer) -> Course:
    plan, script = push.plan, push.plan.customer
    if plan.result is not None:
        return _forced(plan.result, script.after if script else None)
    refused = on_arrival(namespace, push)
    if script is not None and refused is None:  # else there is no prompt to act on
        seconds = ACTION_SECONDS[script.does] if script.after is None else script.after
        return Course(script.does, ACTION_RESULTS.get(script.does), seconds)
    if (row := magic_result(push.msisdn)) is not None:
        return _forced(row.key, None)
    if push.msisdn == SANDBOX_MSISDN:
        return _forced("no-response", None)
    if customer.open_push is not None and namespace.profile.subscriber_lock == "late":
        return _forced("subscriber-locked", None)
    if refused is not None:
        return _forced(refused, None)
    return Course(Action.APPROVE, None, ACTION_SECONDS[Action.APPROVE])


def _forced(key: str, after: float | None) -> Course:
    if key in NOT_PROMPTED:
        return Course(None, key, NOT_PROMPTED_SECONDS if after is None else after)
    action = RESULT_ACTIONS.get(key, Action.APPROVE)
    return Course(action, key, ACTION_SECONDS[action] if after is None else after)


def _prompt(namespace: Namespace, push: Push, customer: Customer, course: Course) -> None:
    now = namespace.clock.time()
    prompt = prompt_text(namespace, push)
    if course.result is None and len(prompt) > PROMPT_CHARACTERS:
        course = _forced("push-failed", None)
    if course.action is not None:
        namespace.journal.append(PromptSent(now, push.checkout_request_id, push.msisdn, prompt))
    namespace.timeline.after(course.seconds, lambda: _end(namespace, push, customer, course))


def prompt_text(namespace: Namespace, push: Push) -> str:
    """What the phone shows: merchant, amount and account reference (seen: NKAP)."""
    payee = namespace.world.organisation(push.party_b)
    name = payee.name if payee else push.party_b
    return f"Do you want to pay Ksh {push.amount} to {name} Account no. {push.reference}?"


def _end(namespace: Namespace, push: Push, customer: Customer, course: Course) -> None:
    """The customer has acted, or nobody will: find the result, move the money, owe the callback."""
    now = namespace.clock.time()
    if course.action is not None:
        namespace.journal.append(
            CustomerActed(now, push.checkout_request_id, push.msisdn, course.action)
        )
    key, receipt = _result(namespace, push, customer, course)
    push.outcome = Outcome(key, now, receipt, push.plan.text)
    if customer.open_push == push.checkout_request_id:
        customer.open_push = None
    row = catalogue().by_key(key)
    text = push.plan.text or row.text_in(namespace.profile.texts)
    namespace.journal.append(PaymentSettled(now, push.checkout_request_id, row.code, text, receipt))
    express_callback.owe(namespace, push)


def _result(
    namespace: Namespace, push: Push, customer: Customer, course: Course
) -> tuple[str, str | None]:
    """The result's key, and the receipt when money moved."""
    if course.result is not None and course.result != "paid":
        return course.result, None
    assured = course.result == "paid"
    if not assured and course.action is not None:
        right = course.action is not Action.WRONG_PIN
        refused = on_pin(namespace, push, customer, right_pin=right)
        if refused is not None:
            return refused, None
    entry = pay(namespace, push, customer, top_up=assured)
    namespace.journal.append(
        MoneyMoved(entry.at, entry.reference, entry.debit, entry.credit, entry.cents)
    )
    _record(namespace, push, customer, entry)
    return "paid", entry.reference


def _record(namespace: Namespace, push: Push, customer: Customer, entry: Entry) -> None:
    """Make the payment known to Transaction Status, C2B and the other products."""
    paid = namespace.world.organisation(push.party_b)
    receiver = paid or namespace.world.organisations[push.shortcode]
    completed(
        namespace,
        Transaction(
            receipt=entry.reference,
            operation="stk_push",
            reason="Pay Merchant" if receiver.kind is OrganisationKind.TILL else "Pay Bill Online",
            debit=customer_party(customer),
            credit=organisation_party(receiver),
            cents=entry.cents,
            initiated_at=push.accepted_at,
            finalised_at=entry.at,
            originator_conversation_id=push.merchant_request_id,
            conversation_id="",
            reference=push.reference,
            from_customer=True,
        ),
    )
