"""The acknowledgement and the refusals of M-Pesa Express, as the specification has them."""

import base64
import re

import pytest

from darajasim.core.organisation import SANDBOX_PASSKEY
from support.daraja import TIMESTAMP, daraja, in_virtual_time, password, push_body

BAD = "Bad Request - Invalid "


def refused(status=400, code="400.002.02", /, *, text, knobs=None, hint=None, **changes):
    async def main():
        async with daraja(**(knobs or {})) as d:
            answer = await d.push(**changes)
            assert (answer.status, answer.json["errorCode"]) == (status, code)
            assert answer.json["errorMessage"] == text
            assert list(answer.json) == ["requestId", "errorCode", "errorMessage"]
            assert answer.hint
            if hint:
                assert hint in answer.hint
            assert not d.namespace.pushes
            assert d.namespace.timeline.due == 0

    in_virtual_time(main())


def test_the_acknowledgement_is_five_strings_in_order():
    async def main():
        async with daraja() as d:
            answer = await d.push()
            assert answer.status == 200
            assert list(answer.json) == [
                "MerchantRequestID",
                "CheckoutRequestID",
                "ResponseCode",
                "ResponseDescription",
                "CustomerMessage",
            ]
            assert answer.json["ResponseCode"] == "0"
            assert answer.json["ResponseDescription"] == "Success. Request accepted for processing"
            assert answer.json["CustomerMessage"] == "Success. Request accepted for processing"
            assert re.fullmatch(
                r"ws_CO_11102026140509\d722000000", answer.json["CheckoutRequestID"]
            )
            assert answer.hint is None

    in_virtual_time(main())


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {key: str(value) for key, value in push_body().items()},
        {"BusinessShortCode": "174379"},
        {"Timestamp": int(TIMESTAMP)},
        {"PhoneNumber": "254110000000", "PartyA": 254110000000},
        {"PartyA": 254733000000},
        {"AccountReference": "FIFTEEN-LETTERS", "TransactionDesc": "Seventeen letters"},
        {"AccountReference": 1001},
        {"CallBackURL": "https://example.invalid/nkap/mpesa?x=1"},
        {"CallBackURL": "http://localhost:3000/cb"},
        {"CallBackURL": "http://127.0.0.1:3000"},
        {"CallBackURL": "http://[::1]:3000/cb"},
        {"Extra": {"ignored": True}},
        {"Amount": 250_000},
    ],
)
def test_what_is_accepted(changes):
    async def main():
        async with daraja() as d:
            answer = await d.push(**changes)
            assert answer.status == 200, (answer.raw, answer.hint)

    in_virtual_time(main())


@pytest.mark.parametrize(
    "kind", ["application/json", "Application/Json", "application/json; charset=utf-8"]
)
def test_the_content_type_in_any_case(kind):
    async def main():
        async with daraja() as d:
            await d.push()
            answer = await d.post(
                "/mpesa/stkpush/v1/processrequest",
                push_body(PhoneNumber=254722000001),
                headers={"content-type": kind},
            )
            assert answer.status == 200

    in_virtual_time(main())


@pytest.mark.parametrize("kind", ["", "text/plain", "application/x-www-form-urlencoded"])
def test_another_content_type_is_a_body_without_fields(kind):
    async def main():
        async with daraja() as d:
            answer = await d.post(
                "/mpesa/stkpush/v1/processrequest", push_body(), headers={"content-type": kind}
            )
            assert answer.status == 400
            assert answer.json["errorMessage"] == "Bad Request - Invalid BusinessShortCode"
            assert "expected Content-Type: application/json" in answer.hint

    in_virtual_time(main())


@pytest.mark.parametrize("value", [..., "", "abc", 1234, "17437a", None, True, [174379], {}, 1.5])
def test_shortcode(value):
    refused(text=BAD + "BusinessShortCode", BusinessShortCode=value)


def test_a_misspelt_key_is_explained():
    refused(
        text=BAD + "BusinessShortCode",
        BusinessShortCode=...,
        businessShortCode=174379,
        hint="keys are case-sensitive",
    )


@pytest.mark.parametrize("value", [..., "", None, [], False])
def test_password_missing(value):
    refused(text=BAD + "Password", Password=value)


@pytest.mark.parametrize("value", [..., "", "2026-10-11 14:05:09", "2026101114050", "x" * 14, None])
def test_timestamp(value):
    refused(text=BAD + "Timestamp", Timestamp=value)


@pytest.mark.parametrize("value", [..., "", "customerpaybillonline", "CustomerPayBill", 7])
def test_transaction_type(value):
    refused(text=BAD + "TransactionType", TransactionType=value)


def test_buy_goods_with_the_sandbox_paybill():
    refused(text=BAD + "TransactionType", TransactionType="CustomerBuyGoodsOnline", hint="600100")


@pytest.mark.parametrize(
    "value",
    [..., 0, -500, "0", "", "ten", 1.5, "1.50", 250_001, 5e11, "١", None, True, 10**400, " 1"],
)
def test_amount(value):
    refused(text=BAD + "Amount", Amount=value)


@pytest.mark.parametrize("value", [..., 0, "0722000000", "174379", None])
def test_party_a(value):
    refused(text=BAD + "PartyA", PartyA=value)


@pytest.mark.parametrize("value", [..., "abc", "0722000000", None])
def test_party_b(value):
    refused(text=BAD + "PartyB", PartyB=value)


@pytest.mark.parametrize(
    "value", [..., "+254722000000", "0722000000", 255722000000, "254222000000", "25472200000", ""]
)
def test_phone_number(value):
    refused(text=BAD + "PhoneNumber", PhoneNumber=value)


@pytest.mark.parametrize(
    "value",
    [
        ...,
        "",
        "not-a-url",
        "ftp://example.com/cb",
        "https://<your-host>/cb",
        "https://Example.com/cb",
        "https:///cb",
        "https://user:pw@example.com/cb",
        "https://example.com:port/cb",
        "https://example.com/a b",
        "https://exa mple.com/",
        "https://[::1/cb",
        "http://" + "a" * 3000,
        7,
        None,
    ],
)
def test_callback_url(value):
    refused(text=BAD + "CallBackURL", CallBackURL=value)


@pytest.mark.parametrize(
    "value",
    ["http://shop.example/cb", "https://localhost/cb", "https://127.0.0.1/cb", "https://10.0.0.1/"],
)
def test_only_public_callback_urls_by_knob(value):
    refused(text=BAD + "CallBackURL", CallBackURL=value, knobs={"callback_urls": "public"})


@pytest.mark.parametrize(
    "changes",
    [
        {"TransactionDesc": ...},
        {"TransactionDesc": ""},
        {"TransactionDesc": "x" * 280},
        {"AccountReference": None},
        {"AccountReference": ...},
    ],
)
def test_remarks(changes):
    refused(text=BAD + "Remarks", **changes)


def test_the_documented_profile():
    refused(text="Bad Request – Invalid Amount.", Amount=0, knobs={"base": "documented"})
    refused(
        text="Bad Request – Invalid Remarks.",
        AccountReference="THIRTEEN-CHAR",
        knobs={"base": "documented"},
    )

    async def main():
        async with daraja(base="documented") as d:
            answer = await d.push(TransactionDesc=...)
            assert answer.status == 200

    in_virtual_time(main())


def test_only_the_first_failure_in_the_order_of_the_fields():
    names = ["BusinessShortCode", "Password", "Timestamp", "TransactionType", "Amount", "PartyA",
             "PartyB", "PhoneNumber", "CallBackURL", "Remarks"]  # fmt: skip

    async def main():
        async with daraja() as d:
            body = {}
            for name in names:
                answer = await d.post("/mpesa/stkpush/v1/processrequest", body)
                assert answer.json["errorMessage"] == BAD + name
                if name != "Remarks":
                    body[name] = push_body()[name]

    in_virtual_time(main())


def test_request_errors_come_before_credential_errors():
    refused(text=BAD + "Amount", Amount=0, Password="d3Jvbmc=")


def test_an_unknown_merchant():
    refused(500, "500.001.1001", text="Merchant does not exist", BusinessShortCode=999999)


@pytest.mark.parametrize(
    ("wrong", "hint"),
    [
        ("!!!", "not base64"),
        (password("174378"), "of shortcode '174378'"),
        (password(timestamp="20260101000000"), "ends with timestamp '20260101000000'"),
        (password(passkey=SANDBOX_PASSKEY[:-1]), "of 63 characters, expected bfb279... of 64"),
        (base64.b64encode(b"174379").decode(), "timestamp"),
        (password().rstrip("=") + "\n", "not base64"),
    ],
)
def test_a_wrong_password_is_decoded_and_the_wrong_part_named(wrong, hint):
    refused(500, "500.001.1001", text="Wrong credentials", Password=wrong, hint=hint)


def test_the_hint_never_gives_the_passkey_away():
    async def main():
        async with daraja() as d:
            answer = await d.push(Password=password(passkey="x" * 64))
            assert SANDBOX_PASSKEY not in answer.hint

    in_virtual_time(main())


@pytest.mark.parametrize("stamp", ["20100101000000", "20991231235959", "99999999999999"])
def test_a_timestamp_far_from_now_is_fine(stamp):
    async def main():
        async with daraja() as d:
            answer = await d.push(Timestamp=stamp, Password=password(timestamp=stamp))
            assert answer.status == 200

    in_virtual_time(main())


def test_the_subscriber_is_locked_until_the_payment_is_over():
    lock = (
        "Unable to lock subscriber, a transaction is already in process for the current subscriber"
    )

    async def main():
        async with daraja() as d:
            assert (await d.push()).status == 200
            answer = await d.push(Amount=2)
            assert (answer.status, answer.json["errorCode"]) == (500, "500.001.1001")
            assert answer.json["errorMessage"] == lock
            assert (await d.push(PhoneNumber=254722000001)).status == 200
            await d.simulator.settled()
            assert (await d.push(Amount=2)).status == 200

    in_virtual_time(main())


@pytest.mark.parametrize(("lock", "codes"), [("late", [0, 1001]), ("off", [0, 0])])
def test_the_lock_by_knob(lock, codes):
    async def main():
        async with daraja(subscriber_lock=lock) as d:
            assert (await d.push()).status == 200
            assert (await d.push(Amount=2)).status == 200
            await d.simulator.settled()
            assert sorted(found["ResultCode"] for found in d.merchant.callbacks) == codes

    in_virtual_time(main())


@pytest.mark.parametrize(
    ("token", "hint"),
    [(None, "found none"), ("Bearer nonsense", "not issued here"), ("Basic x", "none")],
)
def test_the_token_is_judged_before_the_body(token, hint):
    async def main():
        async with daraja() as d:
            headers = {} if token is None else {"authorization": token}
            answer = await d.request(
                "POST", "/mpesa/stkpush/v1/processrequest", body=b"{not json", headers=headers
            )
            assert (answer.status, answer.json["errorCode"]) == (404, "404.001.03")
            assert hint in answer.hint

    in_virtual_time(main())


@pytest.mark.parametrize(
    "raw", [b"{", b"[1]", b"7", b'"x"', b"\xff", b'{"Amount": NaN}', b"[" * 50_000]
)
def test_a_body_that_is_not_a_json_object(raw):
    async def main():
        async with daraja() as d:
            answer = await d.post("/mpesa/stkpush/v1/processrequest", raw)
            assert (answer.status, answer.json["errorCode"]) == (400, "400.002.05")
            assert answer.json["errorMessage"] == "Invalid Request Payload"

    in_virtual_time(main())


def test_an_oversized_body_is_refused():
    async def main():
        async with daraja() as d:
            answer = await d.post("/mpesa/stkpush/v1/processrequest", b" " * (1024 * 1024 + 1))
            assert (answer.status, answer.json["errorCode"]) == (400, "400.002.05")
            assert answer.headers["connection"] == "close"

    in_virtual_time(main())


def test_no_idempotency_the_same_reference_twice_is_two_payments():
    async def main():
        async with daraja(subscriber_lock="off") as d:
            first, second = await d.push(), await d.push(Amount=2)
            assert first.json["CheckoutRequestID"] != second.json["CheckoutRequestID"]

    in_virtual_time(main())
