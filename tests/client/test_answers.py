import json
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mpesa_pochi import answers
from mpesa_pochi.answers import LARGEST, Operation, RawAnswer
from mpesa_pochi.codes import Retry, catalogue
from mpesa_pochi.errors import (
    BadRequest,
    Blocked,
    CredentialsRefused,
    DarajaError,
    DuplicateRequest,
    PochiError,
    ServerFault,
    SubscriberBusy,
    Throttled,
    TransactionNotFound,
    UnexpectedAnswer,
    UnknownOutcome,
)
from mpesa_pochi.outcome import PaymentState
from mpesa_pochi.redaction import Redactor
from mpesa_pochi.secret import Secret
from support.every import every

CHECKOUT = "ws_CO_111020261405093708374149"
MERCHANT = "ab12-4c3d-9e8f-0a1b2c3d4e5f734512"
ACKNOWLEDGED = {
    "MerchantRequestID": MERCHANT,
    "CheckoutRequestID": CHECKOUT,
    "ResponseCode": "0",
    "ResponseDescription": "Success. Request accepted for processing",
    "CustomerMessage": "Success. Request accepted for processing",
}
STATUS = {
    "ResponseCode": "0",
    "ResponseDescription": "The service request has been accepted successsfully",
    "MerchantRequestID": MERCHANT,
    "CheckoutRequestID": CHECKOUT,
    "ResultCode": "1032",
    "ResultDesc": "Request Cancelled by user.",
}
INCAPSULA = (
    b'<html style="height:100%"><head><META NAME="ROBOTS" CONTENT="NOINDEX, NOFOLLOW"></head>'
    b"<body>Request unsuccessful. Incapsula incident ID: 123456789012345-67890</body></html>"
)
SOAP = {
    "Envelope": {
        "encodingStyle": "soap",
        "Body": {
            "Fault": {
                "faultcode": "soap:Server",
                "faultstring": "Execution of ServiceCallout failed",
                "faultactor": {},
                "detail": {"source": {"errorcode": "steps.servicecallout.ExecutionFailed"}},
            }
        },
    }
}
APIGEE = {
    "fault": {
        "faultstring": "Spike arrest violation. Allowed rate : 1ps",
        "detail": {"errorcode": "policies.ratelimit.SpikeArrestViolation"},
    }
}
ODD = [
    (b"", "an empty body"),
    (b"  \n", "an empty body"),
    (b"<html><title>Login</title></html>", "an HTML page of 33 bytes"),
    (b"<!DOCTYPE html><p>", "an HTML page"),
    (b"upstream connect error", "not acceptable JSON (not JSON)"),
    (b'{"cut', "not acceptable JSON"),
    (b"\xff\xfe", "not UTF-8"),
    (b"[]", "JSON that is an array"),
    (b'"0"', "JSON that is a string"),
    (b"null", "JSON that is null"),
    (b"[" * 5000, "nested too deeply"),
    (b'{"a": NaN}', "a number that is not finite"),
    (b'{"ResponseCode": "0", "ResponseCode": "1"}', "the same key twice"),
    (b"{}", "a JSON object with no keys"),
    (b'{"status": "ok"}', "a JSON object with status"),
    (json.dumps(SOAP).encode(), "Execution of ServiceCallout failed"),
    (INCAPSULA, "Incapsula's refusal, incident 123456789012345-67890"),
    (b"Blocked by Incapsula", "Incapsula's refusal, incident not named"),
]


def raw(status, body, content_type="application/json", *, complete=True):
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    return RawAnswer(status, content_type, content, complete)


def error(status, code, text):
    return raw(status, {"requestId": "r-1", "errorCode": code, "errorMessage": text})


def same(text):
    return text


def refused(answer, operation=Operation.PUSH):
    parse = {
        Operation.PUSH: lambda: answers.parse_acknowledgement(answer, same),
        Operation.QUERY: lambda: answers.parse_status(answer, CHECKOUT, same),
        Operation.OAUTH: lambda: answers.parse_token(answer, same),
    }
    with pytest.raises(PochiError) as caught:
        parse[operation]()
    return caught.value


# ------------------------------------------------------------------------------- the push


def test_an_acknowledgement():
    accepted = answers.parse_acknowledgement(raw(200, ACKNOWLEDGED), same)
    assert accepted.checkout_request_id == CHECKOUT
    assert accepted.merchant_request_id == MERCHANT
    assert accepted.response_code == "0"
    assert accepted.description == accepted.customer_message == ACKNOWLEDGED["CustomerMessage"]


@pytest.mark.parametrize(
    "changes",
    [
        {"ResponseCode": 0},
        {"CustomerMessage": None},
        {"Extra": [1]},
        {"MerchantRequestID": "1-2-1"},
    ],
)
def test_forms_of_it_that_are_still_one(changes):
    assert answers.parse_acknowledgement(raw(200, ACKNOWLEDGED | changes), same)


@pytest.mark.parametrize(
    "changes",
    [
        {"ResponseCode": "1"},
        {"ResponseCode": False},
        {"ResponseCode": None},
        {"CheckoutRequestID": ""},
        {"CheckoutRequestID": None},
        {"CheckoutRequestID": ["ws_CO_1"]},
        {"MerchantRequestID": "two words"},
        {"MerchantRequestID": "half \ud800"},
    ],
)
def test_a_200_that_is_not_the_acknowledgement_leaves_the_outcome_unknown(changes):
    found = refused(raw(200, ACKNOWLEDGED | changes))
    assert isinstance(found, UnknownOutcome)
    assert found.http_status == 200
    assert found.retry is Retry.NEVER


def test_an_id_in_it_is_kept_so_that_it_can_be_settled():
    found = refused(raw(200, ACKNOWLEDGED | {"ResponseCode": "1"}))
    assert (found.checkout_request_id, found.merchant_request_id) == (CHECKOUT, MERCHANT)
    found = refused(raw(200, {"CheckoutRequestID": CHECKOUT}))
    assert (found.checkout_request_id, found.merchant_request_id) == (CHECKOUT, None)


@pytest.mark.parametrize(("body", "says"), ODD)
@every([200, 202, 204, 302, 500, 502, 503, 504])
def test_a_push_answered_by_neither_yes_nor_no_is_unknown(body, says, status):
    found = refused(raw(status, body))
    assert isinstance(found, UnknownOutcome)
    assert says in str(found)
    assert f"HTTP {status}" in str(found)


@pytest.mark.parametrize(("body", "says"), ODD)
@every([400, 403, 404, 405, 413, 429])
def test_a_push_answered_with_any_4xx_was_refused(body, says, status):
    found = refused(raw(status, body))
    assert isinstance(found, DarajaError)
    assert says in str(found)
    assert found.http_status == status
    assert found.advice


def test_a_200_with_an_error_envelope_is_no_acknowledgement():
    assert isinstance(refused(error(200, "500.001.1001", "")), UnknownOutcome)


def test_an_answer_without_end_is_judged_by_its_status():
    endless = raw(200, b"x" * 100, complete=False)
    assert f"more than {LARGEST} bytes" in str(refused(endless))
    assert isinstance(refused(endless), UnknownOutcome)
    assert isinstance(refused(raw(400, b"x", complete=False)), UnexpectedAnswer)


# ------------------------------------------------------------------------------ refusals

KINDS = {
    "invalid-access-token": CredentialsRefused,
    "invalid-authentication": CredentialsRefused,
    "invalid-grant-type": CredentialsRefused,
    "invalid-authentication-header": CredentialsRefused,
    "wrong-credentials": CredentialsRefused,
    "merchant-does-not-exist": CredentialsRefused,
    "subscriber-lock": SubscriberBusy,
    "transaction-does-not-exist": TransactionNotFound,
    "gateway-busy": Throttled,
    "spike-arrest": Throttled,
    "quota": Throttled,
    "internal-error": ServerFault,
    "server-fault": ServerFault,
    "being-processed": ServerFault,
    "in-flight-empty": ServerFault,
}
HTTP = [row for row in catalogue().rows if row.surface == "http" and row.code]


@every(HTTP, name=lambda row: row.key)
def test_each_envelope_of_the_catalogue_is_a_typed_error_with_its_advice(row):
    known = catalogue().answer(status=row.http_status, code=row.code, text=row.text)
    found = answers.refusal(error(row.http_status, row.code, row.text), Operation.PUSH, same)
    assert type(found) is KINDS.get(row.key, type(found))
    assert type(found) is not DarajaError
    assert (found.code, found.message) == (row.code, row.text)
    assert (found.http_status, found.operation) == (row.http_status, "stk_push")
    assert found.request_id == "r-1"
    assert found.key == (known.key if known else "")
    if known:
        assert (found.advice, found.retry) == (known.merchant, known.retry)


@pytest.mark.parametrize("row", [row for row in HTTP if "Bad Request" in row.text])
def test_each_wrong_field_is_a_bad_request(row):
    found = answers.refusal(error(row.http_status, row.code, row.text), Operation.PUSH, same)
    assert type(found) is BadRequest


TOKEN = [
    ("404.001.03", "Invalid Access Token"),
    ("401.002.01", "Error Occurred - Invalid Access Token - abc"),
    ("401.002.01", "Error Occurred - Invalid Access Token - "),
    ("401.003.01", "Error Occurred - Invalid Access Token - Invalid API call as no apiproduct"),
    ("401.001", "Invalid Access Token"),
    ("401", "Unauthorized - Invalid Access Token"),
    ("400.003.01", "Invalid Access Token"),
    ("999999", "Invalid access token"),
]


@pytest.mark.parametrize(("code", "text"), TOKEN)
def test_every_refusal_of_a_token_is_one(code, text):
    status = int(code[:3]) if code != "999999" else 400
    answer = error(status, code, text)
    assert answers.refuses_token(answer)
    found = answers.refusal(answer, Operation.B2C, same)
    assert type(found) is CredentialsRefused
    assert found.operation == "b2c_payment"


@pytest.mark.parametrize(
    ("code", "text", "kind"),
    [
        ("500.002.1001", "Duplicate OriginatorConversationID.", DuplicateRequest),
        ("500.002.1001", "500.002.1001 - Duplicate OriginatorConversationID.", DuplicateRequest),
        ("500.002.1001", "System internal error.", ServerFault),
        (
            "500.002.1001",
            "Service is currently under maintenance. Please try again later",
            ServerFault,
        ),
        ("500.003.1001", "Urls are already registered.", DuplicateRequest),
        (
            "500.003.1001",
            "Duplicate notification info, SP ID is 107078, correlator is 600998",
            DuplicateRequest,
        ),
        (
            "500.003.1001",
            "Service is currently unreachable. Please try again later.",
            ServerFault,
        ),
        ("500.003.1001", "Internal Server Error", ServerFault),
    ],
)
def test_one_code_with_several_meanings_is_told_apart_by_its_text(code, text, kind):
    found = answers.refusal(error(500, code, text), Operation.B2C, same)
    assert type(found) is kind
    assert found.advice


def test_a_gateway_that_knows_no_product_refuses_the_credentials():
    fault = {
        "fault": {
            "faultstring": "Invalid API call as no apiproduct match found",
            "detail": {"errorcode": "keymanagement.service.InvalidAPICallAsNoApiProductMatchFound"},
        }
    }
    assert answers.refuses_token(raw(401, fault))
    found = answers.refusal(raw(401, fault), Operation.QR, same)
    assert type(found) is CredentialsRefused
    known = [row for row in catalogue().rows if "NoApiProductMatchFound" in row.text]
    assert found.key == (known[0].key if known else "")


@pytest.mark.parametrize(
    ("status", "body", "operation", "key", "kind"),
    [
        (400, b"", Operation.OAUTH, "unknown-credentials", CredentialsRefused),
        (404, b"", Operation.PUSH, "unknown-path", BadRequest),
        (403, INCAPSULA, Operation.QUERY, "waf-blocked", Blocked),
        (503, INCAPSULA, Operation.OAUTH, "waf-unavailable", Blocked),
        (429, b"", Operation.PUSH, "spike-arrest", Throttled),
        (500, APIGEE, Operation.QUERY, "spike-arrest", Throttled),
        (401, b"", Operation.PUSH, "", CredentialsRefused),
        (502, b"<html>", Operation.QUERY, "", ServerFault),
        (400, b"", Operation.PUSH, "", UnexpectedAnswer),
        (200, b"[]", Operation.QUERY, "", UnexpectedAnswer),
        (500, SOAP, Operation.QUERY, "", ServerFault),
    ],
)
def test_answers_without_an_envelope(status, body, operation, key, kind):
    found = answers.refusal(raw(status, body), operation, same)
    assert (type(found), found.key, found.code) == (kind, key, "")
    assert found.advice


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        ("400.999.99", BadRequest),
        ("401.999.99", CredentialsRefused),
        ("404.999.99", BadRequest),
        ("500.999.99", ServerFault),
        ("999999", UnexpectedAnswer),
    ],
)
def test_codes_that_nobody_has_seen(code, kind):
    status = 400 if code == "999999" else int(code[:3])
    found = answers.refusal(error(status, code, "what is this"), Operation.PUSH, same)
    assert isinstance(found, kind)
    assert (found.code, found.message) == (code, "what is this")
    assert found.advice


def test_a_refusal_is_redacted():
    redact = Redactor([Secret("planted-token")])
    echo = error(401, "401.003.01", "Error Occurred - Invalid Access Token - planted-token")
    found = answers.refusal(echo, Operation.PUSH, redact)
    assert "planted" not in f"{found}{found!r}{vars(found)}"
    assert found.message.endswith("Invalid Access Token - ********")


def test_which_answers_refuse_the_token():
    assert answers.refuses_token(error(404, "404.001.03", "Invalid Access Token"))
    assert answers.refuses_token(error(401, "401.002.01", "…"))
    assert answers.refuses_token(error(401, "401.003.01", "…"))
    assert answers.refuses_token(raw(401, b""))
    assert not answers.refuses_token(raw(404, b""))
    assert not answers.refuses_token(error(404, "404.001.01", "Resource not found"))
    assert not answers.refuses_token(error(200, "404.001.03", "Invalid Access Token"))
    assert not answers.refuses_token(raw(200, ACKNOWLEDGED))


# ------------------------------------------------------------------------------- the query


@pytest.mark.parametrize(
    ("code", "state"),
    [
        ("0", PaymentState.PAID),
        ("1032", PaymentState.FAILED),
        (1032, PaymentState.FAILED),
        ("SFC_IC0003", PaymentState.FAILED),
        ("4999", PaymentState.PENDING),
        ("1101", PaymentState.PENDING),
        ("7777", PaymentState.UNKNOWN),
    ],
)
def test_a_status(code, state):
    found = answers.parse_status(raw(200, STATUS | {"ResultCode": code}), CHECKOUT, same)
    assert (found.state, found.code) == (state, str(code))
    assert found.text == "Request Cancelled by user."
    assert (found.checkout_request_id, found.merchant_request_id) == (CHECKOUT, MERCHANT)


@pytest.mark.parametrize(
    "answer",
    [
        error(500, "500.001.1001", "The transaction is being processed"),
        error(200, "500.001.1001", ""),
        error(200, "500.001.1001", "The transaction is being processed"),
        raw(200, {"errorCode": "500.001.1001"}),
    ],
)
def test_in_flight_answers_that_look_like_errors(answer):
    found = answers.parse_status(answer, CHECKOUT, same)
    assert (found.state, found.code) == (PaymentState.PENDING, "500.001.1001")
    assert found.checkout_request_id == CHECKOUT


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (error(500, "500.001.1001", "The transaction does not Exist"), TransactionNotFound),
        (error(500, "500.001.1001", ""), ServerFault),
        (error(500, "500.001.1001", "Internal Server Error"), ServerFault),
        (error(500, "500.003.02", "System is busy. Please try again"), Throttled),
        (error(400, "400.002.02", "Bad Request - Invalid CheckoutRequestID"), BadRequest),
        (error(404, "404.001.03", "Invalid Access Token"), CredentialsRefused),
        (raw(403, INCAPSULA), Blocked),
        (raw(200, STATUS | {"ResultCode": None}), UnexpectedAnswer),
        (raw(200, STATUS | {"ResultCode": True}), UnexpectedAnswer),
        (raw(200, STATUS | {"ResultCode": 1.5}), UnexpectedAnswer),
        (raw(200, STATUS | {"ResponseCode": "1"}), UnexpectedAnswer),
        (raw(200, STATUS | {"CheckoutRequestID": "ws_CO_other"}), UnexpectedAnswer),
    ],
)
def test_answers_that_say_nothing_of_the_payment(answer, kind):
    assert type(refused(answer, Operation.QUERY)) is kind


def test_ids_in_a_status_may_be_absent():
    bare = {"ResponseCode": "0", "ResultCode": "0", "ResultDesc": "ok"}
    assert answers.parse_status(raw(200, bare), CHECKOUT, same).state is PaymentState.PAID


@pytest.mark.parametrize(("body", "says"), ODD)
def test_an_odd_200_is_a_typed_error(body, says):
    found = refused(raw(200, body), Operation.QUERY)
    assert isinstance(found, UnexpectedAnswer)
    assert says in str(found)


# ------------------------------------------------------------------------------- the token


@pytest.mark.parametrize(
    ("expires_in", "seconds"),
    [("3599", 3599), (3599, 3599), (" 3599 ", 3599), (3599.5, 3599.5), ("0", 0)],
)
def test_a_token_lives_as_long_as_text_or_number_say(expires_in, seconds):
    answer = raw(200, {"access_token": "planted-token", "expires_in": expires_in})
    issued = answers.parse_token(answer, same)
    assert issued.token == Secret("planted-token")
    assert math.isclose(issued.lifetime, seconds)
    assert "planted" not in repr(issued)


@pytest.mark.parametrize("expires_in", ["soon", "-1", -1, None, True, [], "1e9", "", 10**9])
def test_a_lifetime_that_is_none_is_a_typed_error_without_the_token(expires_in):
    found = refused(
        raw(200, {"access_token": "planted-token", "expires_in": expires_in}), Operation.OAUTH
    )
    assert isinstance(found, UnexpectedAnswer)
    assert "expires_in" in str(found)
    assert "planted" not in str(found)


@pytest.mark.parametrize(
    "token", ["", "two words", "a\r\nX-Header: b", "é", 7, True, [], "a" * 5000]
)
def test_a_token_that_could_not_be_sent_is_refused(token):
    found = refused(raw(200, {"access_token": token, "expires_in": "3599"}), Operation.OAUTH)
    assert isinstance(found, UnexpectedAnswer)


@pytest.mark.parametrize(("body", "says"), ODD)
def test_an_odd_token_answer_is_a_typed_error(body, says):
    found = refused(raw(200, body), Operation.OAUTH)
    assert says in str(found)


def test_a_broken_token_answer_is_never_quoted():
    body = b'{"access_token": "planted-token", "expires_in": '
    assert "planted" not in str(refused(raw(200, body), Operation.OAUTH))


# ----------------------------------------------------------------------------------- laws

BODIES = st.one_of(
    st.binary(max_size=300),
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
        max_leaves=8,
    ).map(lambda value: json.dumps(value).encode()),
    st.dictionaries(
        st.sampled_from([*ACKNOWLEDGED, *STATUS, "errorCode", "errorMessage", "access_token"]),
        st.none() | st.integers() | st.text() | st.sampled_from(["0", "500.001.1001", CHECKOUT]),
    ).map(lambda value: json.dumps(value).encode()),
)


@given(st.integers(100, 599), BODIES, st.sampled_from(["application/json", "text/html", ""]))
def test_whatever_arrives_is_a_value_or_a_typed_error(status, body, content_type):
    answer = raw(status, body, content_type)
    for parse in (
        lambda: answers.parse_acknowledgement(answer, same),
        lambda: answers.parse_status(answer, CHECKOUT, same),
        lambda: answers.parse_token(answer, same),
    ):
        try:
            parse()
        except PochiError as error:
            assert str(error)
            str(error).encode()


@given(st.integers(100, 599), BODIES)
def test_a_push_is_refused_only_by_an_envelope_or_a_4xx(status, body):
    answer = raw(status, body)
    try:
        answers.parse_acknowledgement(answer, same)
    except UnknownOutcome:
        return
    except DarajaError as error:
        assert error.code or 400 <= status < 500
        assert not 200 <= status < 300
    else:
        assert 200 <= status < 300
