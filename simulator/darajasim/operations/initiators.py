"""Checking an initiator: not when the request is taken, but when it is carried out (seen: TS)."""

from __future__ import annotations

from darajasim.core.initiator import Initiator
from darajasim.core.namespace import Namespace
from darajasim.operations.credentials import opened, well_formed

INVALID = "2001"
"""Unknown user, wrong password, foreign organisation: one code for all (seen 2018-2026)."""
LOCKED = "8006"
NOT_ALLOWED = "21"


def refused(
    namespace: Namespace,
    *,
    name: str,
    credential: str,
    shortcode: str,
    operation: str,
    foreign: str = INVALID,
) -> str | None:
    """The result code with which an initiator is turned away, or None when all is well.

    Wrong passwords are counted; the knob `initiator_attempts` of them in a row lock the initiator
    (seen: five, then 8006 for two hours; DB).

    Args:
        foreign: the code for an initiator of another organisation.
    """
    initiator = namespace.world.initiators.get(name)
    if initiator is None:
        return INVALID
    now = namespace.clock.time()
    if initiator.locked_until > now:
        return LOCKED
    if not _knows(namespace, initiator, credential):
        initiator.wrong_passwords += 1
        most = namespace.profile.initiator_attempts
        if most and initiator.wrong_passwords >= most:
            initiator.wrong_passwords = 0
            initiator.locked_until = now + namespace.profile.initiator_lock
        return INVALID
    initiator.wrong_passwords = 0
    if not initiator.belongs_to(shortcode):
        return foreign
    return None if initiator.may(operation) else NOT_ALLOWED


def _knows(namespace: Namespace, initiator: Initiator, credential: str) -> bool:
    """Whether the credential holds the password. One that was made with Safaricom's certificate can
    be decrypted by nobody else: the knob `security_credential` decides.
    """
    password = opened(credential)
    if password is not None:
        return password == initiator.password
    return namespace.profile.security_credential == "form" and well_formed(credential)
