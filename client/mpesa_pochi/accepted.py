"""What Daraja answers at once to everything but a push, and how to read it. Pure."""

import re
from base64 import b64decode
from dataclasses import dataclass, field

from mpesa_pochi import answers
from mpesa_pochi.answers import Operation
from mpesa_pochi.errors import PochiError, UnexpectedAnswer, UnknownOutcome
from mpesa_pochi.rawanswer import RawAnswer, Redact, described, fields_of, text_of, word_in
from mpesa_pochi.retry import Retry

MOVES_MONEY = frozenset(
    {Operation.B2C, Operation.B2POCHI, Operation.REVERSAL, Operation.C2B_SIMULATE}
)
"""What leaves an unknown outcome when its answer is lost. (A push does too, and has its own.)"""

_ZEROS = re.compile("0{1,20}")
_PNG = b"\x89PNG\r\n\x1a\n"


@dataclass(frozen=True, slots=True, kw_only=True)
class CommandAccepted:
    """A payout, query or reversal was taken. What becomes of it arrives at the ResultURL.

    Credentials are not checked yet: a wrong initiator or password is accepted too (seen).

    Attributes:
        conversation_id: Daraja's.
        originator_conversation_id: the caller's own for payouts, otherwise Daraja's. The result
            carries both.
        response_code: always `0`.
    """

    conversation_id: str
    originator_conversation_id: str
    response_code: str
    description: str


@dataclass(frozen=True, slots=True, kw_only=True)
class C2BRegistered:
    """The URLs are registered. `response_code` is `0`, `00000000` or empty (all seen)."""

    originator_conversation_id: str
    response_code: str
    description: str


@dataclass(frozen=True, slots=True, kw_only=True)
class C2BAccepted:
    """A simulated payment was taken; it arrives as validation and confirmation. Any id may be
    empty, and `response_code` too (seen).
    """

    conversation_id: str
    originator_conversation_id: str
    response_code: str
    description: str


@dataclass(frozen=True, slots=True, kw_only=True)
class QrCode:
    """A QR code that M-PESA's app scans: `png` is the image, ready to write to a file."""

    code: str
    description: str
    png: bytes = field(repr=False)


def parse_command(
    answer: RawAnswer,
    redact: Redact,
    *,
    operation: Operation,
    originator_conversation_id: str | None = None,
) -> CommandAccepted:
    """The acknowledgement of a payout, query or reversal.

    `ResponseCode` is text in every capture; a number is taken too.

    Raises:
        PochiError: as `refused` has it.
    """
    accepted = _command(answer, redact, originator_conversation_id)
    if accepted is None:
        raise refused(answer, redact, operation, originator_conversation_id)
    return accepted


def parse_registered(answer: RawAnswer, redact: Redact) -> C2BRegistered:
    """The answer to a registration: success is also said without any ResponseCode (seen).

    Raises:
        DarajaError: it is a refusal, or says nothing known.
    """
    registered = _registered(answer, redact)
    if registered is None:
        raise refused(answer, redact, Operation.C2B_REGISTER)
    return registered


def parse_simulated(answer: RawAnswer, redact: Redact) -> C2BAccepted:
    """The answer to a simulated payment, of which every field but the description may be missing.

    Raises:
        PochiError: as `refused` has it.
    """
    accepted = _registered(answer, redact)
    if accepted is None:
        raise refused(answer, redact, Operation.C2B_SIMULATE)
    return C2BAccepted(
        conversation_id=word_in(answer, "ConversationID") or "",
        originator_conversation_id=accepted.originator_conversation_id,
        response_code=accepted.response_code,
        description=accepted.description,
    )


def parse_qr(answer: RawAnswer, redact: Redact) -> QrCode:
    """The answer with a QR code. Its ResponseCode is `00` (seen) or an id (documented): the image
    decides.

    Raises:
        DarajaError: it is a refusal, or has no image.
    """
    code = _qr(answer, redact)
    if code is None:
        raise refused(answer, redact, Operation.QR)
    return code


def refused(
    answer: RawAnswer, redact: Redact, operation: Operation, sent_id: str | None = None
) -> PochiError:
    """The error for an answer that is no acceptance, by the rule that a push has.

    A refusal is Daraja's envelope with an error status, or any other 4xx. Everything else leaves
    the fate of a call that moves money open (`UnknownOutcome`), and says nothing about another
    (`UnexpectedAnswer`, or the fault that it is).
    """
    error = answers.refusal(answer, operation, redact)
    error.originator_conversation_id = sent_id
    if not answer.success and (error.code or 400 <= answer.status < 500):
        return error
    found = described(answer, redact)
    if operation in MOVES_MONEY:
        return UnknownOutcome(
            f"expected an acknowledgement, found HTTP {answer.status} with {found}",
            operation=operation.value,
            http_status=answer.status,
            key=error.key,
            originator_conversation_id=sent_id,
        )
    if not answer.success or error.code:
        return error
    return UnexpectedAnswer(
        f"expected an acceptance, found {found}{_reason(answer, redact)}",
        http_status=answer.status,
        operation=operation.value,
        retry=Retry.LATER,
        advice="Call again; if it stays so, check that MPESA_BASE_URL is Daraja.",
    )


# What follows looks into an answer and raises nothing, so that no traceback has what the answer
# holds among its local variables.


def _command(answer: RawAnswer, redact: Redact, sent_id: str | None) -> CommandAccepted | None:
    conversation = word_in(answer, "ConversationID")
    originator = word_in(answer, "OriginatorConversationID") or sent_id
    code = text_of(fields_of(answer).get("ResponseCode"))
    if not (_is_yes(answer) and code == "0" and conversation and originator):
        return None
    return CommandAccepted(
        conversation_id=conversation,
        originator_conversation_id=originator,
        response_code=code,
        description=_description(answer, redact),
    )


def _registered(answer: RawAnswer, redact: Redact) -> C2BRegistered | None:
    """An all-zero ResponseCode; or none, and a description that says success."""
    code = text_of(fields_of(answer).get("ResponseCode"))
    said = _description(answer, redact)
    yes = _ZEROS.fullmatch(code) if code else "success" in said.casefold()
    if not (yes and _is_yes(answer)):
        return None
    return C2BRegistered(
        originator_conversation_id=_c2b_id(answer), response_code=code, description=said
    )


def _qr(answer: RawAnswer, redact: Redact) -> QrCode | None:
    png = _png(text_of(fields_of(answer).get("QRCode")))
    if png is None or not _is_yes(answer):
        return None
    return QrCode(
        code=redact(text_of(fields_of(answer).get("ResponseCode")))[:100],
        description=_description(answer, redact),
        png=png,
    )


def _is_yes(answer: RawAnswer) -> bool:
    return answer.success and not text_of(fields_of(answer).get("errorCode"))


def _c2b_id(answer: RawAnswer) -> str:
    """`OriginatorCoversationID`, as C2B spells it (seen), or as it should be spelt."""
    wrong, right = "OriginatorCoversationID", "OriginatorConversationID"
    return word_in(answer, wrong) or word_in(answer, right) or ""


def _description(answer: RawAnswer, redact: Redact) -> str:
    return redact(text_of(fields_of(answer).get("ResponseDescription")))[:500]


def _reason(answer: RawAnswer, redact: Redact) -> str:
    """Why a 200 was no acceptance, in Daraja's words if it has any (documented, never seen)."""
    code = redact(text_of(fields_of(answer).get("ResponseCode")))[:60]
    return f": {code} {_description(answer, redact)}".rstrip() if code else ""


def _png(text: str) -> bytes | None:
    try:
        image = b64decode(text, validate=True)
    except ValueError:
        return None
    return image if image.startswith(_PNG) else None
