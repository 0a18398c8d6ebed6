"""M-Pesa Express: POST /mpesa/stkpush/v1/processrequest, the prompt on the customer's phone."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any, ClassVar

from darajasim.core.customer import Customer
from darajasim.core.namespace import Namespace
from darajasim.core.organisation import Organisation
from darajasim.core.profile import Profile
from darajasim.core.push import Push
from darajasim.core.rules import Plan
from darajasim.operations.business import BusinessOperation, Request
from darajasim.operations.call import Answer, Refusal
from darajasim.operations.express_course import begin
from darajasim.operations.fields import (
    CALLBACK,
    MISSING,
    Check,
    Field,
    FieldProblem,
    amount,
    callback_url,
    msisdn,
    one_of,
    scalar,
    shape,
    shown,
    text,
)
from darajasim.operations.passkeys import PASSWORD, SHORTCODE, TIMESTAMP, authenticate

PAY_BILL = "CustomerPayBillOnline"
BUY_GOODS = "CustomerBuyGoodsOnline"
ACCEPTED = "Success. Request accepted for processing"
ANSWER_KEYS = (
    "MerchantRequestID",
    "CheckoutRequestID",
    "ResponseCode",
    "ResponseDescription",
    "CustomerMessage",
)


def _reference(value: Any, profile: Profile) -> str:
    """Documented: at most 12 characters; seen: 15 accepted, null refused."""
    found = text(value, profile)
    if len(found) > profile.reference_limit:
        raise FieldProblem(
            f"expected at most {profile.reference_limit} characters, found {len(found)}"
        )
    return found


def _description(value: Any, profile: Profile) -> str:
    """Documented: optional, at most 13; seen: required, 17 accepted, about 280 refused."""
    if value is MISSING and not profile.description_required:
        return ""
    found = scalar(value)
    if not found:
        raise FieldProblem(f"expected a non-empty string, found {shown(value)}")
    if len(found) > profile.description_limit:
        raise FieldProblem(
            f"expected at most {profile.description_limit} characters, found {len(found)}"
        )
    return found


class StkPush(BusinessOperation):
    """Fields in the order of the gateway's checks; both texts at the end are called "Remarks"."""

    name = "stk_push"
    path = "/mpesa/stkpush/v1/processrequest"
    about = "A prompt on a customer's phone to pay a paybill or a till."
    answer_schema: ClassVar[Mapping[str, Any]] = {
        "type": "object",
        "properties": {key: {"type": "string"} for key in ANSWER_KEYS},
        "required": list(ANSWER_KEYS),
        "additionalProperties": False,
    }
    magic_field: ClassVar[str] = "AccountReference"
    result_surface: ClassVar[str] = "stk"
    callbacks: ClassVar[Mapping[str, str]] = {"stk": "CallBackURL"}
    fields = (
        SHORTCODE,
        PASSWORD,
        TIMESTAMP,
        Field(
            "TransactionType",
            "invalid-transaction-type",
            one_of(PAY_BILL, BUY_GOODS),
            "transaction_type",
            PAY_BILL,
        ),
        Field("Amount", "invalid-amount", amount, "amount", 1),
        Field("PartyA", "invalid-party-a", msisdn, "party_a", "254722000000"),
        Field(
            "PartyB",
            "invalid-party-b",
            shape(r"\d{5,7}", "a shortcode or till of 5 to 7 digits"),
            "party_b",
            "174379",
        ),
        Field("PhoneNumber", "invalid-phone-number", msisdn, "phone", "254722000000"),
        Field("CallBackURL", "invalid-callback-url", callback_url, "callback_url", CALLBACK),
        Field("AccountReference", "invalid-remarks", Check(_reference), "reference", "INV-1"),
        Field("TransactionDesc", "invalid-remarks", Check(_description), "description", "Shoes"),
    )

    def accept(self, namespace: Namespace, request: Request, plan: Plan) -> Answer:
        """Issue the ids and set the payment on its way."""
        organisation = authenticate(
            namespace, request["BusinessShortCode"], request["Password"], request["Timestamp"]
        )
        _check_product(organisation, request["TransactionType"])
        customer = namespace.world.customer(request["PhoneNumber"])
        _check_lock(namespace, customer)
        push = _push(namespace, request, plan)
        namespace.pushes.add(push)
        begin(namespace, push, customer)
        answer = Answer(
            200,
            acknowledgement(push),
            code="0",
            message=ACCEPTED,
            subject=push.checkout_request_id,
        )
        if plan.callback_first and push.stuck is None:
            push.called_back = asyncio.Event()
            answer.hold = push.called_back.wait
        return answer


def acknowledgement(push: Push) -> Mapping[str, str]:
    """Five strings, in this order (documented; seen: UMOJA, DUMP25)."""
    return {
        "MerchantRequestID": push.merchant_request_id,
        "CheckoutRequestID": push.checkout_request_id,
        "ResponseCode": "0",
        "ResponseDescription": ACCEPTED,
        "CustomerMessage": ACCEPTED,
    }


def _push(namespace: Namespace, request: Request, plan: Plan) -> Push:
    now = namespace.clock.time()
    return Push(
        checkout_request_id=namespace.ids.checkout_request_id(now, request["PhoneNumber"]),
        merchant_request_id=namespace.ids.request_id(),
        shortcode=request["BusinessShortCode"],
        transaction_type=request["TransactionType"],
        amount=int(request["Amount"]),
        party_b=request["PartyB"],
        msisdn=request["PhoneNumber"],
        callback_url=request["CallBackURL"],
        reference=request["AccountReference"],
        description=request["TransactionDesc"],
        accepted_at=now,
        plan=plan,
    )


def _check_product(organisation: Organisation, transaction_type: str) -> None:
    if transaction_type == BUY_GOODS and not organisation.buy_goods:
        raise Refusal(
            "invalid-transaction-type",
            f"{organisation.shortcode} is a paybill only: use {PAY_BILL}, or the till 600100",
        )


def _check_lock(namespace: Namespace, customer: Customer) -> None:
    if customer.open_push is not None and namespace.profile.subscriber_lock == "refuse":
        raise Refusal(
            "subscriber-lock",
            f"{customer.msisdn} still has the prompt of {customer.open_push} open; "
            "wait for its end (knob subscriber_lock)",
        )


OPERATIONS = (StkPush(),)
