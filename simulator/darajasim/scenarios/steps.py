"""The steps of a scenario: what the merchant and the outside world do, in order.

Times are in seconds; None leaves a time to whoever performs the step. `payment` is the name of a
`Pay` step. `where` is `file:line`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

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
class Settle:
    """Until no callback is owed and nothing is due in Daraja."""

    within: float | None
    where: str


Concurrent = Pay | Poll | Query | Await | Call | PayFromPhone


@dataclass(frozen=True, slots=True)
class Together:
    """Several steps at the same moment."""

    steps: tuple[Concurrent, ...]
    where: str


Step = Concurrent | Wait | Settle | Together
