import re
from dataclasses import replace

import pytest

from darajasim.core.organisation import OrganisationSpec
from darajasim.core.world import App, WorldOverlay
from darajasim.operations.bills_book import BillBook, Biller
from support.bills import (
    CANCEL,
    CHANGE,
    INVOICE,
    OK,
    OPTIN,
    RECONCILE,
    conflict,
    post,
    run,
)


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
