"""The password that signs an M-PESA Express request, and the timestamp inside it."""

from base64 import b64encode
from datetime import datetime

from mpesa_pochi.clock import NAIROBI
from mpesa_pochi.secret import Secret


def timestamp(now: datetime) -> str:
    """Nairobi time as Daraja writes it, `YYYYMMDDHHMMSS`.

    Raises:
        ValueError: `now` has no time zone, so nobody can say what it is in Nairobi.
    """
    if now.tzinfo is None:
        raise ValueError(f"timestamp() needs an aware datetime, not {now!r}: give it a tzinfo")
    local = now.astimezone(NAIROBI)
    day = f"{local.year:04}{local.month:02}{local.day:02}"
    return f"{day}{local.hour:02}{local.minute:02}{local.second:02}"


def password(shortcode: str, passkey: Secret, timestamp: str) -> Secret:
    """Base64 of shortcode, passkey and timestamp, one after the other (Daraja docs, STK push).

    It is a secret: decoding it gives the passkey.
    """
    plain = f"{shortcode}{passkey.reveal()}{timestamp}"
    return Secret(b64encode(plain.encode()).decode("ascii"))
