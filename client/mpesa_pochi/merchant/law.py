"""The law of a payment, and of a payout: what a claim about it may change. Pure; the database
carries it out.

    payment is │ claim: paid                               │ claim: failed
    ───────────┼───────────────────────────────────────────┼──────────────────────
    pending    │ SETTLE as success                         │ SETTLE as failed
    success    │ no receipt known yet → COMPLETE           │ REVIEW
               │ another receipt → REVIEW, else NOTHING    │
    failed     │ REVIEW: money may have moved              │ NOTHING

A settled payment never changes its status again, by no claim and in no order. What contradicts it
is recorded and flagged for a person: whoever was told "failed" may have paid again meanwhile, and
whoever was told "paid" has the goods.
"""

from dataclasses import dataclass
from enum import StrEnum


class PaymentStatus(StrEnum):
    """How a payment stands. `success` and `failed` are final."""

    PENDING = "pending"
    SUCCESS = "success"
    FAILED = "failed"


class PushFate(StrEnum):
    """What is known of the request that asked Daraja to prompt the customer."""

    SENDING = "sending"
    """Written before the push leaves. Found after a crash, it means the same as `unknown`."""
    ACCEPTED = "accepted"
    REFUSED = "refused"
    """Answered with a no; the customer was not prompted."""
    UNSENT = "unsent"
    """It never left: Daraja could not be reached, or a value could not be sent."""
    UNKNOWN = "unknown"
    """Sent, and no answer came: the customer may or may not have been prompted."""


class Judgement(StrEnum):
    """What became of a stored callback."""

    RECEIVED = "received"
    """Stored, not judged yet."""
    KEPT = "kept"
    """Its checkout id belongs to no payment yet; applied when an acknowledgement brings that id."""
    UNCONFIRMED = "unconfirmed"
    """It says that much money came, and waits for a query to say the same."""
    APPLIED = "applied"
    """It settled its payment."""
    COMPLETED = "completed"
    """It brought the receipt of a payment that a query had settled."""
    DUPLICATE = "duplicate"
    """It said again what was known."""
    CONFLICT = "conflict"
    """It contradicts its payment; nothing was applied, the payment needs review."""
    REFUSED = "refused"
    """It is forged or unreadable; nothing was applied."""


class Source(StrEnum):
    """Who says what became of a payment or payout."""

    PUSH = "push"
    """The answer to the request itself."""
    CALLBACK = "callback"
    QUERY = "query"
    RESULT = "result"
    """The result of a payout."""
    STATUS = "status"
    """The result of a transaction status that was asked of a payout."""


@dataclass(frozen=True, slots=True)
class Claim:
    """What somebody says became of a payment. Only a callback brings a receipt."""

    source: Source
    paid: bool
    code: str
    text: str
    receipt: str | None = None

    @property
    def status(self) -> PaymentStatus:
        """The status that the claim asks for."""
        return PaymentStatus.SUCCESS if self.paid else PaymentStatus.FAILED


@dataclass(frozen=True, slots=True)
class Standing:
    """What the database knows of a payment when a claim arrives."""

    status: PaymentStatus
    result_code: str | None = None
    receipt: str | None = None
    settled_by: Source | None = None


class Step(StrEnum):
    """What a claim changes."""

    SETTLE = "settle"
    COMPLETE = "complete"
    NOTHING = "nothing"
    REVIEW = "review"


@dataclass(frozen=True, slots=True)
class Ruling:
    """The step to take; with `REVIEW`, the reason in a sentence for the person who reviews."""

    step: Step
    reason: str = ""

    @property
    def judgement(self) -> Judgement:
        """What to write beside the callback that made the claim."""
        return _JUDGEMENTS[self.step]


_JUDGEMENTS = {
    Step.SETTLE: Judgement.APPLIED,
    Step.COMPLETE: Judgement.COMPLETED,
    Step.NOTHING: Judgement.DUPLICATE,
    Step.REVIEW: Judgement.CONFLICT,
}


def decide(standing: Standing, claim: Claim) -> Ruling:
    """What `claim` may change in a payment that stands as `standing` says."""
    if standing.status is PaymentStatus.PENDING:
        return Ruling(Step.SETTLE)
    if standing.status is not claim.status:
        return Ruling(Step.REVIEW, _contradiction(standing, claim))
    if claim.receipt is None or claim.receipt == standing.receipt:
        return Ruling(Step.NOTHING)
    if standing.receipt is None:
        return Ruling(Step.COMPLETE)
    return Ruling(
        Step.REVIEW,
        f"a second receipt, {claim.receipt}, came for the payment with receipt {standing.receipt}: "
        "the money may have moved twice",
    )


def _contradiction(standing: Standing, claim: Claim) -> str:
    code = f" ({standing.result_code})" if standing.result_code else ""
    by = f" by {standing.settled_by}" if standing.settled_by else ""
    receipt = f", receipt {claim.receipt}" if claim.receipt else ""
    said = f"{claim.status} ({claim.code}{receipt})"
    sentence = f"settled as {standing.status}{code}{by}, then a {claim.source} said {said}"
    return f"{sentence}: money may have moved" if claim.paid else sentence
