"""Dynamic QR, through the whole client."""

import base64
import json

import httpx
import pytest

from mpesa_pochi import DarajaError, InvalidRequest, QrCode, UnexpectedAnswer

PNG = b"\x89PNG\r\n\x1a\nnot a real image"
ASKED = {"amount": 250, "reference": "INV-7001"}


def fields(daraja):
    return json.loads(daraja.requests[1].content)


def test_a_code_is_asked_for_as_daraja_documents(make, daraja):
    made = make("dynamic_qr", **ASKED, merchant_name="Duka", trx_code="BG", cpi="600321", size=400)
    said = "The service request is processed successfully."
    assert made == QrCode(code="00", description=said, png=PNG)
    assert "PNG" not in repr(made)
    assert daraja.requests[1].url.path == "/mpesa/qrcode/v1/generate"
    assert fields(daraja) == {
        "MerchantName": "Duka",
        "RefNo": "INV-7001",
        "Amount": 250,
        "TrxCode": "BG",
        "CPI": "600321",
        "Size": "400",
    }


def test_the_settings_say_who_is_paid(make, daraja):
    make("dynamic_qr", **ASKED)
    asked = fields(daraja)
    assert (asked["MerchantName"], asked["TrxCode"]) == ("Pochi la Biashara", "PB")
    assert (asked["CPI"], asked["Size"]) == ("174379", "300")


@pytest.mark.parametrize("code", ["SM", "SB"])
def test_money_to_a_phone(make, daraja, code):
    make("dynamic_qr", **ASKED, trx_code=code, cpi="0722 000000")
    assert fields(daraja)["CPI"] == "254722000000"


def test_the_documented_answer_is_taken_too(make, daraja):
    code = "AG_20191219_000043fdf61864fe9ff5"
    daraja.qr = [
        lambda _: daraja.image(ResponseCode=code, ResponseDescription="QR Code Successfully")
    ]
    assert make("dynamic_qr", **ASKED).code == code


@pytest.mark.parametrize(
    "image",
    [None, "", "not base64!", base64.b64encode(b"GIF89a").decode(), "\u00e9", 7],
)
def test_an_answer_without_an_image_is_unexpected(make, daraja, image):
    daraja.qr = [lambda _: daraja.image(QRCode=image)]
    with pytest.raises(UnexpectedAnswer):
        make("dynamic_qr", **ASKED)


def test_a_refusal_with_an_image_is_none(make, daraja):
    daraja.qr = [lambda _: daraja.answer(400, {"errorCode": "400.002.05", "QRCode": "iVBORw=="})]
    with pytest.raises(DarajaError):
        make("dynamic_qr", **ASKED)


def test_it_is_asked_again_through_trouble(make, daraja):
    daraja.qr = [httpx.ReadError("reset"), daraja.answer(502, b""), daraja.image()]
    assert make("dynamic_qr", **ASKED).png == PNG


@pytest.mark.parametrize(
    "changes",
    [
        {"amount": 0},
        {"amount": 2.5},
        {"reference": ""},
        {"merchant_name": ""},
        {"merchant_name": "x" * 101},
        {"trx_code": "XX"},
        {"trx_code": "SM"},
        {"trx_code": "SB", "cpi": "020 2222222"},
        {"cpi": "x"},
        {"size": 0},
        {"size": True},
        {"size": "300"},
        {"size": 10_001},
    ],
)
def test_what_is_wrong_is_refused_before_the_wire(make, daraja, changes):
    with pytest.raises(InvalidRequest):
        make("dynamic_qr", **ASKED | changes)
    assert daraja.requests == []
