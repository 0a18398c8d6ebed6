"""Every error of the package.

    PochiError                     message, advice, retry
    ├── SettingsError              settings that cannot work; `mistakes` lists all of them
    ├── InvalidRequest             refused here, before anything was sent (also a ValueError)
    │   └── PhoneNumberError       not a Kenyan mobile number; `reason` says why
    ├── CallbackRefused            bytes that are no callback, or not of this payment; `reason`
    ├── Unreachable                no answer, and nothing can have happened to any money
    ├── UnknownOutcome             a call that moves money left and nothing says what became of it:
    │                              never repeat it before a query or a callback has settled it
    └── DarajaError                there was an answer, and it is a no: code, message, http_status
        ├── BadRequest             a field, the path or the method is wrong
        ├── CredentialsRefused     the token, the key and secret, the passkey or the shortcode
        ├── DuplicateRequest       the same was asked for before, and has been taken
        ├── SubscriberBusy         the customer has another prompt or USSD dialogue open
        ├── TransactionNotFound    a query for an id that Daraja does not know, or not yet
        ├── Throttled              too many calls, or Daraja is overloaded
        ├── Blocked                the firewall in front of Daraja
        ├── ServerFault            Daraja failed
        └── UnexpectedAnswer       nothing that Daraja is known to say

Codes, advice and the sense of a retry come from the catalogue (`mpesa_pochi.codes`). No error holds
a secret, and none is chained to an exception of the HTTP library, which would hold the request.
"""
# ruff: noqa: N818 - the names say what happened, not that they are errors

from enum import StrEnum

from mpesa_pochi.retry import Retry

__all__ = [
    "BadRequest",
    "Blocked",
    "CallbackRefused",
    "CredentialsRefused",
    "DarajaError",
    "DuplicateRequest",
    "InvalidRequest",
    "PhoneNumberError",
    "PhoneProblem",
    "PochiError",
    "RefusalReason",
    "Retry",
    "ServerFault",
    "SettingsError",
    "SubscriberBusy",
    "Throttled",
    "TransactionNotFound",
    "UnexpectedAnswer",
    "UnknownOutcome",
    "Unreachable",
]


class PhoneProblem(StrEnum):
    """Why something is not a Kenyan mobile number."""

    NOT_TEXT = "not text"
    EMPTY = "empty"
    LETTERS = "letters"
    FOREIGN_DIGITS = "digits other than 0 to 9"
    STRAY_CHARACTER = "a character that no phone number has"
    TOO_SHORT = "too short"
    TOO_LONG = "too long"
    LANDLINE = "a landline"
    NOT_MOBILE = "not a mobile number"
    FOREIGN = "a foreign number"


class RefusalReason(StrEnum):
    """Why a callback was refused: first for what it is, then for the payment it is not."""

    TOO_LARGE = "too large"
    NOT_UTF8 = "not UTF-8"
    NOT_JSON = "not JSON"
    TOO_DEEP = "nested too deeply"
    DUPLICATE_KEY = "the same key twice"
    BAD_NUMBER = "a number that is not finite or is absurdly long"
    WRONG_SHAPE = "not the shape of the callback that it should be"
    MISSING_FIELD = "a field is missing"
    DUPLICATE_ITEM = "the same metadata item twice"
    WRONG_TYPE = "a field of the wrong type"
    WRONG_VALUE = "a field with an impossible value"
    NOT_TERMINAL = "a code that does not end a payment"

    WRONG_CHECKOUT_ID = "another payment's CheckoutRequestID"
    WRONG_MERCHANT_ID = "another payment's MerchantRequestID"
    WRONG_AMOUNT = "another amount than was asked for"
    WRONG_PHONE = "another phone than was asked"
    STALE = "paid before it was asked for"
    REPLAYED = "already applied"
    CONTRADICTED = "another result than the one already applied"
    RECEIPT_REUSED = "a receipt that has paid for something else"
    WRONG_SOURCE = "sent from an address that is not Daraja's"
    WRONG_TOKEN = "sent without the URL's token"  # noqa: S105 - a reason, not a token


class PochiError(Exception):
    """What all errors of this package share.

    Attributes:
        message: what was expected and what was found.
        advice: what to do about it; may be empty.
        retry: whether doing the same again makes sense.
    """

    def __init__(self, message: str = "", *, advice: str = "", retry: Retry = Retry.NEVER) -> None:
        super().__init__(message)
        self.message = message
        self.advice = advice
        self.retry = retry

    def __str__(self) -> str:
        return _sentences(self.message, self.advice)


class SettingsError(PochiError):
    """Settings that cannot work. `mistakes` holds one sentence each, all of them at once."""

    def __init__(self, message: str = "", *, mistakes: tuple[str, ...] = ()) -> None:
        super().__init__(message)
        self.mistakes = mistakes

    def __str__(self) -> str:
        return "\n  - ".join((self.message, *self.mistakes))


class InvalidRequest(PochiError, ValueError):
    """An argument that Daraja would refuse or misread; nothing was sent."""


class PhoneNumberError(InvalidRequest):
    """Not a Kenyan mobile number."""

    def __init__(
        self, message: str = "", *, reason: PhoneProblem = PhoneProblem.NOT_TEXT, advice: str = ""
    ) -> None:
        super().__init__(message, advice=advice)
        self.reason = reason


class CallbackRefused(PochiError):
    """What arrived is not the callback it should be, or not one of what was asked for."""

    def __init__(
        self, message: str = "", *, reason: RefusalReason = RefusalReason.WRONG_SHAPE
    ) -> None:
        super().__init__(message)
        self.reason = reason

    def __str__(self) -> str:
        return f"callback refused, {self.reason.value}: {self.message}"


class Unreachable(PochiError):
    """No answer arrived.

    Calls that move money raise it only when they never left (`sent` is false, or it was the token
    request that was lost), so calling again is safe. After a lost query it is safe as well.
    """

    def __init__(
        self,
        message: str = "",
        *,
        operation: str = "",
        sent: bool = False,
        advice: str = "Check the network and MPESA_BASE_URL, then call again.",
    ) -> None:
        super().__init__(message, advice=advice, retry=Retry.NOW)
        self.operation = operation
        self.sent = sent

    def __str__(self) -> str:
        return f"{self.operation}: no answer from Daraja: {super().__str__()}"


class UnknownOutcome(PochiError):
    """A call that moves money was sent, and no answer says whether Daraja accepted it.

    After a push the customer may be typing the PIN now; a payout may be on its way. Sending again
    can move the money twice.

    Attributes:
        operation: `stk_push`, `b2c_payment`, `b2pochi_payment`, `reversal` or `c2b_simulate`.
        http_status: of the answer, 0 when none came.
        key: the catalogue's name of the answer; empty when none came or none fits.
        checkout_request_id: of a push, when the answer held one although it was no acknowledgement.
        merchant_request_id: likewise.
        originator_conversation_id: of a payout, as it was sent: `transaction_status` asks with it.
    """

    def __init__(
        self,
        message: str = "",
        *,
        operation: str = "stk_push",
        http_status: int = 0,
        key: str = "",
        checkout_request_id: str | None = None,
        merchant_request_id: str | None = None,
        originator_conversation_id: str | None = None,
    ) -> None:
        super().__init__(message, advice=_UNKNOWN_ADVICE.get(operation, _UNKNOWN_PAYOUT))
        self.operation = operation
        self.code = ""
        self.key = key
        self.http_status = http_status
        self.checkout_request_id = checkout_request_id
        self.merchant_request_id = merchant_request_id
        self.originator_conversation_id = originator_conversation_id

    def __str__(self) -> str:
        return f"{self.operation}: sent, outcome unknown: {super().__str__()}"


_UNKNOWN_PAYOUT = (
    "Do not send it again under another id: wait for the result, or ask transaction_status with"
    " this originator_conversation_id."
)
_UNKNOWN_ADVICE = {
    "stk_push": "Do not push again: wait for the callback, or settle it with stk_query.",
    "reversal": "Wait for the result before anything else; one receipt is reversed at most once.",
    "c2b_simulate": "Wait for the confirmation before simulating the payment again.",
}


class DarajaError(PochiError):
    """An answer that says no; what was asked for did not happen.

    Attributes:
        code: Daraja's `errorCode`; empty when the answer had none.
        message: Daraja's `errorMessage`, or a description of an answer that had none.
        http_status: of the answer.
        key: the catalogue's name of this meaning; empty when the catalogue has none.
        operation: what was asked for, such as `oauth`, `stk_push` or `b2c_payment`.
        request_id: Daraja's `requestId`, which its support asks for; may be empty.
        originator_conversation_id: the id that a payout was sent under; None for other calls.
    """

    def __init__(
        self,
        message: str = "",
        *,
        code: str = "",
        http_status: int = 0,
        retry: Retry = Retry.NEVER,
        advice: str = "",
        key: str = "",
        operation: str = "",
        request_id: str = "",
        originator_conversation_id: str | None = None,
    ) -> None:
        super().__init__(message, advice=advice, retry=retry)
        self.code = code
        self.http_status = http_status
        self.key = key
        self.operation = operation
        self.request_id = request_id
        self.originator_conversation_id = originator_conversation_id

    def __str__(self) -> str:
        said = " ".join(filter(None, (self.code, self.message))) or "nothing"
        return f"{self.operation}: {_sentences(f'{said} (HTTP {self.http_status})', self.advice)}"


class BadRequest(DarajaError):
    """A field, the path or the method is wrong."""


class CredentialsRefused(DarajaError):
    """The token, the key and secret, the passkey or the shortcode was not accepted."""


class DuplicateRequest(DarajaError):
    """The same was asked for before: a payout under this id, or URLs for this shortcode.

    A payout is not made twice under one `OriginatorConversationID`, so this one was not made; the
    first with that id was taken. Ask `transaction_status` with the id what became of it.
    """


class SubscriberBusy(DarajaError):
    """The customer has another prompt or USSD dialogue open."""


class TransactionNotFound(DarajaError):
    """Daraja does not know the CheckoutRequestID; right after the push that may pass."""


class Throttled(DarajaError):
    """Too many calls, or Daraja is overloaded."""


class Blocked(DarajaError):
    """The firewall in front of Daraja answered."""


class ServerFault(DarajaError):
    """Daraja failed."""


class UnexpectedAnswer(DarajaError):
    """Nothing that Daraja is known to say: HTML, another JSON, too much of anything."""


def _sentences(first: str, second: str) -> str:
    return f"{first.rstrip('.')}. {second}" if second else first
