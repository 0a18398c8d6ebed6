import json
import re

import jsonschema
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from darajasim.core.catalogue import catalogue
from darajasim.operations import operations
from darajasim.operations.iot_fleet import FIRST_SIM, GROUPS, SIMS, Fleet, fleet_of
from darajasim.operations.iot_operation import stamp
from support.commands import example
from support.daraja import daraja, in_virtual_time

PREFIX = "/simportal/v1/"
PATHS = [path for path in operations() if path.startswith(PREFIX)]
SIM, OTHER = str(FIRST_SIM), str(FIRST_SIM + 1)
HEADER = ["requestRefId", "responseCode", "responseMessage", "customerMessage", "timestamp"]


def run(main, **knobs):
    async def whole():
        async with daraja(**knobs) as d:
            await main(d)

    in_virtual_time(whole())


async def ask(d, ending, /, query="", **changes):
    body = example(PREFIX + ending, **changes)
    return await d.post(PREFIX + ending + query, body)


async def body_of(d, ending, /, **changes):
    answer = await ask(d, ending, **changes)
    assert (answer.status, answer.json["header"]["responseCode"]) == (200, 200), answer.raw
    return answer.json["body"]


def test_there_are_thirteen():
    assert [path.removeprefix(PREFIX) for path in PATHS] == [
        "allsims", "queryLifeCycleStatus", "querycustomerinfo", "simactivation",
        "getactivationtrends", "renameasset", "suspend_unsuspend_sub", "searchmessages",
        "filtermessages", "getallmessages", "sendsinglemessage", "deletemessage",
        "deleteMessageThread",
    ]  # fmt: skip


def test_the_envelope():
    async def main(d):
        answer = await ask(d, "queryLifeCycleStatus")
        reference = answer.json["header"]["requestRefId"]
        assert answer.raw.decode() == (
            f'{{"header":{{"requestRefId":"{reference}","responseCode":200,'
            '"responseMessage":"Success","customerMessage":"Operation Successfull",'
            '"timestamp":"2026-10-11T14:05:09.000000000"},'
            '"body":{"desc":"Success","status":"Idle","statusCode":"0"}}'
        )

    run(main)


@pytest.mark.parametrize(
    ("moment", "expected"),
    [
        (0.0, "1970-01-01T03:00:00.000000000"),
        (1.25, "1970-01-01T03:00:01.250000000"),
        (1_791_716_709.999999, "2026-10-11T14:05:09.999999000"),
    ],
)
def test_the_timestamp_is_local_with_nine_digits_and_no_zone(moment, expected):
    assert stamp(moment) == expected


@pytest.mark.parametrize("path", PATHS)
def test_examples_are_accepted_with_the_stated_keys(path):
    async def main(d):
        answer = await d.post(path, example(path))
        assert answer.status == 200, answer.raw
        assert list(answer.json) == ["header", "body"]
        assert list(answer.json["header"]) == HEADER
        schema = operations()[path].answer_schema
        jsonschema.validate(json.loads(answer.raw), schema)
        silent = schema["properties"]["body"]["anyOf"][0]["type"] == "null"
        assert (answer.json["body"] is None) == silent

    run(main)


@pytest.mark.parametrize("path", PATHS)
def test_a_bad_token(path):
    async def main(d):
        bare = await d.request("POST", path, body={}, headers={"content-type": "application/json"})
        assert (bare.status, bare.json["errorCode"]) == (401, "401")
        assert bare.json["errorMessage"] == "Unauthorized - Invalid Access Token"

    run(main)


def test_no_records():
    async def main(d):
        for ending in ("queryLifeCycleStatus", "deleteMessageThread", "sendsinglemessage"):
            answer = await ask(d, ending, msisdn="254722000000")
            row = catalogue().by_key("iot-no-records")
            assert answer.status == row.http_status
            assert answer.json["body"] is None
            assert answer.json["header"]["responseMessage"] == "No records were found"
            assert SIM in answer.hint
        wrong_group = await ask(d, "queryLifeCycleStatus", vpnGroup=GROUPS[1])
        assert wrong_group.json["body"] is None

    run(main)


@pytest.mark.parametrize(
    ("ending", "field", "values"),
    [
        ("allsims", "startAtIndex", ["-1", "one", [0]]),
        ("allsims", "username", [..., ""]),
        ("renameasset", "assetName", [..., ""]),
        ("suspend_unsuspend_sub", "operation", [..., "stop", 1]),
        ("sendsinglemessage", "message", [..., ""]),
        ("deletemessage", "id", [..., "first", -1]),
        ("getactivationtrends", "startDate", [..., "2026-10-01", "31-02-2026", "01-01-0001", 7]),
        ("getallmessages", "pageNo", ["-1", "1.5", [1]]),
        ("getallmessages", "pageSize", ["0", "1001"]),
        ("searchmessages", "searchValue", [..., "0799000001"]),
    ],
)
def test_a_wrong_field(ending, field, values):
    async def main(d):
        for value in values:
            answer = await ask(d, ending, **{field: value})
            assert (answer.status, answer.json.get("errorCode")) == (400, "400.002.05"), value
            assert field in answer.hint

    run(main)


@pytest.mark.parametrize(
    ("ending", "field", "values", "key"),
    [
        ("allsims", "vpnGroup", ["OTHERS", [*GROUPS, "OTHERS"], [], ..., None, [[]], {}],
         "iot-foreign-group"),
        ("filtermessages", "endDate", [..., "x", "01-10-2026 25:00:00", None], "iot-malformed"),
        ("filtermessages", "status", ["x" * 31], "iot-malformed"),
    ],
)  # fmt: skip
def test_a_wrong_field_with_a_row_of_its_own(ending, field, values, key):
    async def main(d):
        row = catalogue().by_key(key)
        for value in values:
            answer = await ask(d, ending, **{field: value})
            assert answer.status == row.http_status, value
            assert answer.json["header"]["responseCode"] == int(row.code)
            assert answer.json["header"]["responseMessage"] == row.text
            assert answer.json["body"] is None
            assert field in answer.hint

    run(main)


@pytest.mark.parametrize(
    "key", [row.key for row in catalogue().rows if row.operation == "iot_all_sims"]
)
def test_every_row_by_its_magic_value(key):
    async def main(d):
        row = catalogue().by_key(key)
        answer = await ask(d, "allsims", username=f"ERR-{key}")
        header = answer.json["header"]
        assert (answer.status, header["responseCode"]) == (row.http_status, int(row.code))
        assert header["responseMessage"] == row.text

    run(main)


def test_the_list_of_sims_in_parts():
    async def main(d):
        everything = (await body_of(d, "allsims", pageSize="1000"))["Desc"]
        assert [sim["msisdn"] for sim in everything] == [str(FIRST_SIM + n) for n in range(SIMS)]
        assert list(everything[0]) == [
            "life_cycle_status", "iccid", "asset_name", "activation_date", "expiry_date", "imei",
            "product_status", "imsi", "msisdn", "vpn_group", "activation_agent",
        ]  # fmt: skip
        parts = []
        for start in range(0, SIMS, 5):
            name = "startAtInde" if start == 5 else "startAtIndex"
            changes = {"startAtIndex": ..., name: str(start), "pageSize": 5}
            parts += (await body_of(d, "allsims", **changes))["Desc"]
        assert parts == everything
        meters = (await body_of(d, "allsims", vpnGroup=[GROUPS[0]]))["Desc"]
        assert meters == [sim for sim in everything if sim["vpn_group"] == GROUPS[0]]

    run(main)


def test_a_namespace_has_its_own_sims():
    found = []

    async def main(d):
        found.append((await body_of(d, "allsims"))["Desc"])

    run(main)
    run(main)
    run(main, seed=2)
    assert found[0] == found[1] != found[2]
    assert all(re.fullmatch(r"63902\d{10}", sim["imsi"]) for sim in found[0])


def test_rename_suspend_resume_activate():
    async def main(d):
        await body_of(d, "renameasset", assetName="Gate")
        assert (await body_of(d, "allsims"))["Desc"][0]["asset_name"] == "Gate"
        answer = await body_of(d, "suspend_unsuspend_sub")
        assert answer == {"statusCode": 0, "statusDesc": "Success"}
        assert (await body_of(d, "queryLifeCycleStatus"))["status"] == "Suspended"
        assert (await body_of(d, "querycustomerinfo"))["subscriberStatus"] == "Suspended"
        trend = (await body_of(d, "getactivationtrends"))["body"]
        assert [day["suspendedTrend"] for day in trend] == [1, 1, 1]
        await body_of(d, "suspend_unsuspend_sub", operation="resume")
        assert (await body_of(d, "queryLifeCycleStatus"))["status"] == "Active"
        await body_of(d, "suspend_unsuspend_sub")
        await body_of(d, "simactivation")
        assert (await body_of(d, "queryLifeCycleStatus"))["status"] == "Active"

    run(main)


def test_trends_are_of_each_day():
    async def main(d):
        trend = (await body_of(d, "getactivationtrends"))["body"]
        assert [day["dates"] for day in trend] == ["01-10-2026", "02-10-2026", "03-10-2026"]
        for day in trend:
            assert day["pooledTrend"] == SIMS // 2
            states = ("activeTrend", "idleTrend", "suspendedTrend")
            assert sum(day[state] for state in states) == day["pooledTrend"]
        one = await body_of(d, "getactivationtrends", stopDate=..., endDate="02-10-2026")
        assert len(one["body"]) == 2
        backwards = await body_of(d, "getactivationtrends", stopDate="01-01-2020")
        assert len(backwards["body"]) == 1
        long = await body_of(d, "getactivationtrends", stopDate="31-12-9999")
        assert len(long["body"]) == 31

    run(main)


def test_messages_are_sent_found_and_deleted():
    async def main(d):
        sent = await body_of(d, "sendsinglemessage", message="Habari")
        assert sent == {
            "id": SIMS + 1, "msisdn": SIM, "message": "Habari", "vpnGroup": GROUPS[0],
            "status": "DELIVERED", "createdAt": "11-10-2026 14:05:09",
        }  # fmt: skip
        found = await body_of(d, "searchmessages")
        assert [message["message"] for message in found["content"]] == ["Reading 1", "Habari"]
        today = {"startDate": "11-10-2026 14:05:00", "endDate": "11-10-2026 14:06:00"}
        assert (await body_of(d, "filtermessages", **today))["content"] == [sent]
        assert (await body_of(d, "filtermessages", **today, status="sent"))["content"] == []
        assert await body_of(d, "deletemessage", id=sent["id"]) is None
        assert (await body_of(d, "searchmessages"))["totalElements"] == 1
        assert await body_of(d, "deleteMessageThread") is None
        assert (await body_of(d, "searchmessages"))["empty"] is True
        assert (await body_of(d, "searchmessages", searchValue=OTHER))["totalElements"] == 1

    run(main)


@settings(max_examples=20)
@given(st.integers(0, 25), st.integers(1, 30))
def test_pages_part_the_messages(extra, size):
    async def main(d):
        fleet = fleet_of(d.namespace)
        for number in range(extra):
            fleet.send(fleet.sims[SIM], str(number), float(number))
        total = extra + SIMS // 2
        everything, number = [], 0
        while True:
            query = f"?pageNo={number}&pageSize={size}"
            answer = await ask(d, "getallmessages", query, pageNo=..., pageSize=...)
            page = answer.json["body"]
            assert page["number"] == page["pageable"]["pageNumber"] == number
            assert page["numberOfElements"] == len(page["content"]) <= page["size"] == size
            assert page["totalElements"] == total
            assert page["first"] == (number == 0)
            everything += page["content"]
            number += 1
            if page["last"]:
                break
        assert number == max(1, page["totalPages"])
        assert len(everything) == len({one["id"] for one in everything}) == total
        beyond = await ask(d, "getallmessages", pageNo=number, pageSize=size)
        assert beyond.json["body"]["empty"]
        assert beyond.json["body"]["last"]

    run(main)


def test_the_newest_messages_are_kept(monkeypatch):
    monkeypatch.setattr("darajasim.operations.iot_fleet.MAX_MESSAGES", 3)

    async def main(d):
        fleet = fleet_of(d.namespace)
        assert [one.number for one in fleet.messages(lambda _: True)] == [SIMS - 2, SIMS - 1, SIMS]

    run(main)


def test_a_new_fleet_is_empty():
    assert Fleet().listed(GROUPS) == []
