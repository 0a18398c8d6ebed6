import pytest

from darajasim.core.organisation import OrganisationKind, OrganisationSpec
from darajasim.core.world import WorldOverlay
from support.c2b import PHONE, register, shop, simulate, simulated
from support.daraja import in_virtual_time


def run(main, **knobs):
    async def whole():
        async with shop(**knobs) as (d, made):
            await main(d, made)

    in_virtual_time(whole())


@pytest.mark.parametrize("version", [1, 2])
def test_bytes_of_an_acceptance(version):
    async def main(d, _made):
        answer = await simulate(d, version)
        assert answer.status == 200
        request_id = answer.json["OriginatorCoversationID"]
        assert answer.raw.decode() == (
            f'{{"OriginatorCoversationID":"{request_id}","ResponseCode":"0",'
            '"ResponseDescription":"Accept the service request successfully."}'
        )

    run(main)


def test_without_registered_urls_the_money_moves_and_nobody_is_told():
    async def main(d, made):
        utility = d.namespace.world.organisation("600984").account
        before = d.namespace.ledger.balance(utility)
        await simulated(d)
        assert not made.received
        assert d.namespace.ledger.balance(f"customer:{PHONE}") == 49_990_00
        assert d.namespace.ledger.balance(utility) == before + 10_00
        (transaction,) = d.namespace.transactions
        assert transaction.operation == "c2b_simulate"
        assert transaction.reference == "INV-1"
        assert transaction.from_customer

    run(main)


WRONG = [
    ({"ShortCode": "60"}, "ShortCode"),
    ({"CommandID": "CustomerPayBill"}, "CommandID"),
    ({"CommandID": ...}, "CommandID"),
    ({"Amount": 0}, "Amount"),
    ({"Amount": "10.50"}, "Amount"),
    ({"Amount": 10.5}, "Amount"),
    ({"Amount": -1}, "Amount"),
    ({"Amount": True}, "Amount"),
    ({"Msisdn": "0722000000"}, "Msisdn"),
    ({"Msisdn": ..., "MSISDN": PHONE}, "Msisdn"),
    ({"BillRefNumber": None}, "BillRefNumber"),
    ({"BillRefNumber": ...}, "BillRefNumber"),
    ({"BillRefNumber": ""}, "BillRefNumber"),
    ({"BillRefNumber": "x" * 21}, "BillRefNumber"),
    ({"BillRefNumber": ["x"]}, "BillRefNumber"),
    ({"ShortCode": "600100"}, "CommandID"),
]


@pytest.mark.parametrize(("changes", "name"), WRONG)
def test_the_first_wrong_field_is_named_and_nothing_moves(changes, name):
    async def main(d, _made):
        answer = await simulate(d, **changes)
        await d.simulator.settled()
        assert answer.status == 400
        assert answer.json["errorCode"] == "400.003.02"
        assert answer.json["errorMessage"] == f"Bad Request - Invalid {name}"
        assert answer.hint.startswith(f"{name}: ")
        assert not list(d.namespace.transactions)

    run(main)


@pytest.mark.parametrize(
    "changes",
    [
        {"Amount": "10", "ShortCode": 600984, "Msisdn": int(PHONE)},
        {"BillRefNumber": 20_261_011},
        {"BillRefNumber": "x" * 20},
        {"CommandID": "CustomerBuyGoodsOnline", "BillRefNumber": None},
        {"CommandID": "CustomerBuyGoodsOnline", "BillRefNumber": ...},
        {"CommandID": "CustomerBuyGoodsOnline", "ShortCode": "600100"},
    ],
)
def test_what_is_accepted(changes):
    async def main(d, made):
        await register(d, ShortCode=changes.get("ShortCode", "600984"))
        settled = await simulated(d, **changes)
        assert settled.code == "0"
        assert [body["TransID"] for body in made.confirmations] == [settled.receipt]

    run(main)


def test_a_till_is_paid_into_its_merchant_account():
    async def main(d, _made):
        till = OrganisationSpec("600222", kind=OrganisationKind.TILL, balance_cents=5_00)
        d.namespace.world.lay(WorldOverlay(organisations=(till,)))
        await simulated(d, ShortCode="600222", CommandID="CustomerBuyGoodsOnline", Amount=7)
        assert d.namespace.ledger.balance("organisation:600222/merchant") == 12_00
        assert d.namespace.ledger.balance("organisation:600222/utility") == 0

    run(main)


def test_magic_asks_for_a_refusal():
    async def main(d, _made):
        answer = await simulate(d, BillRefNumber="ERR-service-unreachable")
        assert answer.status == 500

    run(main)
