from darajasim.core.catalogue import catalogue
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


async def pay(d, amount, reference="PLOT-9", phone=254722000001):
    """Pay by M-Pesa Express and wait for all that follows."""
    answer = await d.push(
        Amount=amount, AccountReference=reference, PhoneNumber=phone, CallBackURL="http://shop/x"
    )
    assert answer.status == 200
    await d.simulator.settled()
