import pytest

from darajasim.core.organisation import OrganisationSpec
from darajasim.core.rules import CallbackPlan, CustomerScript, Plan, Rule
from darajasim.core.world import WorldOverlay
from support.commands import B2B, B2C, STATUS, command, example, parameters, result
from support.daraja import daraja, in_virtual_time


def run(main, world=None, **knobs):
    async def whole():
        async with daraja(**knobs) as d:
            d.namespace.world.lay(world or WorldOverlay())
            await main(d)

    in_virtual_time(whole())


async def paid(d, **changes):
    """A push that succeeds; its receipt."""
    await d.push(**changes)
    await d.simulator.settled()
    (made,) = (found for found in d.namespace.transactions if found.operation == "stk_push")
    d.merchant.received.clear()
    return made.receipt


def test_a_customers_payment_by_its_receipt():
    async def main(d):
        receipt = await paid(d, Amount=100)
        found = await result(d, STATUS, TransactionID=receipt, Occasion="OK")
        assert found["TransactionID"] == "UJB0000000"
        told = parameters(found)
        assert list(told) == [
            "DebitPartyName", "CreditPartyName", "OriginatorConversationID", "InitiatedTime",
            "CreditPartyCharges", "DebitAccountType", "TransactionReason", "ReasonType",
            "TransactionStatus", "FinalisedTime", "Amount", "ConversationID", "ReceiptNo",
        ]  # fmt: skip
        assert told["DebitPartyName"].startswith("254722000000 - ")
        assert told["CreditPartyName"] == "174379 - Daraja-Sandbox"
        assert (told["Amount"], told["ReceiptNo"]) == (100, receipt)
        assert (told["ReasonType"], told["TransactionStatus"]) == ("Pay Bill Online", "Completed")
        assert told["DebitAccountType"] == "MMF Account For Customer"
        assert told["TransactionReason"] is None
        assert told["FinalisedTime"] > told["InitiatedTime"] == 20261011140509
        assert len(told["ConversationID"]) == 32
        assert found["ReferenceData"] == {"ReferenceItem": {"Key": "Occasion", "Value": "OK"}}

    run(main)


@pytest.mark.parametrize("by", ["TransactionID", "OriginalConversationID"])
@pytest.mark.parametrize(("path", "account"), [(B2C, "Utility Account"), (B2B, "Working Account")])
def test_an_organisations_payment_by_either_id(path, account, by):
    async def main(d):
        payment = await result(d, path)
        asked = {
            "TransactionID": payment["TransactionID"],
            "OriginalConversationID": payment["OriginatorConversationID"],
        }
        asked = {"TransactionID": "", by: asked[by]}
        told = parameters(await result(d, STATUS, **asked))
        assert told["ReceiptNo"] == payment["TransactionID"]
        assert told["OriginatorConversationID"] == payment["OriginatorConversationID"]
        assert told["ConversationID"] == payment["ConversationID"]
        assert told["DebitAccountType"] == account
        assert "DebitPartyCharges" in told

    run(main)


def test_the_charge_of_a_payout_is_told():
    async def main(d):
        payment = await result(d, B2C)
        told = parameters(await result(d, STATUS, TransactionID=payment["TransactionID"]))
        assert told["DebitPartyCharges"] == "Fee For B2C Payment|KES|33.60"

    run(main)


@pytest.mark.parametrize(
    ("asked", "code"),
    [
        ({"TransactionID": "OEI2AK4Q16"}, 2032),
        ({"TransactionID": "", "OriginalConversationID": "nothing"}, 2033),
    ],
)
def test_what_does_not_exist(asked, code):
    async def main(d):
        found = await result(d, STATUS, **asked)
        assert found["ResultCode"] == code
        assert "ResultParameters" not in found
        assert found["ReferenceData"] == {"ReferenceItem": {"Key": "Occasion"}}

    run(main)


def test_both_ids_must_be_of_one_transaction():
    async def main(d):
        one = await result(d, B2C)
        two = await result(d, B2B)
        both = {
            "TransactionID": one["TransactionID"],
            "OriginalConversationID": two["OriginatorConversationID"],
        }
        assert (await result(d, STATUS, **both))["ResultCode"] == 2033
        both["OriginalConversationID"] = one["OriginatorConversationID"]
        assert (await result(d, STATUS, **both))["ResultCode"] == 0

    run(main)


def test_neither_id_is_refused_at_once():
    async def main(d):
        answer = await command(d, STATUS, TransactionID="")
        assert answer.json["errorMessage"] == "Bad Request - Invalid TransactionID"

    run(main)


def test_the_states_of_what_has_not_been_paid():
    async def main(d):
        slow = Rule("b2c_payment", plan=Plan(callback=CallbackPlan(timeout="first")))
        d.namespace.rules.rules.append(slow)
        waiting = (await d.post(B2C, example(B2C))).json["OriginatorConversationID"]
        await d.post(STATUS, example(STATUS, TransactionID="", OriginalConversationID=waiting))
        await d.simulator.clock.sleep(5)
        first = parameters(_last(d))
        assert (first["TransactionStatus"], first["FinalisedTime"]) == ("Initiated", None)
        await d.simulator.settled()
        d.namespace.rules.rules.clear()
        declined = await result(d, B2C, PartyA="600111")
        asked = {
            "TransactionID": "",
            "OriginalConversationID": declined["OriginatorConversationID"],
        }
        told = parameters(await result(d, STATUS, **asked))
        assert told["TransactionStatus"] == "Declined"
        assert told["ReceiptNo"] == declined["TransactionID"]
        expired = (await command(d, B2C, Remarks="RES-TIMEOUT")).json["OriginatorConversationID"]
        asked["OriginalConversationID"] = expired
        assert parameters(await result(d, STATUS, **asked))["TransactionStatus"] == "Expired"
        never = (await result(d, B2C, Remarks="RES-2040"))["OriginatorConversationID"]
        asked["OriginalConversationID"] = never
        assert (await result(d, STATUS, **asked))["ResultCode"] == 2033

    run(main, WorldOverlay(organisations=(OrganisationSpec("600111"),)))


def _last(d):
    import json

    return json.loads(d.merchant.received[-1][2])["Result"]


def test_a_push_that_failed_has_no_transaction():
    async def main(d):
        from darajasim.core.rules import Action

        plan = Plan(customer=CustomerScript(Action.CANCEL))
        d.namespace.rules.rules.append(Rule("stk_push", plan=plan))
        pushed = await d.push()
        await d.simulator.settled()
        d.merchant.received.clear()
        asked = {"TransactionID": "", "OriginalConversationID": pushed.json["MerchantRequestID"]}
        assert (await result(d, STATUS, **asked))["ResultCode"] == 2033

    run(main)
