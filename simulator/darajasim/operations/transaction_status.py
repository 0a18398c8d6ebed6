"""Transaction Status: POST /mpesa/transactionstatus/v1/query."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from darajasim.core.clock import compact
from darajasim.core.command import Command, Refused
from darajasim.core.namespace import Namespace
from darajasim.core.rules import Plan
from darajasim.core.transactions import Transaction
from darajasim.operations.business import Request
from darajasim.operations.call import Answer, Refusal
from darajasim.operations.command_course import QUEUE_TIMEOUT_CODE
from darajasim.operations.command_operation import (
    INITIATOR,
    REMARKS,
    RESULT_URL,
    SECURITY_CREDENTIAL,
    TIMEOUT_URL,
    CommandOperation,
    command_id,
)
from darajasim.operations.command_result import Pair, money, whole
from darajasim.operations.fields import (
    Field,
    limited,
    one_number_of,
    one_of,
    optional,
    shape,
    text,
)

COMMAND = "TransactionStatusQuery"
NO_RECEIPT = "2032"
NO_CONVERSATION = "2033"


class TransactionStatus(CommandOperation):
    """Finds a transaction of any API, by its receipt or by its payment's conversation id."""

    name = "transaction_status"
    path = "/mpesa/transactionstatus/v1/query"
    about = "The state of a transaction of any API, by receipt or conversation id."
    path_refusal: ClassVar[str] = "resource-not-found-c2b"
    creates: ClassVar[bool] = False
    submits_to: ClassVar[str] = "transactionstatusresults"
    fields = (
        INITIATOR,
        SECURITY_CREDENTIAL,
        command_id(one_of(COMMAND), COMMAND),
        Field("TransactionID", "invalid-transaction-id", optional(text), "receipt", "UJB0000000"),
        Field(
            "OriginalConversationID",
            "invalid-original-conversation-id",
            optional(text),
            "original_conversation_id",
        ),
        Field(
            "PartyA",
            "invalid-party-a",
            shape(r"\d{5,12}", "a shortcode of 5 to 9 digits, or an MSISDN"),
            "shortcode",
            "600998",
        ),
        Field(
            "IdentifierType",
            "invalid-identifier-type",
            one_number_of("4", "1", "2"),
            "identifier_type",
            "4",
        ),
        RESULT_URL,
        TIMEOUT_URL,
        REMARKS,
        Field("Occasion", "invalid-occasion", optional(limited(100)), "occasion"),
    )

    def accept(self, namespace: Namespace, request: Request, plan: Plan) -> Answer:
        """Acknowledge, when there is something to look for."""
        if not request["TransactionID"] and not request["OriginalConversationID"]:
            raise Refusal(
                "invalid-transaction-id",
                "expected TransactionID or OriginalConversationID, found neither",
            )
        return super().accept(namespace, request, plan)

    def judge(self, namespace: Namespace, command: Command) -> Refused | None:
        """Both ids, where both are given, must be of one transaction."""
        receipt = command.request["TransactionID"]
        conversation = command.request["OriginalConversationID"]
        by_receipt = namespace.transactions.get(receipt) if receipt else None
        if receipt and by_receipt is None:
            return Refused(NO_RECEIPT)
        if not conversation:
            return None
        found = _of_conversation(namespace, conversation)
        if found is None or (by_receipt is not None and found is not by_receipt):
            return Refused(NO_CONVERSATION)
        return None

    def carry_out(
        self, namespace: Namespace, command: Command, receipt: str, *, assured: bool
    ) -> Sequence[Pair]:
        """The transaction in the order of a production capture of 2024 (seen: GO2)."""
        asked = command.request["TransactionID"]
        found: Transaction | Command | None = namespace.transactions.get(asked)
        if found is None:
            found = _of_conversation(namespace, command.request["OriginalConversationID"])
        if isinstance(found, Transaction):
            return _transaction(found)
        return () if found is None else _command(found)

    def references(self, namespace: Namespace, command: Command, code: str) -> Sequence[Pair]:
        """The request's Occasion comes back (seen)."""
        return (("Occasion", command.request["Occasion"]),)


def _of_conversation(namespace: Namespace, conversation: str) -> Transaction | Command | None:
    """What was sent under an id: its transaction, or the command itself while or where there is
    none. What failed before a transaction existed cannot be found.
    """
    transaction = namespace.transactions.of_conversation(conversation)
    if transaction is not None:
        return transaction
    command = namespace.commands.get(conversation)
    if command is None or "Amount" not in command.request:
        return None
    outcome = command.outcome
    never = outcome is not None and outcome.transaction_id.endswith("0000000")
    return None if never and outcome and outcome.code != QUEUE_TIMEOUT_CODE else command


def _transaction(found: Transaction) -> Sequence[Pair]:
    charged = f"{found.charge_name}|KES|{money(found.charge_cents)}" if found.charge_cents else None
    charges = "CreditPartyCharges" if found.from_customer else "DebitPartyCharges"
    return (
        ("DebitPartyName", found.debit.public_name),
        ("CreditPartyName", found.credit.public_name),
        ("OriginatorConversationID", found.originator_conversation_id),
        ("InitiatedTime", compact(found.initiated_at)),
        (charges, charged),
        ("DebitAccountType", found.debit.account_name),
        ("TransactionReason", None),
        ("ReasonType", found.reason),
        ("TransactionStatus", found.status),
        ("FinalisedTime", compact(found.finalised_at)),
        ("Amount", whole(found.cents)),
        ("ConversationID", found.conversation_id or _conversation_id(found)),
        ("ReceiptNo", found.receipt),
    )


def _conversation_id(found: Transaction) -> str:
    """Of a push, which has none that its merchant ever saw: made of its receipt."""
    tail = found.receipt.lower()
    return f"AG_{compact(found.initiated_at)[:8]}_0100{tail}{tail[-6:]}"


def _command(found: Command) -> Sequence[Pair]:
    """A payment that is under way or was declined: what is known of it (guessed shape; the states
    are documented).
    """
    outcome = found.outcome
    status = "Initiated"
    if outcome is not None:
        status = "Expired" if outcome.code == QUEUE_TIMEOUT_CODE else "Declined"
    return (
        ("OriginatorConversationID", found.originator_conversation_id),
        ("InitiatedTime", compact(found.accepted_at)),
        ("TransactionStatus", status),
        ("FinalisedTime", compact(outcome.at) if outcome is not None else None),
        ("Amount", found.request["Amount"]),
        ("ConversationID", found.conversation_id),
        ("ReceiptNo", outcome.transaction_id if outcome is not None else None),
    )


OPERATIONS = (TransactionStatus(),)
