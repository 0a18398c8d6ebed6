import json
import re

import jsonschema
import pytest

from darajasim.core.catalogue import catalogue
from darajasim.core.organisation import OrganisationSpec
from darajasim.core.world import App, WorldOverlay
from darajasim.operations import named
from darajasim.operations.ratiba import TO_PAYBILLS, TO_TILLS
from darajasim.operations.ratiba_order import OrderBook
from support.commands import example
from support.ratiba import (
    PATH,
    PHONE,
    order,
    run,
    text_of,
)


def test_the_acknowledgement():
    async def main(d):
        answer, _ = await order(d)
        reference = answer.json["ResponseHeader"]["responseRefID"]
        assert re.fullmatch(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", reference)
        assert answer.status == 200
        assert answer.raw == (
            b'{"ResponseHeader":{"responseRefID":"%s","responseCode":"200",'
            b'"responseDescription":"Request accepted for processing",'
            b'"ResultDesc":"The service request is processed successfully."},'
            b'"ResponseBody":{"responseDescription":"Request accepted for processing",'
            b'"responseCode":"200"}}' % reference.encode()
        )

    run(main)


@pytest.mark.parametrize("spelling", TO_PAYBILLS)
def test_every_spelling_for_paybills(spelling):
    async def main(d):
        _, raw = await order(d, TransactionType=spelling)
        assert b'"responseCode":"0"' in raw

    run(main)


@pytest.mark.parametrize("spelling", TO_TILLS)
def test_every_spelling_for_tills(spelling):
    async def main(d):
        till = {"BusinessShortCode": "600100", "ReceiverPartyIdentifierType": 2}
        _, raw = await order(d, TransactionType=spelling, **till)
        assert b'"responseCode":"0"' in raw

    run(main)


def test_a_shortcode_that_was_not_issued_as_captured():
    async def main(d):
        answer, _ = await order(d, BusinessShortCode="999999")
        assert answer.status == 400
        reference = answer.json["requestRefId"]
        assert answer.raw == (
            b'{"requestRefId":"%s","responseMessage":"Value in field \'BusinessShortCode\' '
            b'can only be what was issued for this application","responseCode":400,'
            b'"timestamp":"2026-10-11T11:05:09Z"}' % reference.encode()
        )
        assert "174379" in answer.hint

    run(main)


@pytest.mark.parametrize(
    "world",
    [
        WorldOverlay(apps=(App("key", "secret", shortcodes=frozenset({"600000"})),)),
        WorldOverlay(organisations=(OrganisationSpec("174379", products=frozenset({"stk_push"})),)),
    ],
)
def test_a_shortcode_of_somebody_else(world):
    async def main(d):
        answer, _ = await order(d)
        assert (answer.status, answer.json["responseCode"]) == (400, 400)
        assert "BusinessShortCode" in answer.json["responseMessage"]

    run(main, world=world)


@pytest.mark.parametrize(
    ("field", "values"),
    [
        ("StandingOrderName", [..., "", " ", None, "x" * 183, ["a"]]),
        ("StartDate", [..., "2027-01-05", "20270230", "0", None, 2027010, True]),
        ("EndDate", [..., "", "31122027", "20271301"]),
        ("BusinessShortCode", [..., "abc", "1234", None]),
        ("TransactionType", [..., "CustomerPayBillOnline", 4]),
        ("ReceiverPartyIdentifierType", [..., "1", 3, True]),
        ("Amount", [..., "0", "1.50", -1, "250001"]),
        ("PartyA", [..., "0722000000", 254]),
        ("CallBackURL", [..., "ftp://x.example", ""]),
        ("AccountReference", [..., "", "THIRTEEN-CHAR"]),
        ("TransactionDesc", [..., ""]),
        ("Frequency", [..., "0", "10", 0, True, [1]]),
        ("CustomStoId", ["x" * 65, {}]),
    ],
)
def test_an_invalid_field(field, values):
    async def main(d):
        for value in values:
            answer, raw = await order(d, **{field: value})
            assert (answer.status, answer.json["responseCode"], raw) == (400, 400, None), value
            assert answer.json["responseMessage"] == f"Value in field '{field}' is invalid"
            assert list(answer.json) == [
                "requestRefId", "responseMessage", "responseCode", "timestamp",
            ]  # fmt: skip
            assert field in answer.hint

    run(main)


@pytest.mark.parametrize(("edition", "accepted"), [("2026", 200), ("2025", 400)])
def test_nine_is_a_frequency_since_2026(edition, accepted):
    async def main(d):
        answer, _ = await order(d, Frequency="9")
        assert answer.status == accepted

    run(main, ratiba_edition=edition)


def test_a_system_failure_has_the_other_envelope():
    async def main(d):
        answer, _ = await order(d, AccountReference="ERR-ratiba-system-failure")
        text = catalogue().by_key("ratiba-system-failure").text
        assert answer.status == 500
        assert list(answer.json) == ["ResponseHeader", "ResponseBody"]
        assert answer.json["ResponseBody"] == {"responseDescription": text, "responseCode": "500"}

    run(main)


def test_no_token():
    async def main(d):
        answer = await d.request(
            "POST", PATH, body=example(PATH), headers={"content-type": "application/json"}
        )
        assert answer.status == 401
        assert answer.json["errorMessage"] == "Unauthorized - Invalid Access Token"

    run(main)


# -------------------------------------------------------------------------------------- callback


def test_success_in_2026_has_ten_pairs_and_the_callers_id():
    async def main(d):
        _, raw = await order(d, CustomStoId="7d1f0a52-1", EndDate="20271231")
        reminder = json.loads(raw)["responseBody"]["responseData"][3]["value"]
        assert re.fullmatch(r"\d{7}", reminder)
        assert raw.decode() == (
            '{"responseHeader":{"responseRefID":"7d1f0a52-1","requestRefID":"7d1f0a52-1",'
            '"responseCode":"0","responseDescription":"Standing order created successfully"},'
            '"responseBody":{"responseData":['
            '{"name":"standingOrderName","value":"Solar kit plan"},'
            '{"name":"amount","value":"450.00"},'
            '{"name":"issuePaymentReminderUntil","value":"20271231"},'
            f'{{"name":"reminderScheduleId","value":"{reminder}"}},'
            '{"name":"firstPaymentReminderDate","value":"20270105"},'
            '{"name":"status","value":"ACTIVE"},'
            f'{{"name":"TransactionID","value":"{reminder}"}},'
            '{"name":"ResponseCode","value":"0"},'
            '{"name":"Status","value":"OKAY"},'
            '{"name":"Msisdn","value":"*********000"}]}}'
        )

    run(main)


def test_the_partner_id_in_its_other_spelling():
    async def main(d):
        _, raw = await order(d, CustomstdoId="mine")
        assert json.loads(raw)["responseHeader"]["requestRefID"] == "mine"

    run(main)


def test_success_in_2025_has_four_pairs():
    async def main(d):
        answer, raw = await order(d)
        reference = answer.json["ResponseHeader"]["responseRefID"]
        receipt = json.loads(raw)["responseBody"]["responseData"][0]["value"]
        assert re.fullmatch(r"[A-Z]{2}[A-Z1-9][0-9A-Z]{7}", receipt)
        assert raw.decode() == (
            f'{{"responseHeader":{{"responseRefID":"{reference}","requestRefID":"{reference}",'
            '"responseCode":"0",'
            '"responseDescription":"The service request is processed successfully"},'
            '"responseBody":{"responseData":['
            f'{{"name":"TransactionID","value":"{receipt}"}},'
            '{"name":"responseCode","value":"0"},'
            '{"name":"Status","value":"OKAY"},'
            '{"name":"Msisdn","value":"254******000"}]}}'
        )

    run(main, base="documented")


def test_failure_is_in_pascal_case():
    async def main(d):
        _, raw = await order(d, PartyA="254708374149", CustomStoId="mine")
        reference = json.loads(raw)["ResponseHeader"]["responseRefID"]
        assert reference != "mine"
        assert raw.decode() == (
            f'{{"ResponseHeader":{{"responseRefID":"{reference}","requestRefID":"mine",'
            f'"responseCode":"1037","responseDescription":"{text_of("1037")}"}},'
            '"ResponseBody":{"ResponseData":['
            '{"Name":"TransactionID","Value":"0000000000"},'
            '{"Name":"responseCode","Value":"1037"},'
            '{"Name":"Status","Value":"ERROR"},'
            '{"Name":"Msisdn","Value":"*********149"}]}}'
        )
        assert len(d.namespace.book(OrderBook)) == 0

    run(main)


@pytest.mark.parametrize("phone", [PHONE, "254708374149"])
@pytest.mark.parametrize("edition", ["2026", "2025"])
def test_callbacks_and_answers_are_as_their_schemas_say(phone, edition):
    async def main(d):
        answer, raw = await order(d, PartyA=phone)
        (operation,) = named()["standing_order"]
        jsonschema.validate(answer.json, operation.answer_schema)
        jsonschema.validate(json.loads(raw), operation.callback_schemas["ratiba"])

    run(main, ratiba_edition=edition)
