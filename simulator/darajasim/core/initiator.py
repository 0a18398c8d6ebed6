"""API operators of organisations: who may ask for payouts, balances and reversals."""

from __future__ import annotations

from dataclasses import dataclass

SANDBOX_INITIATOR = "testapi"
SANDBOX_INITIATOR_PASSWORD = "Safaricom999!*!"  # noqa: S105  # published by Safaricom
"""The public sandbox's shared operator (seen: common default since about 2020)."""


@dataclass(slots=True)
class Initiator:
    """An operator with an API password.

    Attributes:
        shortcodes: the organisations it belongs to; None: all.
        roles: the operations it may ask for (`b2c_payment`, `account_balance`, …); None: all.
        wrong_passwords: in a row.
        locked_until: simulated seconds since the epoch; 0 when it never was locked.
    """

    name: str
    password: str
    shortcodes: frozenset[str] | None = None
    roles: frozenset[str] | None = None
    wrong_passwords: int = 0
    locked_until: float = 0.0

    def belongs_to(self, shortcode: str) -> bool:
        """Whether it is an operator of this organisation."""
        return self.shortcodes is None or shortcode in self.shortcodes

    def may(self, operation: str) -> bool:
        """Whether it has the role for an operation."""
        return self.roles is None or operation in self.roles


@dataclass(frozen=True, slots=True)
class InitiatorSpec:
    """An initiator as a scenario describes one."""

    name: str
    password: str = SANDBOX_INITIATOR_PASSWORD
    shortcodes: frozenset[str] | None = None
    roles: frozenset[str] | None = None
    locked: bool = False
