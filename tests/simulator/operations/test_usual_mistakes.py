"""The mistakes that people make with Daraja: each is refused with a hint that says what to do."""

import asyncio
import base64

import pytest

from darajasim.core.organisation import SANDBOX_PASSKEY
from support.daraja import daraja, in_virtual_time

TIMESTAMP = "20261011140509"


def password(shortcode="174379", passkey=SANDBOX_PASSKEY, timestamp=TIMESTAMP):
    return base64.b64encode(f"{shortcode}{passkey}{timestamp}".encode()).decode()


MISTAKES = {
    "phone with a zero": ({"PhoneNumber": "0722000000"}, "send 254722000000"),
    "phone with a plus": ({"PhoneNumber": "+254722000000"}, "send 254722000000"),
    "phone with spaces": ({"PhoneNumber": "0722 000 000"}, "send 254722000000"),
    "phone without a prefix": ({"PhoneNumber": 722000000}, "send 254722000000"),
    "payer with a zero": ({"PartyA": "0722000000"}, "PartyA: expected a Kenyan MSISDN"),
    "amount with cents": ({"Amount": "10.50"}, "takes no cents"),
    "amount as a decimal": ({"Amount": 10.0}, "send 10, digits alone"),
    "amount with a comma": ({"Amount": "1,000"}, "send 1000, digits alone"),
    "amount with a currency": ({"Amount": "KES 100"}, "send 100, digits alone"),
    "amount of nothing": ({"Amount": 0}, "at least 1"),
    "password of another time": (
        {"Password": password(timestamp="20261011140508")},
        "Password ends with timestamp '20261011140508', Timestamp is 20261011140509",
    ),
    "password of another shortcode": (
        {"Password": password("600000")},
        "Password is of shortcode '600000', BusinessShortCode is 174379",
    ),
    "password of another passkey": (
        {"Password": password(passkey="secret")},
        "Password has passkey",
    ),
    "password that is not encoded": ({"Password": "plain text"}, "not base64"),
    "timestamp as ISO 8601": ({"Timestamp": "2026-10-11T14:05:09"}, "YYYYMMDDHHMMSS"),
    "unknown shortcode": (
        {"BusinessShortCode": "600000", "Password": password("600000")},
        "no M-Pesa Express shortcode 600000 in this world; there are 174379",
    ),
    "paybill as a till": ({"TransactionType": "CustomerBuyGoodsOnline"}, "CustomerPayBillOnline"),
    "callback without a scheme": ({"CallBackURL": "example.com/cb"}, "starts with https://"),
    "callback in capitals": ({"CallBackURL": "https://Example.com/cb"}, "upper-case"),
    "reference left out": ({"AccountReference": ...}, "AccountReference"),
    "field in small letters": (
        {"CallBackURL": ..., "CallbackURL": "https://a.example/"},
        "found 'CallbackURL' instead: keys are case-sensitive",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", MISTAKES)
def test_a_wrong_field(name):
    fields, hint = MISTAKES[name]

    async def main():
        async with daraja() as d:
            usual = {"TransactionDesc": "x", "Timestamp": TIMESTAMP, "Password": password()}
            answer = await d.push(**{**usual, **fields})
            assert answer.status >= 400, answer
            assert hint in answer.headers["x-darajasim-hint"]
            last = [each.as_json() for each in d.namespace.journal][-1]
            assert hint in last["hint"]

    in_virtual_time(main())


@pytest.mark.parametrize(
    "url", ["http://example.com/cb", "https://localhost/cb", "https://10.0.0.1/"]
)
def test_a_callback_url_that_daraja_cannot_reach(url):
    async def main():
        async with daraja(callback_urls="public") as d:
            answer = await d.push(CallBackURL=url)
            assert answer.status == 400
            assert "CallBackURL: expected " in answer.headers["x-darajasim-hint"]

    in_virtual_time(main())


PUSH = "/mpesa/stkpush/v1/processrequest"


@pytest.mark.parametrize(
    ("header", "hint"),
    [
        ("", "found none"),
        ("Basic a2V5OnNlY3JldA==", "found Basic: key and secret are for /oauth/v1/generate alone"),
        ("Bearer", "with nothing behind it"),
        ("c9SQxWWhmdVRlyh0zh8gZDTkubVF", "no scheme before the token"),
        ("Token abc", "found the scheme 'Token'"),
        ("Bearer nobodys", "this token was not issued here; get one from /oauth/v1/generate"),
        ('Bearer {"access_token": "x"}', "found JSON: send its access_token alone"),
    ],
)
def test_a_wrong_token(header, hint):
    async def main():
        async with daraja() as d:
            headers = {"authorization": header, "content-type": "application/json"}
            answer = await d.request("POST", PUSH, headers=headers, body=b"{}")
            assert hint in answer.headers["x-darajasim-hint"]

    in_virtual_time(main())


def test_a_token_that_has_expired():
    async def main():
        async with daraja() as d:
            await d.push(token_seconds=10_000)
            await d.simulator.settled()
            await asyncio.sleep(3_700)
            answer = await d.push(token_seconds=10_000)
            assert "expired" in answer.headers["x-darajasim-hint"]

    in_virtual_time(main())
