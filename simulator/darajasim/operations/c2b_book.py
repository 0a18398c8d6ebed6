"""What C2B keeps: the URLs of each shortcode, and the payments that are on their way."""

from __future__ import annotations

from dataclasses import dataclass, field

from darajasim.core.organisation import OrganisationKind
from darajasim.core.rules import CallbackPlan


@dataclass(frozen=True, slots=True)
class Registration:
    """The URLs that a shortcode registered.

    Attributes:
        response_type: `Completed` or `Cancelled`: what happens when the validation says nothing.
        version: of the path that registered them; callbacks show the payer's number by it.
        plan: how its confirmations travel, where a rule about the registration says so.
    """

    shortcode: str
    response_type: str
    validation_url: str
    confirmation_url: str
    version: int = 2
    plan: CallbackPlan | None = None


@dataclass(slots=True, eq=False)
class PhonePayment:
    """A payment that a customer makes from the phone, without being asked by a push.

    Attributes:
        subject: what the journal knows it by.
        operation: `c2b_simulate`, or `pay_from_phone` where no API asked for it.
        cents: amount.
        reference: what the customer typed as account number; "" for a till.
        kind: whether the customer chose Pay Bill or Buy Goods.
        begun_at: simulated seconds since the epoch.
        plan: how its confirmation travels; None: as the registration says.
        receipt: its number, which the validation carries before the money has moved.
        third_party_id: what the merchant's validation answered as ThirdPartyTransID.
    """

    subject: str
    operation: str
    msisdn: str
    shortcode: str
    cents: int
    reference: str
    kind: OrganisationKind
    begun_at: float
    plan: CallbackPlan | None = None
    receipt: str = ""
    third_party_id: str = ""


@dataclass(slots=True)
class C2BBook:
    """Bounded by the shortcodes that exist, and by the payments that are not yet over."""

    registrations: dict[str, Registration] = field(default_factory=dict)
    moving: dict[str, PhonePayment] = field(default_factory=dict)
    """By receipt, while the money moves: what a confirmation needs and a transaction has not."""
