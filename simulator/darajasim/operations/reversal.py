"""Reversal: POST /mpesa/reversal/v1/request."""

from __future__ import annotations

import re
from collections.abc import Sequence
from decimal import Decimal
from typing import Any, ClassVar

from darajasim.core.clock import compact
from darajasim.core.command import Command, Refused
from darajasim.core.namespace import Namespace
from darajasim.core.profile import Profile
from darajasim.core.transactions import Transaction
from darajasim.operations.balances import piped
from darajasim.operations.command_operation import (
    INITIATOR,
    REMARKS,
    RESULT_URL,
    SECURITY_CREDENTIAL,
    TIMEOUT_URL,
    CommandOperation,
    command_id,
)
from darajasim.operations.command_result import Pair, money
from darajasim.operations.fields import (
    Check,
    Field,
    FieldProblem,
    limited,
    one_number_of,
    one_of,
    optional,
    scalar,
    shortcode,
    shown,
    text,
)
from darajasim.operations.money import completed, fill, move

COMMAND = "TransactionReversal"
ALREADY_REVERSED = "R000001"
INVALID_ORIGINAL = "R000002"

_AMOUNT = re.compile(r"\d{1,15}(\.\d{1,2})?", re.ASCII)


def _amount(value: Any, _profile: Profile) -> str:
    """Shillings, to the cent: the original's own amount (documented: NJ)."""
    found = scalar(value)
    if found is None or not _AMOUNT.fullmatch(found) or not Decimal(found):
        raise FieldProblem(f"expected an amount in shillings, found {shown(value)}")
    return found


class Reversal(CommandOperation):
    """Gives a customer's payment back, once. Charges are not returned (documented)."""

    name = "reversal"
    path = "/mpesa/reversal/v1/request"
    about = "Gives a customer's payment back, whole and once."
    party_field: ClassVar[str] = "ReceiverParty"
    submits_to: ClassVar[str] = "reversalresults"
    path_refusal: ClassVar[str] = "resource-not-found"
    fields = (
        INITIATOR,
        SECURITY_CREDENTIAL,
        command_id(one_of(COMMAND), COMMAND),
        Field("TransactionID", "invalid-transaction-id", text, "receipt", "UJB0000000"),
        Field(
            "Amount",
            "invalid-amount",
            Check(_amount, {"type": ["string", "number"], "pattern": r"^\d{1,15}(\.\d{1,2})?$"}),
            "amount",
            200,
        ),
        Field("ReceiverParty", "invalid-receiver-party", shortcode, "shortcode", "600992"),
        Field(
            "RecieverIdentifierType",
            "invalid-reciever-identifier-type",
            one_number_of("11", "4"),
            "receiver_type",
            "11",
            "spelt like this on the wire; 11 (documented, seen), 4 in 2018",
        ),
        RESULT_URL,
        TIMEOUT_URL,
        Field(REMARKS.name, REMARKS.refusal, limited(100, 2), REMARKS.alias, "refund"),
        Field("Occasion", "invalid-occasion", optional(limited(100)), "occasion"),
    )

    def judge(self, namespace: Namespace, command: Command) -> Refused | None:
        """Only what a customer paid to this organisation, whole, once, while the money is there.

        B2C, B2B and reversals cannot be reversed (documented). What a wrong amount is answered is
        not known: it counts as an invalid original here (guessed).
        """
        request = command.request
        organisation = namespace.world.organisation(request["ReceiverParty"])
        if organisation is not None and not organisation.takes_part_in(self.name):
            return Refused("2028")
        if organisation is not None and not organisation.active:
            return Refused("11")
        found = namespace.transactions.get(request["TransactionID"])
        if found is None or not found.from_customer:
            return Refused(INVALID_ORIGINAL)
        if found.credit.identifier != request["ReceiverParty"]:
            return Refused(INVALID_ORIGINAL)
        if found.reversed_by is not None:
            return Refused(ALREADY_REVERSED)
        if Decimal(request["Amount"]) * 100 != found.cents:
            return Refused(INVALID_ORIGINAL)
        short = namespace.ledger.available(found.credit.account) < found.cents
        return Refused("1") if short else None

    def carry_out(
        self, namespace: Namespace, command: Command, receipt: str, *, assured: bool
    ) -> Sequence[Pair]:
        """Move the money back. A forced success without an original lists nothing (seen: 2017)."""
        found = namespace.transactions.get(command.request["TransactionID"])
        if found is None or found.reversed_by is not None or not found.from_customer:
            return ()
        if assured:
            fill(namespace, found.credit.account, found.cents)
        move(namespace, found.credit.account, found.debit.account, found.cents, receipt)
        found.reversed_by = receipt
        _record(namespace, command, receipt, found)
        balance = namespace.ledger.balance(found.credit.account)
        return (
            ("DebitAccountBalance", piped(found.credit.account_name, balance)),
            ("Amount", money(found.cents)),
            ("TransCompletedTime", compact(namespace.clock.time())),
            ("OriginalTransactionID", found.receipt),
            ("Charge", money(0)),
            ("CreditPartyPublicName", found.debit.public_name),
            ("DebitPartyPublicName", found.credit.public_name),
        )


def _record(namespace: Namespace, command: Command, receipt: str, original: Transaction) -> None:
    completed(
        namespace,
        Transaction(
            receipt=receipt,
            operation="reversal",
            reason="Transaction Reversal via API",
            debit=original.credit,
            credit=original.debit,
            cents=original.cents,
            initiated_at=command.accepted_at,
            finalised_at=namespace.clock.time(),
            originator_conversation_id=command.originator_conversation_id,
            conversation_id=command.conversation_id,
            reference=original.receipt,
        ),
    )


OPERATIONS = (Reversal(),)
