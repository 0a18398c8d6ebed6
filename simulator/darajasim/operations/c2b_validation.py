"""What a merchant's answer to a C2B validation means. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from darajasim.core.catalogue import Row, UnknownKeyError, catalogue
from darajasim.core.courier import Receipt
from darajasim.core.wire import MalformedJson, loads
from darajasim.operations.fields import scalar, shown

COMPLETED = "Completed"
CANCELLED = "Cancelled"
OTHER = "C2B00016"
"""Stands for every way to cancel that has no code of its own."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether the payment goes on.

    Attributes:
        code: None: it does; else the C2B code that cancels it.
        text: why it is cancelled.
        third_party_id: the merchant's own id for it, which the confirmation repeats.
    """

    code: str | None = None
    text: str = ""
    third_party_id: str = ""


PAY = Verdict()


def judged(receipt: Receipt, response_type: str) -> Verdict:
    """Read an answer. ResultCode 0, as text or number, pays; anything else cancels (documented;
    the number is seen). No answer in time, another status than 2xx or a body that is no JSON
    object says nothing, and ResponseType decides (documented for the first, guessed for the rest).
    """
    answer, silence = _read(receipt)
    if silence:
        if response_type == COMPLETED:
            return PAY
        return Verdict(OTHER, f"{silence}, and ResponseType is {response_type}")
    code = scalar(answer.get("ResultCode"))
    if code == "0":
        return Verdict(third_party_id=scalar(answer.get("ThirdPartyTransID")) or "")
    row = rejection(code or "")
    if row is not None:
        return Verdict(row.code, row.text)
    found = shown(answer["ResultCode"]) if "ResultCode" in answer else "none"
    return Verdict(OTHER, f"the validation answered ResultCode {found}")


def rejection(code: str) -> Row | None:
    """The catalogue's row for a code with which a merchant rejects a payment, or None."""
    if not code.startswith("C2B"):
        return None
    try:
        return catalogue().coded("c2b", code)
    except UnknownKeyError:
        return None


def _read(receipt: Receipt) -> tuple[Mapping[str, Any], str]:
    """The answer's fields, and why it says nothing, or ""."""
    if receipt.status is None:
        return {}, f"the validation had no answer ({receipt.error})"
    if not 200 <= receipt.status < 300:
        return {}, f"the validation was answered HTTP {receipt.status}"
    try:
        answer = loads(receipt.answer.encode("utf-8", "replace"))
    except MalformedJson as error:
        return {}, f"the answer to the validation is not JSON ({error})"
    if not isinstance(answer, dict):
        return {}, "the answer to the validation is no JSON object"
    return answer, ""
