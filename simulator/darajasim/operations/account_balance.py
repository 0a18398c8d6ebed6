"""Account Balance: POST /mpesa/accountbalance/v1/query."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from darajasim.core.clock import compact
from darajasim.core.command import Command, Refused
from darajasim.core.namespace import Namespace
from darajasim.operations.balances import all_accounts
from darajasim.operations.command_operation import (
    INITIATOR,
    REMARKS,
    RESULT_URL,
    SECURITY_CREDENTIAL,
    TIMEOUT_URL,
    CommandOperation,
    command_id,
)
from darajasim.operations.command_result import Pair
from darajasim.operations.fields import Field, one_number_of, one_of, shortcode
from darajasim.operations.initiators import LOCKED

COMMAND = "AccountBalance"
LOCKED_TEXT = "API Password is locked. "
"""With a space at its end (seen: NM 2026)."""


class AccountBalance(CommandOperation):
    """What the ledger holds, account by account."""

    name = "account_balance"
    path = "/mpesa/accountbalance/v1/query"
    about = "Balances of every account of one's own shortcode."
    creates: ClassVar[bool] = False
    submits_to: ClassVar[str] = "abresults"
    foreign_code: ClassVar[str] = "2043"
    documented_strings: ClassVar[bool] = True
    fields = (
        INITIATOR,
        SECURITY_CREDENTIAL,
        command_id(one_of(COMMAND), COMMAND),
        Field("PartyA", "invalid-party-a", shortcode, "shortcode", "600000"),
        Field(
            "IdentifierType",
            "invalid-identifier-type",
            one_number_of("4", "2"),
            "identifier_type",
            "4",
        ),
        REMARKS,
        TIMEOUT_URL,
        RESULT_URL,
    )

    def judge(self, namespace: Namespace, command: Command) -> Refused | None:
        """The organisation must exist and have this product."""
        organisation = namespace.world.organisation(command.request["PartyA"])
        if organisation is None:
            return Refused("SFC_IC0003")
        return None if organisation.takes_part_in(self.name) else Refused("2028")

    def carry_out(
        self, namespace: Namespace, command: Command, receipt: str, *, assured: bool
    ) -> Sequence[Pair]:
        """ActionType leads since 2026 (seen: GO1, NM); the portal does not have it."""
        organisation = namespace.world.organisation(command.request["PartyA"])
        if organisation is None:
            return ()
        parameters: tuple[Pair, ...] = (
            ("AccountBalance", all_accounts(namespace, organisation)),
            ("BOCompletedTime", compact(namespace.clock.time())),
        )
        return (("ActionType", COMMAND), *parameters) if _today(namespace) else parameters

    def on_failure(
        self, namespace: Namespace, command: Command, receipt: str, code: str
    ) -> Sequence[Pair]:
        """The time; for a locked initiator two more (seen: newtonmunene99 #12 in 2020, NM 2026)."""
        completed: Pair = ("BOCompletedTime", compact(namespace.clock.time()))
        if code == LOCKED and _today(namespace):
            return (("ActionType", COMMAND), ("ErrorMsg", LOCKED_TEXT), completed)
        return (completed,)

    def references(self, namespace: Namespace, command: Command, code: str) -> Sequence[Pair]:
        """Without a value for a locked initiator (seen: NM 2026)."""
        locked = code == LOCKED and _today(namespace)
        return (("QueueTimeoutURL", None if locked else self.internal_url),)


def _today(namespace: Namespace) -> bool:
    return namespace.profile.texts == "observed"


OPERATIONS = (AccountBalance(),)
