"""C2B callbacks: payments that customers make by themselves, and the answer to a validation.

Daraja signs nothing: a confirmation is a claim (`mpesa_pochi.callback`, `check_source`).
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from hashlib import sha256

from mpesa_pochi import callback_fields
from mpesa_pochi.errors import InvalidRequest, RefusalReason
from mpesa_pochi.phone import normalise

_PLAIN = re.compile(r"254[17][0-9]{8}")
_HIDDEN = re.compile(r"([0-9a-f]*)\*+([0-9a-f]*)")


class C2BRejection(StrEnum):
    """Why a payment is refused; it chooses the SMS that the customer gets (documented)."""

    MSISDN = "C2B00011"
    ACCOUNT_NUMBER = "C2B00012"
    AMOUNT = "C2B00013"
    KYC = "C2B00014"
    SHORTCODE = "C2B00015"
    OTHER = "C2B00016"


@dataclass(frozen=True, slots=True, kw_only=True)
class C2BPayment:
    """A payment to a paybill or till, about to be made (a validation) or made (a confirmation).

    Attributes:
        confirmed: whether the money has moved.
        receipt: `TransID`. Confirmations are rarely sent twice (seen): book each receipt once.
        transaction_type: `Pay Bill`; of a till `Customer Merchant Payment` (seen) or `Buy Goods`
            (documented).
        amount: shillings, exactly as sent.
        paid_at: aware, Nairobi.
        reference: the account number that the customer typed; empty for a till.
        balance: of the organisation's account afterwards; None in a validation.
        third_party_trans_id: what the validation's answer gave.
        msisdn: as sent: plain, masked (`2547 ***** 149`), its SHA-256, or that masked (all seen);
            `is_from` compares it with a phone.
        first_name: often the only name there is (seen).
    """

    confirmed: bool
    receipt: str
    transaction_type: str
    amount: Decimal
    paid_at: datetime
    shortcode: str
    reference: str
    invoice_number: str
    balance: Decimal | None
    third_party_trans_id: str
    msisdn: str
    first_name: str
    middle_name: str
    last_name: str

    @property
    def name(self) -> str:
        """All the names that were sent."""
        return " ".join(filter(None, (self.first_name, self.middle_name, self.last_name)))

    @property
    def phone(self) -> str | None:
        """The payer's twelve digits, if they were sent in the open."""
        return self.msisdn if _PLAIN.fullmatch(self.msisdn) else None

    def is_from(self, phone: str | int) -> bool:
        """Whether this phone may have paid: certain for a plain number or its hash, likely for a
        mask, of which seven digits can be seen.

        Raises:
            PhoneNumberError: it is no Kenyan mobile number.
        """
        number = normalise(phone)
        claimed = self.msisdn.replace(" ", "").lower()
        candidates = (number, sha256(number.encode()).hexdigest())
        hidden = _HIDDEN.fullmatch(claimed)
        if hidden is None:
            return claimed in candidates
        head, tail = hidden.groups()
        return bool(head and tail) and any(
            candidate.startswith(head) and candidate.endswith(tail) for candidate in candidates
        )


def parse_confirmation(raw: bytes | Mapping[str, object]) -> C2BPayment:
    """Reads the body of a confirmation: the money has moved. Any 2xx answers it.

    Every value is text in the captures; numbers are taken too.

    Raises:
        CallbackRefused: with the reason, for everything that is none.
    """
    return _parse(raw, confirmed=True)


def parse_validation(raw: bytes | Mapping[str, object]) -> C2BPayment:
    """Reads the body of a validation: M-PESA asks whether the customer may pay, and waits about
    eight seconds (documented) for a `validation_reply`.

    Raises:
        CallbackRefused: with the reason, for everything that is none.
    """
    return _parse(raw, confirmed=False)


def validation_reply(
    verdict: bool | str,  # noqa: FBT001 - yes, no, or why not
    *,
    third_party_trans_id: str | None = None,
) -> dict[str, str]:
    """What to answer to a validation, as JSON with status 200.

    Args:
        verdict: True to let the customer pay; False, or a `C2BRejection`, to refuse.
        third_party_trans_id: an id of your own; the confirmation has it again.

    Raises:
        InvalidRequest: a code that M-PESA does not know, or an id that is not one short line.
    """
    code = verdict
    if isinstance(verdict, bool):
        code = "0" if verdict else C2BRejection.OTHER
    if code not in {"0", *C2BRejection}:
        known = ", ".join(C2BRejection)
        raise InvalidRequest(f"verdict is True, False or one of {known}, not {str(code)[:40]!a}")
    reply = {"ResultCode": str(code), "ResultDesc": "Accepted" if code == "0" else "Rejected"}
    if third_party_trans_id is not None:
        if not third_party_trans_id.isprintable() or not 1 <= len(third_party_trans_id) <= 100:
            raise InvalidRequest("third_party_trans_id is 1 to 100 printable characters")
        reply["ThirdPartyTransID"] = third_party_trans_id
    return reply


def _parse(raw: bytes | Mapping[str, object], *, confirmed: bool) -> C2BPayment:
    fields = callback_fields.read(raw)
    if not isinstance(fields, dict):
        raise callback_fields.refused(RefusalReason.WRONG_SHAPE, "expected an object")
    balance = _text(fields, "OrgAccountBalance")
    amount = callback_fields.money("TransAmount", callback_fields.present(fields, "TransAmount"))
    if amount <= 0:
        raise callback_fields.refused(RefusalReason.WRONG_VALUE, "TransAmount must be above zero")
    return C2BPayment(
        confirmed=confirmed,
        receipt=callback_fields.identifier(fields, "TransID"),
        transaction_type=_text(fields, "TransactionType"),
        amount=amount,
        paid_at=callback_fields.moment("TransTime", callback_fields.present(fields, "TransTime")),
        shortcode=callback_fields.identifier(fields, "BusinessShortCode"),
        reference=_text(fields, "BillRefNumber"),
        invoice_number=_text(fields, "InvoiceNumber"),
        balance=callback_fields.money("OrgAccountBalance", balance) if balance else None,
        third_party_trans_id=_text(fields, "ThirdPartyTransID"),
        msisdn=_text(fields, "MSISDN"),
        first_name=_text(fields, "FirstName"),
        middle_name=_text(fields, "MiddleName"),
        last_name=_text(fields, "LastName"),
    )


def _text(fields: Mapping[str, object], name: str) -> str:
    """Text, or a number as text; empty when it is absent."""
    value = fields.get(name)
    if isinstance(value, int | Decimal) and not isinstance(value, bool):
        return str(value)
    return callback_fields.text(fields, name)
