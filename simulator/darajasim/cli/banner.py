"""What `darajasim serve` prints: where it is, what to use, and one line that makes a payment."""

from __future__ import annotations

import base64
import json

from darajasim.core.initiator import SANDBOX_INITIATOR, SANDBOX_INITIATOR_PASSWORD
from darajasim.core.organisation import SANDBOX_PASSKEY

TIMESTAMP = "20260101120000"
INITIATOR = f"{SANDBOX_INITIATOR} / {SANDBOX_INITIATOR_PASSWORD}"


def banner(
    host: str, port: int, *, seed: int, speed: float, scenario: str | None, tls: bool = False
) -> str:
    """The start-up block, ready to print."""
    shown = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(host, f"[{host}]" if ":" in host else host)  # noqa: S104  # a display name
    base = f"http{'s' if tls else ''}://{shown}:{port}"
    passkey = f"{SANDBOX_PASSKEY[:8]}…{SANDBOX_PASSKEY[-8:]}"
    rows = [
        ("Daraja", f"{base:<29} point your base URL here"),
        ("App", f"{'any consumer key and secret':<29} initiator {INITIATOR}"),
        ("Paybill", f"174379   passkey {passkey}   Till 600100   B2C 600998"),
        ("Magic", "2547000NNNNN answers with result code NNNNN (darajasim codes)"),
        ("Look", f"{base}/_sim/journal"),
        ("Seed", f"{seed}   speed {speed:g}" + (f"   scenario {scenario}" if scenario else "")),
        ("Try", payment_line(base)),
    ]
    return "\n".join(f"{name:<9} {text}" for name, text in rows)


def payment_line(base: str) -> str:
    """One shell line that takes a token and makes a payment. Its callback goes to the simulator's
    own inbox, and is then to be seen in the journal.
    """
    password = base64.b64encode(f"174379{SANDBOX_PASSKEY}{TIMESTAMP}".encode()).decode()
    body = json.dumps(
        {
            "BusinessShortCode": 174379,
            "Password": password,
            "Timestamp": TIMESTAMP,
            "TransactionType": "CustomerPayBillOnline",
            "Amount": 1,
            "PartyA": 254722000000,
            "PartyB": 174379,
            "PhoneNumber": 254722000000,
            "CallBackURL": f"{base}/_sim/inbox",
            "AccountReference": "INV-1",
            "TransactionDesc": "Shoes",
        },
        separators=(",", ":"),
    )
    token = (
        f"$(curl -s -u key:secret '{base}/oauth/v1/generate?grant_type=client_credentials'"
        " | cut -d'\"' -f4)"
    )
    return (
        f'curl -s {base}/mpesa/stkpush/v1/processrequest -H "Authorization: Bearer {token}" '
        f"-H 'Content-Type: application/json' -d '{body}'"
    )
