"""Confirmations of C2B payments, in every form that has been captured or documented."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from hypothesis import strategies as st

from darajasim.core.profile import PROFILES, Profile
from darajasim.core.wire import dumps
from darajasim.operations import c2b_callback
from darajasim.operations.c2b_callback import Told
from darajasim.strategies.amount import amounts
from darajasim.strategies.callback import Callback, Claim
from darajasim.strategies.identifier import MOMENTS, NUMBERS, receipt
from darajasim.strategies.phone import msisdns
from darajasim.strategies.reference import references
from darajasim.strategies.stk_callback import fixed_amount, fixed_phone, fixed_text

NUMBER_FORMS = ("plain", "masked", "hashed", "hashed-masked")
NAMES = ("JANE", "JANE WANJIKU", "John Otieno Odhiambo", "MARY-ANNE O'BRIEN", "Zawadi Çelik")


def confirmations(
    *,
    phone: str | None = None,
    amount: int | None = None,
    shortcode: str | None = None,
    reference: str | None = None,
) -> st.SearchStrategy[Callback]:
    """Valid confirmations of what customers paid to a paybill or a till.

    They vary as captures do: the number in the open, masked, hashed, or its hash masked; one name
    or three; the words of a till; with the account number or, of a till, without.

    Args:
        phone: the payer's, as 2547XXXXXXXX; None for any.
        amount: whole shillings; None for any.
        shortcode: who was paid; None for any.
        reference: the account number that the customer typed; "" for a till, None for any.

    Raises:
        InvalidArgument: an argument is none of that.
    """
    fixed_phone(phone)
    fixed_amount(amount)
    fixed_text("shortcode", shortcode)
    if reference != "":
        fixed_text("reference", reference)

    def callback(
        *,
        payer: str,
        shillings: int,
        paid: str,
        account: str,
        at: datetime,
        number: int,
        form: _Form,
    ) -> Callback:
        claim = Claim(
            amount=shillings,
            receipt=receipt(at, number),
            phone=payer,
            paid_at=at,
            shortcode=paid,
            reference="" if reference is None and form.till else account,
        )
        return Callback("confirmation", claim, dumps(_body(claim, form)))

    return st.builds(
        callback,
        payer=msisdns() if phone is None else st.just(phone),
        shillings=amounts() if amount is None else st.just(amount),
        paid=st.integers(10_000, 9_999_999).map(str) if shortcode is None else st.just(shortcode),
        account=references() if reference is None else st.just(reference),
        at=MOMENTS,
        number=NUMBERS,
        form=_FORMS,
    )


@dataclass(frozen=True, slots=True)
class _Form:
    """How a confirmation says it, and what it tells beside the payment itself."""

    till: bool
    texts: str
    number: str
    name: str
    balance: int


_FORMS = st.builds(
    _Form,
    till=st.booleans(),
    texts=st.sampled_from(PROFILES),
    number=st.sampled_from(NUMBER_FORMS),
    name=st.sampled_from(NAMES),
    balance=st.integers(0, 10**9),
)


def _body(claim: Claim, form: _Form) -> dict[str, Any]:
    if claim.paid_at is None or claim.amount is None:
        raise AssertionError("a confirmation has both")
    told = Told(
        shortcode=claim.shortcode or "",
        payer=claim.phone or "",
        name=form.name,
        till=not claim.reference,
        receipt=claim.receipt or "",
        at=claim.paid_at.timestamp(),
        cents=claim.amount * 100,
        reference=claim.reference or "",
        balance=form.balance,
    )
    return dict(c2b_callback.body(Profile.named(form.texts, c2b_msisdn=form.number), 2, told))
