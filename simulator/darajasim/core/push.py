"""One M-Pesa Express payment, from acceptance to its end."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field

from darajasim.core.rules import NO_PLAN, Plan


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a push ended.

    Attributes:
        key: the catalogue row of the result.
        at: simulated seconds since the epoch.
        receipt: only when money moved.
        text: another ResultDesc than the catalogue's, if a rule wanted one.
    """

    key: str
    at: float
    receipt: str | None = None
    text: str | None = None


@dataclass(slots=True, eq=False)
class Push:
    """An accepted push. `amount` is in whole shillings."""

    checkout_request_id: str
    merchant_request_id: str
    shortcode: str
    transaction_type: str
    amount: int
    party_b: str
    msisdn: str
    callback_url: str
    reference: str
    description: str
    accepted_at: float
    plan: Plan = NO_PLAN
    stuck: str | None = None
    """Key of the non-terminal result that this push keeps for ever, if it does."""
    outcome: Outcome | None = None
    called_back: asyncio.Event | None = field(default=None, repr=False)
    """Where the acknowledgement waits for the first callback to be over: set when it is."""

    @property
    def in_flight(self) -> bool:
        """Whether it may still come to something."""
        return self.outcome is None and self.stuck is None
