"""Daraja's requests as bytes, and the ids in its answers and callbacks."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterable, Iterator

from darajasim.core.organisation import SANDBOX_PASSKEY

TIMESTAMP = "20261011140509"
PASSWORD = base64.b64encode(f"174379{SANDBOX_PASSKEY}{TIMESTAMP}".encode()).decode()
FIRST_PHONE = 254_711_000_000
TOKEN_REQUEST = (
    b"GET /oauth/v1/generate?grant_type=client_credentials HTTP/1.1\r\nHost: 127.0.0.1\r\n"
    b"Authorization: Basic " + base64.b64encode(b"key:secret") + b"\r\n\r\n"
)
ID = b'"CheckoutRequestID":'


def push_requests(token: str, callback_url: str, numbers: Iterable[int]) -> Iterator[bytes]:
    """Valid pushes, each for a customer of its own: number 0 is 254711000000."""
    body = {
        "BusinessShortCode": 174379,
        "Password": PASSWORD,
        "Timestamp": TIMESTAMP,
        "TransactionType": "CustomerPayBillOnline",
        "Amount": 1,
        "PartyA": FIRST_PHONE,
        "PartyB": 174379,
        "PhoneNumber": FIRST_PHONE,
        "CallBackURL": callback_url,
        "AccountReference": "INV-1",
        "TransactionDesc": "Shoes",
    }
    text = json.dumps(body).encode()
    head = (
        "POST /mpesa/stkpush/v1/processrequest HTTP/1.1\r\nHost: 127.0.0.1\r\n"
        f"Authorization: Bearer {token}\r\nContent-Type: application/json\r\n"
        f"Accept: */*\r\nUser-Agent: benchmark\r\nContent-Length: {len(text)}\r\n\r\n"
    ).encode()
    first = str(FIRST_PHONE).encode()
    for number in numbers:
        yield head + text.replace(first, str(FIRST_PHONE + number).encode())


def checkout_request_id(body: bytes) -> bytes:
    """The CheckoutRequestID in an acknowledgement or a callback."""
    return body.partition(ID)[2].partition(b'"')[2].partition(b'"')[0]
