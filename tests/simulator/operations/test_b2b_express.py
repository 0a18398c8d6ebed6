import json
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from darajasim.core.events import CustomerActed, MoneyMoved, PaymentSettled, PromptSent
from darajasim.core.organisation import OrganisationKind, OrganisationSpec
from darajasim.core.rules import Action, CallbackPlan, CustomerScript, Plan, Rule
from darajasim.core.world import App, WorldOverlay
from support.commands import example
from support.daraja import daraja, in_virtual_time

PATH = "/v1/ussdpush/get-msisdn"
REQUEST_ID = "9d3c0b52-7c1e-4a53-8f0e-5b1f4d2a6c77"
RICH, VENDOR = "organisation:600992/utility", "organisation:600000/utility"


def run(main, *, world=None, plan=None, **knobs):
    async def whole():
        async with daraja(**knobs) as d:
            if world is not None:
                d.namespace.world.lay(world)
            if plan is not None:
                d.namespace.rules.rules.append(Rule("b2b_express", plan=plan))
            await main(d)
            assert d.namespace.ledger.total() == 0

    in_virtual_time(whole())


async def checkout(d, **changes):
    """The callback to the example with changes, once everything has happened."""
    answer = await d.post(PATH, example(PATH, **changes))
    assert answer.status == 200, answer
    await d.simulator.settled()
    ((_at, _headers, raw),) = d.merchant.received
    return json.loads(raw, parse_float=Decimal)


def events(d, kind):
    return [event for event in d.namespace.journal if isinstance(event, kind)]


def balance(d, account):
    return d.namespace.ledger.balance(account)


def test_bytes_of_the_acknowledgement_and_of_a_success():
    async def main(d):
        answer = await d.post(PATH, example(PATH))
        assert answer.status == 200
        assert answer.raw == b'{"code":"0","status":"USSD Initiated Successfully"}'
        await d.simulator.settled()
        ((at, headers, raw),) = d.merchant.received
        (paid,) = d.namespace.transactions
        assert headers["content-type"] == "application/json;charset=UTF-8"
        assert at == pytest.approx(15)
        assert raw.decode() == (
            '{"resultCode":"0","resultDesc":"The service request is processed successfully.",'
            f'"amount":"120.0","requestId":"{REQUEST_ID}","resultType":"0",'
            f'"conversationID":"{paid.conversation_id}","transactionId":"{paid.receipt}",'
            '"status":"SUCCESS"}'
        )
        assert paid.conversation_id.startswith("AG_20261011_")

    run(main)


def test_bytes_of_a_cancelled_one():
    async def main(d):
        await d.post(PATH, example(PATH))
        await d.simulator.settled()
        ((_at, _headers, raw),) = d.merchant.received
        assert raw.decode() == (
            '{"resultCode":"4001","resultDesc":"User cancelled transaction",'
            f'"requestId":"{REQUEST_ID}","amount":"120.0","paymentReference":"PO-55"}}'
        )
        assert not events(d, MoneyMoved)

    run(main, plan=Plan(customer=CustomerScript(Action.CANCEL)))


def test_the_money_goes_from_one_organisation_to_the_other():
    async def main(d):
        d.namespace.world.organisation("600992"), d.namespace.world.organisation("600000")
        before = balance(d, RICH), balance(d, VENDOR)
        await checkout(d, amount=500)
        assert balance(d, RICH) == before[0] - 500_00
        assert balance(d, VENDOR) == before[1] + 500_00
        (paid,) = d.namespace.transactions
        assert (paid.operation, paid.cents, paid.from_customer) == ("b2b_express", 500_00, False)
        assert (paid.debit.identifier, paid.credit.identifier) == ("600992", "600000")

    run(main)


def test_a_till_pays_from_its_merchant_account():
    till = OrganisationSpec("888002", kind=OrganisationKind.TILL, balance_cents=120_00)

    async def main(d):
        assert (await checkout(d, primaryShortCode="888002"))["status"] == "SUCCESS"
        assert balance(d, "organisation:888002/merchant") == 0

    run(main, world=WorldOverlay(organisations=(till,)))


def test_the_operator_is_asked_on_the_nominated_number():
    async def main(d):
        register = "/pulltransactions/v1/register"
        sent = example(register, ShortCode="174379", NominatedNumber="0722000001")
        await d.post(register, sent)
        await d.post(PATH, example(PATH))
        await d.post(PATH, example(PATH, primaryShortCode="174379"))
        await d.simulator.settled()
        first, second = events(d, PromptSent)
        assert (first.msisdn, second.msisdn) == ("600992", "0722000001")
        assert first.text == (
            "Pay Ksh 120 from 600992 to Vendor 600000 Account no. PO-55? 1. Yes 2. No"
        )

    run(main)


@pytest.mark.parametrize(
    ("does", "code", "seconds"),
    [
        (Action.APPROVE, "0", 12),
        (Action.CANCEL, "4001", 20),
        (Action.DISMISS, "4001", 20),
        (Action.IGNORE, "4203", 60),
        (Action.EXPIRE, "4203", 60),
        (Action.BUSY, "4203", 4),
        (Action.UNREACHABLE, "4201", 13),
        (Action.WRONG_PIN, "2001", 12),
    ],
)
def test_what_the_operator_does_decides(does, code, seconds):
    async def main(d):
        body = await checkout(d)
        assert body["resultCode"] == code
        (settled,) = events(d, PaymentSettled)
        (acted,) = events(d, CustomerActed)
        (prompted,) = events(d, PromptSent)
        assert (settled.code, settled.text) == (code, body["resultDesc"])
        assert acted.action == does
        assert acted.at - prompted.at == pytest.approx(seconds)
        assert (settled.receipt is not None) is (code == "0")

    run(main, plan=Plan(customer=CustomerScript(does)))


PUSH_KEYS = ["resultCode", "resultDesc", "requestId", "amount", "paymentReference"]
PAYMENT_KEYS = [
    "resultCode", "resultDesc", "amount", "requestId", "resultType", "conversationID",
    "transactionId", "status",
]  # fmt: skip


@pytest.mark.parametrize(
    ("code", "keys"),
    [
        ("0", PAYMENT_KEYS),
        ("1", PAYMENT_KEYS),
        ("2001", PAYMENT_KEYS),
        ("8", PAYMENT_KEYS),
        ("4001", PUSH_KEYS),
        ("4102", PUSH_KEYS),
        ("4104", PUSH_KEYS),
        ("4201", PUSH_KEYS),
        ("4203", PUSH_KEYS),
    ],
)
def test_a_magic_reference_yields_its_code(code, keys):
    async def main(d):
        body = await checkout(d, paymentRef=f"RES-{code}")
        assert body["resultCode"] == code
        assert list(body) == keys
        assert body.get("status", "FAILED") == ("SUCCESS" if code == "0" else "FAILED")
        assert all(isinstance(value, str) for value in body.values())
        unasked = code in ("4102", "4104", "4201")
        assert len(events(d, PromptSent)) == (0 if unasked else 1)
        assert len(events(d, MoneyMoved)) == (1 if code == "0" else 0)

    run(main)


def test_a_reference_that_names_no_code_is_a_reference():
    async def main(d):
        assert (await checkout(d, paymentRef="RES-4711"))["resultCode"] == "0"

    run(main)


def test_what_is_paid_by_decree_is_filled_up():
    async def main(d):
        body = await checkout(d, primaryShortCode="600100")
        assert body["resultDesc"] == "Paid all the same"
        assert balance(d, "organisation:600100/merchant") == 0
        assert balance(d, VENDOR) == 3_020_000_00 + 120_00

    run(main, plan=Plan(result="b2b-express-paid", text="Paid all the same"))


WORLD = WorldOverlay(
    organisations=(
        OrganisationSpec("888001", active=False),
        OrganisationSpec("888002", kind=OrganisationKind.TILL, balance_cents=119_99),
        OrganisationSpec("888003", maximum_cents=100_00),
        OrganisationSpec("888004", products=frozenset({"stk_push"})),
    )
)


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"primaryShortCode": "888002"}, "1"),
        ({"primaryShortCode": "999999"}, "4104"),
        ({"primaryShortCode": "888001"}, "4102"),
        ({"primaryShortCode": "888004"}, "4102"),
        ({"receiverShortCode": "999999"}, "SFC_IC0003"),
        ({"receiverShortCode": "888001"}, "SFC_IC0003"),
        ({"receiverShortCode": "888003"}, "8"),
    ],
)
def test_what_the_world_does_not_allow(changes, code):
    async def main(d):
        body = await checkout(d, **changes)
        assert body["resultCode"] == code
        assert body.get("status") == (None if code.startswith("41") else "FAILED")
        if "transactionId" in body:
            assert body["transactionId"].endswith("0000000")
        assert len(d.namespace.transactions) == 0

    run(main, world=WORLD)


@pytest.mark.parametrize(
    ("changes", "sent"),
    [
        ({"RequestRefID": "abc"}, "abc"),
        ({"RequestRefID": ..., "RequestRefId": "def"}, "def"),
        ({"RequestRefID": 7}, "7"),
    ],
)
def test_the_callers_id_comes_back(changes, sent):
    async def main(d):
        assert (await checkout(d, **changes))["requestId"] == sent

    run(main)


def test_an_id_is_made_where_none_is_sent():
    async def main(d):
        assert len((await checkout(d, RequestRefID=...))["requestId"]) == 36

    run(main)


def test_a_rule_may_withhold_or_repeat_the_callback():
    async def main(d):
        await d.post(PATH, example(PATH))
        await d.simulator.settled()
        assert len({raw for _at, _headers, raw in d.merchant.received}) == 1
        assert len(d.merchant.received) == 3

    run(main, plan=Plan(callback=CallbackPlan(times=3)))


@pytest.mark.parametrize(
    "changes",
    [
        {"primaryShortCode": "12"},
        {"primaryShortCode": {}},
        {"receiverShortCode": ...},
        {"receiverShortCode": "600992"},
        {"amount": "120.5"},
        {"amount": 0},
        {"amount": True},
        {"paymentRef": ""},
        {"paymentRef": "x" * 65},
        {"callbackUrl": "merchant"},
        {"partnerName": None},
        {"RequestRefID": []},
    ],
)
def test_what_is_wrong_is_refused(changes):
    async def main(d):
        answer = await d.post(PATH, example(PATH, **changes))
        assert (answer.status, answer.json["errorCode"]) == (400, "400.002.05")
        assert answer.hint.startswith(next(iter(changes)))
        await d.simulator.settled()
        assert d.merchant.received == []

    run(main)


def test_a_bad_token_and_a_missing_product_look_the_same():
    async def main(d):
        headers = {"authorization": "Bearer wrong", "content-type": "application/json"}
        bad = await d.request("POST", PATH, body=example(PATH), headers=headers)
        lacking = await d.post(PATH, example(PATH))
        for answer in (bad, lacking):
            assert answer.status == 401
            assert answer.raw.decode() == (
                f'{{"requestId":"{answer.json["requestId"]}","errorCode":"401",'
                '"errorMessage":"Unauthorized - Invalid Access Token"}'
            )

    run(main, world=WorldOverlay(apps=(App("key", "secret", frozenset()),)))


@settings(max_examples=30)
@given(
    amounts=st.lists(st.integers(1, 2_000_000), min_size=1, max_size=5),
    codes=st.lists(st.sampled_from(["", "RES-0", "RES-1", "RES-4001"]), min_size=5, max_size=5),
)
def test_what_leaves_the_payer_reaches_the_receiver(amounts, codes):
    async def main(d):
        d.namespace.world.organisation("600992"), d.namespace.world.organisation("600000")
        before = balance(d, VENDOR)
        for amount, code in zip(amounts, codes, strict=False):
            await d.post(PATH, example(PATH, amount=amount, paymentRef=code or "PO"))
        await d.simulator.settled()
        bodies = [json.loads(raw) for _at, _headers, raw in d.merchant.received]
        assert len(bodies) == len(amounts)
        paid = [body["amount"] for body in bodies if body.get("status") == "SUCCESS"]
        assert balance(d, VENDOR) - before == sum(int(Decimal(amount) * 100) for amount in paid)
        assert balance(d, RICH) >= 0
        assert len(d.namespace.transactions) == len(paid)

    run(main)
