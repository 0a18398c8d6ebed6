"""Callbacks of M-Pesa Express, in every form that has been captured or documented."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from itertools import permutations
from typing import Any

from hypothesis import strategies as st
from hypothesis.errors import InvalidArgument

from darajasim.core.catalogue import Row, catalogue
from darajasim.core.msisdn import is_msisdn
from darajasim.core.wire import dumps
from darajasim.strategies.amount import amounts
from darajasim.strategies.arguments import choice, whole_range
from darajasim.strategies.callback import Callback, Claim
from darajasim.strategies.identifier import MOMENTS, NUMBERS, receipt, request_id
from darajasim.strategies.identifier import checkout_request_id as checkout_id
from darajasim.strategies.phone import msisdns


def stk_callbacks(
    *,
    paid: bool | None = None,
    phone: str | None = None,
    amount: int | None = None,
    checkout_request_id: str | None = None,
    merchant_request_id: str | None = None,
) -> st.SearchStrategy[Callback]:
    """Valid callbacks of a push that has ended; the simplest is of one shilling paid.

    They vary as captures do: ResultCode as a number or as text, amounts as `60` or `60.00`, the
    Balance item with no value, with one, or absent, items in any order, ids of every era, every
    code with each of its texts.

    Args:
        paid: True for payments, False for failures, None for both.
        phone: of the payment that they are about, as 2547XXXXXXXX; None for any.
        amount: likewise, in whole shillings.
        checkout_request_id: likewise, from the acknowledgement.
        merchant_request_id: likewise.

    Raises:
        InvalidArgument: an argument is none of that.
    """
    choice("paid", paid, (None, True, False))
    fixed_phone(phone)
    fixed_amount(amount)
    fixed_text("checkout_request_id", checkout_request_id)
    fixed_text("merchant_request_id", merchant_request_id)
    rows = _rows(paid)

    # Everything is drawn whatever the code, so that a payment is no longer than a failure and the
    # simplest callback is of one.
    def callback(
        *, row: Row, at: datetime, msisdn: str, shillings: int, number: int, form: _Form
    ) -> Callback:
        now = row.code == "0"
        claim = Claim(
            code=row.code,
            checkout_request_id=checkout_request_id or checkout_id(at, msisdn, number),
            merchant_request_id=merchant_request_id or request_id(number),
            amount=shillings if now else None,
            receipt=receipt(at, number) if now else None,
            phone=msisdn if now else None,
            paid_at=at if now else None,
        )
        return Callback("stk", claim, dumps(_body(row, claim, form)))

    return st.builds(
        callback,
        row=st.sampled_from(rows),
        at=MOMENTS,
        msisdn=msisdns() if phone is None else st.just(phone),
        shillings=amounts() if amount is None else st.just(amount),
        number=NUMBERS,
        form=_FORMS,
    )


def fixed_phone(phone: object) -> None:
    """Nothing, if it is None or an MSISDN.

    Raises:
        InvalidArgument: it is neither.
    """
    if phone is not None and not (isinstance(phone, str) and is_msisdn(phone)):
        raise InvalidArgument(
            f"phone is twelve digits, 2547XXXXXXXX or 2541XXXXXXXX, not {phone!r}"
        )


def fixed_amount(amount: object) -> None:
    """Nothing, if it is None or whole shillings.

    Raises:
        InvalidArgument: it is neither.
    """
    if amount is not None:
        whole_range(min_value=amount, max_value=amount, low=1, high=10**9, what="shillings")


def fixed_text(name: str, value: object) -> None:
    """Nothing, if it is None or a text.

    Raises:
        InvalidArgument: it is neither.
    """
    if value is not None and not (isinstance(value, str) and value):
        raise InvalidArgument(f"{name} is a text, not {value!r}")


def _rows(paid: bool | None) -> list[Row]:  # noqa: FBT001  # what the strategy was asked for
    """What a push may end with."""
    ended = [row for row in catalogue().rows if row.surface == "stk" and row.terminal]
    return [row for row in ended if paid is None or paid == (row.code == "0")]


@dataclass(frozen=True, slots=True)
class _Form:
    """How a callback says it: the text, the type of the code, the items and their order."""

    text: int
    as_text: bool
    whole: bool
    balance: str
    order: Sequence[int]


_FORMS = st.builds(
    _Form,
    text=st.integers(0, 3),
    as_text=st.booleans(),
    whole=st.booleans(),
    balance=st.sampled_from(("bare", "absent", "present")),
    order=st.sampled_from(list(permutations(range(5)))),
)


def _body(row: Row, claim: Claim, form: _Form) -> dict[str, Any]:
    as_text = form.as_text or row.json_type != "integer"
    fields: dict[str, Any] = {
        "MerchantRequestID": claim.merchant_request_id,
        "CheckoutRequestID": claim.checkout_request_id,
        "ResultCode": row.code if as_text else int(row.code),
        "ResultDesc": row.texts[form.text % len(row.texts)],
    }
    if claim.succeeded:
        fields["CallbackMetadata"] = {"Item": _items(claim, form)}
    return {"Body": {"stkCallback": fields}}


def _items(claim: Claim, form: _Form) -> list[dict[str, Any]]:
    balance = {"Value": Decimal("0.00")} if form.balance == "present" else {}
    items: list[dict[str, Any]] = [
        {"Name": "Amount", "Value": claim.amount if form.whole else Decimal(f"{claim.amount}.00")},
        {"Name": "MpesaReceiptNumber", "Value": claim.receipt},
        {"Name": "Balance", **balance},
        {"Name": "TransactionDate", "Value": int(f"{claim.paid_at:%Y%m%d%H%M%S}")},
        {"Name": "PhoneNumber", "Value": int(claim.phone or 0)},
    ]
    ordered = [items[place] for place in form.order]
    return [item for item in ordered if form.balance != "absent" or item["Name"] != "Balance"]
