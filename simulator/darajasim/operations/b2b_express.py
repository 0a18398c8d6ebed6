"""B2B Express Checkout: POST /v1/ussdpush/get-msisdn, a till asked by USSD to pay a vendor."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from darajasim.core.catalogue import Row, catalogue
from darajasim.core.namespace import Namespace
from darajasim.core.rules import Plan
from darajasim.operations.b2b_express_course import KIND, NAME, Checkout, begin
from darajasim.operations.business import BusinessOperation, Request
from darajasim.operations.call import Answer, Refusal
from darajasim.operations.fields import (
    CALLBACK,
    Check,
    Field,
    callback_url,
    limited,
    optional,
    shillings,
    shortcode,
)
from darajasim.operations.pull import nominated_number
from darajasim.operations.refusals import NONE

INITIATED = "b2b-express-initiated"
INVALID = "invalid-payload"


def _field(name: str, check: Check, alias: str, example: Any, about: str = "") -> Field:
    return Field(name, INVALID, check, alias, example, about)


_REQUEST_ID = optional(limited(64))


class B2bExpress(BusinessOperation):
    """Acknowledged at once, without an id; the callback tells the end."""

    name = NAME
    path = "/v1/ussdpush/get-msisdn"
    about = "A prompt on the phone of a till's operator to pay a vendor's paybill."
    magic_field: ClassVar[str] = "paymentRef"
    token_refusal: ClassVar[str] = "unauthorized-access-token"  # noqa: S105  # a catalogue key
    result_surface: ClassVar[str] = "notice"
    callbacks: ClassVar[Mapping[str, str]] = {KIND: "callbackUrl"}
    fields = (
        _field("primaryShortCode", shortcode, "shortcode", "600992", "who pays"),
        _field("receiverShortCode", shortcode, "party_b", "600000", "who is paid"),
        _field("amount", shillings, "amount", "120", "whole shillings"),
        _field("paymentRef", limited(64), "reference", "PO-55", "shown in the prompt"),
        _field("callbackUrl", callback_url, "callback_url", CALLBACK),
        _field("partnerName", limited(64), "partner", "Vendor", "shown in the prompt"),
        _field(
            "RequestRefID",
            _REQUEST_ID,
            "request_id",
            "9d3c0b52-7c1e-4a53-8f0e-5b1f4d2a6c77",
            "the caller's own id, which the callback repeats",
        ),
        _field("RequestRefId", _REQUEST_ID, "request_id_misspelt", ..., "the same, misspelt"),
    )
    answer_schema: ClassVar[Mapping[str, Any]] = {
        "type": "object",
        "properties": {"code": {"const": "0"}, "status": {"type": "string"}},
        "required": ["code", "status"],
        "additionalProperties": False,
    }

    def accept(self, namespace: Namespace, request: Request, plan: Plan) -> Answer:
        """Acknowledge, and ask the operator."""
        if request["primaryShortCode"] == request["receiverShortCode"]:
            raise Refusal(INVALID, "receiverShortCode: expected another than primaryShortCode")
        now, payer = namespace.clock.time(), request["primaryShortCode"]
        sent = request["RequestRefID"] or request["RequestRefId"]
        checkout = Checkout(
            payer=payer,
            receiver=request["receiverShortCode"],
            amount=int(request["amount"]),
            reference=request["paymentRef"],
            partner=request["partnerName"],
            callback_url=request["callbackUrl"],
            request_id=sent or namespace.ids.uuid(),
            conversation_id=namespace.ids.conversation_id(now),
            number=nominated_number(namespace, payer) or payer,
            accepted_at=now,
            plan=plan,
        )
        begin(namespace, checkout)
        return _told(namespace, catalogue().by_key(INITIATED), subject=checkout.conversation_id)

    def refused(
        self, namespace: Namespace, row: Row, hint: str = "", values: Mapping[str, str] = NONE
    ) -> Answer:
        """Its own envelope has two keys."""
        if row.surface != "inline":
            return super().refused(namespace, row, hint, values)
        return _told(namespace, row, hint)


def _told(namespace: Namespace, row: Row, hint: str = "", *, subject: str | None = None) -> Answer:
    text = row.text_in(namespace.profile.texts)
    body = {"code": row.code, "status": text}
    return Answer(
        row.http_status, body, code=row.code, message=text, hint=hint or None, subject=subject
    )


OPERATIONS = (B2bExpress(),)
