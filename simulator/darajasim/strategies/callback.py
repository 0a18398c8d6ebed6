"""A callback as it arrives, and what it claims."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from darajasim.core.wire import loads


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """What a callback says of one payment; None where it says nothing.

    Attributes:
        code: ResultCode as text; "0" is success. A confirmation has none and is always of success.
        amount: whole shillings.
        receipt: M-PESA's receipt number.
        phone: twelve digits, also where the callback masks or hashes them.
        paid_at: aware, Nairobi, to the second.
        operation: of a result, what was asked for: `b2c_payment`.
        shortcode: of a confirmation; so is the reference, "" for a till.
    """

    code: str | None = None
    amount: int | None = None
    receipt: str | None = None
    phone: str | None = None
    paid_at: datetime | None = None
    merchant_request_id: str | None = None
    checkout_request_id: str | None = None
    originator_conversation_id: str | None = None
    conversation_id: str | None = None
    operation: str | None = None
    shortcode: str | None = None
    reference: str | None = None

    @property
    def succeeded(self) -> bool:
        return self.code in ("0", None)


@dataclass(frozen=True, slots=True)
class Callback:
    """A callback as the merchant receives it.

    Attributes:
        kind: as the journal calls it: `stk`, `result` or `confirmation`.
        claim: what it says.
        raw: the body's bytes.
    """

    kind: str
    claim: Claim
    raw: bytes

    @property
    def body(self) -> Any:
        """The body read as JSON; fractions are `Decimal`, with all their digits."""
        return loads(self.raw)

    @property
    def headers(self) -> dict[str, str]:
        return {"Content-Type": "application/json;charset=UTF-8"}
