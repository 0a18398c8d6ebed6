"""The course of a redemption of Bonga points: the PIN prompt, the points, the payment.

Who decides, in this order: a busy phone, a rule that scripts the customer, the customer's PIN.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import partial

from darajasim.core.catalogue import catalogue
from darajasim.core.customer import Customer, CustomerState
from darajasim.core.events import CustomerActed, PaymentSettled, PromptSent
from darajasim.core.namespace import Namespace
from darajasim.core.rules import Action, Plan
from darajasim.core.transactions import Party, Transaction
from darajasim.operations.money import completed, move, organisation_party
from darajasim.operations.prompts import ACTION_SECONDS, ENDS_AS, PROMPT_SECONDS

REDEEM = "bonga_redeem"
POINTS = 100_000
"""What every customer has at first (guessed)."""
FLOAT = "m-pesa:bonga"
"""The ledger account that pays for points; it may owe."""
FLOAT_NAME = "Bonga Points Account"
FLOAT_FLOOR_CENTS = -(10**15)

PAID, FAILED = "6000", "6001"
CANCELLED, NO_ANSWER, WRONG_PIN = "1031", "1037", "2001"
ACTION_CODES: Mapping[Action, str] = {
    Action.CANCEL: CANCELLED,
    Action.DISMISS: CANCELLED,
    Action.IGNORE: NO_ANSWER,
    Action.EXPIRE: NO_ANSWER,
    Action.UNREACHABLE: NO_ANSWER,
    Action.BUSY: NO_ANSWER,
}
"""Which of the listed codes is which end is guessed."""


@dataclass(slots=True, eq=False)
class PointsBook:
    """The points that customers have spent, by MSISDN."""

    spent: dict[str, int] = field(default_factory=dict)

    def left(self, msisdn: str) -> int:
        """How many points a customer still has."""
        return POINTS - self.spent.get(msisdn, 0)


@dataclass(slots=True, eq=False)
class Redemption:
    """One accepted request.

    Attributes:
        subject: the requestRefId of its answer.
        points: what it costs the customer; `cents`: what the shortcode gets.
    """

    subject: str
    msisdn: str
    shortcode: str
    reference: str
    points: int
    cents: int
    accepted_at: float
    plan: Plan


def begin(namespace: Namespace, redemption: Redemption) -> None:
    """Set an accepted redemption on its way."""
    customer = namespace.world.customer(redemption.msisdn)
    script = redemption.plan.customer
    action = Action.APPROVE if script is None else ENDS_AS.get(script.does, script.does)
    if customer.open_push is not None and namespace.profile.subscriber_lock != "off":
        action = Action.BUSY
    elif customer.open_push is None:
        customer.open_push = redemption.subject
    seconds = ACTION_SECONDS[action]
    if script is not None and script.after is not None:
        seconds = script.after
    prompt = partial(_prompt, namespace, redemption, customer, action, seconds)
    namespace.timeline.after(PROMPT_SECONDS, prompt)


def prompt_text(namespace: Namespace, redemption: Redemption) -> str:
    """What the phone shows (guessed)."""
    payee = namespace.world.organisation(redemption.shortcode)
    name = payee.name if payee else redemption.shortcode
    return (
        f"Do you want to pay {shillings(redemption.cents)} to {name} Account no. "
        f"{redemption.reference} with {redemption.points} Bonga points?"
    )


def shillings(cents: int) -> str:
    """`Ksh 12.20`."""
    return f"Ksh {cents // 100}.{cents % 100:02d}"


def _prompt(
    namespace: Namespace,
    redemption: Redemption,
    customer: Customer,
    action: Action,
    seconds: float,
) -> None:
    if action is not Action.BUSY:
        now, shown = namespace.clock.time(), prompt_text(namespace, redemption)
        namespace.journal.append(PromptSent(now, redemption.subject, redemption.msisdn, shown))
    namespace.timeline.after(seconds, partial(_end, namespace, redemption, customer, action))


def _end(namespace: Namespace, redemption: Redemption, customer: Customer, action: Action) -> None:
    """The customer has acted, or nobody will: spend the points and pay, or not."""
    now, subject = namespace.clock.time(), redemption.subject
    namespace.journal.append(CustomerActed(now, subject, redemption.msisdn, action))
    code = ACTION_CODES.get(action) or _on_pin(namespace, redemption, customer, action)
    receipt = _pay(namespace, redemption, customer) if code == PAID else None
    if customer.open_push == subject:
        customer.open_push = None
    row = catalogue().coded("inline", code, REDEEM)
    text = row.text_in(namespace.profile.texts)
    namespace.journal.append(PaymentSettled(now, subject, code, text, receipt))


def _on_pin(
    namespace: Namespace, redemption: Redemption, customer: Customer, action: Action
) -> str:
    """What the PIN decides; the list of codes has none for a locked or inactive account."""
    if customer.state is not CustomerState.ACTIVE:
        return WRONG_PIN if customer.state is CustomerState.PIN_LOCKED else FAILED
    if not customer.enter_pin(right=action is not Action.WRONG_PIN):
        return WRONG_PIN
    enough = namespace.book(PointsBook).left(redemption.msisdn) >= redemption.points
    return PAID if enough else FAILED


def _pay(namespace: Namespace, redemption: Redemption, customer: Customer) -> str | None:
    """The receipt of an ordinary customer's payment, whose money comes from the float."""
    organisation = namespace.world.organisation(redemption.shortcode)
    if organisation is None:
        raise AssertionError("the shortcode was there when the request was accepted")
    now, spent = namespace.clock.time(), namespace.book(PointsBook).spent
    namespace.ledger.open(FLOAT, 0, floor=FLOAT_FLOOR_CENTS)
    receipt = namespace.ids.receipt(now)
    move(namespace, FLOAT, organisation.account, redemption.cents, receipt)
    spent[redemption.msisdn] = spent.get(redemption.msisdn, 0) + redemption.points
    completed(
        namespace,
        Transaction(
            receipt=receipt,
            operation=REDEEM,
            reason="Lipa na Bonga",
            debit=Party(customer.msisdn, customer.public_name, FLOAT, FLOAT_NAME),
            credit=organisation_party(organisation),
            cents=redemption.cents,
            initiated_at=redemption.accepted_at,
            finalised_at=now,
            originator_conversation_id=redemption.subject,
            conversation_id="",
            reference=redemption.reference,
            from_customer=True,
        ),
    )
    return receipt
