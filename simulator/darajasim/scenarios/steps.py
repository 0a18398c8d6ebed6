"""The steps of a scenario: what the merchant and the outside world do, in order.

Times are in seconds; None leaves a time to whoever performs the step. `payment` is the name of a
`Pay` step. `where` is `file:line`.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Pay:
    """The merchant asks a customer for money.

    Attributes:
        name: what later steps and expectations call this payment.
        phone: MSISDN.
        amount: whole shillings.
    """

    name: str
    phone: str
    amount: int
    reference: str
    description: str
    where: str


@dataclass(frozen=True, slots=True)
class Wait:
    """Nothing happens for a while."""

    seconds: float
    where: str


@dataclass(frozen=True, slots=True)
class Poll:
    """The merchant's own query-stk, again and again, until the payment is final."""

    payment: str
    every: float | None
    within: float | None
    where: str


@dataclass(frozen=True, slots=True)
class Query:
    """One query through the merchant."""

    payment: str
    where: str


@dataclass(frozen=True, slots=True)
class Await:
    """The client's `wait_for_payment`."""

    payment: str
    within: float | None
    where: str


@dataclass(frozen=True, slots=True)
class Settle:
    """Until no callback is owed and nothing is due in Daraja."""

    within: float | None
    where: str


Concurrent = Pay | Poll | Query | Await


@dataclass(frozen=True, slots=True)
class Together:
    """Several steps at the same moment."""

    steps: tuple[Concurrent, ...]
    where: str


Step = Pay | Wait | Poll | Query | Await | Settle | Together
