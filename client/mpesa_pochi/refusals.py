"""From what an answer says to the error class, the advice and the sense of a retry."""

from collections.abc import Iterable

from mpesa_pochi.codes import Row, catalogue, letters
from mpesa_pochi.errors import (
    BadRequest,
    Blocked,
    CredentialsRefused,
    DarajaError,
    DuplicateRequest,
    ServerFault,
    SubscriberBusy,
    Throttled,
    TransactionNotFound,
    UnexpectedAnswer,
)
from mpesa_pochi.retry import Retry

_CLASSES: tuple[tuple[type[DarajaError], Iterable[str]], ...] = (
    (
        CredentialsRefused,
        (
            "invalid-access-token",
            "invalid-authentication",
            "invalid-authentication-header",
            "invalid-grant-type",
            "unknown-credentials",
            "wrong-credentials",
            "merchant-does-not-exist",
            "old-invalid-client-id",
            "old-invalid-authentication",
            "old-invalid-authorization-header",
            "old-invalid-grant-type",
        ),
    ),
    (BadRequest, ("invalid-payload", "resource-not-found", "unknown-path", "method-not-allowed")),
    (SubscriberBusy, ("subscriber-lock",)),
    (TransactionNotFound, ("transaction-does-not-exist",)),
    (Throttled, ("gateway-busy", "spike-arrest", "quota")),
    (Blocked, ("waf-blocked", "waf-unavailable")),
    (ServerFault, ("internal-error", "server-fault", "being-processed", "in-flight-empty")),
)
_CLASS_BY_KEY = {key: kind for kind, keys in _CLASSES for key in keys}

_TOKEN_WORDS = ("invalidaccesstoken", "noapiproductmatch")
_CLASS_BY_WORDS: tuple[tuple[str, type[DarajaError]], ...] = (
    *((words, CredentialsRefused) for words in _TOKEN_WORDS),
    ("duplicateoriginatorconversationid", DuplicateRequest),
    ("urlsarealreadyregistered", DuplicateRequest),
    ("duplicatenotificationinfo", DuplicateRequest),
)
"""What a text says with any code, by its letters alone: products share texts, but not codes."""


def is_of_the_token(text: str) -> bool:
    """Whether an `errorMessage` is about the access token, or about what it is good for."""
    said = letters(text)
    return any(words in said for words in _TOKEN_WORDS)


def from_envelope(
    *, status: int, code: str, text: str, request_id: str, operation: str
) -> DarajaError:
    """The error for Daraja's own envelope."""
    row = catalogue().answer(status=status, code=code, text=text)
    by_key = _CLASS_BY_KEY.get(row.key) if row else None
    kind = _class_by_text(text) or by_key or _class_by_code(code, status)
    advice, retry = _counsel(row, status)
    if row is None and kind is DuplicateRequest:
        advice, retry = "Do not send it again: find out what became of the first.", Retry.NEVER
    return kind(
        text,
        code=code,
        http_status=status,
        retry=retry,
        advice=advice,
        key=row.key if row else "",
        operation=operation,
        request_id=request_id,
    )


def without_envelope(
    *, status: int, found: str, empty: bool, blocked: bool, fault: str, operation: str
) -> DarajaError:
    """The error for an answer that something other than Daraja's broker wrote.

    It was `found`, in words; `blocked` if Incapsula signed it; `fault` is the error code of the
    gateway's own complaint, if it is one.
    """
    key = ""
    if blocked:
        key = "waf-blocked" if status < 500 else "waf-unavailable"
    elif empty and status == 400 and operation == "oauth":
        key = "unknown-credentials"
    elif empty and status == 404:
        key = "unknown-path"
    elif fault.startswith("policies.ratelimit.") or status == 429:
        key = "spike-arrest"
    row = catalogue().by_key(key) if key else _row_of_fault(fault)
    kind = _CLASS_BY_KEY.get(key) or _class_by_text(fault) or _class_by_status(status)
    advice, retry = _counsel(row, status)
    return kind(
        f"expected Daraja's answer, found {found}",
        http_status=status,
        retry=retry,
        advice=advice,
        key=row.key if row else "",
        operation=operation,
    )


def _row_of_fault(fault: str) -> Row | None:
    """The row whose body is the gateway's complaint with this error code."""
    rows = catalogue().lookup("", "http") if fault else ()
    return next((row for row in rows if f'"{fault}"' in row.text), None)


def _class_by_text(text: str) -> type[DarajaError] | None:
    said = letters(text)
    return next((kind for words, kind in _CLASS_BY_WORDS if words in said), None)


def _class_by_code(code: str, status: int) -> type[DarajaError]:
    """For codes that the catalogue does not have: HTTP status is the code's first three digits."""
    family = code.partition(".")[0]
    by_family: dict[str, type[DarajaError]] = {
        "400": BadRequest,
        "401": CredentialsRefused,
        "404": BadRequest,
        "405": BadRequest,
        "429": Throttled,
        "500": ServerFault,
        "503": ServerFault,
    }
    return by_family.get(family) or _class_by_status(status)


def _class_by_status(status: int) -> type[DarajaError]:
    if status == 401:
        return CredentialsRefused
    return ServerFault if status >= 500 else UnexpectedAnswer


def _counsel(row: Row | None, status: int) -> tuple[str, Retry]:
    if row is not None:
        return row.merchant, row.retry
    if status >= 500:
        return "Wait a little, then call again.", Retry.LATER
    if status >= 400:
        return "Read the message: the same call will be refused again.", Retry.NEVER
    where = "Check that MPESA_BASE_URL is Daraja and that nothing rewrites its answers."
    return where, Retry.LATER
