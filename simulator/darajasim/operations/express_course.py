"""The course of a push after its acceptance: prompt, customer, result, callback.

Who decides, in this order: a rule that names a result, a rule that scripts the customer, a magic
number, the public test number, the world.
"""

from __future__ import annotations

from darajasim.core.catalogue import catalogue, magic_result
from darajasim.core.customer import SANDBOX_MSISDN, Customer, Paid
from darajasim.core.events import PaymentSettled
from darajasim.core.namespace import Namespace
from darajasim.core.organisation import OrganisationKind
from darajasim.core.push import Outcome, Push
from darajasim.core.rules import Action
from darajasim.core.transactions import Transaction
from darajasim.operations import express_callback
from darajasim.operations.express_customer import afterwards, mistype
from darajasim.operations.express_rules import on_arrival, on_pin
from darajasim.operations.money import completed, customer_party, fill, move, organisation_party
from darajasim.operations.prompts import (
    PROMPT_CHARACTERS,
    PROMPT_SECONDS,
    Conduct,
    Course,
    show,
)

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
CONDUCT = Conduct(ACTION_RESULTS, RESULT_ACTIONS, NOT_PROMPTED, NOT_PROMPTED_SECONDS)


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
        return CONDUCT.forced(plan.result, script.after if script else None)
    refused = on_arrival(namespace, push)
    if script is not None and refused is None:  # else there is no prompt to act on
        return CONDUCT.scripted(script)
    if (row := magic_result(push.msisdn)) is not None:
        return CONDUCT.forced(row.key)
    if push.msisdn == SANDBOX_MSISDN:
        return CONDUCT.forced("no-response")
    if customer.open_push is not None and namespace.profile.subscriber_lock == "late":
        return CONDUCT.forced("subscriber-locked")
    if refused is not None:
        return CONDUCT.forced(refused)
    return CONDUCT.forced(None)


def _prompt(namespace: Namespace, push: Push, customer: Customer, course: Course) -> None:
    text = prompt_text(namespace, push)
    if course.result is None and len(text) > PROMPT_CHARACTERS:
        course = CONDUCT.forced("push-failed")
    course = mistype(namespace, push, customer, course, CONDUCT)
    show(
        namespace,
        course,
        subject=push.checkout_request_id,
        number=push.msisdn,
        text=text,
        end=lambda: _end(namespace, push, customer, course),
    )


def prompt_text(namespace: Namespace, push: Push) -> str:
    """What the phone shows: merchant, amount and account reference (seen: NKAP)."""
    payee = namespace.world.organisation(push.party_b)
    name = payee.name if payee else push.party_b
    return f"Do you want to pay Ksh {push.amount} to {name} Account no. {push.reference}?"


def _end(namespace: Namespace, push: Push, customer: Customer, course: Course) -> None:
    """The customer has acted, or nobody will: find the result, move the money, owe the callback."""
    now = namespace.clock.time()
    key, receipt = _result(namespace, push, customer, course)
    push.outcome = Outcome(key, now, receipt, push.plan.text)
    if customer.open_push == push.checkout_request_id:
        customer.open_push = None
    row = catalogue().by_key(key)
    text = push.plan.text or row.text_in(namespace.profile.texts)
    namespace.journal.append(PaymentSettled(now, push.checkout_request_id, row.code, text, receipt))
    express_callback.owe(namespace, push)
    afterwards(namespace, push, course)


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
    return "paid", _pay(namespace, push, customer, assured=assured)


def _pay(namespace: Namespace, push: Push, customer: Customer, *, assured: bool) -> str:
    """Move the money and make it known as the customer's payment; its receipt.

    Args:
        assured: the result was decided beforehand; a wallet that cannot pay is filled from outside.
    """
    now, cents = namespace.clock.time(), push.amount * 100
    organisations = namespace.world.organisations
    receiver = organisations.get(push.party_b) or organisations[push.shortcode]
    if assured:
        fill(namespace, customer.account, cents)
    receipt = namespace.ids.receipt(now)
    move(namespace, customer.account, receiver.account, cents, receipt)
    customer.remember(Paid(now, receiver.account, cents))
    completed(
        namespace,
        Transaction(
            receipt=receipt,
            operation="stk_push",
            reason="Pay Merchant" if receiver.kind is OrganisationKind.TILL else "Pay Bill Online",
            debit=customer_party(customer),
            credit=organisation_party(receiver),
            cents=cents,
            initiated_at=push.accepted_at,
            finalised_at=now,
            originator_conversation_id=push.merchant_request_id,
            conversation_id="",
            reference=push.reference,
            from_customer=True,
        ),
    )
    return receipt
