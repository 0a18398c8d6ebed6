import json

import jsonschema
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from darajasim.core.events import CallbackAttempted, CallbackWithheld
from darajasim.operations import named, operations
from darajasim.operations.bills_book import BillBook, Invoice
from support.bills import (
    CANCEL,
    CANCELLED,
    CHANGE,
    DOUBLE,
    INVOICE,
    OK,
    OPTIN,
    RECONCILE,
    SENT,
    SINGLE,
    conflict,
    pay,
    post,
    run,
)
from support.commands import example


def pushes(d):
    return [
        event
        for event in d.namespace.journal
        if isinstance(event, CallbackAttempted) and event.callback == "bill"
    ]


def test_a_payment_is_told_in_six_strings():
    async def main(d):
        key = (await post(d, OPTIN)).json["app_key"]
        await pay(d, 1500)
        (transaction,) = d.namespace.transactions
        ((_, headers, raw),) = d.merchant.received
        assert raw.decode() == (
            f'{{"transactionId":"{transaction.receipt}","paidAmount":"1500",'
            '"msisdn":"254722000001","dateCreated":"2026-10-11",'
            '"accountReference":"PLOT-9","shortCode":"174379"}'
        )
        assert headers["content-type"] == "application/json"
        jsonschema.validate(json.loads(raw), operations()[OPTIN].callback_schemas["bill"])
        assert [event.subject for event in pushes(d)] == [key]

    run(main)


def test_five_attempts_a_minute_apart():
    async def main(d):
        await post(d, OPTIN)
        d.merchant.status = 503
        await pay(d, 10)
        attempts = pushes(d)
        assert [event.attempt for event in attempts] == [1, 2, 3, 4, 5]
        assert [event.at - attempts[0].at for event in attempts] == pytest.approx(
            [0, 60, 120, 180, 240]
        )
        assert len({event.body for event in attempts}) == 1

    run(main)


@pytest.mark.parametrize("how", ["2xx", "reconciled", "elsewhere"])
def test_attempts_end_when_the_biller_has_heard(how):
    async def main(d):
        await post(d, OPTIN)
        d.merchant.status = 500
        await d.push(Amount=10, AccountReference="PLOT-9", CallBackURL="http://shop/x")
        await d.simulator.clock.sleep(30)
        (first,) = pushes(d)
        if how == "2xx":
            d.merchant.status = 200
        elif how == "reconciled":
            receipt = json.loads(first.body)["transactionId"]
            assert (await post(d, RECONCILE, transactionId=receipt)).raw == OK
        else:
            await post(d, CHANGE, callbackurl="http://merchant/new")
            d.merchant.status = 200
        await d.simulator.settled()
        urls = [event.url for event in pushes(d)]
        usual = "http://merchant/callbackurl"
        assert (
            urls
            == {
                "2xx": [usual] * 2,
                "reconciled": [usual],
                "elsewhere": [usual, "http://merchant/new"],
            }[how]
        )

    run(main)


def test_lost_by_knob():
    async def main(d):
        await post(d, OPTIN)
        await pay(d, 10)
        withheld = [
            one.callback for one in d.namespace.journal if isinstance(one, CallbackWithheld)
        ]
        assert "bill" in withheld
        assert not pushes(d)

    run(main, callback_loss_rate=1.0)


def test_nobody_is_told_who_has_not_opted_in():
    async def main(d):
        await post(d, INVOICE)
        await pay(d, 1500)
        assert not pushes(d)
        assert [invoice.open_cents for invoice in d.namespace.book(BillBook)] == [0]
        await post(d, CHANGE, callbackurl=...)
        await pay(d, 1, phone=254722000005)
        assert not pushes(d)

    run(main)


# --------------------------------------------------------------------------------------- the paths


def test_every_operation_has_both_prefixes_and_the_documented_path_is_the_last():
    endings = {
        "bills_optin": ["optin"],
        "bills_single_invoice": ["single-invoicing"],
        "bills_bulk_invoice": ["bulk-invoicing"],
        "bills_reconciliation": ["reconciliation"],
        "bills_cancel_invoice": ["cancel-single-invoice"],
        "bills_cancel_invoices": ["cancel-bulk-invoice", "cancel-bulk-invoices"],
        "bills_change_optin": ["change-optin-details"],
        "bills_change_invoice": ["change-invoice"],
        "bills_change_invoices": ["change-invoices"],
    }
    found = {name: [one.path for one in named()[name]] for name in endings}
    assert found == {
        name: [prefix + ending for prefix in (DOUBLE, SINGLE) for ending in each]
        for name, each in endings.items()
    }
    assert sum(path.startswith(SINGLE) for path in operations()) == 20


@pytest.mark.parametrize(
    "path", [path for path in operations() if path.startswith(SINGLE)], ids=lambda path: path
)
def test_examples_are_accepted_and_a_bad_token_is_not(path):
    async def main(d):
        answer = await post(d, path)
        assert (answer.status, answer.json["rescode"]) == (200, "200"), answer.raw
        jsonschema.validate(answer.json, operations()[path].answer_schema)
        bare = await d.request("POST", path, body={}, headers={"content-type": "application/json"})
        assert (bare.status, bare.json["errorCode"]) == (401, "401")
        assert bare.json["errorMessage"] == "Unauthorized - Invalid Access Token"

    run(main)


def test_the_prefixes_lead_to_one_book():
    async def main(d):
        assert (await post(d, DOUBLE + "single-invoicing")).raw == SENT
        assert (await d.post(DOUBLE + "cancel-bulk-invoice", [example(CANCEL)])).raw == CANCELLED
        assert conflict(await post(d, INVOICE), "bills-duplicate-reference")

    run(main)


# ----------------------------------------------------------------------------------------- the book


invoices = st.lists(
    st.builds(
        Invoice,
        owner=st.sampled_from(["600000", "600001"]),
        external_reference=st.integers(0, 9).map(str),
        account_reference=st.sampled_from(["A", "B"]),
        cents=st.integers(1, 50),
        shortcode=st.sampled_from([None, "600000", "600001"]),
        cancelled=st.booleans(),
    ),
    max_size=12,
)
payments = st.lists(
    st.tuples(st.sampled_from(["600000", "600001"]), st.sampled_from("ABC"), st.integers(1, 60)),
    max_size=12,
)


@settings(max_examples=60)
@given(invoices, payments, st.integers(1, 12))
def test_what_invoices_take_is_what_was_paid(kept, paid, limit):
    book = BillBook(limit)
    for invoice in kept:
        book.put(invoice)
    assert len(book) <= limit
    assert [book.get(*invoice.key) for invoice in book] == list(book)
    left = sum(book.pay(*payment) for payment in paid)
    assert sum(invoice.paid_cents for invoice in book) + left == sum(cents for *_, cents in paid)
    for invoice in book:
        assert 0 <= invoice.paid_cents <= invoice.cents
        assert not (invoice.cancelled and invoice.paid_cents)
    for reference in "AB":
        mine = [
            one
            for one in book
            if one.account_reference == reference and one.shortcode is None and not one.cancelled
        ]
        part_paid = [one.open_cents > 0 for one in mine]
        assert part_paid == sorted(part_paid), "the oldest are paid first"


def test_acknowledgements_are_bounded(monkeypatch):
    monkeypatch.setattr("darajasim.operations.bills_book.MAX_ACKNOWLEDGED", 2)
    book = BillBook()
    for receipt in "ABC":
        book.acknowledge(receipt)
    assert [book.acknowledged(receipt) for receipt in "ABC"] == [False, True, True]
