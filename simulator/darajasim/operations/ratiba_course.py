"""The course of a request for a standing order: the prompt on the phone, the end, the callback.

Who decides, in this order: a rule that names a result, the world's refusals before any prompt, a
rule that scripts the customer, a magic number, the public test number, the customer's PIN.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from functools import partial
from typing import Any

from darajasim.core.catalogue import catalogue
from darajasim.core.clock import nairobi
from darajasim.core.customer import SANDBOX_MSISDN, Customer, CustomerState
from darajasim.core.events import PaymentSettled
from darajasim.core.namespace import Namespace
from darajasim.core.organisation import OrganisationKind
from darajasim.core.rules import Action
from darajasim.operations import callbacks, ratiba_callback
from darajasim.operations.callbacks import Callback
from darajasim.operations.prompts import (
    PROMPT_CHARACTERS,
    PROMPT_SECONDS,
    Conduct,
    Course,
    show,
)
from darajasim.operations.ratiba_order import Order, OrderBook
from darajasim.operations.ratiba_payments import await_payment

OK, BUSY, NOT_SENT, CANCELLED = "0", "1001", "1025", "1032"
NO_ANSWER, SAME_NAME, INVALID_FIELD, WRONG_PIN = "1037", "1050", "1051", "2001"
ACTION_CODES: Mapping[Action, str] = {
    Action.CANCEL: CANCELLED,
    Action.DISMISS: CANCELLED,
    Action.EXPIRE: CANCELLED,
    Action.IGNORE: NO_ANSWER,
    Action.UNREACHABLE: NO_ANSWER,
    Action.BUSY: BUSY,
}
"""1032 is also a prompt that timed out, 1037 no answer in time (documented)."""
CODE_ACTIONS: Mapping[str, Action] = {
    CANCELLED: Action.CANCEL,
    NO_ANSWER: Action.IGNORE,
    WRONG_PIN: Action.WRONG_PIN,
}
CONDUCT = Conduct(
    ACTION_CODES,
    CODE_ACTIONS,
    not_prompted=frozenset({BUSY, NOT_SENT, SAME_NAME, INVALID_FIELD}),
)


def begin(namespace: Namespace, order: Order) -> None:
    """Set an accepted order on its way."""
    customer = namespace.world.customer(order.msisdn)
    course = _course(namespace, order, customer)
    if course.action is not None and customer.open_push is None:
        customer.open_push = order.subject
    namespace.timeline.after(PROMPT_SECONDS, partial(_prompt, namespace, order, customer, course))


def _course(namespace: Namespace, order: Order, customer: Customer) -> Course:
    script = order.plan.customer
    if order.plan.result is not None:
        after = script.after if script else None
        return CONDUCT.forced(catalogue().by_key(order.plan.result).code, after)
    if (refused := _refused_unasked(namespace, order, customer)) is not None:
        return CONDUCT.forced(refused)
    if script is not None:
        return CONDUCT.scripted(script)
    if (magic := _magic_code(order.msisdn)) is not None:
        return CONDUCT.forced(magic)
    return CONDUCT.forced(NO_ANSWER if order.msisdn == SANDBOX_MSISDN else None)


def _magic_code(msisdn: str) -> str | None:
    """The code that the phone number 2547000NNNNN yields, or None."""
    if not msisdn.startswith("2547000"):
        return None
    code = str(int(msisdn.removeprefix("2547000")))
    rows = catalogue().lookup(code, "notice")
    return code if any(row.operation == "standing_order" for row in rows) else None


def _refused_unasked(namespace: Namespace, order: Order, customer: Customer) -> str | None:
    """What fails before any prompt: the kind of the receiver, the name, the phone."""
    receiver = namespace.world.organisation(order.shortcode)
    till = receiver is not None and receiver.kind is OrganisationKind.TILL
    if not order.to_till == order.says_till == till:
        return INVALID_FIELD
    if namespace.book(OrderBook).get(order.msisdn, order.name) is not None:
        return SAME_NAME
    if customer.open_push is not None and namespace.profile.subscriber_lock != "off":
        return BUSY
    unregistered = customer.state is CustomerState.UNREGISTERED
    too_long = len(prompt_text(namespace, order)) > PROMPT_CHARACTERS
    return NOT_SENT if unregistered or too_long else None


def prompt_text(namespace: Namespace, order: Order) -> str:
    """What the phone shows (guessed)."""
    payee = namespace.world.organisation(order.shortcode)
    name = payee.name if payee else order.shortcode
    return (
        f"Do you want to pay Ksh {order.cents // 100} {order.schedule.rhythm} to {name} "
        f"Account no. {order.reference} by the standing order {order.name}?"
    )


def _prompt(namespace: Namespace, order: Order, customer: Customer, course: Course) -> None:
    show(
        namespace,
        course,
        subject=order.subject,
        number=order.msisdn,
        text=prompt_text(namespace, order),
        end=partial(_end, namespace, order, customer, course),
    )


def _end(namespace: Namespace, order: Order, customer: Customer, course: Course) -> None:
    """The customer has acted, or nobody will: make the order or not, owe the callback."""
    now = namespace.clock.time()
    code = course.result or _on_pin(namespace, order, customer, course.action)
    if customer.open_push == order.subject:
        customer.open_push = None
    row = catalogue().coded("notice", code, "standing_order")
    edition = "documented" if namespace.profile.ratiba_edition == "2025" else "observed"
    text = order.plan.text or row.text_in(edition)
    namespace.journal.append(PaymentSettled(now, order.subject, code, text, None))
    if code == OK:
        body = _create(namespace, order, text)
    else:
        reference = namespace.ids.uuid()
        body = ratiba_callback.failed(reference, order.partner_id, code, text, order.msisdn)
    callbacks.owe(
        namespace,
        Callback(
            kind="ratiba",
            subject=order.subject,
            letter=partial(ratiba_callback.letter, order.callback_url, body),
            plan=order.plan.callback,
        ),
    )


def _on_pin(namespace: Namespace, order: Order, customer: Customer, action: Action | None) -> str:
    """What the PIN decides. The codes of this product have none for a locked or inactive account;
    2001 stands for both (guessed).
    """
    if customer.state in (CustomerState.INACTIVE, CustomerState.PIN_LOCKED):
        return WRONG_PIN
    if not customer.enter_pin(right=action is not Action.WRONG_PIN):
        return WRONG_PIN
    taken = namespace.book(OrderBook).get(order.msisdn, order.name) is not None
    return SAME_NAME if taken else OK


def _create(namespace: Namespace, order: Order, text: str) -> dict[str, Any]:
    """Make the order and wait for its first day; the body that says so."""
    now = namespace.clock.time()
    number = namespace.book(OrderBook).add(order)
    first = order.schedule.first(now)
    await_payment(namespace, order, first)
    if namespace.profile.ratiba_edition == "2025":
        receipt = namespace.ids.receipt(now)
        return ratiba_callback.made_2025(order.subject, receipt, order.msisdn, text)
    base = namespace.chance.fork("standing orders").between(1_000_000, 8_000_000)
    return ratiba_callback.made_2026(
        order.partner_id,
        name=order.name,
        cents=order.cents,
        until=_digits(order.schedule.end),
        reminder=str(base + number),
        first=_digits(order.schedule.start if first is None else nairobi(first).date()),
        msisdn=order.msisdn,
        text=text,
    )


def _digits(day: date) -> str:
    return day.isoformat().replace("-", "")
