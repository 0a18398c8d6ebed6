import pytest

from darajasim.core.events import MoneyMoved
from darajasim.core.organisation import OrganisationSpec, Purse
from darajasim.core.world import WorldOverlay
from darajasim.operations.b2b import ROUTES
from support.commands import B2B, TAX, command, parameters, result
from support.daraja import daraja, in_virtual_time

OWN = {name for name, route in ROUTES.items() if route.own}


def run(main, *organisations, **knobs):
    async def whole():
        async with daraja(**knobs) as d:
            d.namespace.world.lay(WorldOverlay(organisations=organisations))
            await main(d)
            assert d.namespace.ledger.total() == 0

    in_virtual_time(whole())


def funded(shortcode="600979", **changes):
    opening = dict.fromkeys((Purse.WORKING, Purse.UTILITY, Purse.MERCHANT), 200_000_00)
    return OrganisationSpec(shortcode, "Duka Ltd", **{"opening": opening} | changes)


def test_bytes_of_a_pay_bill():
    async def main(d):
        answer = await command(d, B2B, Amount=21)
        assert next(iter(answer.json)) == "OriginatorConversationID"
        (receipt,) = (found.receipt for found in d.namespace.transactions)
        ((_at, _headers, raw),) = d.merchant.received
        text = raw.decode()
        balance = "{Amount={CurrencyCode=KES, MinimumAmount=19997900, BasicAmount=199979.00}}"
        assert f'"TransactionID":"{receipt}"' in text
        assert text.partition('"ResultParameters":')[2] == (
            '{"ResultParameter":[{"Key":"Currency","Value":"KES"},'
            '{"Key":"ReceiverPartyPublicName","Value":"600000 - saf test org"},'
            '{"Key":"DebitPartyCharges"},{"Key":"TransCompletedTime","Value":20261011140512},'
            '{"Key":"DebitPartyAffectedAccountBalance",'
            '"Value":"Working Account|KES|199979.00|199979.00|0.00|0.00"},'
            '{"Key":"Amount","Value":21},'
            f'{{"Key":"DebitAccountCurrentBalance","Value":"{balance}"}},'
            f'{{"Key":"InitiatorAccountCurrentBalance","Value":"{balance}"}}]}},'
            '"ReferenceData":{"ReferenceItem":[{"Key":"BillReferenceNumber","Value":353353},'
            r'{"Key":"QueueTimeoutURL","Value":"https:\/\/internalsandbox.safaricom.co.ke\/mpesa'
            r'\/b2bresults\/v1\/submit"},{"Key":"Occassion"}]}}}'
        )

    run(main, funded())


@pytest.mark.parametrize("name", ROUTES)
def test_every_command_moves_what_its_route_says(name):
    route = ROUTES[name]

    async def main(d):
        receiver = "600979" if route.own else "600992"
        found = await result(d, B2B, CommandID=name, PartyB=receiver, Amount=7)
        assert found["ResultCode"] == 0
        balance = d.namespace.ledger.balance
        assert balance(f"organisation:600979/{route.debit}") == 200_000_00 - 7_00
        assert balance(f"organisation:{receiver}/{route.credit}") == (
            200_000_00 + 7_00 if route.own or receiver == "600992" else 7_00
        )
        items = found["ReferenceData"]["ReferenceItem"]
        assert ("BillReferenceNumber" in [item["Key"] for item in items]) == route.bill
        (made,) = d.namespace.transactions
        assert (made.cents, made.reason, made.status) == (7_00, route.reason, "Completed")

    run(main, funded(), funded("600992"))


CASES = [
    ({"PartyA": "999999"}, 2001),
    ({"PartyB": "999999"}, "SFC_IC0003"),
    ({"PartyB": "600979"}, 2028),
    ({"CommandID": "OrgRevenueSettlement"}, 2028),
    ({"Amount": 200_001}, 1),
    ({"PartyB": "600111"}, 14),
    ({"PartyA": "600111"}, 11),
    ({"PartyB": "600112"}, 2028),
    ({"Initiator": "nobody"}, 2001),
    ({"Remarks": "RES-2007"}, 2007),
]


@pytest.mark.parametrize(("changes", "code"), CASES)
def test_what_fails_moves_nothing_and_keeps_its_references(changes, code):
    closed = funded("600111", active=False)
    few = funded("600112", products=frozenset({"b2c_payment"}))

    async def main(d):
        moved = len(d.namespace.journal.of(MoneyMoved))
        found = await result(d, B2B, **changes)
        assert found["ResultCode"] == code
        assert "ResultParameters" not in found
        assert isinstance(found["ReferenceData"]["ReferenceItem"], list)
        assert len(d.namespace.journal.of(MoneyMoved)) == moved

    run(main, funded(), closed, few)


def test_a_bill_needs_a_reference_and_goods_do_not():
    async def main(d):
        refused = await command(d, B2B, AccountReference="")
        assert refused.json["errorMessage"] == "Bad Request - Invalid AccountReference"
        bought = await result(
            d, B2B, AccountReference=..., CommandID="BusinessBuyGoods", RecieverIdentifierType=2
        )
        assert bought["ResultCode"] == 0

    run(main)


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({"RecieverIdentifierType": ..., "ReceiverIdentifierType": "4"}, "RecieverIdentifierType"),
        ({"SenderIdentifierType": "1"}, "SenderIdentifierType"),
        ({"Initiator": ..., "InitiatorName": "testapi"}, "Initiator"),
        ({"AccountReference": "x" * 14}, "AccountReference"),
        ({"Requester": "07"}, "Requester"),
        ({"Amount": -1}, "Amount"),
    ],
)
def test_spelling_traps_and_wrong_values_are_named(changes, named):
    async def main(d):
        answer = await command(d, B2B, **changes)
        assert answer.json["errorMessage"] == f"Bad Request - Invalid {named}"

    run(main)


def test_a_till_payout_as_production_told_it():
    async def main(d):
        found = await result(d, B2B, CommandID="BusinessBuyGoods", Amount=10)
        assert list(parameters(found)) == [
            "Currency", "DebitAccountCurrentBalance", "InitiatorAccountCurrentBalance",
        ]  # fmt: skip

    run(main, b2b_till_result="sparse")


def test_the_portal_names_and_types_things_otherwise():
    async def main(d):
        found = await result(d, B2B, Amount=190)
        told = parameters(found)
        assert (found["ResultType"], found["ResultCode"]) == ("0", "0")
        assert (told["Amount"], told["DebitPartyCharges"]) == ("190.00", "")
        assert "DebitAccountBalance" in told
        failed = await result(d, B2B, Remarks="RES-2001")
        assert list(failed["ResultParameters"]["ResultParameter"]) == ["Key", "Value"]

    run(main, base="documented")


def test_charges_where_there_are_some():
    async def main(d):
        told = parameters(await result(d, B2B, Amount=1_000))
        assert told["DebitPartyCharges"] == "Business Pay Bill Charge|KES|13.00"
        assert "MinimumAmount=19898700" in told["DebitAccountCurrentBalance"]

    run(main, funded(), b2b_tariff="production")


def test_tax_goes_to_the_revenue_authority_only():
    async def main(d):
        refused = await command(d, TAX, PartyB="600000")
        assert refused.json["errorMessage"] == "Bad Request - Invalid PartyB"
        found = await result(d, TAX, AccountReference="PRN1234XN", Amount=239)
        assert found["ResultCode"] == 0
        assert d.namespace.ledger.balance("organisation:572572/utility") == 239_00
        items = {item["Key"]: item.get("Value") for item in found["ReferenceData"]["ReferenceItem"]}
        assert items["BillReferenceNumber"] == "PRN1234XN"

    run(main)
