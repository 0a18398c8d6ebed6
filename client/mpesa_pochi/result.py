"""Result callbacks: what became of a payout, balance, status, reversal or B2B payment.

Daraja signs nothing: a result is a claim, as an STK callback is (`mpesa_pochi.callback`). Hold its
conversation ids against those of the acknowledgement, and its amount against your own record.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from mpesa_pochi import callback_fields, reports
from mpesa_pochi.callback_fields import refused
from mpesa_pochi.codes import Row, catalogue
from mpesa_pochi.errors import InvalidRequest, RefusalReason
from mpesa_pochi.outcome import SUCCESS
from mpesa_pochi.parameters import Parameters, parse_parameters
from mpesa_pochi.reports import (
    Account,
    B2BReport,
    PayoutReport,
    ReversalReport,
    StatusReport,
)
from mpesa_pochi.retry import Retry

_NOTHING = Parameters({})


@dataclass(frozen=True, slots=True, kw_only=True)
class CommandResult:
    """What Daraja says became of a command.

    Attributes:
        code: ResultCode as text; `"0"` means done. The code is the contract, not the text.
        text: ResultDesc.
        conversation_id: equal to the acknowledgement's; so is `originator_conversation_id`.
        transaction_id: the receipt. Sent with failures too, and of a form that looks like one
            (seen), so it proves nothing without `succeeded`.
        final: false if Daraja announces more to come (documented, never seen).
        parameters: by key; often none when it failed.
        references: what ReferenceData holds, by key.
    """

    code: str
    text: str
    conversation_id: str
    originator_conversation_id: str
    transaction_id: str
    final: bool = True
    parameters: Parameters = field(default=_NOTHING)
    references: Parameters = field(default=_NOTHING)

    @property
    def succeeded(self) -> bool:
        return self.code == SUCCESS

    @property
    def row(self) -> Row | None:
        """What the catalogue knows of the code; None when nobody has seen it."""
        return catalogue().result(self.code, "result")

    @property
    def advice(self) -> str | None:
        """What to do about it; None for a code that the catalogue does not have."""
        return self.row.merchant if self.row else None

    @property
    def retry(self) -> Retry | None:
        """Whether sending the same again makes sense; None for a code that nobody has seen."""
        return self.row.retry if self.row else None

    def payout(self) -> PayoutReport:
        """Of a B2C or Pochi payout.

        Raises:
            InvalidRequest: the result is a failure, which reports nothing; look at `succeeded`.
            CallbackRefused: it lacks the amount, or a value is impossible.
        """
        self._require_success()
        return reports.payout(self.parameters, self.transaction_id)

    def balances(self) -> tuple[Account, ...]:
        """Of an account balance, in the order sent, which differs by organisation.

        Raises:
            InvalidRequest: the result is a failure.
            CallbackRefused: there are none, or they cannot be read.
        """
        self._require_success()
        found = reports.accounts(self.parameters)
        if not found:
            raise refused(RefusalReason.MISSING_FIELD, "the AccountBalance parameter, or its Value")
        return found

    def status(self) -> StatusReport:
        """Of a transaction status.

        Raises:
            InvalidRequest: the result is a failure: the transaction was not found.
            CallbackRefused: it lacks the status, or a value is impossible.
        """
        self._require_success()
        return reports.status(self.parameters)

    def reversal(self) -> ReversalReport:
        """Of a reversal.

        Raises:
            InvalidRequest: the result is a failure.
            CallbackRefused: a value is impossible.
        """
        self._require_success()
        return reports.reversal(self.parameters, self.transaction_id)

    def b2b(self) -> B2BReport:
        """Of a payment to a paybill or till.

        Raises:
            InvalidRequest: the result is a failure.
            CallbackRefused: a value is impossible.
        """
        self._require_success()
        return reports.b2b(self.parameters, self.references, self.transaction_id)

    def _require_success(self) -> None:
        if not self.succeeded:
            raise InvalidRequest(
                f"this result reports nothing, for it is a failure: {self.code} {self.text}"
            )


@dataclass(frozen=True, slots=True, kw_only=True)
class QueueTimeout:
    """Daraja says that a command waited too long, which is no proof that it failed.

    A payout may still be made, and its result may still come (seen). Never pay again on account of
    this: ask `transaction_status` with `originator_conversation_id`. That is why it has no
    `succeeded`. No genuine one was ever published; that it looks like a result is guessed.

    Attributes:
        code: as text; may be empty.
        conversation_id: may be empty, or `originator_conversation_id` may, but not both.
    """

    code: str
    text: str
    conversation_id: str
    originator_conversation_id: str
    transaction_id: str
    references: Parameters = field(default=_NOTHING)


def parse_result(raw: bytes | Mapping[str, object]) -> CommandResult:
    """Reads the body of a Result callback, as bytes (best) or as what a framework made of it.

    Accepted are all captured forms: codes as numbers and text, one parameter or many or none,
    values that are absent, any order of keys.

    Raises:
        CallbackRefused: with the reason, for everything else.
    """
    fields = _envelope(raw)
    return CommandResult(
        code=callback_fields.code(fields),
        text=callback_fields.text(fields, "ResultDesc"),
        conversation_id=callback_fields.identifier(fields, "ConversationID"),
        originator_conversation_id=callback_fields.identifier(fields, "OriginatorConversationID"),
        transaction_id=_optional_id(fields, "TransactionID"),
        final=str(fields.get("ResultType", 0)) != "1",
        parameters=parse_parameters(fields, "ResultParameters", "ResultParameter"),
        references=parse_parameters(fields, "ReferenceData", "ReferenceItem"),
    )


def parse_timeout(raw: bytes | Mapping[str, object]) -> QueueTimeout:
    """Reads the body of a queue timeout, which is guessed to be a Result without parameters.

    Raises:
        CallbackRefused: it is not one, or names no conversation.
    """
    fields = _envelope(raw)
    timeout = QueueTimeout(
        code="" if fields.get("ResultCode") is None else callback_fields.code(fields),
        text=callback_fields.text(fields, "ResultDesc"),
        conversation_id=_optional_id(fields, "ConversationID"),
        originator_conversation_id=_optional_id(fields, "OriginatorConversationID"),
        transaction_id=_optional_id(fields, "TransactionID"),
        references=parse_parameters(fields, "ReferenceData", "ReferenceItem"),
    )
    if not (timeout.conversation_id or timeout.originator_conversation_id):
        raise refused(
            RefusalReason.MISSING_FIELD, "both ConversationID and OriginatorConversationID"
        )
    return timeout


def _envelope(raw: bytes | Mapping[str, object]) -> dict[str, object]:
    value = callback_fields.read(raw)
    fields = value.get("Result") if isinstance(value, dict) else None
    if not isinstance(fields, dict):
        raise refused(RefusalReason.WRONG_SHAPE, "expected {Result: {…}}")
    return fields


def _optional_id(fields: dict[str, object], name: str) -> str:
    return "" if fields.get(name) in (None, "") else callback_fields.identifier(fields, name)
