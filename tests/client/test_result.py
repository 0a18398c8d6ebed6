"""Results and queue timeouts, in every captured shape."""

import copy
import json
from datetime import datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mpesa_pochi import (
    CallbackRefused,
    CommandResult,
    InvalidRequest,
    RefusalReason,
    Retry,
    codes,
    parse_result,
    parse_timeout,
    result,
)
from mpesa_pochi.clock import NAIROBI

PAID = (
    b'{"Result":{"ResultType":0,"ResultCode":0,"ResultDesc":"The service request is processed '
    b'successfully.","OriginatorConversationID":"ord-7781-a1","ConversationID":'
    b'"AG_20260714_0100100305k2v9q8t1zx","TransactionID":"UGE030AB12","ResultParameters":'
    b'{"ResultParameter":[{"Key":"TransactionAmount","Value":10},{"Key":"TransactionReceipt",'
    b'"Value":"UGE030AB12"},{"Key":"ReceiverPartyPublicName","Value":"254708374149 - John Doe"},'
    b'{"Key":"TransactionCompletedDateTime","Value":"14.07.2026 09:15:42"},'
    b'{"Key":"B2CUtilityAccountAvailableFunds","Value":500120.40},'
    b'{"Key":"B2CWorkingAccountAvailableFunds","Value":90000.00},'
    b'{"Key":"B2CRecipientIsRegisteredCustomer","Value":"Y"},'
    b'{"Key":"B2CChargesPaidAccountAvailableFunds","Value":-2420.00}]},"ReferenceData":'
    b'{"ReferenceItem":{"Key":"QueueTimeoutURL","Value":'
    b'"https:\\/\\/internalsandbox.safaricom.co.ke\\/mpesa\\/b2cresults\\/v1\\/submit"}}}}'
)
FAILED = {
    "Result": {
        "ResultType": 0,
        "ResultCode": 8006,
        "ResultDesc": "The security credential is locked.",
        "OriginatorConversationID": "p-31",
        "ConversationID": "AG_20261007_010010020abc1def2gh3",
        "TransactionID": "UJ7030ZZ01",
    }
}


def changed(**fields):
    body = copy.deepcopy(FAILED)
    body["Result"] |= fields
    return body


def raw(body):
    return json.dumps(body).encode()


def refused(body):
    with pytest.raises(CallbackRefused) as caught:
        parse_result(body if isinstance(body, bytes | dict) else raw(body))
    return caught.value.reason


def test_a_result():
    found = parse_result(PAID)
    assert (found.code, found.succeeded, found.final) == ("0", True, True)
    assert found.text == "The service request is processed successfully."
    assert found.originator_conversation_id == "ord-7781-a1"
    assert found.conversation_id == "AG_20260714_0100100305k2v9q8t1zx"
    assert found.transaction_id == "UGE030AB12"
    assert found.parameters["TransactionAmount"] == 10
    assert found.references["QueueTimeoutURL"].startswith("https://internalsandbox")
    assert isinstance(hash(found), int)


def test_money_keeps_the_digits_that_were_sent():
    parameters = parse_result(PAID).parameters
    assert str(parameters["B2CUtilityAccountAvailableFunds"]) == "500120.40"
    assert str(parameters["B2CWorkingAccountAvailableFunds"]) == "90000.00"
    assert str(parameters["B2CChargesPaidAccountAvailableFunds"]) == "-2420.00"
    assert str(parameters.money("TransactionAmount")) == "10"


def test_a_failure_has_no_parameters_and_its_views_say_so():
    found = parse_result(raw(FAILED))
    assert (found.code, found.succeeded) == ("8006", False)
    assert len(found.parameters) == len(found.references) == 0
    for view in (found.payout, found.balances, found.status, found.reversal, found.b2b):
        with pytest.raises(InvalidRequest, match="8006 The security credential is locked"):
            view()


@pytest.mark.parametrize(
    ("sent", "code"),
    [
        (0, "0"),
        ("0", "0"),
        (2001, "2001"),
        ("2001", "2001"),
        ("R000002", "R000002"),
        ("SFC_IC0003", "SFC_IC0003"),
        (100000000, "100000000"),
    ],
)
def test_a_code_is_text_however_it_was_sent(sent, code):
    assert parse_result(raw(changed(ResultCode=sent))).code == code


@pytest.mark.parametrize(
    "listed",
    [
        [{"Key": "A", "Value": 1}, {"Key": "B"}],
        [{"Key": "B"}, {"Key": "A", "Value": 1}],
    ],
)
def test_several_parameters_are_an_array_in_any_order(listed):
    found = parse_result(raw(changed(ResultParameters={"ResultParameter": listed})))
    assert dict(found.parameters) == {"A": 1, "B": None}


def test_one_parameter_is_an_object():
    one = {"ResultParameter": {"Key": "BOCompletedTime", "Value": 20200625232427}}
    found = parse_result(raw(changed(ResultParameters=one)))
    assert found.parameters.moment("BOCompletedTime") == datetime(
        2020, 6, 25, 23, 24, 27, tzinfo=NAIROBI
    )


@pytest.mark.parametrize(
    "nothing",
    [None, {}, "", [], {"ResultParameter": None}, {"ResultParameter": []}, {"ResultParameter": ""}],
)
def test_no_parameters_are_none(nothing):
    assert len(parse_result(raw(changed(ResultParameters=nothing))).parameters) == 0


def test_references_are_an_object_or_an_array_and_lack_values():
    one = parse_result(raw(changed(ReferenceData={"ReferenceItem": {"Key": "QueueTimeoutURL"}})))
    assert dict(one.references) == {"QueueTimeoutURL": None}
    items = [{"Key": "BillReferenceNumber", "Value": 353353}, {"Key": "Occassion"}]
    many = parse_result(raw(changed(ReferenceData={"ReferenceItem": items})))
    assert many.references.text("BillReferenceNumber") == "353353"
    assert many.references.text("Occassion") is None


def test_an_own_id_that_looks_like_a_number_comes_back_as_one():
    assert parse_result(raw(changed(OriginatorConversationID=7781))).originator_conversation_id == (
        "7781"
    )


@pytest.mark.parametrize("kind", [1, "1"])
def test_more_may_be_announced(kind):
    assert not parse_result(raw(changed(ResultType=kind))).final


def test_what_a_framework_has_read_is_taken_too():
    body = changed(
        ResultCode=0,
        ResultParameters={"ResultParameter": {"Key": "TransactionAmount", "Value": 10.5}},
    )
    assert parse_result(body).payout().amount == Decimal("10.5")
    body["Result"]["ResultParameters"]["ResultParameter"]["Value"] = Decimal("10.50")
    assert str(parse_result(body).payout().amount) == "10.50"


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"", RefusalReason.NOT_JSON),
        (b"\xff", RefusalReason.NOT_UTF8),
        (b'{"Result": {}, "Result": {}}', RefusalReason.DUPLICATE_KEY),
        (b'{"a": NaN}', RefusalReason.BAD_NUMBER),
        (b" " * 70_000, RefusalReason.TOO_LARGE),
        (b"[" * 50, RefusalReason.TOO_DEEP),
        (b"[]", RefusalReason.WRONG_SHAPE),
        (b"{}", RefusalReason.WRONG_SHAPE),
        (b'{"Result": []}', RefusalReason.WRONG_SHAPE),
        (b'{"result": {}}', RefusalReason.WRONG_SHAPE),
        (b'{"Result": {}}', RefusalReason.MISSING_FIELD),
        ({"Result": object()}, RefusalReason.WRONG_TYPE),
        ({"Result": {"a": float("nan")}}, RefusalReason.BAD_NUMBER),
        ({"Result": {"a": 10**50}}, RefusalReason.BAD_NUMBER),
        ({}, RefusalReason.WRONG_SHAPE),
    ],
)
def test_what_is_no_result_is_refused(body, reason):
    assert refused(body) is reason


def test_endless_nesting_is_refused():
    body: dict[str, object] = {}
    body["Result"] = body
    assert refused(body) is RefusalReason.TOO_DEEP


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"ResultCode": None}, RefusalReason.MISSING_FIELD),
        ({"ResultCode": True}, RefusalReason.WRONG_TYPE),
        ({"ResultCode": 1.5}, RefusalReason.WRONG_TYPE),
        ({"ResultCode": "not a code"}, RefusalReason.WRONG_VALUE),
        ({"ResultDesc": 7}, RefusalReason.WRONG_TYPE),
        ({"ResultDesc": "x" * 1001}, RefusalReason.WRONG_VALUE),
        ({"ResultDesc": "half \ud800"}, RefusalReason.WRONG_VALUE),
        ({"ConversationID": None}, RefusalReason.MISSING_FIELD),
        ({"ConversationID": ["a"]}, RefusalReason.WRONG_TYPE),
        ({"ConversationID": True}, RefusalReason.WRONG_TYPE),
        ({"OriginatorConversationID": "two words"}, RefusalReason.WRONG_VALUE),
        ({"TransactionID": {}}, RefusalReason.WRONG_TYPE),
        ({"ResultParameters": 7}, RefusalReason.WRONG_SHAPE),
        ({"ResultParameters": {"Other": []}}, RefusalReason.WRONG_SHAPE),
        ({"ResultParameters": {"ResultParameter": 7}}, RefusalReason.WRONG_SHAPE),
        ({"ResultParameters": {"ResultParameter": [7]}}, RefusalReason.WRONG_SHAPE),
        ({"ResultParameters": {"ResultParameter": {"Value": 7}}}, RefusalReason.WRONG_SHAPE),
        ({"ResultParameters": {"ResultParameter": {"Key": 7}}}, RefusalReason.WRONG_SHAPE),
        (
            {"ResultParameters": {"ResultParameter": {"Key": "A", "Value": {}}}},
            RefusalReason.WRONG_TYPE,
        ),
        (
            {"ResultParameters": {"ResultParameter": {"Key": "A", "Value": "\0"}}},
            RefusalReason.WRONG_VALUE,
        ),
        (
            {"ResultParameters": {"ResultParameter": [{"Key": "A", "Value": 1}, {"Key": "A"}]}},
            RefusalReason.DUPLICATE_ITEM,
        ),
    ],
)
def test_each_impossible_field_is_refused_with_its_reason(fields, reason):
    assert refused(raw(changed(**fields))) is reason


def test_the_sample_that_names_one_party_twice_is_taken():
    twice = [{"Key": "DebitPartyName", "Value": "a"}, {"Key": "DebitPartyName", "Value": "b"}]
    found = parse_result(raw(changed(ResultParameters={"ResultParameter": twice})))
    assert dict(found.parameters) == {"DebitPartyName": "a"}


# ---------------------------------------------------------------------------- the catalogue

ROWS = """
[[code]]
key = "result-locked"
code = "8006"
surface = "result"
text = "The security credential is locked."
merchant = "Unlock the initiator."
retry = "later"

[[code]]
key = "locked"
code = "8006"
surface = "stk"
text = "The security credential is locked."
merchant = "Tell the customer."
retry = "never"
"""


def test_advice_is_of_the_right_surface(monkeypatch):
    known = codes.parse(ROWS)
    monkeypatch.setattr(result, "catalogue", lambda: known)
    found = parse_result(raw(FAILED))
    assert found.row is known.by_key("result-locked")
    assert (found.advice, found.retry) == ("Unlock the initiator.", Retry.LATER)
    assert known.result("8006") is known.by_key("locked")


def test_a_code_that_nobody_has_seen_has_no_advice():
    found = parse_result(raw(changed(ResultCode="X-777")))
    assert (found.row, found.advice, found.retry) == (None, None, None)


# ------------------------------------------------------------------------------ the timeout


def test_a_queue_timeout_proves_nothing():
    found = parse_timeout(raw(changed(ResultCode=26)))
    assert (found.code, found.conversation_id) == ("26", "AG_20261007_010010020abc1def2gh3")
    assert found.originator_conversation_id == "p-31"
    assert not hasattr(found, "succeeded")
    assert "no proof that it failed" in type(found).__doc__


@pytest.mark.parametrize("kept", ["ConversationID", "OriginatorConversationID"])
def test_of_a_timeout_one_id_is_enough(kept):
    found = parse_timeout(raw({"Result": {kept: "AG_1"}}))
    assert {found.conversation_id, found.originator_conversation_id} == {"AG_1", ""}
    assert (found.code, found.text, found.transaction_id) == ("", "", "")


def test_a_timeout_of_nothing_is_refused():
    with pytest.raises(CallbackRefused) as caught:
        parse_timeout(b'{"Result": {"ResultCode": 26}}')
    assert caught.value.reason is RefusalReason.MISSING_FIELD


# ------------------------------------------------------------------------------------- laws

NAMES = st.text("ABCDEFabcdef ", min_size=1, max_size=12)
TEXT = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=40)
MONEY = st.decimals(-(10**9), 10**9, places=2, allow_nan=False)
VALUES = st.none() | st.integers(-(10**20), 10**20) | MONEY | TEXT | st.booleans()
WORDS = st.text(st.characters(min_codepoint=0x21, max_codepoint=0x7E), min_size=1, max_size=40)
CODES = st.integers(0, 999_999_999).map(str) | st.sampled_from(["SFC_IC0003", "R000002"])


def written(value):
    """JSON as Daraja writes it: money with its digits, `/` escaped."""
    if isinstance(value, Decimal):
        return f"{value:.2f}"
    return json.dumps(value).replace("/", "\\/")


def listing(item, values, draw):
    """Items as XML-turned-JSON has them: an object for one, an array for several."""
    pairs = []
    for key, value in values.items():
        members = [f'"Key":{written(key)}']
        if value is not None:
            members.append(f'"Value":{written(value)}')
        elif draw(st.booleans()):
            members.append('"Value":null')
        pairs.append("{" + ",".join(draw(st.permutations(members))) + "}")
    body = pairs[0] if len(pairs) == 1 and draw(st.booleans()) else f"[{','.join(pairs)}]"
    return f'{{"{item}":{body}}}'


@st.composite
def results(draw):
    """A result, and one of the ways in which Daraja might write it."""
    meant = {
        "code": draw(CODES),
        "text": draw(TEXT),
        "conversation_id": draw(WORDS),
        "originator_conversation_id": draw(WORDS),
        "transaction_id": draw(WORDS),
        "parameters": draw(st.dictionaries(NAMES, VALUES, max_size=5)),
        "references": draw(st.dictionaries(NAMES, VALUES, max_size=3)),
    }
    number = meant["code"].isdigit() and draw(st.booleans())
    members = [
        '"ResultType":0',
        f'"ResultCode":{meant["code"] if number else written(meant["code"])}',
        f'"ResultDesc":{written(meant["text"])}',
        f'"ConversationID":{written(meant["conversation_id"])}',
        f'"OriginatorConversationID":{written(meant["originator_conversation_id"])}',
        f'"TransactionID":{written(meant["transaction_id"])}',
    ]
    if meant["parameters"] or draw(st.booleans()):
        listed = listing("ResultParameter", meant["parameters"], draw)
        members.append(f'"ResultParameters":{listed}')
    if meant["references"] or draw(st.booleans()):
        members.append(f'"ReferenceData":{listing("ReferenceItem", meant["references"], draw)}')
    body = f'{{"Result":{{{",".join(draw(st.permutations(members)))}}}}}'
    return meant, body.encode()


@given(results())
def test_whatever_the_shape_the_result_is_the_same(case):
    meant, body = case
    found = parse_result(body)
    assert {name: getattr(found, name) for name in meant} == meant
    for key, value in meant["parameters"].items():
        if isinstance(value, Decimal):
            assert str(found.parameters[key]) == f"{value:.2f}"


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=9),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=6,
)
FIELDS = st.dictionaries(
    st.sampled_from(
        [*FAILED["Result"], "ResultParameters", "ReferenceData", "ResultParameter", "Key", "Value"]
    ),
    JSON | st.dictionaries(st.sampled_from(["ResultParameter", "ReferenceItem"]), JSON),
)


@given(st.one_of(st.binary(max_size=60), JSON, FIELDS.map(lambda fields: {"Result": fields})))
def test_whatever_arrives_is_a_value_or_refused(body):
    given = body if isinstance(body, bytes | dict) else raw(body)
    for parse in (parse_result, parse_timeout):
        try:
            found = parse(given)
        except CallbackRefused as error:
            assert str(error)
            continue
        if isinstance(found, CommandResult):
            for view in (found.payout, found.balances, found.status, found.reversal, found.b2b):
                try:
                    view()
                except (CallbackRefused, InvalidRequest) as error:
                    assert str(error)
