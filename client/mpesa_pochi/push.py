"""What a push asks for, checked before anything leaves, and the acknowledgement it gets."""

from dataclasses import dataclass, field
from decimal import Decimal

from mpesa_pochi import phone as phones
from mpesa_pochi import weburl
from mpesa_pochi.errors import InvalidRequest
from mpesa_pochi.secret import Secret

TRANSACTION_TYPES = ("CustomerPayBillOnline", "CustomerBuyGoodsOnline")

HIGHEST = 999_999_999
"""Whole shillings. M-PESA's own ceiling (250 000 today) has moved three times; Daraja judges it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Push:
    """One request to pay, as it will be sent.

    Attributes:
        phone: 12 digits, of the customer who pays and is prompted.
        amount: whole shillings.
        callback_url: not shown, because its path may hold a token.
    """

    phone: str
    amount: int
    reference: str
    description: str
    callback_url: str = field(repr=False)
    transaction_type: str
    party_b: str

    @classmethod
    def checked(
        cls,
        *,
        phone: str | int,
        amount: int | Decimal,
        reference: str,
        description: str,
        callback_url: str,
        transaction_type: str,
        party_b: str,
        https_only: bool,
    ) -> "Push":
        """A push that Daraja can be asked for.

        Raises:
            InvalidRequest: an argument is wrong; `PhoneNumberError` when it is the phone.
        """
        complaint = weburl.complaint(callback_url, https_only=https_only)
        if complaint:
            raise InvalidRequest(f"callback_url {complaint}")
        if transaction_type not in TRANSACTION_TYPES:
            known = " or ".join(TRANSACTION_TYPES)
            raise InvalidRequest(f"transaction_type is {known}, not {transaction_type!a}")
        return cls(
            phone=phones.normalise(phone),
            amount=whole_shillings(amount),
            reference=_words("reference", reference),
            description=_words("description", description),
            callback_url=callback_url,
            transaction_type=transaction_type,
            party_b=_organisation(party_b),
        )

    def body(self, *, shortcode: str, password: Secret, timestamp: str) -> dict[str, str]:
        """The JSON body. It holds the password in the clear: send it, keep it nowhere.

        Every value is text, which Daraja takes as readily as numbers (seen: all-string traffic).
        """
        return {
            "BusinessShortCode": shortcode,
            "Password": password.reveal(),
            "Timestamp": timestamp,
            "TransactionType": self.transaction_type,
            "Amount": str(self.amount),
            "PartyA": self.phone,
            "PartyB": self.party_b,
            "PhoneNumber": self.phone,
            "CallBackURL": self.callback_url,
            "AccountReference": self.reference,
            "TransactionDesc": self.description,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class PushAccepted:
    """Daraja's acknowledgement: the customer will be prompted. Nothing has been paid yet."""

    merchant_request_id: str
    checkout_request_id: str
    response_code: str
    description: str
    customer_message: str


def whole_shillings(amount: object) -> int:
    """The amount as a whole number of shillings.

    Raises:
        InvalidRequest: it is no `int` or whole `Decimal`, or is below 1. Floats are refused, whole
            or not, because the sum that made one may already have gone wrong.
    """
    if isinstance(amount, bool) or not isinstance(amount, int | Decimal):
        kind = type(amount).__name__
        raise InvalidRequest(f"amount is whole shillings as an int or a whole Decimal, not {kind}")
    if isinstance(amount, Decimal) and not amount.is_finite():
        raise InvalidRequest(f"amount is a number of shillings, not {amount}")
    if amount < 1:
        raise InvalidRequest("amount is at least 1 shilling, M-PESA's smallest payment")
    if amount > HIGHEST:
        raise InvalidRequest(f"amount is at most {HIGHEST} shillings, far above M-PESA's ceiling")
    if amount != int(amount):
        raise InvalidRequest(
            f"amount is whole shillings: M-PESA has no cents, and this is {amount}"
        )
    return int(amount)


def checkout_id(value: object) -> str:
    """A CheckoutRequestID that can be asked about: opaque, but one printable word.

    Raises:
        InvalidRequest: it is not.
    """
    word = isinstance(value, str) and 1 <= len(value) <= 100 and value.isascii()
    if not (word and isinstance(value, str) and value.isprintable() and " " not in value):
        raise InvalidRequest(
            "checkout_request_id is the CheckoutRequestID of an accepted push, such as ws_CO_…:"
            " 1 to 100 printable ASCII characters without spaces"
        )
    return value


def _words(name: str, value: object) -> str:
    if not isinstance(value, str):
        raise InvalidRequest(f"{name} is text, not {type(value).__name__}")
    if not value.strip():
        # Daraja answers "Invalid Remarks", a field that the caller never sent.
        raise InvalidRequest(f"{name} is empty; Daraja requires one, and shows it to the customer")
    if not value.isprintable():
        raise InvalidRequest(f"{name} is one line of printable text, without control characters")
    return value


def _organisation(value: object) -> str:
    good = isinstance(value, str) and value.isascii() and value.isdigit() and 5 <= len(value) <= 9
    if not (good and isinstance(value, str)):
        raise InvalidRequest("party_b is the 5 to 9 digits of a paybill or till, as text")
    return value
