import pytest

from darajasim.core.catalogue import catalogue
from darajasim.operations.bills_book import BillBook
from support.bills import (
    BULK,
    CANCEL,
    CANCELLED,
    CANCELS,
    CHANGE,
    CHANGE_INVOICE,
    CHANGE_INVOICES,
    INVOICE,
    OPTIN,
    RECONCILE,
    SENT,
    conflict,
    pay,
    post,
    run,
)
from support.commands import example


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
