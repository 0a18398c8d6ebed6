import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from darajasim.core.initiator import InitiatorSpec
from darajasim.core.organisation import OrganisationKind, OrganisationSpec, Purse
from darajasim.core.world import WorldOverlay
from support.commands import B2C, BALANCE, command, parameters, result
from support.daraja import daraja, in_virtual_time


def run(main, world=None, **knobs):
    async def whole():
        async with daraja(**knobs) as d:
            d.namespace.world.lay(world or WorldOverlay())
            await main(d)

    in_virtual_time(whole())


def test_bytes_of_a_success():
    async def main(d):
        answer = await command(d, BALANCE)
        ((_at, _headers, raw),) = d.merchant.received
        ids = answer.json
        assert raw.decode() == (
            '{"Result":{"ResultType":0,"ResultCode":0,'
            '"ResultDesc":"The service request is processed successfully.",'
            f'"OriginatorConversationID":"{ids["OriginatorConversationID"]}",'
            f'"ConversationID":"{ids["ConversationID"]}","TransactionID":"UJB0000000",'
            '"ResultParameters":{"ResultParameter":[{"Key":"ActionType","Value":"AccountBalance"},'
            '{"Key":"AccountBalance","Value":"'
            "Working Account|KES|584459.00|584459.00|0.00|0.00&"
            "Utility Account|KES|3020000.00|3020000.00|0.00|0.00&"
            "Charges Paid Account|KES|-2420.00|-2420.00|0.00|0.00&"
            "Merchant Account|KES|0.00|0.00|0.00|0.00&"
            'Organization Settlement Account|KES|0.00|0.00|0.00|0.00"},'
            '{"Key":"BOCompletedTime","Value":20261011140512}]},"ReferenceData":{"ReferenceItem":'
            r'{"Key":"QueueTimeoutURL","Value":"https:\/\/internalsandbox.safaricom.co.ke\/mpesa'
            r'\/abresults\/v1\/submit"}}}}'
        )

    run(main)


@settings(max_examples=15, deadline=None)
@given(st.lists(st.integers(10, 5_000), max_size=4))
def test_it_reports_what_the_payments_before_it_left(amounts):
    async def main(d):
        for amount in amounts:
            await result(d, B2C, Amount=amount)
        told = parameters(await result(d, BALANCE, PartyA="600998"))["AccountBalance"]
        utility = 3_020_000 * 100 - sum(amounts) * 100 - len(amounts) * 33_60
        shown = f"{utility // 100}.{utility % 100:02d}"
        assert f"&Utility Account|KES|{shown}|{shown}|0.00|0.00&" in told
        assert told.count("|KES|") == 3

    run(main)


def test_a_locked_initiator_gets_three_parameters_and_an_empty_reference():
    async def main(d):
        found = await result(d, BALANCE, Initiator="locked")
        assert found["ResultCode"] == 8006
        told = parameters(found)
        assert list(told) == ["ActionType", "ErrorMsg", "BOCompletedTime"]
        assert told["ErrorMsg"] == "API Password is locked. "
        assert found["ReferenceData"] == {"ReferenceItem": {"Key": "QueueTimeoutURL"}}
        assert found["TransactionID"] == "UJB0000000"

    run(main, WorldOverlay(initiators=(InitiatorSpec("locked", locked=True),)))


def test_other_failures_tell_the_time_alone():
    async def main(d):
        found = await result(d, BALANCE, Initiator="nobody")
        assert found["ResultCode"] == 2001
        assert list(found["ResultParameters"]["ResultParameter"]) == ["Key", "Value"]
        assert "Value" in found["ReferenceData"]["ReferenceItem"]

    run(main)


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"PartyA": "999999"}, "SFC_IC0003"),
        ({"Initiator": "ours"}, 2043),
        ({"PartyA": "600111"}, 2028),
    ],
)
def test_whom_it_cannot_be_asked_about(changes, code):
    world = WorldOverlay(
        initiators=(InitiatorSpec("ours", shortcodes=frozenset({"600001"})),),
        organisations=(OrganisationSpec("600111", products=frozenset()),),
    )

    async def main(d):
        assert (await result(d, BALANCE, **changes))["ResultCode"] == code

    run(main, world)


def test_the_portal_has_no_action_type_but_a_float():
    spec = OrganisationSpec(
        "600111", kind=OrganisationKind.B2C, opening={Purse.WORKING: 1_05}, balance_cents=0
    )

    async def main(d):
        found = await result(d, BALANCE, PartyA="600111")
        assert list(parameters(found)) == ["AccountBalance", "BOCompletedTime"]
        assert parameters(found)["BOCompletedTime"] == "20261011140512"
        names = [part.split("|")[0] for part in parameters(found)["AccountBalance"].split("&")]
        assert names == [
            "Working Account", "Float Account", "Utility Account", "Charges Paid Account",
            "Organization Settlement Account",
        ]  # fmt: skip

    run(main, WorldOverlay(organisations=(spec,)), base="documented")
