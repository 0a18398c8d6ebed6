"""What the application answers, as models: its OpenAPI document is made of them, and the tests hold
every answer against them.
"""

from datetime import datetime
from decimal import Decimal
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, RootModel

Status = Literal["pending", "success", "failed"]
Shillings = Annotated[int, Field(description="Whole shillings.")]
Msisdn = Annotated[
    str,
    Field(description="As 2547XXXXXXXX or 2541XXXXXXXX; a query shows its ends to all but admins."),
]
Sentence = Annotated[str, Field(description="A sentence for a developer.")]
ForCustomer = Annotated[
    str, Field(description="A sentence for the customer, in the language of the request.")
]
Retry = Annotated[str, Field(description="Whether sending the same again makes sense.")]
ResultCode = Annotated[
    str | None, Field(description="M-PESA's code as text, or Daraja's of a refused order.")
]
Review = Annotated[bool, Field(description="Something contradicted it; a person must look.")]


class Answer(BaseModel):
    """Nothing that is not said here is answered."""

    model_config = ConfigDict(extra="forbid")


class Payment(Answer):
    """A payment as it stands."""

    payment_id: int
    status: Status
    result_code: ResultCode
    result_text: str | None
    customer_message: ForCustomer
    receipt: Annotated[str | None, Field(description="M-PESA's; null until a callback brings it.")]
    amount: Shillings
    phone: Msisdn
    checkout_id: Annotated[str | None, Field(description="Daraja's CheckoutRequestID.")]
    reference: str
    needs_review: Review
    review_reason: str | None
    user_id: str | None
    metadata: dict[str, Any]
    created_at: datetime
    updated_at: datetime


class PaymentAnswer(Payment):
    """A payment after a push: `accepted` says that the customer is asked, not that it was paid."""

    outcome: Literal["accepted", "paid", "failed", "pending"]


class PaymentUnknown(Payment):
    """A payment whose push was sent and never answered. It is not sent again."""

    outcome: Literal["unknown"]
    message: Sentence
    advice: Sentence
    retry: Retry


class Said(Answer):
    """What Daraja answered to a query."""

    state: str
    code: str
    text: str


class PaymentQueried(Payment):
    """A payment after a query; `query` is null when Daraja had not to be asked."""

    outcome: Literal["paid", "failed", "pending"]
    query: Said | None


class Trouble(Answer):
    """Daraja, or the way to it, said no."""

    error: Sentence
    code: Annotated[str, Field(description="Daraja's error code, or what it was.")]
    message: Sentence
    advice: Sentence
    retry: Retry
    customer_message: ForCustomer


class PaymentTrouble(Trouble):
    """No to a push or a query."""

    payment: Payment


class Payout(Answer):
    """A payout as it stands."""

    payout_id: int
    payment_id: Annotated[int | None, Field(description="The payment that it gives back.")]
    status: Status
    destination: Literal["mpesa", "pochi"]
    phone: Msisdn
    amount: Shillings
    remarks: str
    receipt: str | None
    receiver: Annotated[str | None, Field(description="Whom M-PESA says it paid.")]
    originator_conversation_id: Annotated[str, Field(description="Our own id of it.")]
    conversation_id: Annotated[str | None, Field(description="Daraja's id of it.")]
    result_code: ResultCode
    result_text: str | None
    needs_review: Review
    review_reason: str | None
    user_id: str | None
    metadata: dict[str, Any]
    created_at: datetime
    updated_at: datetime


class PayoutAnswer(Payout):
    """A payout after its order: `accepted` says that M-PESA will try."""

    outcome: Literal["accepted"]


class PayoutUnknown(Payout):
    """A payout that was ordered and never acknowledged. It is not ordered again."""

    outcome: Literal["unknown"]
    message: Sentence
    advice: Sentence
    retry: Retry


class PayoutTrouble(Trouble):
    """No to a payout."""

    payout: Payout


class Account(Answer):
    """One account, in its currency."""

    name: str
    currency: str
    current: Decimal
    available: Decimal
    reserved: Decimal
    uncleared: Decimal


class KnownBalance(Answer):
    """What was answered last."""

    accounts: list[Account]
    answered_at: datetime | None


class Balance(Answer):
    """What the accounts hold; `accounts` is null while no result has come."""

    status: Status
    asked_at: datetime
    result_code: str | None
    result_text: str | None
    accounts: list[Account] | None
    last_known: KnownBalance | None


class BalanceTrouble(Balance):
    """No to a balance."""

    error: Sentence


class Happened(Answer):
    """One thing that happened."""

    at: datetime
    what: str
    detail: str | None


class PaymentSeen(Answer):
    """A payment, and what happened to it, oldest first."""

    payment: Payment
    timeline: list[Happened]


class PaymentPage(Answer):
    """Payments, newest first; `more` says that there are older ones."""

    payments: list[Payment]
    more: bool


class PayoutSeen(Answer):
    """A payout, and what happened to it, oldest first."""

    payout: Payout
    timeline: list[Happened]


class PayoutPage(Answer):
    """Payouts, newest first; `more` says that there are older ones."""

    payouts: list[Payout]
    more: bool


class Detail(Answer):
    """One mistake."""

    field: str
    problem: str


class Refusal(Answer):
    """A request that was not done, and why."""

    error: Sentence
    details: list[Detail]


class TooOften(Refusal):
    """A request that comes too often; `Retry-After` says in how many seconds one more may come."""

    customer_message: ForCustomer


class Received(Answer):
    """What Daraja is answered: 0 says that it is safe here."""

    ResultCode: Literal[0, 1]
    ResultDesc: str


class AmountRule(Answer):
    """How amounts are given."""

    unit: str
    minimum: int


class Info(Answer):
    """Who the merchant is and what can be asked."""

    name: str
    environment: Literal["sandbox", "production"]
    shortcode: str
    daraja: str
    callback: str
    currency: Literal["KES"]
    amount: AmountRule
    endpoints: dict[str, str]


class Checked(Answer):
    """One thing that was looked at; `mend` says how, when it is not ok."""

    name: str
    level: Literal["ok", "warning", "problem"]
    found: str
    mend: str


class Readiness(Answer):
    """What is configured, and what can be reached; `ready` is false when a check is a problem."""

    ready: bool
    configured: dict[str, str]
    checks: list[Checked]


class Health(Answer):
    """Whether it can work."""

    status: Literal["ok", "down"]
    database: str


class Document(RootModel[dict[str, Any]]):
    """An OpenAPI document."""
