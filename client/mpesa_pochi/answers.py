"""What Daraja's answers mean. Pure: bytes in, a value or a typed error out, no I/O and no clock."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum

from mpesa_pochi import jsontext, refusals
from mpesa_pochi.errors import DarajaError, UnexpectedAnswer, UnknownOutcome
from mpesa_pochi.outcome import PaymentState, PushStatus, state_of
from mpesa_pochi.push import PushAccepted
from mpesa_pochi.retry import Retry
from mpesa_pochi.secret import Secret

LARGEST = 256 * 1024
"""Bytes of an answer that are read. Daraja's own are under 2 KiB; its firewall's pages under 20."""

Redact = Callable[[str], str]

_IN_FLIGHT = {"being-processed", "in-flight-empty"}
_ID = re.compile(r"[\x21-\x7e]{1,100}")
_TOKEN = re.compile(r"[\x21-\x7e]{1,4096}")


class Operation(StrEnum):
    OAUTH = "oauth"
    PUSH = "stk_push"
    QUERY = "stk_query"


@dataclass(frozen=True, slots=True)
class RawAnswer:
    """One HTTP answer as it came. `complete` is false when there was more than `LARGEST` bytes."""

    status: int
    content_type: str
    body: bytes = field(repr=False)
    complete: bool = True

    @property
    def success(self) -> bool:
        return 200 <= self.status < 300


@dataclass(frozen=True, slots=True)
class IssuedToken:
    """An access token and how many seconds it lives."""

    token: Secret
    lifetime: float


def refuses_token(answer: RawAnswer) -> bool:
    """Whether the answer says that the access token is not valid: nothing was done with the call.

    M-PESA Express says 404.001.03 (seen), other products 401.00x.01 (seen).
    """
    if answer.success:
        return False
    code = _text(_fields(answer).get("errorCode"))
    return code == "404.001.03" or code.startswith("401.") or answer.status == 401


def refusal(answer: RawAnswer, operation: Operation, redact: Redact) -> DarajaError:
    """The typed error for an answer that says no, or that says nothing known."""
    fields = _fields(answer)
    code = _text(fields.get("errorCode"))
    if not code:
        return refusals.without_envelope(
            status=answer.status,
            found=describe(answer, redact),
            empty=not answer.body.strip(),
            blocked=_incident(answer) is not None,
            throttled=_gateway_fault(fields).startswith("policies.ratelimit."),
            operation=operation.value,
        )
    return refusals.from_envelope(
        status=answer.status,
        code=redact(code)[:60],
        text=redact(_text(fields.get("errorMessage")))[:500],
        request_id=redact(_text(fields.get("requestId")))[:100],
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
    found = describe(answer, redact)
    raise UnknownOutcome(
        f"expected an acknowledgement, found HTTP {answer.status} with {found}",
        http_status=answer.status,
        key=error.key,
        checkout_request_id=_id(answer, "CheckoutRequestID"),
        merchant_request_id=_id(answer, "MerchantRequestID"),
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
            f"expected the status of a push, found {describe(answer, redact)}: {found}",
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


def describe(answer: RawAnswer, redact: Redact) -> str:
    """What an answer is, in words. Its body is not quoted: it may echo what was sent."""
    if not answer.complete:
        return f"more than {LARGEST} bytes"
    if not answer.body.strip():
        return "an empty body"
    incident = _incident(answer)
    if incident is not None:
        return f"Incapsula's refusal, incident {incident or 'not named'}"
    head = answer.body[:512].lstrip().lower()
    if head.startswith((b"<!doctype html", b"<html")) or "html" in answer.content_type.lower():
        return f"an HTML page of {len(answer.body)} bytes"
    return _describe_json(answer, redact)


def _describe_json(answer: RawAnswer, redact: Redact) -> str:
    value, trouble = _value(answer)
    if trouble:
        return f"text of {len(answer.body)} bytes that is not acceptable JSON ({trouble})"
    if not isinstance(value, dict):
        return f"JSON that is {jsontext.kind(value)}, not an object"
    fault = _soap_fault(value) or _gateway_fault(value)
    if fault:
        return f"a fault as JSON: {redact(fault)[:200]}"
    keys = ", ".join(ascii(redact(key))[1:-1][:40] for key in list(value)[:8]) or "no keys"
    return f"a JSON object with {keys}"


# What follows looks into an answer and raises nothing, so that no traceback has what the answer
# holds, a token or an echo of one, among its local variables.


def _acknowledgement(answer: RawAnswer, redact: Redact) -> PushAccepted | None:
    fields = _fields(answer)
    merchant = _id(answer, "MerchantRequestID")
    checkout = _id(answer, "CheckoutRequestID")
    if not (answer.success and merchant and checkout and _text(fields.get("ResponseCode")) == "0"):
        return None
    return PushAccepted(
        merchant_request_id=merchant,
        checkout_request_id=checkout,
        response_code="0",
        description=redact(_text(fields.get("ResponseDescription")))[:500],
        customer_message=redact(_text(fields.get("CustomerMessage")))[:500],
    )


def _status(answer: RawAnswer, asked: str, redact: Redact) -> PushStatus | str:
    """The status; or what is wrong with it; or nothing, for an answer that is a refusal."""
    fields = _fields(answer)
    if not answer.success or _text(fields.get("errorCode")):
        return ""
    code = _text(fields.get("ResultCode"))
    if not _ID.fullmatch(code):
        return "no ResultCode"
    if _text(fields.get("ResponseCode", "0")) != "0":
        return "its ResponseCode is not 0"
    if _text(fields.get("CheckoutRequestID", asked)) != asked:
        return "its CheckoutRequestID is another payment's"
    return PushStatus(
        state=state_of(code),
        code=code,
        text=redact(_text(fields.get("ResultDesc")))[:500],
        checkout_request_id=asked,
        merchant_request_id=_id(answer, "MerchantRequestID") or "",
    )


def _issued(answer: RawAnswer) -> IssuedToken | str | None:
    """The token; or what is wrong with a token answer; or None for an answer that is none."""
    fields = _fields(answer)
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


def _value(answer: RawAnswer) -> tuple[object, str]:
    try:
        return jsontext.read(answer.body, largest=LARGEST), ""
    except jsontext.UnreadableJson as error:
        return None, error.fault.value


def _fields(answer: RawAnswer) -> dict[str, object]:
    """The answer as an object; without fields when it is none."""
    value = _value(answer)[0] if answer.complete else None
    return value if isinstance(value, dict) else {}


def _id(answer: RawAnswer, name: str) -> str | None:
    text = _text(_fields(answer).get(name))
    return text if _ID.fullmatch(text) else None


def _text(value: object) -> str:
    """Text, or a whole number as text; everything else says nothing."""
    if isinstance(value, str):
        return value.encode("utf-8", "replace").decode()
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    return ""


def _incident(answer: RawAnswer) -> str | None:
    """Incapsula's incident number; empty when it signed without one, None when it did not sign."""
    if b"Incapsula" not in answer.body[:65536]:
        return None
    found = re.search(rb"incident ID: ([0-9]{1,40}-[0-9]{1,40})", answer.body[:65536])
    return found[1].decode("ascii") if found else ""


def _soap_fault(value: object) -> str:
    for key in ("Envelope", "Body", "Fault", "faultstring"):
        value = value.get(key) if isinstance(value, dict) else None
    return _text(value)


def _gateway_fault(value: object) -> str:
    for key in ("fault", "detail", "errorcode"):
        value = value.get(key) if isinstance(value, dict) else None
    return _text(value)
