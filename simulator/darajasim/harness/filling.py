"""Filling in what a scenario's calls send, from what its earlier steps brought."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from darajasim.core.journal import Journal
from darajasim.harness.called import RECEIPT, Called, Trail, UnknownValueError, first
from darajasim.scenarios.document import Credential, Reference, Template
from darajasim.scenarios.wording import some

if TYPE_CHECKING:
    from darajasim.scenarios.document import Document

CHECKOUT = "CheckoutRequestID"
"""The key of a payment's own id."""


@dataclass(slots=True)
class Filling:
    """Finds the values of references.

    Args:
        calls: what the scenario's calls brought, by name.
        checkout_ids: the same of the payments that the merchant asked for.
    """

    journal: Journal
    calls: dict[str, Called]
    checkout_ids: dict[str, str]

    def filled(self, document: Document) -> Document:
        """The document without holes.

        Raises:
            UnknownValueError: a step has not brought what a hole asks for.
        """
        if isinstance(document, dict):
            return {key: self.filled(value) for key, value in document.items()}
        if isinstance(document, list):
            return [self.filled(item) for item in document]
        if not isinstance(document, Template):
            return document
        return "".join(map(self._part, document.parts))

    def _part(self, part: str | Reference | Credential) -> str:
        if isinstance(part, Reference):
            return self.value(part)
        return encrypted(part.password) if isinstance(part, Credential) else part

    def value(self, reference: Reference) -> str:
        """What a step brought, as text.

        Raises:
            UnknownValueError: it has not brought it.
        """
        called = self.calls.get(reference.name)
        subject = called.subject if called else self.checkout_ids.get(reference.name)
        trail = Trail(self.journal, subject)
        if reference.key == RECEIPT:
            found = trail.receipt
        elif reference.key == CHECKOUT and called is None:
            found = subject
        else:
            answer, told = called.fields if called else {}, trail.told or {}
            found = first(answer, reference.key) or first(told, reference.key)
        if found is None:
            raise UnknownValueError(f"{reference} is not known: {_known(called, trail)}")
        return found


def _known(called: Called | None, trail: Trail) -> str:
    """What could be asked for instead."""
    answer = dict.fromkeys(called.fields if called else ())
    told = trail.told
    said = f"its answer has {some(answer, 'and')}" if answer else "it has no JSON answer"
    if told is None:
        return f"{said}, and no callback about it has come"
    return f"{said}; its last callback has {some(told, 'and') or 'nothing'}"


def encrypted(password: str) -> str:
    """The SecurityCredential of a password, for this simulator."""
    # It loads cryptography, which takes longer than most scenarios.
    from darajasim.operations import credentials  # noqa: PLC0415

    return credentials.encrypted(password)
