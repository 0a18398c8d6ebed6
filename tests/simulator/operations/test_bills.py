import json
import re
from dataclasses import replace

import jsonschema
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from darajasim.core.catalogue import catalogue
from darajasim.core.events import CallbackAttempted, CallbackWithheld
from darajasim.core.organisation import OrganisationSpec
from darajasim.core.world import App, WorldOverlay
from darajasim.operations import named, operations
from darajasim.operations.bills_book import BillBook, Biller, Invoice
from support.commands import example
from support.daraja import daraja, in_virtual_time

SINGLE = "/v1/billmanager-invoice/"
DOUBLE = SINGLE + "v1/billmanager-invoice/"
OPTIN, INVOICE, BULK = SINGLE + "optin", SINGLE + "single-invoicing", SINGLE + "bulk-invoicing"
CANCEL, CANCELS = SINGLE + "cancel-single-invoice", SINGLE + "cancel-bulk-invoices"
CHANGE, RECONCILE = SINGLE + "change-optin-details", SINGLE + "reconciliation"
CHANGE_INVOICE, CHANGE_INVOICES = SINGLE + "change-invoice", SINGLE + "change-invoices"
OK = b'{"resmsg":"Success","rescode":"200"}'
SENT = b'{"Status_Message":"Invoice sent successfully","resmsg":"Success","rescode":"200"}'
CANCELLED = (
    b'{"Status_Message":"Invoice cancelled successfuly.","resmsg":"Success","rescode":"200",'
    b'"errors":[]}'
)


def run(main, *, world=None, **knobs):
    async def whole():
        async with daraja(**knobs) as d:
            if world is not None:
                d.namespace.world.lay(world)
            await main(d)
            assert d.namespace.ledger.total() == 0

    in_virtual_time(whole())


async def post(d, path, /, headers=None, **changes):
    return await d.post(path, example(path, **changes), headers=headers)


def conflict(answer, key, status=200):
    """A refusal that is the whole of a catalogue row."""
    text = catalogue().by_key(key).text
    before, _, after = text.partition(": ")
    assert answer.status == status
    assert answer.json == {
        "Status_Message": after or text,
        "resmsg": before if after else "Conflict",
        "rescode": "409",
        "errors": [],
    }
    assert answer.hint
    return True


# --------------------------------------------------------------------------------------- opting in


def test_opting_in():
    async def main(d):
        answer = await post(d, OPTIN)
        key = answer.json["app_key"]
        assert answer.status == 200
        assert answer.raw == b'{"app_key":"%s","resmsg":"Success","rescode":"200"}' % key.encode()
        assert re.fullmatch(r"AG_\d{10}_\d{9}[A-Z]{2}", key)
        again = await post(d, OPTIN)
        assert again.raw == (
            b'{"Status_Message":"Biller already Registered","resmsg":"Action Forbidden",'
            b'"rescode":"409","errors":[]}'
        )

    run(main)


def test_a_conflict_as_http_409():
    async def main(d):
        await post(d, OPTIN)
        assert conflict(await post(d, OPTIN), "bills-already-registered", 409)

    run(main, bills_conflict_status=409)


@pytest.mark.parametrize(
    ("changes", "world"),
    [
        ({"shortcode": "999999"}, None),
        ({"shortcode": "1234"}, None),
        ({"shortcode": ...}, None),
        ({}, WorldOverlay(apps=(App("key", "secret", shortcodes=frozenset({"600000"})),))),
        ({}, WorldOverlay(organisations=(OrganisationSpec("174379", products=frozenset()),))),
    ],
)
def test_a_shortcode_of_somebody_else(changes, world):
    async def main(d):
        assert conflict(await post(d, OPTIN, **changes), "bills-invalid-shortcode")

    run(main, world=world)


@pytest.mark.parametrize("path", [OPTIN, CHANGE])
@pytest.mark.parametrize("phone", ["0722000000", "254722000000", "0110000000", 254722000000])
@pytest.mark.parametrize("reminders", ["0", "1", 0, 1, True, False])
def test_what_an_opt_in_may_say(path, phone, reminders):
    async def main(d):
        changes = {"officialContact": phone, "sendReminders": reminders, "logo": "image"}
        assert (await post(d, path, **changes)).status == 200
        (biller,) = d.namespace.book(BillBook).billers.values()
        assert biller.reminders == (int(reminders) == 1)

    run(main)


INVALID = [
    (OPTIN, "email", [..., "", "nobody", "a@b", "a@.", "@b.c", "a b@c.d", "a@" + "b." * 200 + "c"]),
    (OPTIN, "sendReminders", [..., "2", "yes", None, 2, []]),
    (OPTIN, "callbackurl", [..., "", "shop.example", 7]),
    (CHANGE, "callbackurl", ["shop.example", 7]),
    (INVOICE, "externalReference", [..., "", None, {}, "x" * 256]),
    (INVOICE, "billedFullName", [..., " "]),
    (INVOICE, "billedPeriod", [...]),
    (INVOICE, "invoiceName", [...]),
    (INVOICE, "accountReference", [...]),
    (INVOICE, "amount", [..., "1,500", "0", "-1", "", "1.505", True]),
    (INVOICE, "invoiceItems", ["two", [1], {}]),
    (CANCEL, "externalReference", [..., "", [], None]),
    (RECONCILE, "paymentDate", [..., "20270120", "2027-02-30"]),
    (RECONCILE, "transactionId", [...]),
    (RECONCILE, "paidAmount", [..., "x"]),
]


@pytest.mark.parametrize(("path", "field", "values"), INVALID)
def test_a_wrong_field_without_a_text_of_its_own(path, field, values):
    async def main(d):
        for value in values:
            answer = await post(d, path, **{field: value})
            assert (answer.status, answer.json["errorCode"]) == (400, "400.002.05"), value
            assert field in answer.hint

    run(main)


@pytest.mark.parametrize(
    ("path", "field"),
    [
        (OPTIN, "officialContact"),
        (CHANGE, "officialContact"),
        (INVOICE, "billedPhoneNumber"),
        (RECONCILE, "phoneNumber"),
    ],
)
@pytest.mark.parametrize("value", [..., "722000000", "+254722000000", "0222000000", "", None])
def test_a_wrong_phone(path, field, value):
    async def main(d):
        assert conflict(await post(d, path, **{field: value}), "bills-invalid-phone")

    run(main)


@pytest.mark.parametrize(
    "value", [..., "270131", "31-01-2027", "2027-02-30", "2027-01-31 25", 20270131, ""]
)
def test_a_wrong_due_date(value):
    async def main(d):
        assert conflict(await post(d, INVOICE, dueDate=value), "bills-invalid-due-date")

    run(main)


def test_changing_an_opt_in():
    async def main(d):
        key = (await post(d, OPTIN)).json["app_key"]
        answer = await post(d, CHANGE, email="other@shop.example", sendReminders=0, callbackurl=...)
        assert (answer.status, answer.raw) == (200, OK)
        (biller,) = d.namespace.book(BillBook).billers.values()
        assert biller == Biller(
            "174379", "key", key, "other@shop.example", "0722000000",
            reminders=False, callback_url="http://merchant/callbackurl",
        )  # fmt: skip
        await post(d, CHANGE, callbackurl="http://merchant/new")
        assert d.namespace.book(BillBook).billers["174379"] == replace(
            biller, email="bills@shop.example", reminders=True, callback_url="http://merchant/new"
        )

    run(main)


def test_an_opt_in_of_another_app_cannot_be_changed():
    async def main(d):
        await post(d, OPTIN)
        d._token = (await d.token("other", "secret")).json["access_token"]
        assert conflict(await post(d, CHANGE), "bills-invalid-shortcode")
        assert conflict(await post(d, OPTIN), "bills-already-registered")

    run(main)


# ---------------------------------------------------------------------------------------- invoices


@pytest.mark.parametrize("due", ["2027-01-31", "2027-01-31 00:00:00.00", "2027-01-31 12:00:00"])
def test_an_invoice(due):
    async def main(d):
        items = [{"itemName": "water", "amount": "1500"}]
        answer = await post(d, INVOICE, dueDate=due, invoiceItems=items, amount="1500.50")
        assert (answer.status, answer.raw) == (200, SENT)
        (invoice,) = d.namespace.book(BillBook)
        assert (invoice.external_reference, invoice.cents) == ("INV-7001", 1500_50)

    run(main)


def test_a_reference_is_used_once():
    async def main(d):
        await post(d, INVOICE)
        again = await post(d, INVOICE, amount="1")
        assert again.raw == (
            b'{"Status_Message":"Another entry exist with the same externalReference number",'
            b'"resmsg":"Action forbidden","rescode":"409","errors":[]}'
        )
        assert [invoice.cents for invoice in d.namespace.book(BillBook)] == [1500_00]

    run(main)


def test_many_invoices_all_or_none():
    async def main(d):
        book, one = d.namespace.book(BillBook), example(INVOICE)
        items = [{**one, "externalReference": f"INV-{number}"} for number in range(1_000)]
        assert conflict(
            await d.post(BULK, [*items[:3], {**one, "dueDate": "soon"}]), "bills-invalid-due-date"
        )
        assert conflict(await d.post(BULK, items[:1] * 2), "bills-duplicate-reference")
        assert len(book) == 0
        answer = await d.post(BULK, items)
        assert (answer.status, answer.raw) == (200, SENT)
        assert len(book) == 1_000
        assert conflict(await d.post(BULK, [one, items[5]]), "bills-duplicate-reference")
        assert len(book) == 1_000
        cancelled = [{"externalReference": item["externalReference"]} for item in items]
        assert (await d.post(CANCELS, cancelled)).raw == CANCELLED
        assert all(invoice.cancelled for invoice in book)

    run(main)


@pytest.mark.parametrize("path", [BULK, CANCELS, CHANGE_INVOICES])
@pytest.mark.parametrize("body", [[], [{}] * 1_001, [1], [[]], ["a"], [None], {}, "text", 7, None])
def test_what_is_no_list_of_invoices(path, body):
    async def main(d):
        answer = await d.post(path, body)
        assert (answer.status, answer.json["errorCode"]) == (400, "400.002.05")

    run(main)


def test_a_magic_value_in_a_list():
    async def main(d):
        one = example(INVOICE, externalReference="ERR-bills-already-registered")
        assert conflict(await d.post(BULK, [one]), "bills-already-registered")
        gateway = example(INVOICE, externalReference="ERR-quota")
        assert (await d.post(BULK, [gateway])).status == catalogue().by_key("quota").http_status
        foreign = example(INVOICE, externalReference="ERR-imsi-ok")
        assert (await d.post(BULK, [foreign])).raw == SENT

    run(main)


def test_cancelling():
    async def main(d):
        await post(d, INVOICE)
        answer = await post(d, CANCEL)
        assert (answer.status, answer.raw) == (200, CANCELLED)
        assert [invoice.cancelled for invoice in d.namespace.book(BillBook)] == [True]

    run(main)


def test_cancelling_what_is_not_there():
    async def main(d):
        answer = await post(d, CANCEL, externalReference="INV-9")
        assert (answer.status, answer.json["rescode"]) == (200, "200")
        assert answer.json["errors"] == ["INV-9: no such invoice"]
        assert answer.hint == "INV-9: no such invoice"

    run(main)


async def pay(d, amount, reference="PLOT-9", phone=254722000001):
    """Pay by M-Pesa Express and wait for all that follows."""
    answer = await d.push(
        Amount=amount, AccountReference=reference, PhoneNumber=phone, CallBackURL="http://shop/x"
    )
    assert answer.status == 200
    await d.simulator.settled()


def test_a_paid_invoice_is_not_cancelled():
    async def main(d):
        await post(d, INVOICE)
        await post(d, INVOICE, externalReference="INV-2", accountReference="PLOT-2")
        await pay(d, 1)
        answer = await post(d, CANCEL)
        assert answer.raw == (
            b'{"Status_Message":"partially or fully paid invoices cannot be cancelled.",'
            b'"resmsg":"Conflict","rescode":"409","errors":[]}'
        )
        both = [{"externalReference": reference} for reference in ("INV-2", "INV-7001")]
        assert conflict(await d.post(CANCELS, both), "bills-paid-invoice")
        assert not any(invoice.cancelled for invoice in d.namespace.book(BillBook))

    run(main)


def test_changing_invoices():
    async def main(d):
        await post(d, INVOICE)
        await pay(d, 100)
        answer = await post(d, CHANGE_INVOICE, amount="200", accountReference="PLOT-1")
        assert answer.json == {
            "Status_Message": "Invoice updated successfully", "resmsg": "Success", "rescode": "200",
        }  # fmt: skip
        await pay(d, 150, "PLOT-9", 254722000002)
        await pay(d, 150, "PLOT-1", 254722000003)
        (invoice,) = d.namespace.book(BillBook)
        assert (invoice.cents, invoice.paid_cents) == (200_00, 200_00)
        many = [example(CHANGE_INVOICE, externalReference=f"INV-{n}") for n in range(3)]
        assert (await d.post(CHANGE_INVOICES, many)).status == 200
        assert len(d.namespace.book(BillBook)) == 4

    run(main)


@pytest.mark.parametrize("header", ["appKey", "app_key"])
def test_the_app_key_says_whose_invoice_it_is(header):
    async def main(d):
        first = (await post(d, OPTIN)).json["app_key"]
        await post(d, OPTIN, shortcode="600000")
        assert (await post(d, INVOICE)).raw == SENT
        assert (await post(d, INVOICE, headers={header: first})).raw == SENT
        owners = [invoice.owner for invoice in d.namespace.book(BillBook)]
        assert owners == ["600000", "174379"]
        wrong = await post(d, INVOICE, headers={header: "AG_1"})
        assert conflict(wrong, "bills-invalid-shortcode")
        assert conflict(
            await post(d, CHANGE, headers={header: first}, shortcode="600000"),
            "bills-invalid-shortcode",
        )

    run(main)


def test_nobody_invoices_before_opting_in_by_knob():
    async def main(d):
        for path in (INVOICE, CANCEL, CHANGE_INVOICE, RECONCILE):
            assert conflict(await post(d, path), "bills-invalid-shortcode")
        await post(d, OPTIN)
        assert (await post(d, INVOICE)).status == 200

    run(main, bills_optin_required=True)


# ---------------------------------------------------------------------------------------- payments


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
