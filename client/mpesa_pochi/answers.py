"""What Daraja's answers mean. Pure: bytes in, a value or a typed error out, no I/O and no clock."""

import re
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from mpesa_pochi import refusals
from mpesa_pochi.errors import DarajaError, UnexpectedAnswer, UnknownOutcome
from mpesa_pochi.outcome import PaymentState, PushStatus, state_of
from mpesa_pochi.push import PushAccepted
from mpesa_pochi.rawanswer import (
    LARGEST,
    RawAnswer,
    Redact,
    described,
    fields_of,
    gateway_fault,
    incident_in,
    is_word,
    text_of,
    word_in,
)
from mpesa_pochi.retry import Retry
from mpesa_pochi.secret import Secret

__all__ = [
    "LARGEST",
    "IssuedToken",
    "Operation",
    "RawAnswer",
    "Redact",
    "parse_acknowledgement",
    "parse_status",
    "parse_token",
    "refusal",
    "refuses_token",
]

_IN_FLIGHT = {"being-processed", "in-flight-empty"}
_TOKEN = re.compile(r"[\x21-\x7e]{1,4096}")


class Operation(StrEnum):
    """What was asked for, as the catalogue and the errors name it."""

    OAUTH = "oauth"
    PUSH = "stk_push"
    QUERY = "stk_query"
    B2C = "b2c_payment"
    B2POCHI = "b2pochi_payment"
    BALANCE = "account_balance"
    STATUS = "transaction_status"
    REVERSAL = "reversal"
    C2B_REGISTER = "c2b_register"
    C2B_SIMULATE = "c2b_simulate"
    QR = "dynamic_qr"


@dataclass(frozen=True, slots=True)
class IssuedToken:
    """An access token and how many seconds it lives."""

    token: Secret
    lifetime: float


def refuses_token(answer: RawAnswer) -> bool:
    """Whether the answer says that the access token is not valid: nothing was done with the call.

    M-PESA Express says 404.001.03, other products 401.002.01, 401.003.01, 401.001 or 401 (seen),
    C2B also 400.003.01 (documented). The text is the same everywhere, and is believed with any
    code. An app without the product is answered in the same way: a new token does not help it.
    """
    if answer.success:
        return False
    fields = fields_of(answer)
    code = text_of(fields.get("errorCode"))
    if code == "404.001.03" or code.partition(".")[0] == "401" or answer.status == 401:
        return True
    return refusals.is_of_the_token(text_of(fields.get("errorMessage")))


def refusal(answer: RawAnswer, operation: Operation, redact: Redact) -> DarajaError:
    """The typed error for an answer that says no, or that says nothing known."""
    fields = fields_of(answer)
    code = text_of(fields.get("errorCode"))
    if not code:
        return refusals.without_envelope(
            status=answer.status,
            found=described(answer, redact),
            empty=not answer.body.strip(),
            blocked=incident_in(answer) is not None,
            fault=gateway_fault(answer),
            operation=operation.value,
        )
    return refusals.from_envelope(
        status=answer.status,
        code=redact(code)[:60],
        text=redact(text_of(fields.get("errorMessage")))[:500],
        request_id=redact(text_of(fields.get("requestId")))[:100],
        operation=operation.value,
    )


def parse_token(answer: RawAnswer, redact: Redact) -> IssuedToken:
    """The token in an OAuth answer. `expires_in` may be text (seen) or a number (documented).

    Raises:
        DarajaError: the answer is a refusal, or no token answer. It is never quoted.
    """
    issued = _issued(answer)
    if isinstance(issued, str):
        raise UnexpectedAnswer(
            issued,
            http_status=answer.status,
            operation=Operation.OAUTH.value,
            advice="Check that MPESA_BASE_URL is Daraja and that nothing rewrites its answers.",
        )
    if issued is None:
        raise refusal(answer, Operation.OAUTH, redact)
    return issued


def parse_acknowledgement(answer: RawAnswer, redact: Redact) -> PushAccepted:
    """The acknowledgement of a push.

    Raises:
        DarajaError: a refusal: Daraja's envelope with an error status, or any other 4xx.
        UnknownOutcome: everything else. An answer that is neither yes nor no leaves the push's fate
            open, even when something in front of Daraja wrote it.
    """
    accepted = _acknowledgement(answer, redact)
    if accepted is not None:
        return accepted
    error = refusal(answer, Operation.PUSH, redact)
    if not answer.success and (error.code or 400 <= answer.status < 500):
        raise error
    found = described(answer, redact)
    raise UnknownOutcome(
        f"expected an acknowledgement, found HTTP {answer.status} with {found}",
        http_status=answer.status,
        key=error.key,
        checkout_request_id=word_in(answer, "CheckoutRequestID"),
        merchant_request_id=word_in(answer, "MerchantRequestID"),
    )


def parse_status(answer: RawAnswer, checkout_request_id: str, redact: Redact) -> PushStatus:
    """What a query's answer says about the payment. Every in-flight form is PENDING.

    Raises:
        DarajaError: the answer says nothing about the payment.
    """
    found = _status(answer, checkout_request_id, redact)
    if isinstance(found, PushStatus):
        return found
    if found:
        raise UnexpectedAnswer(
            f"expected the status of a push, found {described(answer, redact)}: {found}",
            http_status=answer.status,
            operation=Operation.QUERY.value,
            retry=Retry.LATER,
            advice="Query again; the answer is not proof of anything.",
        )
    error = refusal(answer, Operation.QUERY, redact)
    if error.key not in _IN_FLIGHT:
        raise error
    return PushStatus(
        state=PaymentState.PENDING,
        code=error.code,
        text=error.message,
        checkout_request_id=checkout_request_id,
    )


# What follows looks into an answer and raises nothing, so that no traceback has what the answer
# holds, a token or an echo of one, among its local variables.


def _acknowledgement(answer: RawAnswer, redact: Redact) -> PushAccepted | None:
    fields = fields_of(answer)
    merchant = word_in(answer, "MerchantRequestID")
    checkout = word_in(answer, "CheckoutRequestID")
    if not (
        answer.success and merchant and checkout and text_of(fields.get("ResponseCode")) == "0"
    ):
        return None
    return PushAccepted(
        merchant_request_id=merchant,
        checkout_request_id=checkout,
        response_code="0",
        description=redact(text_of(fields.get("ResponseDescription")))[:500],
        customer_message=redact(text_of(fields.get("CustomerMessage")))[:500],
    )


def _status(answer: RawAnswer, asked: str, redact: Redact) -> PushStatus | str:
    """The status; or what is wrong with it; or nothing, for an answer that is a refusal."""
    fields = fields_of(answer)
    if not answer.success or text_of(fields.get("errorCode")):
        return ""
    code = text_of(fields.get("ResultCode"))
    if not is_word(code):
        return "no ResultCode"
    if text_of(fields.get("ResponseCode", "0")) != "0":
        return "its ResponseCode is not 0"
    if text_of(fields.get("CheckoutRequestID", asked)) != asked:
        return "its CheckoutRequestID is another payment's"
    return PushStatus(
        state=state_of(code),
        code=code,
        text=redact(text_of(fields.get("ResultDesc")))[:500],
        checkout_request_id=asked,
        merchant_request_id=word_in(answer, "MerchantRequestID") or "",
    )


def _issued(answer: RawAnswer) -> IssuedToken | str | None:
    """The token; or what is wrong with a token answer; or None for an answer that is none."""
    fields = fields_of(answer)
    token = fields.get("access_token")
    if not answer.success or token is None:
        return None
    if not isinstance(token, str) or not _TOKEN.fullmatch(token):
        return "expected access_token to be one word of printable ASCII, found something else"
    lifetime = _seconds(fields.get("expires_in"))
    if lifetime is None:
        return "expected expires_in to be seconds, as text or a number, found something else"
    return IssuedToken(Secret(token), lifetime)


def _seconds(value: object) -> float | None:
    if isinstance(value, str) and re.fullmatch(r"[0-9]{1,9}(\.[0-9]{1,9})?", value.strip()):
        return float(value)
    if isinstance(value, bool) or not isinstance(value, int | Decimal):
        return None
    return float(value) if 0 <= value < 10**9 else None
