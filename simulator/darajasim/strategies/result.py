"""Results of commands, in every form that has been captured or documented."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from hypothesis import strategies as st

from darajasim.core.catalogue import Row, catalogue
from darajasim.operations.balances import java_map, piped
from darajasim.operations.command_result import Pair, Result, letter, money, whole
from darajasim.strategies.amount import amounts
from darajasim.strategies.arguments import choice
from darajasim.strategies.callback import Callback, Claim
from darajasim.strategies.identifier import MOMENTS, NUMBERS, receipt, request_id
from darajasim.strategies.identifier import conversation_id as conversation
from darajasim.strategies.phone import msisdns
from darajasim.strategies.stk_callback import fixed_amount, fixed_phone, fixed_text

OPERATIONS = (
    "b2c_payment",
    "b2pochi_payment",
    "b2b_payment",
    "tax_remittance",
    "account_balance",
    "transaction_status",
    "reversal",
)
"""What is answered by a Result."""
_ASKING = frozenset({"account_balance", "transaction_status"})
_TO_CUSTOMERS = frozenset({"b2c_payment", "b2pochi_payment"})
_BETWEEN_BUSINESSES = frozenset({"b2b_payment", "tax_remittance"})
_URL = "https://internalsandbox.safaricom.co.ke/mpesa/{}results/v1/submit"
_DUKA = "600998 - Duka"


def results(
    *,
    operation: str | None = None,
    succeeded: bool | None = None,
    phone: str | None = None,
    amount: int | None = None,
    conversation_id: str | None = None,
    originator_conversation_id: str | None = None,
) -> st.SearchStrategy[Callback]:
    """Valid Result callbacks; the simplest is of a payout of one shilling.

    They vary as captures do: what looks like a number sent as one or as text, empty values without
    their key, one parameter as an object and several as an array, the order of the two ids.

    Args:
        operation: what was asked for, such as `b2c_payment`; None for any of the seven.
        succeeded: True, False, or None for both.
        phone: of the customer who is paid, as 2547XXXXXXXX; None for any.
        amount: whole shillings; None for any.
        conversation_id: from the acknowledgement; None for any.
        originator_conversation_id: likewise.

    Raises:
        InvalidArgument: an argument is none of that.
    """
    choice("operation", operation, (None, *OPERATIONS))
    choice("succeeded", succeeded, (None, True, False))
    fixed_phone(phone)
    fixed_amount(amount)
    fixed_text("conversation_id", conversation_id)
    fixed_text("originator_conversation_id", originator_conversation_id)

    # Everything is drawn whatever was asked for, so that nothing is simpler than a payout.
    def callback(
        *,
        ending: tuple[str, Row],
        at: datetime,
        msisdn: str,
        shillings: int,
        number: int,
        form: _Form,
    ) -> Callback:
        asked, row = ending
        moved = asked not in _ASKING and row.code == "0"
        claim = Claim(
            code=row.code,
            operation=asked,
            receipt=receipt(at, number),
            paid_at=at,
            conversation_id=conversation_id or conversation(at, number),
            originator_conversation_id=originator_conversation_id or request_id(number),
            amount=shillings if moved else None,
            phone=msisdn if moved and asked in _TO_CUSTOMERS else None,
        )
        return Callback("result", claim, _raw(row, claim, form))

    asked_for = OPERATIONS if operation is None else (operation,)
    return st.builds(
        callback,
        ending=st.sampled_from(
            [(each, row) for each in asked_for for row in _rows(each, succeeded)]
        ),
        at=MOMENTS,
        msisdn=msisdns() if phone is None else st.just(phone),
        shillings=amounts() if amount is None else st.just(amount),
        number=NUMBERS,
        form=_FORMS,
    )


def _rows(operation: str, succeeded: bool | None) -> list[Row]:  # noqa: FBT001  # as asked for
    """What a command may end with: what is its own, and what is anybody's."""
    anybody = catalogue().coded("result", "0").operation
    rows = [
        row
        for row in catalogue().rows
        if row.surface == "result" and row.operation in (operation, anybody)
    ]
    return [row for row in rows if succeeded is None or succeeded == (row.code == "0")]


@dataclass(frozen=True, slots=True)
class _Form:
    """How a result says it, and what it tells beside the payment itself.

    Attributes:
        other: a number for what is reported of another payment.
    """

    text: int
    plain: bool
    full: bool
    name: str
    balance: int
    other: int


_FORMS = st.builds(
    _Form,
    text=st.integers(0, 3),
    plain=st.booleans(),
    full=st.booleans(),
    name=st.sampled_from(("JANE WANJIKU", "John Otieno", "SAMUEL")),
    balance=st.integers(0, 10**9),
    other=st.integers(1, 250_000),
)


def _raw(row: Row, claim: Claim, form: _Form) -> bytes:
    operation = claim.operation or ""
    parameters: Sequence[Pair] = ()
    if claim.succeeded:
        parameters = _PARAMETERS[operation](claim, form)
    elif operation == "account_balance":
        parameters = (("BOCompletedTime", _stamp(claim)),)
    result = Result(
        code=row.code,
        text=row.texts[form.text % len(row.texts)],
        originator_conversation_id=claim.originator_conversation_id or "",
        conversation_id=claim.conversation_id or "",
        transaction_id=claim.receipt or "",
        parameters=parameters,
        references=_references(operation, form),
    )
    # The documents print every value of a balance as text; traffic types it by its look.
    documented = operation == "account_balance" and form.plain
    return letter("", result, documented=documented).body


def _references(operation: str, form: _Form) -> Sequence[Pair]:
    url: Pair = ("QueueTimeoutURL", _URL.format(operation[:3]))
    if operation == "transaction_status":
        return (("Occasion", "refund" if form.full else None),)
    if operation in _BETWEEN_BUSINESSES:
        return (("BillReferenceNumber", "353353"), url, ("Occassion", None))
    return () if form.full else (url,)


def _stamp(claim: Claim) -> str:
    return f"{claim.paid_at:%Y%m%d%H%M%S}"


def _amount(claim: Claim, form: _Form) -> int | Decimal:
    """`10` or `10.00` (both seen)."""
    cents = (claim.amount or 0) * 100
    return money(cents) if form.plain else whole(cents)


def _payout(claim: Claim, form: _Form) -> Sequence[Pair]:
    """Eight parameters in the order of all captures since 2018."""
    return (
        ("TransactionAmount", _amount(claim, form)),
        ("TransactionReceipt", claim.receipt),
        ("ReceiverPartyPublicName", f"{claim.phone} - {form.name}"),
        ("TransactionCompletedDateTime", f"{claim.paid_at:%d.%m.%Y %H:%M:%S}"),
        ("B2CUtilityAccountAvailableFunds", money(form.balance)),
        ("B2CWorkingAccountAvailableFunds", money(0)),
        ("B2CRecipientIsRegisteredCustomer", "N" if form.full else "Y"),
        ("B2CChargesPaidAccountAvailableFunds", money(-form.balance)),
    )


def _business(claim: Claim, form: _Form) -> Sequence[Pair]:
    """Eight of a paybill's, the charge without a value when there was none."""
    balance = java_map(form.balance)
    return (
        ("Currency", "KES"),
        ("ReceiverPartyPublicName", _DUKA),
        ("DebitPartyCharges", "Business Pay Bill Charge|KES|5.00" if form.full else None),
        ("TransCompletedTime", _stamp(claim)),
        ("DebitPartyAffectedAccountBalance", piped("Working Account", form.balance)),
        ("Amount", _amount(claim, form)),
        ("DebitAccountCurrentBalance", balance),
        ("InitiatorAccountCurrentBalance", balance),
    )


def _accounts(claim: Claim, form: _Form) -> Sequence[Pair]:
    """Three accounts of a B2C shortcode or five of a paybill; ActionType leads since 2026."""
    names = ["Working Account", "Utility Account", "Charges Paid Account"]
    if form.full:
        names += ["Merchant Account", "Organization Settlement Account"]
    told: Sequence[Pair] = (
        ("AccountBalance", "&".join(piped(name, form.balance) for name in names)),
        ("BOCompletedTime", _stamp(claim)),
    )
    return told if form.plain else (("ActionType", "AccountBalance"), *told)


def _status(claim: Claim, form: _Form) -> Sequence[Pair]:
    """The thirteen of a production capture of 2024."""
    return (
        ("DebitPartyName", _DUKA),
        ("CreditPartyName", f"254722000000 - {form.name}"),
        ("OriginatorConversationID", claim.originator_conversation_id),
        ("InitiatedTime", _stamp(claim)),
        ("DebitPartyCharges", "B2C Charge|KES|5.00" if form.full else None),
        ("DebitAccountType", "Utility Account"),
        ("TransactionReason", None),
        ("ReasonType", "Business Payment to Customer via API"),
        ("TransactionStatus", "Completed"),
        ("FinalisedTime", _stamp(claim)),
        ("Amount", form.other),
        ("ConversationID", claim.conversation_id),
        ("ReceiptNo", claim.receipt),
    )


def _reversal(claim: Claim, form: _Form) -> Sequence[Pair]:
    """Seven; a forced success of 2017 listed nothing."""
    return (
        ("DebitAccountBalance", piped("Utility Account", form.balance)),
        ("Amount", _amount(claim, form)),
        ("TransCompletedTime", _stamp(claim)),
        ("OriginalTransactionID", f"{(claim.receipt or '')[:3]}0{form.other:06d}"),
        ("Charge", money(0)),
        ("CreditPartyPublicName", f"254722000000 - {form.name}"),
        ("DebitPartyPublicName", _DUKA),
    )


_PARAMETERS: Mapping[str, Callable[[Claim, _Form], Sequence[Pair]]] = {
    "b2c_payment": _payout,
    "b2pochi_payment": _payout,
    "b2b_payment": _business,
    "tax_remittance": _business,
    "account_balance": _accounts,
    "transaction_status": _status,
    "reversal": _reversal,
}
