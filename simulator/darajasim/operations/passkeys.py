"""The Password of M-Pesa Express: base64 of shortcode, passkey and timestamp, joined."""

from __future__ import annotations

import base64
import binascii

from darajasim.core.namespace import Namespace
from darajasim.core.organisation import SANDBOX_PASSKEY, Organisation
from darajasim.operations.call import Refusal
from darajasim.operations.fields import Field, shape, shown, text
from darajasim.operations.fields import shortcode as shortcode_check

SHORTCODE = Field(
    "BusinessShortCode",
    "invalid-shortcode",
    shortcode_check,
    "shortcode",
    "174379",
)
EXAMPLE_TIMESTAMP = "20261011140509"
PASSWORD = Field(
    "Password",
    "invalid-password",
    text,
    "password",
    base64.b64encode(f"174379{SANDBOX_PASSKEY}{EXAMPLE_TIMESTAMP}".encode()).decode(),
)
TIMESTAMP = Field(
    "Timestamp",
    "invalid-timestamp",
    shape(r"\d{14}", "14 digits, YYYYMMDDHHMMSS"),
    "timestamp",
    EXAMPLE_TIMESTAMP,
)


def authenticate(
    namespace: Namespace, shortcode: str, password: str, timestamp: str
) -> Organisation:
    """The organisation whose Password this is.

    Raises:
        Refusal: the shortcode is unknown to M-Pesa Express, or the Password is not its own. A
            timestamp far from now is fine; one that differs from the Password's is not.
    """
    organisation = namespace.world.organisation(shortcode)
    if organisation is None or organisation.passkey is None:
        known = ", ".join(
            code for code, org in namespace.world.organisations.items() if org.passkey is not None
        )
        raise Refusal(
            "merchant-does-not-exist",
            f"no M-Pesa Express shortcode {shortcode} in this world; there are {known}",
        )
    expected = f"{shortcode}{organisation.passkey}{timestamp}"
    if password != base64.b64encode(expected.encode()).decode():
        raise Refusal(
            "wrong-credentials",
            explain(password, shortcode, organisation.passkey, timestamp),
        )
    return organisation


def explain(password: str, shortcode: str, passkey: str, timestamp: str) -> str:
    """Which part of a wrong Password is wrong. The passkey is shortened, for this goes to logs."""
    try:
        decoded = base64.b64decode(password, validate=True).decode()
    except (binascii.Error, UnicodeDecodeError, ValueError):
        return f"Password is not base64 of text: {shown(password[:24])}"
    wanted = f"{shortcode}+{passkey[:6]}…+{timestamp}".replace("…", "...")
    if not decoded.startswith(shortcode):
        found = decoded[: len(shortcode)]
        return (
            f"Password is of shortcode {shown(found)}, BusinessShortCode is {shortcode}; "
            f"expected base64({wanted})"
        )
    if not decoded.endswith(timestamp):
        return (
            f"Password ends with timestamp {shown(decoded[-14:])}, Timestamp is {timestamp}; "
            f"expected base64({wanted})"
        )
    found = decoded[len(shortcode) : -len(timestamp)]
    if found == passkey:
        return f"Password has other padding or alphabet than base64({wanted})"
    return (
        f"Password has passkey {shown(found[:6] + '...')} of {len(found)} characters, "
        f"expected {passkey[:6]}... of {len(passkey)}; expected base64({wanted})"
    )
