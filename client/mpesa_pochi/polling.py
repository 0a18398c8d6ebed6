"""When to ask again, and when to stop asking. Pure: the caller asks, sleeps and tells the time."""

from dataclasses import dataclass, field

from mpesa_pochi.codes import catalogue
from mpesa_pochi.errors import (
    Blocked,
    DarajaError,
    PochiError,
    ServerFault,
    Throttled,
    TransactionNotFound,
    UnexpectedAnswer,
    Unreachable,
)
from mpesa_pochi.outcome import PaymentOutcome, PaymentState, PushStatus
from mpesa_pochi.retry import Retry

GRACE_SECONDS = 10.0
GRACE_QUERIES = 3
"""How long, and how often at least, Daraja may not know an id yet (seen right after the push)."""

SLOWEST = 8
"""How many times longer than usual the pause becomes while Daraja asks for fewer calls."""

_OPEN_ADVICE = (
    "Keep the payment open: do not push again until a callback or a query has settled it."
)


@dataclass(slots=True, kw_only=True)
class Watch:
    """One payment being waited for. Times are seconds on any one clock.

    `answered` and `failed` take the result of one query and return the outcome when it is final;
    `pause` says how long to wait for the next; `time_is_up` gives the outcome when none came.
    """

    checkout_request_id: str
    every: float
    started: float
    queries: int = 0
    _last: PushStatus | None = None
    _trouble: PochiError | None = None
    _slower: int = 1
    _not_found: int = field(default=0)

    @property
    def pause(self) -> float:
        return self.every * self._slower

    def answered(self, status: PushStatus) -> PaymentOutcome | None:
        self.queries += 1
        self._slower = 1
        self._last = status
        return self._outcome(status) if status.state.final else None

    def failed(self, error: PochiError, now: float) -> PaymentOutcome | None:
        self.queries += 1
        self._trouble = error
        if isinstance(error, Throttled | Blocked):
            self._slower = min(self._slower * 2, SLOWEST)
        if self._may_pass(error, now):
            return None
        return self.time_is_up()

    def time_is_up(self) -> PaymentOutcome:
        """PENDING if Daraja last said in flight, otherwise UNKNOWN; never FAILED."""
        if self._last is not None:
            return self._outcome(self._last)
        trouble = self._trouble
        return PaymentOutcome(
            state=PaymentState.UNKNOWN,
            code=trouble.code if isinstance(trouble, DarajaError) else "",
            text=trouble.message if trouble else "no query was answered in time",
            checkout_request_id=self.checkout_request_id,
            advice=" ".join(filter(None, (_OPEN_ADVICE, trouble.advice if trouble else ""))),
            retry=Retry.NEVER,
            queries=self.queries,
        )

    def _may_pass(self, error: PochiError, now: float) -> bool:
        """Whether asking again can bring a better answer."""
        if isinstance(error, TransactionNotFound):
            self._not_found += 1
            known = self._last is not None
            early = now - self.started < GRACE_SECONDS or self._not_found < GRACE_QUERIES
            return known or early
        if isinstance(error, UnexpectedAnswer):
            return error.retry is not Retry.NEVER
        return isinstance(error, Unreachable | Throttled | Blocked | ServerFault)

    def _outcome(self, status: PushStatus) -> PaymentOutcome:
        row = catalogue().result(status.code) if status.state.final else None
        return PaymentOutcome(
            state=status.state,
            code=status.code,
            text=status.text,
            checkout_request_id=self.checkout_request_id,
            advice=row.merchant if row else _OPEN_ADVICE,
            retry=row.retry if row else Retry.NEVER,
            queries=self.queries,
        )
