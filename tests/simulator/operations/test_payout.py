import json

import pytest

from darajasim.core.customer import CustomerSpec, CustomerState, Limits
from darajasim.core.events import CallbackAttempted, MoneyMoved
from darajasim.core.initiator import InitiatorSpec
from darajasim.core.ledger import CHARGES
from darajasim.core.organisation import OrganisationSpec, Purse
from darajasim.core.world import App, WorldOverlay
from darajasim.operations.credentials import encrypted
from support.commands import B2C, POCHI, command, example, parameters, result
from support.daraja import daraja, in_virtual_time

PHONE = "254722000000"
INTERNAL = r"https:\/\/internalsandbox.safaricom.co.ke\/mpesa\/b2cresults\/v1\/submit"


def run(main, *, world=None, **knobs):
    async def whole():
        async with daraja(**knobs) as d:
            if world is not None:
                d.namespace.world.lay(world)
            await main(d)
            assert d.namespace.ledger.total() == 0

    in_virtual_time(whole())


def test_the_acknowledgement_has_four_strings_and_the_conversation_first():
    async def main(d):
        answer = await command(d, B2C, OriginatorConversationID="ord-1")
        assert answer.status == 200
        assert list(answer.json) == [
            "ConversationID", "OriginatorConversationID", "ResponseCode", "ResponseDescription",
        ]  # fmt: skip
        assert answer.json["OriginatorConversationID"] == "ord-1"
        assert answer.json["ResponseCode"] == "0"
        assert answer.json["ResponseDescription"] == "Accept the service request successfully."
        assert answer.json["ConversationID"].startswith("AG_20261011_0100")
        assert len(answer.json["ConversationID"]) == 32

    run(main)


def test_bytes_of_a_success():
    async def main(d):
        answer = await command(d, B2C, OriginatorConversationID="ord-1", Amount="10")
        ((_at, headers, raw),) = d.merchant.received
        ids = answer.json
        (receipt,) = (found.receipt for found in d.namespace.transactions)
        assert headers["content-type"] == "application/json;charset=UTF-8"
        assert raw.decode() == (
            '{"Result":{"ResultType":0,"ResultCode":0,'
            '"ResultDesc":"The service request is processed successfully.",'
            f'"OriginatorConversationID":"ord-1","ConversationID":"{ids["ConversationID"]}",'
            f'"TransactionID":"{receipt}","ResultParameters":{{"ResultParameter":['
            '{"Key":"TransactionAmount","Value":10},'
            f'{{"Key":"TransactionReceipt","Value":"{receipt}"}},'
            '{"Key":"ReceiverPartyPublicName","Value":"254708374149 - John Doe"},'
            '{"Key":"TransactionCompletedDateTime","Value":"11.10.2026 14:05:12"},'
            '{"Key":"B2CUtilityAccountAvailableFunds","Value":3019956.40},'
            '{"Key":"B2CWorkingAccountAvailableFunds","Value":584459.00},'
            '{"Key":"B2CRecipientIsRegisteredCustomer","Value":"Y"},'
            '{"Key":"B2CChargesPaidAccountAvailableFunds","Value":-2420.00}]},'
            '"ReferenceData":{"ReferenceItem":{"Key":"QueueTimeoutURL",'
            f'"Value":"{INTERNAL}"}}}}}}}}'
        )

    run(main)


def test_the_money_goes_to_the_customer_and_the_charge_to_m_pesa():
    async def main(d):
        await result(d, B2C, Amount=100, PartyB=PHONE)
        ledger, world = d.namespace.ledger, d.namespace.world
        assert ledger.balance(world.customer(PHONE).account) == 50_100_00
        assert ledger.balance(CHARGES) == 33_60
        assert ledger.balance("organisation:600998/utility") == 3_020_000_00 - 100_00 - 33_60

    run(main)


CASES = [
    ({"Amount": 9}, {}, 2),
    ({"Amount": 250_001}, {}, 3),
    ({"PartyA": "600111", "Amount": 101}, {"organisations": [{"balance_cents": 100_00}]}, 1),
    ({"PartyA": "600111"}, {"organisations": [{"active": False}]}, 11),
    ({"PartyA": "600111"}, {"organisations": [{"products": frozenset({"b2b_payment"})}]}, 2028),
    ({"PartyA": "999999"}, {}, 2001),
    ({"InitiatorName": "nobody"}, {}, 2001),
    ({"SecurityCredential": encrypted("wrong")}, {}, 2001),
    ({"SecurityCredential": "not base64"}, {}, 2001),
    ({"PartyB": PHONE}, {"customers": [{"state": CustomerState.INACTIVE}]}, 14),
    ({"PartyB": PHONE}, {"customers": [{"state": CustomerState.UNREGISTERED}]}, 2040),
    ({"PartyB": PHONE, "Amount": 50}, {"customers": [{"limits": Limits(daily=49_00)}]}, 4),
    ({"PartyB": PHONE, "Amount": 50}, {"customers": [{"balance_cents": 499_951_00}]}, 8),
    ({"InitiatorName": "few"}, {"initiators": [{"roles": frozenset({"reversal"})}]}, 21),
    ({"InitiatorName": "few"}, {"initiators": [{"shortcodes": frozenset({"600000"})}]}, 2001),
    ({"InitiatorName": "few"}, {"initiators": [{"locked": True}]}, 8006),
    ({"Remarks": "RES-17"}, {}, 17),
    ({"PartyB": "254700002028"}, {}, 2028),
]


def overlay(customers=(), organisations=(), initiators=()):
    return WorldOverlay(
        customers=tuple(CustomerSpec(PHONE, **each) for each in customers),
        organisations=tuple(
            OrganisationSpec("600111", **{"balance_cents": 1_000_00} | each)
            for each in organisations
        ),
        initiators=tuple(InitiatorSpec("few", **each) for each in initiators),
    )


@pytest.mark.parametrize(("changes", "world", "code"), CASES)
def test_what_fails_says_why_and_moves_nothing(changes, world, code):
    async def main(d):
        d.namespace.world.lay(overlay(**world))
        moved = len(d.namespace.journal.of(MoneyMoved))
        found = await result(d, B2C, **changes)
        assert found["ResultCode"] == code
        assert "ResultParameters" not in found
        assert isinstance(found["ReferenceData"]["ReferenceItem"], dict)
        assert found["TransactionID"].endswith("0000000") == (code == 2040)
        assert len(d.namespace.journal.of(MoneyMoved)) == moved

    run(main)


def test_five_wrong_passwords_lock_the_initiator_for_two_hours():
    async def main(d):
        wrong = encrypted("wrong")
        for _ in range(5):
            assert (await result(d, B2C, SecurityCredential=wrong))["ResultCode"] == 2001
        right = encrypted("Safaricom999!*!")
        assert (await result(d, B2C, SecurityCredential=right))["ResultCode"] == 8006
        await d.simulator.clock.sleep(7_200)
        assert (await result(d, B2C, SecurityCredential=right))["ResultCode"] == 0

    run(main)


def test_a_right_password_begins_the_count_again():
    async def main(d):
        wrong, right = encrypted("wrong"), encrypted("Safaricom999!*!")
        for credential in [*[wrong] * 4, right, *[wrong] * 4]:
            await result(d, B2C, SecurityCredential=credential)
        assert (await result(d, B2C, SecurityCredential=right))["ResultCode"] == 0

    run(main)


def test_what_cannot_be_decrypted_is_refused_on_request():
    async def main(d):
        assert (await result(d, B2C))["ResultCode"] == 2001
        good = encrypted("Safaricom999!*!")
        assert (await result(d, B2C, SecurityCredential=good))["ResultCode"] == 0

    run(main, security_credential="decrypt")


def test_an_id_is_used_once():
    async def main(d):
        first = await result(d, B2C, OriginatorConversationID="ord-1")
        assert first["OriginatorConversationID"] == "ord-1"
        again = await command(d, B2C, OriginatorConversationID="ord-1", Amount=20)
        assert again.status == 500
        assert again.json["errorCode"] == "500.002.1001"
        assert again.json["errorMessage"] == "Duplicate OriginatorConversationID."
        other = await command(d, POCHI, OriginatorConversationID="ord-1")
        assert other.json["errorCode"] == "500.002.1001"
        assert len(d.namespace.transactions) == 1

    run(main)


def test_without_an_id_the_gateway_makes_one_unless_the_portal_is_followed():
    async def lenient(d):
        answer = await command(d, B2C)
        assert answer.json["OriginatorConversationID"]

    async def strict(d):
        answer = await command(d, B2C)
        assert answer.json["errorMessage"] == "Bad Request - Invalid OriginatorConversationID"
        old = await command(d, "/mpesa/b2c/v1/paymentrequest")
        assert old.status == 200

    run(lenient)
    run(strict, originator_required=True)


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({"InitiatorName": ...}, "InitiatorName"),
        ({"InitiatorName": "", "Amount": 0}, "InitiatorName"),
        ({"SecurityCredential": ""}, "SecurityCredential"),
        ({"CommandID": "BusinessPayBill"}, "CommandID"),
        ({"Amount": "10.5"}, "Amount"),
        ({"Amount": 0}, "Amount"),
        ({"PartyA": "12"}, "PartyA"),
        ({"PartyB": "0722000000"}, "PartyB"),
        ({"Remarks": " "}, "Remarks"),
        ({"Remarks": "x" * 101}, "Remarks"),
        ({"QueueTimeOutURL": ...}, "QueueTimeOutURL"),
        ({"ResultURL": "ftp://x"}, "ResultURL"),
        ({"Occassion": "x" * 101}, "Occassion"),
    ],
)
def test_the_first_wrong_field_is_named(changes, named):
    async def main(d):
        answer = await command(d, B2C, **changes)
        assert answer.status == 400
        assert answer.json["errorMessage"] == f"Bad Request - Invalid {named}"
        assert answer.json["errorCode"] == "400.002.02"
        assert d.merchant.received == []

    run(main)


def test_an_app_without_the_product_is_told_of_its_token():
    apps = (App("key", "secret", products=frozenset({"stk_push"})),)

    async def main(d):
        answer = await command(d, B2C)
        assert answer.status == 401
        assert answer.json["errorCode"] == "401.002.01"
        assert answer.json["errorMessage"].startswith("Error Occurred - Invalid Access Token - ")
        assert "has not the product b2c_payment" in answer.hint

    run(main, world=WorldOverlay(apps=apps))


def test_a_bad_token_is_told_back():
    async def main(d):
        answer = await d.post(B2C, example(B2C), headers={"authorization": "Bearer nonsense"})
        assert answer.json["errorMessage"] == "Error Occurred - Invalid Access Token - nonsense"

    run(main)


@pytest.mark.parametrize(
    ("remarks", "kinds"),
    [("RES-TIMEOUT", ["QueueTimeOutURL"]), ("RES-LATE", ["QueueTimeOutURL", "ResultURL"])],
)
def test_a_queue_time_out_alone_or_followed_by_the_result(remarks, kinds):
    async def main(d):
        before = d.namespace.ledger.balance("organisation:600998/utility")
        answer = await command(d, B2C, Remarks=remarks)
        attempted = d.namespace.journal.of(CallbackAttempted)
        assert [event.url.rpartition("/")[2] for event in attempted] == kinds
        timeout = json.loads(d.merchant.received[0][2])["Result"]
        assert timeout["ResultCode"] == 26
        assert timeout["ConversationID"] == answer.json["ConversationID"]
        assert timeout["TransactionID"].endswith("0000000")
        assert "ResultParameters" not in timeout
        moved = before - d.namespace.ledger.balance("organisation:600998/utility")
        assert moved == (43_60 if len(kinds) == 2 else 0)

    run(main)


def test_pochi_pays_the_business_wallet():
    async def main(d):
        found = await result(d, POCHI, Amount=100)
        assert parameters(found)["TransactionAmount"] == 100
        john = d.namespace.world.customer("254708374149")
        assert d.namespace.ledger.balance(john.pochi_account) == 100_00
        assert d.namespace.ledger.balance(john.account) == 50_000_00
        assert found["ReferenceData"]["ReferenceItem"]["Value"] == "http://merchant/QueueTimeOutURL"

    run(main)


def test_without_a_pochi_nothing_is_paid():
    async def main(d):
        found = await result(d, POCHI, PartyB=PHONE)
        assert found["ResultCode"] == 2040
        assert found["ResultDesc"].endswith("can't be supported by the service .")
        assert "ResultParameters" not in found

    run(main)


def test_a_failed_pochi_payout_names_the_receiver_alone():
    async def main(d):
        found = await result(d, POCHI, Remarks="RES-8006")
        assert found["ResultParameters"] == {
            "ResultParameter": {"Key": "CreditPartyName", "Value": "254708374149 - John Doe"}
        }

    run(main)


def test_a_success_decided_beforehand_is_paid_from_outside():
    async def main(d):
        found = await result(d, POCHI, PartyA="600111", PartyB="254700000000", Amount=250_000)
        assert found["ResultCode"] == 0
        customer = d.namespace.world.customer("254700000000")
        assert d.namespace.ledger.balance(customer.pochi_account) == 250_000_00
        assert d.namespace.ledger.balance("organisation:600111/utility") == 0

    run(main, world=WorldOverlay(organisations=(OrganisationSpec("600111"),)))


def test_charges_paid_bears_the_production_tariff():
    async def main(d):
        found = await result(d, B2C, Amount=1_000)
        assert str(parameters(found)["B2CChargesPaidAccountAvailableFunds"]) == "-2425.00"
        charges = d.namespace.world.organisation("600998").purse(Purse.CHARGES)
        assert d.namespace.ledger.balance(charges) == -2_425_00

    run(main, b2c_tariff="production")
