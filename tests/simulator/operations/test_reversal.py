import pytest

from darajasim.core.events import MoneyMoved
from darajasim.core.organisation import OrganisationSpec
from darajasim.core.world import WorldOverlay
from support.commands import B2C, REVERSAL, STATUS, command, parameters, result
from support.daraja import daraja, in_virtual_time

OURS = {"ReceiverParty": "174379"}


def run(main, world=None, **knobs):
    async def whole():
        async with daraja(**knobs) as d:
            d.namespace.world.lay(world or WorldOverlay())
            await main(d)
            assert d.namespace.ledger.total() == 0

    in_virtual_time(whole())


async def paid(d, **changes):
    await d.push(**changes)
    await d.simulator.settled()
    d.merchant.received.clear()
    return next(reversed(list(d.namespace.transactions))).receipt


def test_bytes_of_a_success():
    async def main(d):
        receipt = await paid(d, Amount=200)
        answer = await command(d, REVERSAL, TransactionID=receipt, **OURS)
        ((_at, _headers, raw),) = d.merchant.received
        *_, made = d.namespace.transactions
        assert made.receipt != receipt
        name = d.namespace.world.customer("254722000000").public_name
        assert answer.json["ResponseCode"] == "0"
        text = raw.decode()
        assert f'"TransactionID":"{made.receipt}"' in text
        assert text.partition('"ResultParameters":')[2] == (
            '{"ResultParameter":[{"Key":"DebitAccountBalance",'
            '"Value":"Utility Account|KES|0.00|0.00|0.00|0.00"},{"Key":"Amount","Value":200.00},'
            f'{{"Key":"TransCompletedTime","Value":{parameters_time(d)}}},'
            f'{{"Key":"OriginalTransactionID","Value":"{receipt}"}},'
            '{"Key":"Charge","Value":0.00},'
            f'{{"Key":"CreditPartyPublicName","Value":"{name}"}},'
            '{"Key":"DebitPartyPublicName","Value":"174379 - Daraja-Sandbox"}]},'
            '"ReferenceData":{"ReferenceItem":{"Key":"QueueTimeoutURL",'
            r'"Value":"https:\/\/internalsandbox.safaricom.co.ke\/mpesa'
            r'\/reversalresults\/v1\/submit"}}}}'
        )

    run(main)


def parameters_time(d):
    from darajasim.core.clock import compact

    *_, made = d.namespace.transactions
    return compact(made.finalised_at)


def test_the_money_goes_back_once():
    async def main(d):
        receipt = await paid(d, Amount=200)
        customer = d.namespace.world.customer("254722000000").account
        assert d.namespace.ledger.balance(customer) == 49_800_00
        first = await result(d, REVERSAL, TransactionID=receipt, **OURS)
        assert (first["ResultCode"], d.namespace.ledger.balance(customer)) == (0, 50_000_00)
        second = await result(d, REVERSAL, TransactionID=receipt, **OURS)
        assert second["ResultCode"] == "R000001"
        assert d.namespace.ledger.balance(customer) == 50_000_00
        of_itself = await result(d, REVERSAL, TransactionID=first["TransactionID"], **OURS)
        assert of_itself["ResultCode"] == "R000002"
        told = parameters(await result(d, STATUS, TransactionID=first["TransactionID"]))
        assert told["ReasonType"] == "Transaction Reversal via API"

    run(main)


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"TransactionID": "OEI2AK4Q16"}, "R000002"),
        ({"Amount": 199}, "R000002"),
        ({"Amount": "200.01"}, "R000002"),
        ({"ReceiverParty": "600992"}, "R000002"),
        ({"Initiator": "nobody"}, 2001),
        ({"Remarks": "RES-11"}, 11),
    ],
)
def test_what_cannot_be_reversed(changes, code):
    async def main(d):
        receipt = await paid(d, Amount=200)
        moved = len(d.namespace.journal.of(MoneyMoved))
        found = await result(d, REVERSAL, **{"TransactionID": receipt, **OURS} | changes)
        assert found["ResultCode"] == code
        assert "ResultParameters" not in found
        assert len(d.namespace.journal.of(MoneyMoved)) == moved

    run(main)


@pytest.mark.parametrize(
    ("spec", "code"), [({"active": False}, 11), ({"products": frozenset()}, 2028)]
)
def test_an_organisation_that_may_not(spec, code):
    async def main(d):
        found = await result(d, REVERSAL, ReceiverParty="600111")
        assert found["ResultCode"] == code

    run(main, WorldOverlay(organisations=(OrganisationSpec("600111", **spec),)))


def test_the_money_must_still_be_there():
    async def main(d):
        receipt = await paid(d, Amount=200)
        spent = await result(d, B2C, PartyA="174379", Amount=100)
        assert spent["ResultCode"] == 0
        assert (await result(d, REVERSAL, TransactionID=receipt, **OURS))["ResultCode"] == 1

    run(main, b2c_tariff="free")


def test_a_payout_cannot_be_reversed():
    async def main(d):
        receipt = (await result(d, B2C, Amount=200))["TransactionID"]
        found = await result(d, REVERSAL, TransactionID=receipt, ReceiverParty="600998")
        assert found["ResultCode"] == "R000002"

    run(main)


@pytest.mark.parametrize("amount", ["200", 200, "200.00", 200.0])
def test_the_amount_is_compared_to_the_cent(amount):
    async def main(d):
        receipt = await paid(d, Amount=200)
        found = await result(d, REVERSAL, TransactionID=receipt, Amount=amount, **OURS)
        assert found["ResultCode"] == 0

    run(main)


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({"RecieverIdentifierType": ..., "ReceiverIdentifierType": "11"}, "RecieverIdentifierType"),
        ({"TransactionID": ""}, "TransactionID"),
        ({"Amount": "0"}, "Amount"),
        ({"Amount": "1e3"}, "Amount"),
        ({"Remarks": "x"}, "Remarks"),
    ],
)
def test_wrong_fields_are_named(changes, named):
    async def main(d):
        answer = await command(d, REVERSAL, **changes)
        assert answer.json["errorMessage"] == f"Bad Request - Invalid {named}"

    run(main)
