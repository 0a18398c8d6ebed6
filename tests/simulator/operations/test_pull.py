import asyncio
import json
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from darajasim.core.clock import nairobi
from darajasim.core.organisation import OrganisationSpec
from darajasim.core.transactions import Transaction
from darajasim.core.world import App, WorldOverlay
from darajasim.operations.money import customer_party, organisation_party
from darajasim.operations.pull import PAGE_ROWS
from support.commands import example
from support.daraja import START, daraja, in_virtual_time, password

REGISTER = "/pulltransactions/v1/register"
QUERY = "/pulltransactions/v1/query"
HOUR = 3_600
NOW = START.timestamp()


def run(main, *, world=None, **knobs):
    async def whole():
        async with daraja(**knobs) as d:
            if world is not None:
                d.namespace.world.lay(world)
            await main(d)
            assert d.namespace.ledger.total() == 0

    in_virtual_time(whole())


def window(start, end, **changes):
    """A query for a span of seconds since the epoch."""
    dates = {
        "StartDate": f"{nairobi(start):%Y-%m-%d %H:%M:%S}",
        "EndDate": f"{nairobi(end):%Y-%m-%d %H:%M:%S}",
    }
    return example(QUERY, **({"ShortCode": "174379"} | dates | changes))


async def rows(d, start, end, **changes):
    """The rows of one answer."""
    answer = await d.post(QUERY, window(start, end, **changes))
    assert answer.status == 200, answer
    (found,) = answer.json.get("Response", [[]])
    return found


async def registered(d):
    assert (await d.post(REGISTER, example(REGISTER))).status == 200


def pay(d, at, *, shortcode="174379", cents=100, **changes):
    """A payment as every product records it, at any time."""
    customer = d.namespace.world.customer("254722000000")
    organisation = d.namespace.world.organisation(shortcode)
    receipt = d.namespace.ids.receipt(at)
    values = {
        "receipt": receipt,
        "operation": "stk_push",
        "reason": "Pay Bill Online",
        "debit": customer_party(customer),
        "credit": organisation_party(organisation),
        "cents": cents,
        "initiated_at": at - 20,
        "finalised_at": at,
        "originator_conversation_id": "",
        "conversation_id": "",
        "reference": "INV-1",
        "from_customer": True,
    }
    d.namespace.transactions.add(Transaction(**(values | changes)))
    return receipt


def test_bytes_of_a_registration_and_of_its_repeat():
    async def main(d):
        first = await d.post(REGISTER, example(REGISTER))
        second = await d.post(REGISTER, example(REGISTER, ShortCode=174379))
        ids = [answer.json["ResponseRefID"] for answer in (first, second)]
        assert first.status == second.status == 200
        assert first.raw.decode() == (
            f'{{"ResponseRefID":"{ids[0]}","Response Status":"1000","ShortCode":"174379",'
            '"Response Description":"Shortcode Registered Successfully"}'
        )
        assert second.raw.decode() == (
            f'{{"ResponseRefID":"{ids[1]}","Response Status":"1001","ShortCode":"174379",'
            '"Response Description":"Shortcode already Registered!"}'
        )
        assert all(re.fullmatch(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", i) for i in ids)
        assert d.merchant.received == []

    run(main)


def test_the_documented_keys_have_no_spaces():
    async def main(d):
        answer = await d.post(REGISTER, example(REGISTER))
        assert list(answer.json) == [
            "ResponseRefID", "ResponseStatus", "ShortCode", "ResponseDescription",
        ]  # fmt: skip
        answer = await d.post(QUERY, example(QUERY))
        assert list(answer.json) == [
            "ResponseRefID", "ResponseCode", "ResponseMessage", "Transaction",
        ]  # fmt: skip

    run(main, base="documented")


def test_the_shared_shortcodes_are_registered():
    async def main(d):
        answer = await d.post(REGISTER, example(REGISTER, ShortCode="600000"))
        assert answer.json["Response Status"] == "1001"

    run(main)


def test_bytes_of_no_rows():
    async def main(d):
        answer = await d.post(QUERY, example(QUERY))
        request_id = answer.json["RequestID"]
        assert answer.status == 200
        assert answer.raw.decode() == (
            f'{{"RequestID":"{request_id}","ResponseCode":"1001",'
            '"ResponseMessage":"No records found or Organization Name not available"}'
        )

    run(main)


@pytest.mark.parametrize("reference", ["INV-1", 'a"b\\ü'])
def test_what_is_found_is_what_was_paid(reference):
    async def main(d):
        await registered(d)
        await d.push(Amount=168, AccountReference=reference)
        await d.push(Amount=7, PhoneNumber="254700001032")
        await d.simulator.settled()
        paid = list(d.namespace.transactions)
        answer = await d.post(QUERY, window(NOW - HOUR, NOW + HOUR))
        assert answer.raw.decode() == (
            f'{{"ResponseRefID":"{answer.json["ResponseRefID"]}","ResponseCode":"1000",'
            '"ResponseMessage":"Success",'
            f'"Response":[[{{"transactionId":"{paid[0].receipt}",'
            '"trxDate":"2026-10-11T11:05:22Z","msisdn":722000000,"sender":"MPESA",'
            '"transactiontype":"c2b-pay-bill-debit",'
            f'"billreference":{json.dumps(reference, ensure_ascii=False)},"amount":"168.00",'
            '"organizationname":"Daraja-Sandbox"}]]}'
        )
        assert len(paid) == 1

    run(main)


def test_a_till_has_a_word_of_its_own():
    async def main(d):
        await d.push(
            BusinessShortCode="600100",
            Password=password("600100"),
            TransactionType="CustomerBuyGoodsOnline",
            PartyB="600100",
        )
        await d.simulator.settled()
        (row,) = await rows(d, NOW - HOUR, NOW + HOUR, ShortCode="600100")
        assert row["transactiontype"] == "c2b-buy-goods-debit"
        assert row["organizationname"] == "Sandbox Till"

    run(main)


def test_only_completed_payments_of_customers_to_the_shortcode_are_found():
    async def main(d):
        await registered(d)
        wanted = pay(d, NOW - 60)
        pay(d, NOW - 60, shortcode="600000")
        pay(d, NOW - 60, from_customer=False)
        pay(d, NOW - 60, status="Declined")
        found = await rows(d, NOW - HOUR, NOW)
        assert [row["transactionId"] for row in found] == [wanted]

    run(main)


def test_both_ends_belong_to_the_window():
    async def main(d):
        await registered(d)
        pay(d, NOW - 101)
        inside = [pay(d, NOW - 100), pay(d, NOW - 50.5), pay(d, NOW - 10 + 0.9)]
        pay(d, NOW - 9)
        found = await rows(d, NOW - 100, NOW - 10)
        assert [row["transactionId"] for row in found] == inside

    run(main)


def test_nothing_older_than_48_hours_is_found():
    async def main(d):
        await registered(d)
        pay(d, NOW - 48 * HOUR - 10)
        kept = pay(d, NOW - 48 * HOUR + 10)
        found = await rows(d, NOW - 90 * HOUR, NOW)
        assert [row["transactionId"] for row in found] == [kept]
        await asyncio.sleep(60)
        assert await rows(d, NOW - 90 * HOUR, NOW + HOUR) == []

    run(main)


@settings(max_examples=25)
@given(count=st.integers(0, 2 * PAGE_ROWS + 30), cents=st.integers(1, 10**9))
def test_pages_partition_the_rows(count, cents):
    async def main(d):
        await registered(d)
        paid = [pay(d, NOW - count + n, cents=cents) for n in range(count)]
        found, offset = [], 0
        while page := await rows(d, NOW - HOUR, NOW, OffSetValue=str(offset)):
            assert len(page) <= PAGE_ROWS
            found += [row["transactionId"] for row in page]
            assert {row["amount"] for row in page} == {f"{cents // 100}.{cents % 100:02d}"}
            offset += PAGE_ROWS
        assert found == paid

    run(main)


@given(count=st.integers(0, 120), offset=st.integers(0, 130))
@settings(max_examples=25)
def test_an_offset_counts_rows_and_not_pages(count, offset):
    async def main(d):
        await registered(d)
        paid = [pay(d, NOW - count + n) for n in range(count)]
        found = await rows(d, NOW - HOUR, NOW, OffSetValue=offset)
        assert [row["transactionId"] for row in found] == paid[offset : offset + PAGE_ROWS]

    run(main)


@pytest.mark.parametrize(
    ("start", "end"),
    [
        ("2026-10-11 13:00:00", "2026-10-11 15:00:00"),
        ("2026-10-11 13:00", "2026-10-11 15:00"),
        ("2026-10-11 9:00:000", "2026-10-11 15:00:000"),
        ("2026-10-11T13:00:00", "9999-12-31 23:59:59"),
        ("0001-01-01 00:00", "2026-10-12 00:00"),
    ],
)
def test_times_are_those_of_nairobi_and_loosely_written(start, end):
    async def main(d):
        await registered(d)
        receipt = pay(d, NOW)
        (row,) = await rows(d, 0, 0, StartDate=start, EndDate=end)
        assert row["transactionId"] == receipt

    run(main)


def test_a_get_with_a_body_is_served_too():
    async def main(d):
        await d.post(QUERY, example(QUERY))
        headers = {
            "authorization": f"Bearer {d._token}",
            "content-type": "application/json",
        }
        answer = await d.request("GET", QUERY, body=example(QUERY), headers=headers)
        assert (answer.status, answer.json["ResponseCode"]) == (200, "1001")
        answer = await d.request("PUT", QUERY, body=example(QUERY), headers=headers)
        assert answer.status == 405

    run(main)


@pytest.mark.parametrize(
    ("path", "changes", "code"),
    [
        (REGISTER, {"ShortCode": "999999"}, "400.001"),
        (REGISTER, {"ShortCode": ["174379"]}, "400.001"),
        (REGISTER, {"ShortCode": ...}, "400.001"),
        (REGISTER, {"RequestType": "pull"}, "400.002.05"),
        (REGISTER, {"NominatedNumber": "12345"}, "400.002.05"),
        (REGISTER, {"NominatedNumber": {}}, "400.002.05"),
        (REGISTER, {"CallBackURL": "ftp://merchant/"}, "400.002.05"),
        (QUERY, {"ShortCode": "999999"}, "400.001"),
        (QUERY, {"ShortCode": "174379"}, "400.001"),
        (QUERY, {"StartDate": "yesterday"}, "400.002.05"),
        (QUERY, {"StartDate": "2026-02-30 10:00:00"}, "400.002.05"),
        (QUERY, {"StartDate": "0000-01-01 10:00:00"}, "400.002.05"),
        (QUERY, {"EndDate": "2026-10-11 10:00:075"}, "400.002.05"),
        (QUERY, {"EndDate": 20261011100000}, "400.002.05"),
        (QUERY, {"EndDate": ...}, "400.002.05"),
        (QUERY, {"OffSetValue": "-1"}, "400.002.05"),
        (QUERY, {"OffSetValue": "1e3"}, "400.002.05"),
        (QUERY, {"OffSetValue": ...}, "400.002.05"),
    ],
)
def test_what_is_wrong_is_refused(path, changes, code):
    async def main(d):
        answer = await d.post(path, example(path, **changes))
        assert (answer.status, answer.json["errorCode"]) == (400, code)
        assert answer.hint

    run(main)


@pytest.mark.parametrize("path", [REGISTER, QUERY])
def test_a_bad_token_and_a_missing_product_have_codes_of_their_own(path):
    async def main(d):
        headers = {"authorization": "Bearer wrong", "content-type": "application/json"}
        answer = await d.request("POST", path, body=example(path), headers=headers)
        assert (answer.status, answer.json["errorCode"]) == (401, "401.001")
        assert answer.json["errorMessage"].startswith("Error Occurred - Invalid Access Token - ")
        answer = await d.post(path, example(path))
        assert (answer.status, answer.json["errorCode"]) == (401, "401.001")
        assert answer.json["errorMessage"] == "Invalid Access Token"

    run(main, world=WorldOverlay(apps=(App("key", "secret", frozenset({"stk_push"})),)))


def test_a_shortcode_of_another_app_is_refused():
    world = WorldOverlay(
        organisations=(OrganisationSpec("888001"),),
        apps=(App("key", "secret", shortcodes=frozenset({"888001"})),),
    )

    async def main(d):
        refused = await d.post(REGISTER, example(REGISTER))
        assert refused.json["errorCode"] == "400.001"
        answer = await d.post(REGISTER, example(REGISTER, ShortCode="888001"))
        assert answer.json["Response Status"] == "1000"

    run(main, world=world)
