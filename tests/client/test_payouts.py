"""B2C and Business to Pochi, through the whole client."""

import json
import logging
import re
from dataclasses import replace
from decimal import Decimal

import httpx
import pytest

from mpesa_pochi import (
    CommandAccepted,
    CredentialsRefused,
    DarajaError,
    DuplicateRequest,
    InvalidRequest,
    PhoneNumberError,
    Retry,
    Secret,
    ServerFault,
    SettingsError,
    UnknownOutcome,
    Unreachable,
)
from mpesa_pochi.originator import new_id
from support.certificates import certificate, opened, rsa_key

PAYOUT = {"phone": "0708 374149", "amount": 100, "remarks": "Commission"}
PATHS = {
    "b2c": "/mpesa/b2c/v3/paymentrequest",
    "b2pochi": "/mpesa/b2pochi/v1/paymentrequest",
}
CREDENTIAL = f"{'PlantedCredential' * 20}AB=="
CONVERSATION = "AG_20261011_0100100305k2v9q8t1zx"

both = pytest.mark.parametrize("method", PATHS)


def sent(daraja):
    (request,) = daraja.requests[1:]
    return request, json.loads(request.content)


@both
def test_a_payout_is_what_daraja_documents(make, daraja, method):
    accepted = make(
        method,
        **PAYOUT,
        occasion="October",
        originator_conversation_id="ord-7781-a1",
    )
    assert accepted == CommandAccepted(
        conversation_id=CONVERSATION,
        originator_conversation_id="ord-7781-a1",
        response_code="0",
        description="Accept the service request successfully.",
    )
    request, fields = sent(daraja)
    assert (request.method, request.url.path) == ("POST", PATHS[method])
    assert fields == {
        "InitiatorName": "testapi",
        "SecurityCredential": CREDENTIAL,
        "OriginatorConversationID": "ord-7781-a1",
        "CommandID": "BusinessPayment" if method == "b2c" else "BusinessPayToPochi",
        "Amount": "100",
        "PartyA": "600998",
        "PartyB": "254708374149",
        "Remarks": "Commission",
        "Occassion": "October",
        "QueueTimeOutURL": "https://shop.example/timeout/planted-timeout-token",
        "ResultURL": "https://shop.example/result/planted-result-token",
    }


@both
def test_the_settings_can_be_overruled(make, daraja, method):
    make(
        method,
        **PAYOUT | {"amount": Decimal(10)},
        result_url="http://elsewhere.test/r",
        timeout_url="http://elsewhere.test/t",
        shortcode="600000",
    )
    fields = sent(daraja)[1]
    assert (fields["ResultURL"], fields["QueueTimeOutURL"]) == (
        "http://elsewhere.test/r",
        "http://elsewhere.test/t",
    )
    assert (fields["PartyA"], fields["Amount"], fields["Occassion"]) == ("600000", "10", "")


@pytest.mark.parametrize("command", ["BusinessPayment", "SalaryPayment", "PromotionPayment"])
def test_b2c_has_three_commands(make, daraja, command):
    make("b2c", **PAYOUT, command=command)
    assert sent(daraja)[1]["CommandID"] == command


@both
def test_the_id_is_made_once_where_it_is_told_to_be(make, daraja, method):
    ids = iter(["mine-1", "mine-2"])
    accepted = make(method, {"new_id": lambda: next(ids)}, **PAYOUT)
    assert accepted.originator_conversation_id == "mine-1"
    assert sent(daraja)[1]["OriginatorConversationID"] == "mine-1"
    assert next(ids) == "mine-2"


def test_a_new_id_is_unlike_any_number_and_any_other():
    made = {new_id() for _ in range(100)}
    assert len(made) == 100
    assert all(re.fullmatch("pochi-[0-9a-f]{32}", each) for each in made)


@both
def test_a_token_refused_on_the_way_keeps_the_id(make, daraja, method):
    daraja.oauth = [daraja.token("first-token"), daraja.token("second-token")]
    refusal = daraja.envelope("401.002.01", "Error Occurred - Invalid Access Token - first-token")
    daraja.command = [refusal, daraja.taken]
    accepted = make(method, **PAYOUT)
    calls = [request for request in daraja.requests if request.method == "POST"]
    ids = [json.loads(request.content)["OriginatorConversationID"] for request in calls]
    assert ids == [accepted.originator_conversation_id] * 2


@both
def test_an_app_without_the_product_is_refused_after_one_new_token(make, daraja, method):
    daraja.command = [lambda _: daraja.envelope("401.002.01", "Error - Invalid Access Token - x")]
    with pytest.raises(CredentialsRefused) as caught:
        make(method, **PAYOUT)
    assert len(daraja.calls("oauth")) == 2
    assert len(daraja.requests) == 4
    assert caught.value.originator_conversation_id


LOST = [
    lambda _: httpx.ReadError("reset"),
    lambda _: httpx.ReadTimeout("slow"),
    lambda _: httpx.RemoteProtocolError("Server disconnected"),
    lambda daraja: daraja.answer(500, b""),
    lambda daraja: daraja.answer(504, b"<html>gateway timeout</html>"),
    lambda daraja: daraja.answer(200, b""),
    lambda daraja: daraja.answer(200, b"<html>Welcome</html>"),
    lambda daraja: daraja.answer(200, {"ResponseCode": "0"}),
    lambda daraja: daraja.answer(200, {"ConversationID": CONVERSATION, "ResponseCode": "1"}),
    lambda daraja: daraja.answer(200, {"errorCode": "500.002.1001", "errorMessage": "x"}),
    lambda daraja: daraja.answer(302, b""),
]


@both
@pytest.mark.parametrize("reply", LOST)
def test_an_unknown_fate_is_said_to_be_with_the_id_and_nothing_is_sent_again(
    make, daraja, method, reply
):
    daraja.command = [reply(daraja)]
    with pytest.raises(UnknownOutcome) as caught:
        make(method, **PAYOUT)
    assert len(daraja.requests) == 2
    assert caught.value.originator_conversation_id == sent(daraja)[1]["OriginatorConversationID"]
    assert caught.value.retry is Retry.NEVER
    assert caught.value.operation == f"{method}_payment"
    assert "transaction_status" in str(caught.value)


@both
@pytest.mark.parametrize("error", [httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout])
def test_what_never_left_is_sent_again_and_safe_to_repeat(make, daraja, method, error):
    daraja.command = [error("no"), error("no"), daraja.taken]
    assert make(method, **PAYOUT).response_code == "0"
    daraja.command = [error("no")]
    with pytest.raises(Unreachable) as caught:
        make(method, **PAYOUT)
    assert not caught.value.sent


REFUSALS = [
    ("500.002.1001", "Duplicate OriginatorConversationID.", DuplicateRequest),
    ("500.002.1001", "System internal error.", ServerFault),
    ("500.003.1001", "Service is currently unreachable. Please try again later.", ServerFault),
    ("400.002.02", "Bad Request - Invalid InitiatorName", DarajaError),
]


@both
@pytest.mark.parametrize("refusal", REFUSALS)
def test_a_refusal_is_a_typed_error_with_the_id_and_is_not_sent_again(
    make, daraja, method, refusal
):
    code, text, kind = refusal
    daraja.command = [lambda _: daraja.envelope(code, text)]
    with pytest.raises(kind) as caught:
        make(method, **PAYOUT, originator_conversation_id="ord-7781-a1")
    assert (caught.value.code, caught.value.message) == (code, text)
    assert caught.value.originator_conversation_id == "ord-7781-a1"
    assert len(daraja.requests) == 2


def test_a_duplicate_is_never_worth_repeating(make, daraja):
    text = "Duplicate OriginatorConversationID."
    daraja.command = [lambda _: daraja.envelope("500.002.1001", text)]
    with pytest.raises(DuplicateRequest) as caught:
        make("b2c", **PAYOUT)
    assert caught.value.retry is Retry.NEVER
    assert caught.value.advice


@both
@pytest.mark.parametrize("code", [0, "0"])
def test_the_acknowledgements_code_may_be_a_number(make, daraja, method, code):
    daraja.command = [lambda request: daraja.taken(request, ResponseCode=code)]
    assert make(method, **PAYOUT).response_code == "0"


@both
def test_an_acknowledgement_without_our_id_still_is_one(make, daraja, method):
    daraja.command = [lambda request: daraja.taken(request, OriginatorConversationID="")]
    assert make(method, **PAYOUT, originator_conversation_id="a-1").originator_conversation_id == (
        "a-1"
    )


@both
@pytest.mark.parametrize(
    "changes",
    [
        {"amount": 0},
        {"amount": 1.5},
        {"amount": Decimal("10.50")},
        {"remarks": ""},
        {"remarks": "x"},
        {"remarks": "   "},
        {"remarks": "x" * 101},
        {"remarks": "two\nlines"},
        {"remarks": 7},
        {"occasion": "x" * 101},
        {"occasion": None},
        {"originator_conversation_id": ""},
        {"originator_conversation_id": "two words"},
        {"originator_conversation_id": 7},
        {"shortcode": "six"},
        {"result_url": "nonsense"},
        {"timeout_url": "ftp://shop.example"},
    ],
)
def test_what_is_wrong_is_refused_before_the_wire(make, daraja, method, changes):
    with pytest.raises(InvalidRequest):
        make(method, **PAYOUT | changes)
    assert daraja.requests == []


def test_an_unknown_command_is_refused(make, daraja):
    with pytest.raises(InvalidRequest, match="BusinessPayment or SalaryPayment"):
        make("b2c", **PAYOUT, command="BusinessPayBill")


@both
def test_a_wrong_phone_is_refused_before_the_wire(make, daraja, method):
    with pytest.raises(PhoneNumberError):
        make(method, **PAYOUT | {"phone": "020 2222222"})
    assert daraja.requests == []


MISSING = [
    ("initiator", "MPESA_INITIATOR"),
    ("security_credential", "MPESA_SECURITY_CREDENTIAL"),
    ("result_url", "MPESA_RESULT_URL, or give result_url=…"),
    ("timeout_url", "MPESA_TIMEOUT_URL, or give timeout_url=…"),
    ("payout_shortcode", "MPESA_PAYOUT_SHORTCODE, or give shortcode=…"),
]


@both
@pytest.mark.parametrize("missing", MISSING)
def test_a_missing_setting_names_its_variable(make, daraja, paying, method, missing):
    name, variable = missing
    empty = Secret("") if name == "security_credential" else ""
    with pytest.raises(SettingsError, match=variable) as caught:
        make(method, {"settings": replace(paying, **{name: empty})}, **PAYOUT)
    assert str(caught.value).startswith(f"{method} needs ")
    assert daraja.requests == []


def test_a_password_needs_a_certificate(make, paying):
    bare = replace(paying, security_credential=Secret(""), initiator_password=Secret("secret"))
    with pytest.raises(SettingsError, match="MPESA_CERTIFICATE"):
        make("b2c", {"settings": bare}, **PAYOUT)


def test_a_password_is_sealed_once_for_many_calls(client, run, daraja, paying):
    settings = replace(
        paying,
        security_credential=Secret(""),
        initiator_password=Secret("Safaricom999!*!"),
        certificate=certificate(rsa_key()),
    )

    async def scenario():
        async with client(settings=settings) as mpesa:
            await mpesa.b2c(**PAYOUT)
            await mpesa.account_balance()

    run(scenario())
    bodies = [json.loads(request.content) for request in daraja.requests[1:]]
    credentials = {body["SecurityCredential"] for body in bodies}
    assert len(credentials) == 1
    assert opened(Secret(credentials.pop()), rsa_key()) == "Safaricom999!*!"


def test_the_log_tells_the_story_with_the_phone_masked(make, caplog):
    caplog.set_level(logging.INFO, "mpesa_pochi")
    make("b2c", **PAYOUT)
    said = [record.getMessage() for record in caplog.records if record.name == "mpesa_pochi"]
    assert said == [f"b2c_payment 2547*****149 KES 100: accepted as {CONVERSATION}"]
