import base64
import struct
import zlib
from urllib.parse import parse_qs

import pytest
import zxingcpp
from hypothesis import given, settings
from hypothesis import strategies as st

from darajasim.operations.qr import LARGEST_PIXELS
from darajasim.operations.qr_image import TooSmallError, png
from support.commands import example
from support.daraja import daraja, in_virtual_time

PATH = "/mpesa/qrcode/v1/generate"


def asked(changes, **knobs):
    """The answer to the example with changes."""

    async def main():
        async with daraja(**knobs) as d:
            return await d.post(PATH, example(PATH, **changes))

    return in_virtual_time(main())


def pixels(image):
    """Width, height, bits, colour type, and the rows of an unfiltered RGBA PNG."""
    assert image[:8] == b"\x89PNG\r\n\x1a\n"
    at, packed, head = 8, b"", ()
    while at < len(image):
        length, kind = struct.unpack(">I4s", image[at : at + 8])
        data = image[at + 8 : at + 8 + length]
        (checksum,) = struct.unpack(">I", image[at + 8 + length : at + 12 + length])
        assert checksum == zlib.crc32(kind + data)
        if kind == b"IHDR":
            head = struct.unpack(">IIBBBBB", data)
        elif kind == b"IDAT":
            packed += data
        at += 12 + length
    raw, width = zlib.decompress(packed), head[0]
    stride = 4 * width + 1
    assert len(raw) == stride * head[1]
    rows = [raw[start : start + stride] for start in range(0, len(raw), stride)]
    assert all(row[0] == 0 for row in rows)
    return head[:4], [row[1:] for row in rows]


def read(image):
    """What a reader that has nothing of ours finds in a PNG."""
    (width, height, _bits, _kind), rows = pixels(image)
    grey = b"".join(row[::4] for row in rows)
    found = zxingcpp.read_barcodes(memoryview(grey).cast("B", (height, width)))
    (code,) = found
    assert code.format == zxingcpp.BarcodeFormat.QRCode
    return code.text


def test_the_answer_has_three_keys_and_a_png_of_the_size_asked_for():
    answer = asked({"Size": "300"})
    assert answer.status == 200
    assert answer.raw.startswith(
        b'{"ResponseCode":"00",'
        b'"ResponseDescription":"The service request is processed successfully.",'
        b'"QRCode":"iVBORw0KGgo'
    )
    assert list(answer.json) == ["ResponseCode", "ResponseDescription", "QRCode"]
    head, _rows = pixels(base64.b64decode(answer.json["QRCode"], validate=True))
    assert head == (300, 300, 8, 6)


def test_a_reader_finds_every_field():
    changes = {
        "MerchantName": "Duka & Sons = Ünïted",
        "RefNo": "INV 7/1",
        "Amount": 250,
        "TrxCode": "BG",
        "CPI": "600100",
    }
    text = read(base64.b64decode(asked(changes).json["QRCode"]))
    scheme, _, query = text.partition("?")
    assert scheme == "mpesa:"
    found = {name: value for name, (value,) in parse_qs(query, strict_parsing=True).items()}
    assert found == {name: str(value) for name, value in changes.items()}


def test_the_documented_answer_has_an_id_for_its_code():
    answer = asked({}, base="documented")
    assert list(answer.json) == ["ResponseCode", "RequestID", "ResponseDescription", "QRCode"]
    assert answer.json["ResponseCode"].startswith("AG_20261011_")
    assert answer.json["ResponseDescription"] == "QR Code Successfully Generated."


@pytest.mark.parametrize(
    ("code", "party"),
    [
        ("BG", "600100"),
        ("WA", "12345"),
        ("PB", 174379),
        ("SM", "254722000000"),
        ("SM", "0722000000"),
        ("SB", 254722000000),
    ],
)
def test_the_credit_party_is_what_the_code_says(code, party):
    assert asked({"TrxCode": code, "CPI": party}).status == 200


@pytest.mark.parametrize(
    "changes",
    [
        {"TrxCode": "PB", "CPI": "254722000000"},
        {"TrxCode": "BG", "CPI": "0722000000"},
        {"TrxCode": "SM", "CPI": "174379"},
        {"TrxCode": "SB", "CPI": "600100"},
        {"TrxCode": "pb"},
        {"TrxCode": "XX"},
        {"TrxCode": ["PB"]},
        {"CPI": ...},
        {"CPI": "12"},
        {"Amount": 0},
        {"Amount": "1.5"},
        {"Amount": ...},
        {"MerchantName": ""},
        {"MerchantName": "x" * 61},
        {"RefNo": None},
        {"Size": "0"},
        {"Size": "1001"},
        {"Size": "30"},
        {"Size": "300px"},
        {"Size": ...},
    ],
)
def test_what_is_wrong_is_refused(changes):
    answer = asked(changes)
    assert answer.status == 400
    assert answer.json["errorCode"] == "400.002.05"
    assert answer.json["errorMessage"] == "Invalid Request Payload"
    assert answer.hint.startswith(("CPI", "TrxCode", "Amount", "MerchantName", "RefNo", "Size"))


def test_a_wrong_method_is_an_invalid_authentication_header():
    async def main():
        async with daraja() as d:
            answer = await d.request("GET", PATH)
            assert (answer.status, answer.json["errorCode"]) == (404, "404.001.04")

    in_virtual_time(main())


def test_half_of_a_surrogate_pair_is_drawn_as_a_question_mark():
    answer = asked({"RefNo": "a\ud800b"})
    assert "RefNo=a%3Fb" in read(base64.b64decode(answer.json["QRCode"]))


def test_the_longest_names_fit_the_largest_image():
    longest = "\U0001f600" * 60
    answer = asked({"MerchantName": longest, "RefNo": longest, "Size": str(LARGEST_PIXELS)})
    assert answer.status == 200
    assert longest in parse_qs(read(base64.b64decode(answer.json["QRCode"])))["RefNo"]


@settings(max_examples=30)
@given(
    text=st.text(st.characters(codec="ascii", exclude_categories=("C",)), min_size=1, max_size=150),
    size=st.integers(60, 400),
)
def test_an_image_is_square_and_says_what_it_was_made_of(text, size):
    """Or it says how many pixels it needs, and then that many are enough."""
    try:
        image = png(text, size)
    except TooSmallError as problem:
        size = int(str(problem).split()[3])
        image = png(text, size)
    (width, height, _bits, _kind), rows = pixels(image)
    assert (width, height) == (size, size)
    light = b"\xff" * 4 * size
    assert rows[:4] == rows[-4:] == [light] * 4
    if width >= 150:
        assert read(image) == text
