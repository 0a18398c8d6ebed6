"""M-Pesa Express query: POST /mpesa/stkpushquery/v1/query."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from darajasim.core.catalogue import Row, catalogue
from darajasim.core.namespace import Namespace
from darajasim.core.push import Push
from darajasim.core.rules import Plan
from darajasim.operations.business import BusinessOperation, Request
from darajasim.operations.call import Answer, Refusal
from darajasim.operations.fields import Field, FieldProblem, shape
from darajasim.operations.passkeys import PASSWORD, SHORTCODE, TIMESTAMP, authenticate
from darajasim.operations.refusals import from_row

CHECKOUT_REQUEST_ID = Field(
    "CheckoutRequestID",
    "invalid-checkout-request-id",
    shape(r"ws_CO_\w{10,60}", "a CheckoutRequestID as ws_CO_DDMMYYYYHHMMSS..."),
    "checkout_request_id",
    "ws_CO_111020261405093708374149",
)


ANSWER_KEYS = (
    "ResponseCode",
    "ResponseDescription",
    "MerchantRequestID",
    "CheckoutRequestID",
    "ResultCode",
    "ResultDesc",
)
QUERY_ERROR = "500.001.1001"
"""The errorCode of everything that the query itself has to say against a request."""


class StkQuery(BusinessOperation):
    """Says how a push stands. A string ResultCode, unlike the callback's (documented, seen)."""

    name = "stk_query"
    path = "/mpesa/stkpushquery/v1/query"
    about = "How a push stands, or ended."
    answer_schema: ClassVar[Mapping[str, Any]] = {
        "oneOf": [
            {
                "type": "object",
                "properties": {key: {"type": "string"} for key in ANSWER_KEYS},
                "required": list(ANSWER_KEYS),
                "additionalProperties": False,
            },
            {"$ref": "#/components/schemas/Error"},
        ]
    }
    """An unfinished payment can be HTTP 200 with an error envelope without text (seen: NKAP)."""
    magic_field: ClassVar[str] = "CheckoutRequestID"
    result_surface: ClassVar[str] = "stk"
    fields = (SHORTCODE, PASSWORD, TIMESTAMP, CHECKOUT_REQUEST_ID)

    def stamp(self, namespace: Namespace, body: Mapping[str, Any], answer: Answer) -> None:
        """An error of the query itself carries the CheckoutRequestID as its requestId (seen:
        LNMO#13 in 2018, a sample of 2022).
        """
        asked = body.get("CheckoutRequestID")
        by_checkout = namespace.profile.query_error_request_id == "checkout"
        if answer.code == QUERY_ERROR and by_checkout and isinstance(answer.body, dict):
            try:
                answer.body["requestId"] = CHECKOUT_REQUEST_ID.check(asked, namespace.profile)
            except FieldProblem:
                return

    def accept(self, namespace: Namespace, request: Request, plan: Plan) -> Answer:
        """The state of the push, or the error that stands for it."""
        checkout_request_id = request["CheckoutRequestID"]
        authenticate(
            namespace, request["BusinessShortCode"], request["Password"], request["Timestamp"]
        )
        push = namespace.pushes.get(checkout_request_id)
        if push is None or push.shortcode != request["BusinessShortCode"]:
            hint = (
                f"no push {checkout_request_id} of {request['BusinessShortCode']} was accepted here"
            )
            raise Refusal("transaction-does-not-exist", hint)
        if namespace.chance.chance(namespace.profile.query_hiccup_rate):
            raise Refusal("internal-error", "the knob query_hiccup_rate")
        if plan.result is not None:
            return _status(namespace, push, catalogue().by_key(plan.result), plan.text)
        if push.outcome is not None:
            row = catalogue().by_key(push.outcome.key)
            return _status(namespace, push, row, plan.text or push.outcome.text)
        return _in_flight(namespace, push)


def _in_flight(namespace: Namespace, push: Push) -> Answer:
    """What the profile's era said of an unfinished payment."""
    rows = catalogue()
    if push.stuck is not None:
        return _status(namespace, push, rows.by_key(push.stuck), None)
    match namespace.profile.in_flight:
        case "4999":
            return _status(namespace, push, rows.by_key("processing"), None)
        case "1101":
            return _status(namespace, push, rows.by_key("pending"), None)
        case "empty":
            row = rows.by_key("in-flight-empty")
            return from_row(namespace, row, "still in flight")
        case _:
            row = rows.by_key("being-processed")
            return from_row(namespace, row, "still in flight")


def _status(namespace: Namespace, push: Push, row: Row, text: str | None) -> Answer:
    text = text or row.text_in(namespace.profile.texts, query=True)
    body: Mapping[str, Any] = {
        "ResponseCode": "0",
        "ResponseDescription": (
            f"The service request has been accepted {namespace.profile.query_description}"
        ),
        "MerchantRequestID": push.merchant_request_id,
        "CheckoutRequestID": push.checkout_request_id,
        "ResultCode": row.code,
        "ResultDesc": text,
    }
    return Answer(200, body, code=row.code, message=text, subject=push.checkout_request_id)


OPERATIONS = (StkQuery(),)
