"""What the parameters of a Result say, by product: payouts, balances, statuses, reversals, B2B."""

import re
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from mpesa_pochi.callback_fields import refused
from mpesa_pochi.errors import PhoneNumberError, RefusalReason
from mpesa_pochi.parameters import Parameters
from mpesa_pochi.phone import normalise

_NUMBER = r"(-?[0-9]{1,12}(?:\.[0-9]{1,4})?)"
_ACCOUNT = re.compile(
    rf"([^|&][^|]{{0,99}})\|([A-Z]{{3}})\|{_NUMBER}\|{_NUMBER}\|{_NUMBER}\|{_NUMBER}(?:&|$)"
)
_CHARGE = re.compile(rf"([^|&][^|]{{0,99}})\|([A-Z]{{3}})\|{_NUMBER}(?:&|$)")
_BASIC = re.compile(rf"BasicAmount={_NUMBER}[,}}]")
_MINIMUM = re.compile(r"MinimumAmount=(-?[0-9]{1,14})[,}]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Party:
    """Who paid or was paid.

    Attributes:
        number: a phone as twelve digits (Daraja also sends `07…`, seen), or a shortcode.
        name: as M-PESA knows it; may be empty.
    """

    number: str
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """One account of an organisation, in shillings (or `currency`).

    The order of the four numbers is worked out from Daraja's one sample in which they differ:
    `current` is the sum of the others (guessed; its documentation names only three).
    """

    name: str
    currency: str
    current: Decimal
    available: Decimal
    reserved: Decimal
    uncleared: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Charge:
    name: str
    currency: str
    amount: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class PayoutReport:
    """A B2C or Pochi payout that was made. Balances are of the organisation, afterwards."""

    amount: Decimal
    receipt: str
    receiver: Party | None
    registered: bool | None
    completed_at: datetime | None
    utility_balance: Decimal | None
    working_balance: Decimal | None
    charges_balance: Decimal | None


@dataclass(frozen=True, slots=True, kw_only=True)
class B2BReport:
    """A payment to a paybill or till that was made.

    A till's may say almost nothing (seen): then `amount` is None, and your own record has it.
    """

    receipt: str
    amount: Decimal | None
    currency: str | None
    receiver: Party | None
    completed_at: datetime | None
    debit_balance: Decimal | None
    initiator_balance: Decimal | None
    affected_accounts: tuple[Account, ...]
    charges: tuple[Charge, ...]
    reference: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class StatusReport:
    """A transaction that was asked about. Asking can succeed although the transaction did not.

    Attributes:
        status: `Completed`; Initiated, Authorized, Pending Authorized, Cancelled, Declined and
            Expired are documented.
        receipt: of the transaction.
        conversation_id: of the transaction, not of the asking; so is `originator_conversation_id`.
    """

    status: str
    receipt: str | None
    amount: Decimal | None
    debit_party: Party | None
    credit_party: Party | None
    initiated_at: datetime | None
    finalised_at: datetime | None
    reason_type: str | None
    transaction_reason: str | None
    debit_account_type: str | None
    debit_charges: tuple[Charge, ...]
    credit_charges: tuple[Charge, ...]
    conversation_id: str | None
    originator_conversation_id: str | None

    @property
    def completed(self) -> bool:
        return self.status.casefold() == "completed"


@dataclass(frozen=True, slots=True, kw_only=True)
class ReversalReport:
    """A payment that was given back. All but `receipt`, the reversal's own, may be missing
    (seen, 2017).
    """

    receipt: str
    original_receipt: str | None
    amount: Decimal | None
    charge: Decimal | None
    completed_at: datetime | None
    debit_accounts: tuple[Account, ...]
    debit_party: Party | None
    credit_party: Party | None


def payout(parameters: Parameters, receipt: str) -> PayoutReport:
    amount = parameters.money("TransactionAmount")
    if amount is None:
        raise refused(RefusalReason.MISSING_FIELD, "the TransactionAmount parameter, or its Value")
    registered = parameters.text("B2CRecipientIsRegisteredCustomer")
    return PayoutReport(
        amount=amount,
        receipt=parameters.text("TransactionReceipt") or receipt,
        receiver=_party(parameters, "ReceiverPartyPublicName"),
        registered=None if registered is None else registered.upper() == "Y",
        completed_at=parameters.moment("TransactionCompletedDateTime"),
        utility_balance=parameters.money("B2CUtilityAccountAvailableFunds"),
        working_balance=parameters.money("B2CWorkingAccountAvailableFunds"),
        charges_balance=parameters.money("B2CChargesPaidAccountAvailableFunds"),
    )


def b2b(parameters: Parameters, references: Parameters, receipt: str) -> B2BReport:
    # Captures say DebitAccountCurrentBalance, Daraja's samples DebitAccountBalance.
    debit = ("DebitAccountCurrentBalance", "DebitAccountBalance")
    return B2BReport(
        receipt=receipt,
        amount=parameters.money("Amount"),
        currency=parameters.text("Currency"),
        receiver=_party(parameters, "ReceiverPartyPublicName", "CreditPartyPublicName"),
        completed_at=parameters.moment("TransCompletedTime", "TransactionCompletedTime"),
        debit_balance=_basic_amount(parameters, *debit),
        initiator_balance=_basic_amount(parameters, "InitiatorAccountCurrentBalance"),
        affected_accounts=accounts(parameters, "DebitPartyAffectedAccountBalance"),
        charges=_charges(parameters, "DebitPartyCharges"),
        reference=references.text("BillReferenceNumber"),
    )


def status(parameters: Parameters) -> StatusReport:
    found = parameters.text("TransactionStatus")
    if found is None:
        raise refused(RefusalReason.MISSING_FIELD, "the TransactionStatus parameter, or its Value")
    return StatusReport(
        status=found,
        receipt=parameters.text("ReceiptNo"),
        amount=parameters.money("Amount"),
        debit_party=_party(parameters, "DebitPartyName"),
        credit_party=_party(parameters, "CreditPartyName"),
        initiated_at=parameters.moment("InitiatedTime"),
        finalised_at=parameters.moment("FinalisedTime", "FinalizedTime"),
        reason_type=parameters.text("ReasonType"),
        transaction_reason=parameters.text("TransactionReason"),
        debit_account_type=parameters.text("DebitAccountType"),
        debit_charges=_charges(parameters, "DebitPartyCharges"),
        credit_charges=_charges(parameters, "CreditPartyCharges"),
        conversation_id=parameters.text("ConversationID", "Conversation ID"),
        originator_conversation_id=parameters.text(
            "OriginatorConversationID", "Originator Conversation ID"
        ),
    )


def reversal(parameters: Parameters, receipt: str) -> ReversalReport:
    return ReversalReport(
        receipt=receipt,
        original_receipt=parameters.text("OriginalTransactionID"),
        amount=parameters.money("Amount"),
        charge=parameters.money("Charge"),
        completed_at=parameters.moment("TransCompletedTime"),
        debit_accounts=accounts(parameters, "DebitAccountBalance"),
        debit_party=_party(parameters, "DebitPartyPublicName"),
        credit_party=_party(parameters, "CreditPartyPublicName"),
    )


def accounts(parameters: Parameters, name: str = "AccountBalance") -> tuple[Account, ...]:
    """The accounts of `Working Account|KES|700.00|700.00|0.00|0.00&Utility Account|…`; none if the
    parameter is absent or empty.

    Raises:
        CallbackRefused: it is not of this form.
    """
    return tuple(
        Account(
            name=account,
            currency=currency,
            current=Decimal(current),
            available=Decimal(available),
            reserved=Decimal(reserved),
            uncleared=Decimal(uncleared),
        )
        for account, currency, current, available, reserved, uncleared in _piped(
            parameters, name, _ACCOUNT
        )
    )


def _charges(parameters: Parameters, name: str) -> tuple[Charge, ...]:
    """`Business Pay Bill Charge|KES|77.00`, several joined by `&`; absent when free (seen)."""
    return tuple(
        Charge(name=charge, currency=currency, amount=Decimal(amount))
        for charge, currency, amount in _piped(parameters, name, _CHARGE)
    )


def _piped(parameters: Parameters, name: str, form: re.Pattern[str]) -> list[tuple[str, ...]]:
    """Each piece of the text, which must be made of such pieces from end to end."""
    text = parameters.text(name) or ""
    pieces: list[tuple[str, ...]] = []
    at = 0
    while at < len(text):
        piece = form.match(text, at)
        if piece is None:
            raise refused(
                RefusalReason.WRONG_VALUE, f"{name} must be name|currency|numbers, joined by &"
            )
        pieces.append(piece.groups(""))
        at = piece.end()
    return pieces


def _basic_amount(parameters: Parameters, *names: str) -> Decimal | None:
    """The amount in `{Amount={CurrencyCode=KES, MinimumAmount=19997900, BasicAmount=199979.00}}`,
    in any order; MinimumAmount is in cents (seen). None when it has neither.
    """
    text = parameters.text(*names) or ""
    basic = _BASIC.search(text)
    if basic is not None:
        return Decimal(basic[1])
    minimum = _MINIMUM.search(text)
    return None if minimum is None else Decimal(minimum[1]).scaleb(-2)


def _party(parameters: Parameters, *names: str) -> Party | None:
    """`254708374149 - John Doe`, also `0708374149 - …` (seen) and `600000 - Test Biller`."""
    text = parameters.text(*names)
    if text is None:
        return None
    number, _dash, name = text.partition(" - ")
    try:
        number = normalise(number)
    except PhoneNumberError:
        number = number.strip()
    return Party(number=number, name=name.strip())
