"""What a scenario expects at its end: values to be judged, each with its place in the file.

A part that the file does not mention is None, or empty. `where` is `file:line:column`.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, fields
from decimal import Decimal
from typing import TYPE_CHECKING

from darajasim.core.rules import Equals, Test
from darajasim.scenarios.document import Template

if TYPE_CHECKING:
    from darajasim.scenarios.expected_events import EventsExpectation


@dataclass(frozen=True, slots=True)
class Absent:
    """Nothing is there."""

    def __str__(self) -> str:
        return "none"


@dataclass(frozen=True, slots=True)
class Present:
    """Something is there, whatever it is."""

    def __str__(self) -> str:
        return "some value"


@dataclass(frozen=True, slots=True)
class Missing:
    """There is not even a key."""

    def __str__(self) -> str:
        return "no such key"


LeafTest = Test | Absent | Present | Missing | Template


@dataclass(frozen=True, slots=True)
class Expected:
    """One value that must hold.

    Attributes:
        test: a matcher of `darajasim.core.rules`, or whether there is anything at all.
        where: `file:line:column` of the value in the scenario.
    """

    test: Test | Absent | Present
    where: str

    def holds(self, found: object) -> bool:
        """Whether `found` is as expected. None and "" mean that there is nothing.

        Numbers and text are compared alike: 1032 and "1032" are the same.
        """
        nothing = found is None or found == ""
        if isinstance(self.test, Absent):
            return nothing
        if isinstance(self.test, Present):
            return not nothing
        return found is not None and self.test(_text(found))

    def __str__(self) -> str:
        if isinstance(self.test, Equals):
            return self.test.expected
        return str(self.test).removeprefix("== ")


def _text(found: object) -> str:
    return format(found, "f") if isinstance(found, Decimal) else str(found)


@dataclass(frozen=True, slots=True)
class CallbacksExpectation:
    """How many callbacks left, arrived and were acknowledged in the whole scenario.

    Attributes:
        kinds: how many of each kind left, by what the journal calls them.
    """

    where: str
    sent: Expected | None = None
    delivered: Expected | None = None
    acknowledged: Expected | None = None
    kinds: Mapping[str, Expected] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ExpectedError:
    """The error that the client raised.

    Attributes:
        key: the catalogue row's key; None: no error at all.
        code: the row's code, "" for answers without one.
    """

    key: str | None
    code: str
    where: str

    def __str__(self) -> str:
        return self.key or "no error"


@dataclass(frozen=True, slots=True)
class ClientExpectation:
    """What a `pay` brought at the client.

    Attributes:
        retry: never, now, later or ask.
        outcome: `unknown` when the push's fate must be unknown to the client.
    """

    where: str
    error: ExpectedError | None = None
    retry: Expected | None = None
    outcome: Expected | None = None


@dataclass(frozen=True, slots=True)
class LeafExpected:
    """One value of an answer or a callback, by the name of its key.

    Attributes:
        test: as of `Expected`; a Template is a text that is known only in the run.
    """

    key: str
    test: LeafTest
    where: str

    def __str__(self) -> str:
        return self.test.expected if isinstance(self.test, Equals) else str(self.test)


@dataclass(frozen=True, slots=True)
class PaymentExpectation:
    """The merchant's record of one payment.

    Attributes:
        payment: the name of the `pay` step.
        status: pending, success or failed.
        code: result code or error code, as text.
        amount: in shillings.
        http: the HTTP status of the merchant's answer to the step.
        answer: values of that answer.
        client: what the push brought at the merchant's client.
    """

    payment: str
    where: str
    status: Expected | None = None
    code: Expected | None = None
    receipt: Expected | None = None
    amount: Expected | None = None
    http: Expected | None = None
    answer: tuple[LeafExpected, ...] = ()
    client: ClientExpectation | None = None

    @property
    def of_answer(self) -> bool:
        """Whether something is expected of the merchant's answer, or of its client."""
        return self.http is not None or bool(self.answer) or self.client is not None


@dataclass(frozen=True, slots=True)
class OutcomeExpectation:
    """What the last `await` returned. `state`: pending, paid, failed or unknown."""

    where: str
    state: Expected | None = None
    code: Expected | None = None


@dataclass(frozen=True, slots=True)
class QueryExpectation:
    """What the last query said. `state`: pending, paid, failed or unknown; `http` and `answer` are
    the merchant's own answer.
    """

    where: str
    state: Expected | None = None
    code: Expected | None = None
    text: Expected | None = None
    http: Expected | None = None
    answer: tuple[LeafExpected, ...] = ()


@dataclass(frozen=True, slots=True)
class RequestsExpectation:
    """How many requests Daraja received, by operation."""

    where: str
    counts: Mapping[str, Expected]


@dataclass(frozen=True, slots=True)
class RecordExpectation:
    """The merchant's own record of a payout, as of `PaymentExpectation`."""

    where: str
    status: Expected | None = None
    code: Expected | None = None
    receipt: Expected | None = None
    amount: Expected | None = None


@dataclass(frozen=True, slots=True)
class CallExpectation:
    """What came of one call of the scenario's own, or of one payment from a phone.

    Attributes:
        call: the name of the step.
        status: HTTP's; `code` is the errorCode or ResponseCode, `text` the message beside it.
        fault: what happened to the connection.
        answer: values of the JSON answer.
        result: the code that it ended with; `result_text` and `receipt` are that ending's.
        callback: values of the last callback about it; Absent: there was none.
        callbacks: how many arrived.
        record: the merchant's own of it.
    """

    call: str
    where: str
    status: Expected | None = None
    code: Expected | None = None
    text: Expected | None = None
    fault: Expected | None = None
    answer: tuple[LeafExpected, ...] = ()
    result: Expected | None = None
    result_text: Expected | None = None
    receipt: Expected | None = None
    callback: tuple[LeafExpected, ...] | Expected = ()
    callbacks: Expected | None = None
    record: RecordExpectation | None = None


@dataclass(frozen=True, slots=True)
class BalanceExpectation:
    """What an account holds at the end.

    Attributes:
        owner: MSISDN or shortcode.
        purse: which account of the owner's; "" for the one that payments go to.
        balance_cents: in cents.
    """

    owner: str
    balance_cents: int
    where: str
    purse: str = ""


@dataclass(frozen=True, slots=True)
class LedgerExpectation:
    """What moved in Daraja's ledger, opening balances aside.

    Attributes:
        total: in shillings, as `moved` is.
        moved: what moved under the receipt of a step, by its name.
    """

    where: str
    entries: Expected | None = None
    total: Expected | None = None
    moved: Mapping[str, Expected] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Expectations:
    """Everything that a scenario expects."""

    payments: tuple[PaymentExpectation, ...] = ()
    calls: tuple[CallExpectation, ...] = ()
    callbacks: CallbacksExpectation | None = None
    client: ClientExpectation | None = None
    outcome: OutcomeExpectation | None = None
    query: QueryExpectation | None = None
    requests: RequestsExpectation | None = None
    balances: tuple[BalanceExpectation, ...] = ()
    ledger: LedgerExpectation | None = None
    events: "EventsExpectation | None" = None

    @property
    def count(self) -> int:
        """How many single values are expected."""
        single = (self.callbacks, self.client, self.outcome, self.query, self.requests, self.ledger)
        clients = (payment.client for payment in self.payments)
        records = (call.record for call in self.calls)
        found = [part for part in (*single, *clients, *records) if part is not None]
        parts = (*self.payments, *self.calls, *found)
        events = self.events.count if self.events else 0
        return events + len(self.balances) + sum(1 for part in parts for _ in _values(part))


def _values(part: object) -> Iterator[Expected | ExpectedError | LeafExpected]:
    for item in fields(part):  # type: ignore[arg-type]  # each part is one of the dataclasses above
        value = getattr(part, item.name)
        if isinstance(value, Mapping):
            value = tuple(value.values())
        for each in value if isinstance(value, tuple) else (value,):
            if isinstance(each, Expected | ExpectedError | LeafExpected):
                yield each
