"""Every movement of money that M-PESA has recorded, whichever API asked for it."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterator
from dataclasses import dataclass

MAX_TRANSACTIONS = 100_000


@dataclass(frozen=True, slots=True)
class Party:
    """One side of a transaction.

    Attributes:
        identifier: shortcode or MSISDN.
        public_name: `600992 - Safaricom Daraja 992`, as results print it.
        account: the ledger account.
        account_name: what results call that account: `Utility Account`, `MMF Account For Customer`.
    """

    identifier: str
    public_name: str
    account: str
    account_name: str


@dataclass(slots=True, eq=False)
class Transaction:
    """One transaction, completed or declined.

    Attributes:
        receipt: its ten characters.
        operation: what asked for it: `stk_push`, `c2b_simulate`, `b2c_payment`, ….
        reason: the ReasonType that Transaction Status prints.
        cents: amount; `charge_cents` is what the debit party paid beside it.
        initiated_at: simulated seconds since the epoch; so is `finalised_at`.
        reference: the account reference, or "".
        status: as Transaction Status prints it: Completed, Declined.
        reversed_by: the receipt of its reversal.
    """

    receipt: str
    operation: str
    reason: str
    debit: Party
    credit: Party
    cents: int
    initiated_at: float
    finalised_at: float
    originator_conversation_id: str
    conversation_id: str
    reference: str = ""
    charge_cents: int = 0
    charge_name: str = ""
    status: str = "Completed"
    reversed_by: str | None = None
    from_customer: bool = False


class TransactionBook:
    """Transactions by receipt and by conversation id; beyond the limit the oldest are forgotten."""

    def __init__(self, limit: int = MAX_TRANSACTIONS) -> None:
        self._limit = limit
        self._by_receipt: OrderedDict[str, Transaction] = OrderedDict()
        self._by_conversation: dict[str, str] = {}

    def add(self, transaction: Transaction) -> None:
        """Keep a transaction."""
        self._by_receipt[transaction.receipt] = transaction
        for conversation in _conversations(transaction):
            self._by_conversation[conversation] = transaction.receipt
        if len(self._by_receipt) > self._limit:
            _receipt, oldest = self._by_receipt.popitem(last=False)
            for conversation in _conversations(oldest):
                self._by_conversation.pop(conversation, None)

    def get(self, receipt: str) -> Transaction | None:
        """The transaction with this receipt, or None."""
        return self._by_receipt.get(receipt)

    def of_conversation(self, conversation_id: str) -> Transaction | None:
        """The transaction of this conversation id or originator conversation id, or None."""
        receipt = self._by_conversation.get(conversation_id)
        return self._by_receipt.get(receipt) if receipt is not None else None

    def __len__(self) -> int:
        return len(self._by_receipt)

    def __iter__(self) -> Iterator[Transaction]:
        return iter(tuple(self._by_receipt.values()))


def _conversations(transaction: Transaction) -> tuple[str, ...]:
    both = (transaction.originator_conversation_id, transaction.conversation_id)
    return tuple(conversation for conversation in both if conversation)
