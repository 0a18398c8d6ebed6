"""Registering C2B addresses and simulating a payment, through the whole client."""

import json
import logging
from dataclasses import replace
from decimal import Decimal

import httpx
import pytest

from mpesa_pochi import (
    BadRequest,
    C2BAccepted,
    C2BRegistered,
    DuplicateRequest,
    InvalidRequest,
    UnexpectedAnswer,
    UnknownOutcome,
    Unreachable,
)
from mpesa_pochi.settings import Environment

ORIGINATOR = "51c2-4d77-b0a4-9e8f7a6b5c4d1607"
URLS = {
    "confirmation_url": "https://shop.example/confirm/planted-confirm-token",
    "validation_url": "https://shop.example/validate/planted-validate-token",
}
PAYMENT = {"phone": "0708 374149", "amount": 100, "reference": "INV-1"}


def sent(daraja):
    (request,) = daraja.requests[1:]
    return request.url.path, json.loads(request.content)


@pytest.mark.parametrize("version", [1, 2])
def test_a_registration_is_what_daraja_documents(make, daraja, version):
    registered = make(
        "c2b_register", **URLS, response_type="Cancelled", version=version, shortcode="600984"
    )
    assert registered == C2BRegistered(
        originator_conversation_id=ORIGINATOR, response_code="0", description="Success"
    )
    assert sent(daraja) == (
        f"/mpesa/c2b/v{version}/registerurl",
        {
            "ShortCode": "600984",
            "ResponseType": "Cancelled",
            "ConfirmationURL": URLS["confirmation_url"],
            "ValidationURL": URLS["validation_url"],
        },
    )


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"ResponseCode": "0", "ResponseDescription": "success"}, "0"),
        ({"ResponseCode": 0, "ResponseDescription": "success"}, "0"),
        ({"ResponseCode": "00000000", "ResponseDescription": "Success"}, "00000000"),
        ({"OriginatorCoversationID": ORIGINATOR, "ResponseDescription": "Success"}, ""),
        (
            {
                "ConversationID": "",
                "OriginatorCoversationID": "",
                "ResponseDescription": "success",
            },
            "",
        ),
        ({"OriginatorConversationID": ORIGINATOR, "ResponseCode": "0"}, "0"),
    ],
)
def test_success_is_said_in_many_ways(make, daraja, body, code):
    daraja.register = [lambda _: daraja.answer(200, body)]
    registered = make("c2b_register", **URLS)
    assert registered.response_code == code
    known = body.get("OriginatorCoversationID") or body.get("OriginatorConversationID") or ""
    assert registered.originator_conversation_id == known


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"ResponseCode": "1", "ResponseDescription": "Success"},
        {"ResponseCode": "", "ResponseDescription": "Rejected"},
        {"ResponseDescription": "no"},
        {"errorCode": "500.003.1001", "ResponseCode": "0"},
        [],
    ],
)
def test_what_does_not_say_success_is_none(make, daraja, body):
    from mpesa_pochi import DarajaError

    daraja.register = [lambda _: daraja.answer(200, body)]
    with pytest.raises(DarajaError):
        make("c2b_register", **URLS)
    assert len(daraja.requests) == 2


def test_a_reason_in_a_200_is_told(make, daraja):
    daraja.register = [lambda _: daraja.registered(ResponseCode="1", ResponseDescription="Not so")]
    with pytest.raises(UnexpectedAnswer, match="1 Not so"):
        make("c2b_register", **URLS)


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("Urls are already registered.", DuplicateRequest),
        ("Duplicate notification info, SP ID is 1, correlator is 600998", DuplicateRequest),
    ],
)
def test_a_second_registration_is_recognised_and_not_repeated(make, daraja, text, kind):
    daraja.register = [lambda _: daraja.envelope("500.003.1001", text)]
    with pytest.raises(kind):
        make("c2b_register", **URLS)
    assert len(daraja.requests) == 2


def test_a_word_that_daraja_does_not_like_is_darajas_to_refuse(make, daraja):
    text = "Bad Request - Invalid ValidationURL - URL has the word MPESA"
    daraja.register = [lambda _: daraja.envelope("400.003.02", text)]
    with pytest.raises(BadRequest, match="word MPESA"):
        make("c2b_register", **URLS)


def test_a_registration_whose_answer_is_lost_is_not_repeated_and_moved_no_money(make, daraja):
    daraja.register = [httpx.ReadError("reset")]
    with pytest.raises(Unreachable) as caught:
        make("c2b_register", **URLS)
    assert caught.value.sent
    assert len(daraja.requests) == 2


@pytest.mark.parametrize(
    "changes",
    [
        {"confirmation_url": ""},
        {"validation_url": "nonsense"},
        {"response_type": "Canceled"},
        {"response_type": "completed"},
        {"version": 3},
        {"version": "2"},
        {"shortcode": "x"},
    ],
)
def test_a_wrong_registration_is_refused_before_the_wire(make, daraja, changes):
    with pytest.raises(InvalidRequest):
        make("c2b_register", **URLS | changes)
    assert daraja.requests == []


def live(settings):
    return replace(settings, environment=Environment.PRODUCTION, base_url="https://daraja.test")


def test_production_wants_https(make, paying):
    with pytest.raises(InvalidRequest, match="validation_url must begin with https"):
        make(
            "c2b_register",
            {"settings": live(paying)},
            **URLS | {"validation_url": "http://shop.example/v"},
        )


def test_the_log_says_where_and_no_more(make, caplog):
    caplog.set_level(logging.INFO, "mpesa_pochi")
    make("c2b_register", **URLS)
    (record,) = [record for record in caplog.records if record.name == "mpesa_pochi"]
    assert record.getMessage() == "c2b_register 174379 at shop.example: registered"


@pytest.mark.parametrize("version", [1, 2])
def test_a_simulated_payment_is_what_daraja_documents(make, daraja, version):
    accepted = make("c2b_simulate", **PAYMENT, version=version, shortcode="600984")
    assert accepted == C2BAccepted(
        conversation_id="",
        originator_conversation_id=ORIGINATOR,
        response_code="0",
        description="Success",
    )
    assert sent(daraja) == (
        f"/mpesa/c2b/v{version}/simulate",
        {
            "ShortCode": "600984",
            "CommandID": "CustomerPayBillOnline",
            "Amount": "100",
            "Msisdn": "254708374149",
            "BillRefNumber": "INV-1",
        },
    )


def test_a_till_has_no_reference(make, daraja):
    make("c2b_simulate", **PAYMENT | {"reference": None}, command="CustomerBuyGoodsOnline")
    assert sent(daraja)[1]["BillRefNumber"] is None


def test_an_old_acceptance_has_a_conversation_and_no_code(make, daraja):
    conversation = "AG_20180402_00004a92452ef78e864d"
    body = {
        "ConversationID": conversation,
        "OriginatorCoversationID": "12362-3240472-1",
        "ResponseDescription": "Accept the service request successfully.",
    }
    daraja.simulate = [lambda _: daraja.answer(200, body)]
    accepted = make("c2b_simulate", **PAYMENT)
    assert (accepted.conversation_id, accepted.response_code) == (conversation, "")


@pytest.mark.parametrize(
    "reply",
    [
        lambda _: httpx.ReadError("reset"),
        lambda daraja: daraja.answer(200, b""),
        lambda daraja: daraja.registered(ResponseCode="1"),
        lambda daraja: daraja.answer(503, b""),
    ],
)
def test_a_simulated_payment_is_sent_once(make, daraja, reply):
    daraja.simulate = [reply(daraja)]
    with pytest.raises(UnknownOutcome) as caught:
        make("c2b_simulate", **PAYMENT)
    assert caught.value.operation == "c2b_simulate"
    assert len(daraja.requests) == 2


@pytest.mark.parametrize(
    "changes",
    [
        {"phone": "020 2222222"},
        {"amount": Decimal("1.50")},
        {"reference": None},
        {"reference": ""},
        {"command": "BusinessPayBill"},
        {"version": 0},
        {"shortcode": "x"},
    ],
)
def test_a_wrong_simulation_is_refused_before_the_wire(make, daraja, changes):
    with pytest.raises(InvalidRequest):
        make("c2b_simulate", **PAYMENT | changes)
    assert daraja.requests == []


def test_nothing_is_simulated_in_production(make, daraja, paying):
    with pytest.raises(InvalidRequest, match="sandbox only"):
        make("c2b_simulate", {"settings": live(paying)}, **PAYMENT)
    assert daraja.requests == []
