"""The steps of a scenario: what the merchant and the outside world do, in order.

Times are in seconds; None leaves a time to whoever performs the step. `payment` is the name of a
`Pay` step. `where` is `file:line`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from darajasim.scenarios.document import Document, Template


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
class Example:
    """The operation's example body with changes.

    Attributes:
        changes: fields that are set, by wire name.
        without: fields that are left out.
    """

    changes: Mapping[str, Document] = field(default_factory=dict)
    without: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Written:
    """A JSON body of the scenario's own."""

    body: Document


@dataclass(frozen=True, slots=True)
class Raw:
    """A body that need not be JSON."""

    text: str | Template


@dataclass(frozen=True, slots=True)
class Bearer:
    """The token that is sent in place of a good one; None: no Authorization at all."""

    token: str | Template | None


@dataclass(frozen=True, slots=True)
class Call:
    """A request of the scenario's own to one operation.

    Attributes:
        name: what later steps and expectations call it.
        path: another one than the operation's newest.
        app: consumer key and secret of the app that calls (None: the usual one).
        bearer: None: a good token of the app.
    """

    name: str
    operation: str
    body: Example | Written | Raw
    where: str
    path: str | None = None
    method: str | None = None
    content_type: str | None = None
    app: tuple[str, str] | None = None
    bearer: Bearer | None = None


@dataclass(frozen=True, slots=True)
class PayFromPhone:
    """A customer pays a paybill or till from their own phone.

    Attributes:
        name: as of `Call`.
        phone: MSISDN.
        amount: whole shillings.
    """

    name: str
    phone: str
    shortcode: str
    amount: int
    reference: str
    where: str


@dataclass(frozen=True, slots=True)
class PayOut:
    """The merchant pays a customer, or refunds a payment.

    Attributes:
        name: as of `Call`.
        phone: MSISDN; None for who paid.
        amount: whole shillings; None for all that is left of the payment.
        pochi: into the Pochi la Biashara, in place of the wallet.
        payment: the name of the `pay` step that is refunded.
    """

    name: str
    phone: str | None
    amount: int | None
    remarks: str
    where: str
    pochi: bool = False
    payment: str | None = None

    @property
    def operation(self) -> str:
        """The operation of Daraja that this takes."""
        return "b2pochi_payment" if self.pochi else "b2c_payment"


@dataclass(frozen=True, slots=True)
class Balance:
    """The merchant asks what its accounts hold. `name` is as of `Call`."""

    name: str
    where: str
    operation: str = "account_balance"


@dataclass(frozen=True, slots=True)
class Reverse:
    """The merchant gives a payment back.

    Attributes:
        name: as of `Call`.
        payment: the name of the step that brought the money.
        amount: whole shillings.
    """

    name: str
    payment: str
    amount: int
    remarks: str
    where: str
    operation: str = "reversal"


Ordered = PayOut | Balance | Reverse
"""What the merchant asks of Daraja, whose outcome comes as a Result."""


@dataclass(frozen=True, slots=True)
class Advance:
    """Daraja's clock is sent ahead, and what is due until then has happened and been answered."""

    seconds: float
    where: str


class Signal(StrEnum):
    """What becomes of the merchant's process."""

    STOP = "stop"
    """It finishes what it has begun, and takes no more."""
    KILL = "kill"
    """Its requests in flight die at once."""
    RESTART = "restart"
    """It begins with an empty memory, on the database that it had; if it runs, it is killed."""


@dataclass(frozen=True, slots=True)
class Process:
    """The merchant is stopped, killed or started again."""

    signal: Signal
    where: str


@dataclass(frozen=True, slots=True)
class Settle:
    """Until no callback is owed and nothing is due in Daraja."""

    within: float | None
    where: str


@dataclass(frozen=True, slots=True)
class InSequence:
    """One step after the other, beside what else happens together."""

    steps: tuple["Step", ...]
    where: str


Single = Pay | Poll | Query | Await | Call | PayFromPhone | Ordered | Process
Concurrent = Single | InSequence


@dataclass(frozen=True, slots=True)
class Together:
    """Several steps at the same moment."""

    steps: tuple[Concurrent, ...]
    where: str


Step = Concurrent | Wait | Advance | Settle | Together
