"""Dynamic QR: POST /mpesa/qrcode/v1/generate, a QR code that a customer scans to pay."""

from __future__ import annotations

import base64
import re
from collections.abc import Mapping
from typing import Any, ClassVar
from urllib.parse import urlencode

from darajasim.core.catalogue import Row, catalogue
from darajasim.core.namespace import Namespace
from darajasim.core.rules import Plan
from darajasim.operations.business import BusinessOperation, Request
from darajasim.operations.call import Answer, Refusal
from darajasim.operations.fields import Check, Field, limited, one_of, shape, shillings
from darajasim.operations.qr_image import TooSmallError, png
from darajasim.operations.refusals import NONE

GENERATED = "qr-generated"
INVALID = "invalid-payload"
MAX_TEXT = 60
"""Longest MerchantName and RefNo, in characters (guessed)."""
LARGEST_PIXELS = 1_000
"""Largest Size (guessed); the least is what the symbol needs."""
_SIZE = r"[1-9]\d{0,2}|1000"

_SHORTCODE = re.compile(r"\d{5,7}", re.ASCII)
_MOBILE = re.compile(r"(?:254|0)[17]\d{8}", re.ASCII)
CREDIT_PARTIES: Mapping[str, tuple[re.Pattern[str], str]] = {
    "BG": (_SHORTCODE, "a till of 5 to 7 digits"),
    "WA": (_SHORTCODE, "an agent's till of 5 to 7 digits"),
    "PB": (_SHORTCODE, "a paybill of 5 to 7 digits"),
    "SM": (_MOBILE, "a mobile number, 2547XXXXXXXX"),
    "SB": (_MOBILE, "a business number in the form of a mobile number, 2547XXXXXXXX"),
}
"""What CPI is, by TrxCode (documented); that it is checked is guessed."""


def _field(name: str, check: Check, alias: str, example: Any, about: str) -> Field:
    return Field(name, INVALID, check, alias, example, about)


class DynamicQr(BusinessOperation):
    """Answered at once. A payment by scanning arrives as an ordinary C2B payment (guessed)."""

    name = "dynamic_qr"
    path = "/mpesa/qrcode/v1/generate"
    about = "A QR code that a customer scans to pay."
    magic_field: ClassVar[str] = "RefNo"
    method_refusal: ClassVar[str] = "invalid-authentication-header"
    fields = (
        _field("MerchantName", limited(MAX_TEXT), "merchant", "DUKA", "who is paid, as shown"),
        _field("RefNo", limited(MAX_TEXT), "reference", "INV-1", "the payment's reference"),
        _field("Amount", shillings, "amount", 1, "whole shillings"),
        _field(
            "TrxCode",
            one_of(*CREDIT_PARTIES),
            "transaction_type",
            "PB",
            "BG till, WA withdrawal at an agent, PB paybill, SM send money, SB send to business",
        ),
        _field(
            "CPI",
            shape(r"\d{5,7}|(?:254|0)[17]\d{8}", "a shortcode or a mobile number"),
            "party_b",
            "174379",
            "who is paid: what TrxCode says",
        ),
        _field(
            "Size",
            shape(_SIZE, f"whole pixels, at most {LARGEST_PIXELS}"),
            "size",
            "300",
            "pixels of each side of the square image",
        ),
    )
    answer_schema: ClassVar[Mapping[str, Any]] = {
        "type": "object",
        "properties": {
            "ResponseCode": {"type": "string", "pattern": "^(00|AG_.*)$"},
            "RequestID": {"type": "string"},
            "ResponseDescription": {"type": "string"},
            "QRCode": {"type": "string", "contentEncoding": "base64"},
        },
        "required": ["ResponseCode", "ResponseDescription", "QRCode"],
        "additionalProperties": False,
    }

    def accept(self, namespace: Namespace, request: Request, plan: Plan) -> Answer:
        """Draw the code."""
        _check_credit_party(request["TrxCode"], request["CPI"])
        try:
            image = png(said(request), int(request["Size"]))
        except TooSmallError as problem:
            raise Refusal(INVALID, f"Size: {problem}", field="Size") from None
        return _drawn(namespace, catalogue().by_key(GENERATED), image)

    def refused(
        self, namespace: Namespace, row: Row, hint: str = "", values: Mapping[str, str] = NONE
    ) -> Answer:
        """A success that a rule asks for has no image."""
        if row.surface != "inline":
            return super().refused(namespace, row, hint, values)
        return _drawn(namespace, row, b"", hint)


def said(request: Mapping[str, str]) -> str:
    """What the symbol says.

    The real text is not documented and nobody has recovered it. This one has every field under its
    name, in ASCII: `mpesa:?TrxCode=PB&CPI=174379&Amount=1&RefNo=INV-1&MerchantName=DUKA` (guessed).
    """
    names = ("TrxCode", "CPI", "Amount", "RefNo", "MerchantName")
    # Half of a surrogate pair is valid in JSON, but not in UTF-8.
    return f"mpesa:?{urlencode({name: request[name] for name in names}, errors='replace')}"


def _check_credit_party(code: str, party: str) -> None:
    expression, wanted = CREDIT_PARTIES[code]
    if not expression.fullmatch(party):
        raise Refusal(INVALID, f"CPI: expected {wanted} for {code}, found {party}", field="CPI")


def _drawn(namespace: Namespace, row: Row, image: bytes, hint: str = "") -> Answer:
    """Three keys (seen); the portal's sample has a RequestID too, and an id for ResponseCode."""
    texts = namespace.profile.texts
    text = row.text_in(texts)
    code = base64.b64encode(image).decode()
    if texts == "documented":
        body = {
            "ResponseCode": namespace.ids.conversation_id(namespace.clock.time()),
            "RequestID": namespace.ids.request_id(),
            "ResponseDescription": text,
            "QRCode": code,
        }
    else:
        body = {"ResponseCode": row.code, "ResponseDescription": text, "QRCode": code}
    return Answer(row.http_status, body, code=row.code, message=text, hint=hint or None)


OPERATIONS = (DynamicQr(),)
