"""Standing orders, and the book that one namespace keeps of them."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass

from darajasim.core.rules import NO_PLAN, Plan
from darajasim.operations.ratiba_calendar import Schedule

MAX_ORDERS = 100_000


@dataclass(frozen=True, slots=True)
class Order:
    """A standing order.

    Attributes:
        subject: the responseRefID of the acknowledgement.
        partner_id: the caller's own id, else the subject.
        to_till: what TransactionType says of the receiver; `says_till` what the identifier type
            says.
        accepted_at: seconds since the epoch.
    """

    subject: str
    partner_id: str
    name: str
    msisdn: str
    shortcode: str
    to_till: bool
    says_till: bool
    cents: int
    reference: str
    callback_url: str
    schedule: Schedule
    accepted_at: float
    plan: Plan = NO_PLAN


class OrderBook:
    """The orders of one namespace by customer and name; beyond the limit the oldest are forgotten,
    and so end. An order that has ended keeps its name (guessed).
    """

    def __init__(self, limit: int = MAX_ORDERS) -> None:
        self._limit = limit
        self._orders: OrderedDict[tuple[str, str], Order] = OrderedDict()
        self._made = 0

    def add(self, order: Order) -> int:
        """Keep an order; how many have been made."""
        self._orders[order.msisdn, order.name] = order
        if len(self._orders) > self._limit:
            self._orders.popitem(last=False)
        self._made += 1
        return self._made

    def get(self, msisdn: str, name: str) -> Order | None:
        """The order of this name that a customer has, or None."""
        return self._orders.get((msisdn, name))

    def __len__(self) -> int:
        return len(self._orders)
