"""The Password of M-Pesa Express: base64 of shortcode, passkey and timestamp, joined."""

from __future__ import annotations

import base64
import binascii

from darajasim.core.namespace import Namespace
from darajasim.core.world import Organisation
from darajasim.operations.call import Refusal
from darajasim.operations.fields import Field, shape, shown, text

SHORTCODE = Field(
    "BusinessShortCode",
    "invalid-shortcode",
    shape(r"\d{5,7}", "a shortcode of 5 to 7 digits"),
    "shortcode",
)
PASSWORD = Field("Password", "invalid-password", text, "password")
TIMESTAMP = Field(
    "Timestamp", "invalid-timestamp", shape(r"\d{14}", "14 digits, YYYYMMDDHHMMSS"), "timestamp"
)


def authenticate(
    namespace: Namespace, shortcode: str, password: str, timestamp: str
) -> Organisation:
    """The organisation whose Password this is.

    Raises:
        Refusal: the shortcode is unknown to M-Pesa Express, or the Password is not its own. A
            timestamp far from now is fine; one that differs from the Password's is not.
    """
    organisation = namespace.world.organisations.get(shortcode)
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
