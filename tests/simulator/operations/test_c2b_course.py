import hashlib
import json

import pytest

from darajasim.core.customer import CustomerSpec, CustomerState, Limits
from darajasim.core.events import CallbackAttempted, CallbackWithheld, PaymentSettled
from darajasim.core.organisation import OrganisationKind, OrganisationSpec
from darajasim.core.rules import CallbackPlan, Fault, Plan, Rule
from darajasim.core.world import WorldOverlay
from darajasim.operations.c2b_course import pay_from_phone
from support.c2b import PHONE, SHORTCODE, Reply, ending, register, shop, simulate, simulated
from support.daraja import PUSH_PATH, in_virtual_time, password, push_body

UTILITY = f"organisation:{SHORTCODE}/utility"
ORG = "600111"


def run(main, *, world=None, **knobs):
    async def whole():
        async with shop(**knobs) as (d, made):
            if world is not None:
                d.namespace.world.lay(world)
            await main(d, made)

    in_virtual_time(whole())


def world(*, customer=(), organisation=()):
    return WorldOverlay(
        customers=(CustomerSpec(PHONE, **({"name": "JANE WANJIKU DOE"} | dict(customer))),),
        organisations=(
            OrganisationSpec(ORG, **({"balance_cents": 1_200_00} | dict(organisation))),
        ),
    )


def test_bytes_of_validation_and_confirmation():
    async def main(d, made):
        await register(d, ShortCode=ORG)
        settled = await simulated(d, ShortCode=ORG, Amount=5, BillRefNumber="INV-1001")
        told = (
            f'{{"TransactionType":"Pay Bill","TransID":"{settled.receipt}",'
            '"TransTime":"20261011140510","TransAmount":"5.00","BusinessShortCode":"600111",'
            '"BillRefNumber":"INV-1001","InvoiceNumber":"","OrgAccountBalance":"%s",'
            '"ThirdPartyTransID":"","MSISDN":"2547 ***** 000","FirstName":"JANE"}'
        )
        assert [(kind, raw.decode()) for kind, raw in made.received] == [
            ("validation", told % ""),
            ("confirmation", told % "1205.00"),
        ]
        assert settled.code == "0"
        assert d.namespace.ledger.balance(f"organisation:{ORG}/utility") == 1_205_00

    run(main, world=world())


def test_the_documents_have_three_names_and_another_word_for_a_till():
    async def main(d, made):
        await register(d, ShortCode=ORG)
        await simulated(d, ShortCode=ORG, CommandID="CustomerBuyGoodsOnline", BillRefNumber="x")
        (told,) = made.confirmations
        assert list(told)[-3:] == ["FirstName", "MiddleName", "LastName"]
        assert [told["FirstName"], told["MiddleName"], told["LastName"]] == [
            "JANE", "WANJIKU", "DOE",
        ]  # fmt: skip
        assert told["TransactionType"] == "Buy Goods"
        assert told["BillRefNumber"] == ""

    till = {"kind": OrganisationKind.TILL}
    run(main, world=world(organisation=till), base="documented")


def test_a_till():
    async def main(d, made):
        await register(d, ShortCode="600100")
        await simulated(d, ShortCode="600100", CommandID="CustomerBuyGoodsOnline")
        for told in made.confirmations + made.validations:
            assert told["TransactionType"] == "Customer Merchant Payment"
            assert told["BillRefNumber"] == ""
        assert made.confirmations[0]["OrgAccountBalance"] == "10.00"

    run(main)


HASH = hashlib.sha256(PHONE.encode()).hexdigest()
NUMBERS = [
    ("by-version", 1, HASH),
    ("by-version", 2, "2547 ***** 000"),
    ("masked", 1, "2547 ***** 000"),
    ("hashed", 2, HASH),
    ("hashed-masked", 2, f"{HASH[:34]} ***** {HASH[-25:]}"),
    ("plain", 2, PHONE),
]


@pytest.mark.parametrize(("knob", "version", "shown"), NUMBERS)
def test_how_the_payer_is_shown(knob, version, shown):
    async def main(d, made):
        await register(d, version)
        await simulated(d, version=3 - version)
        assert {told["MSISDN"] for told in made.confirmations + made.validations} == {shown}

    run(main, c2b_msisdn=knob)


def answer(**fields):
    return json.dumps({"ResultDesc": "x"} | fields).encode()


PAYS = [
    Reply(answer(ResultCode="0")),
    Reply(answer(ResultCode=0)),
    Reply(answer(ResultCode=0), status=201),
    Reply(answer(ResultCode="0"), after=7.9),
]
CANCELS = [
    (Reply(answer(ResultCode="C2B00011")), "C2B00011", "Invalid MSISDN"),
    (Reply(answer(ResultCode="C2B00012")), "C2B00012", "Invalid Account Number"),
    (Reply(answer(ResultCode="C2B00013")), "C2B00013", "Invalid Amount"),
    (Reply(answer(ResultCode="C2B00014")), "C2B00014", "Invalid KYC Details"),
    (Reply(answer(ResultCode="C2B00015")), "C2B00015", "Invalid Shortcode"),
    (Reply(answer(ResultCode="C2B00016")), "C2B00016", "Other Error"),
    (Reply(answer(ResultCode=1)), "C2B00016", "the validation answered ResultCode 1"),
    (Reply(answer(ResultCode="C2B00099")), "C2B00016", "ResultCode 'C2B00099'"),
    (Reply(answer(ResultCode=False)), "C2B00016", "ResultCode False"),
    (Reply(answer(ResultCode=None)), "C2B00016", "ResultCode None"),
    (Reply(answer()), "C2B00016", "ResultCode none"),
]
SILENT = [
    Reply(after=8.1),
    Reply(status=500),
    Reply(status=404),
    Reply(b"OK"),
    Reply(b""),
    Reply(b"[]"),
    Reply(b'"0"'),
    Reply(b'{"ResultCode": NaN}'),
    Reply(b"\xff"),
    Reply(fault=Fault.RESET),
    Reply(fault=Fault.EMPTY),
    Reply(fault=Fault.HANG),
    Reply(answer(ResultCode=0, Padding="x" * 5_000)),
]


@pytest.mark.parametrize("reply", PAYS, ids=str)
@pytest.mark.parametrize("response_type", ["Completed", "Cancelled"])
def test_what_pays(reply, response_type):
    outcome(reply, response_type, "0", "")


@pytest.mark.parametrize(("reply", "code", "text"), CANCELS)
@pytest.mark.parametrize("response_type", ["Completed", "Cancelled"])
def test_what_cancels(reply, code, text, response_type):
    outcome(reply, response_type, code, text)


@pytest.mark.parametrize("reply", SILENT, ids=lambda reply: str(reply)[:60])
@pytest.mark.parametrize(("response_type", "code"), [("Completed", "0"), ("Cancelled", "C2B00016")])
def test_what_says_nothing_leaves_it_to_the_response_type(reply, response_type, code):
    outcome(reply, response_type, code, "")


def outcome(reply, response_type, code, text):
    """One payment, answered like this: how it ends, who has the money, who is told."""

    async def main(d, made):
        made.reply = reply
        await register(d, ResponseType=response_type)
        settled = await simulated(d, Amount=10)
        paid = code == "0"
        assert settled.code == code
        assert text in settled.text
        assert d.namespace.ledger.balance(f"customer:{PHONE}") == 50_000_00 - 10_00 * paid
        assert [told["TransID"] for told in made.confirmations] == [settled.receipt] * paid
        assert (settled.receipt is not None) == paid == bool(len(d.namespace.transactions))
        assert len(made.validations) == 1

    run(main)


def test_nobody_at_the_validation_url():
    async def main(d, made):
        await register(d, ValidationURL="http://nobody/v")
        assert (await simulated(d)).code == "0"
        await register(d, ValidationURL="http://nobody/v", ResponseType="Cancelled")
        assert (await simulated(d)).code == "C2B00016"
        assert len(made.confirmations) == 1

    run(main)


@pytest.mark.parametrize(("sent", "echoed"), [("T-1", "T-1"), (77, "77"), (None, ""), ([1], "")])
def test_the_merchants_own_id_comes_back(sent, echoed):
    async def main(d, made):
        made.reply = Reply(answer(ResultCode=0, ThirdPartyTransID=sent))
        await register(d)
        await simulated(d)
        assert made.validations[0]["ThirdPartyTransID"] == ""
        assert made.confirmations[0]["ThirdPartyTransID"] == echoed

    run(main)


def test_without_external_validation_there_is_only_the_confirmation():
    async def main(d, made):
        await register(d, ShortCode=ORG)
        settled = await simulated(d, ShortCode=ORG)
        assert [told["TransID"] for told in made.confirmations] == [settled.receipt]
        assert not made.validations

    run(main, world=world(organisation={"validates": False}))


CUSTOMERS = [
    ({"balance_cents": 9_99}, {}, "1"),
    ({"limits": Limits(minimum=11_00)}, {}, "2"),
    ({"limits": Limits(maximum=9_00)}, {}, "3"),
    ({"limits": Limits(daily=9_00)}, {}, "4"),
    ({}, {"maximum_cents": 1_209_00}, "8"),
    ({"state": CustomerState.PIN_LOCKED}, {}, "8006"),
    ({"state": CustomerState.INACTIVE}, {}, "2006"),
    ({"state": CustomerState.UNREGISTERED}, {}, "2006"),
]


@pytest.mark.parametrize(("customer", "organisation", "code"), CUSTOMERS)
def test_what_m_pesa_refuses_is_not_even_asked_about(customer, organisation, code):
    async def main(d, made):
        await register(d, ShortCode=ORG)
        before = d.namespace.ledger.balances()
        settled = await simulated(d, ShortCode=ORG, Amount=10)
        assert settled.code == code
        assert settled.receipt is None
        assert d.namespace.ledger.balances() == before
        assert not made.received

    run(main, world=world(customer=customer, organisation=organisation))


def test_money_that_went_while_the_merchant_thought_is_not_there_any_more():
    async def main(d, made):
        made.reply = Reply(after=5.0)
        await register(d, ShortCode=ORG)
        first, second = [await simulate(d, ShortCode=ORG, Amount=10) for _ in range(2)]
        await d.simulator.settled()
        codes = [ending(d, each.json["OriginatorCoversationID"]).code for each in (first, second)]
        assert codes == ["0", "1"]
        assert len(made.validations) == 2
        assert len(made.confirmations) == 1

    run(main, world=world(customer={"balance_cents": 15_00}))


def test_a_phone_pays_a_paybill():
    async def main(d, made):
        await register(d)
        subject = pay(d)
        await d.simulator.settled()
        settled = ending(d, subject)
        (told,) = made.confirmations
        assert (settled.code, settled.receipt) == ("0", told["TransID"])
        assert told["BillRefNumber"] == "INV-9"
        kinds = [event.callback for event in d.namespace.journal.of(CallbackAttempted)]
        assert kinds == ["validation", "confirmation"]
        assert {event.subject for event in d.namespace.journal.of(CallbackAttempted)} == {subject}

    run(main)


def pay(d, **changes):
    fields = {"msisdn": PHONE, "shortcode": SHORTCODE, "amount": 50, "reference": "INV-9"} | changes
    return pay_from_phone(d.namespace, **fields)


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"shortcode": "999999"}, "SFC_IC0003"),
        ({"shortcode": "600100", "kind": OrganisationKind.PAYBILL}, "2028"),
        ({"amount": 50_001}, "1"),
    ],
)
def test_a_phone_that_cannot_pay(changes, code):
    async def main(d, _made):
        subject = pay(d, **changes)
        await d.simulator.settled()
        assert ending(d, subject).code == code
        assert not len(d.namespace.transactions)

    run(main)


def test_a_phone_pays_a_till_without_a_reference():
    async def main(d, made):
        await register(d, ShortCode="600100")
        pay(d, shortcode="600100")
        await d.simulator.settled()
        assert made.confirmations[0]["TransactionType"] == "Customer Merchant Payment"
        assert made.confirmations[0]["BillRefNumber"] == ""

    run(main)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"msisdn": "0722000000"}, "expected a phone as 2547XXXXXXXX"),
        ({"amount": 0}, "expected an amount of at least 1 shilling, found 0"),
    ],
)
def test_a_phone_that_makes_no_sense(changes, message):
    async def main(d, _made):
        with pytest.raises(ValueError, match=message):
            pay(d, **changes)

    run(main)


def test_a_push_is_confirmed_too_and_not_asked_about():
    async def main(d, made):
        await register(d, ShortCode=ORG)
        push = push_body(
            BusinessShortCode=ORG, PartyB=ORG, Password=password(ORG), Amount=5,
            CallBackURL="http://shop/stk",
        )  # fmt: skip
        answered = await d.post(PUSH_PATH, push)
        await d.simulator.settled()
        settled = ending(d, answered.json["CheckoutRequestID"])
        assert sorted(kind for kind, _raw in made.received) == ["confirmation", "stk"]
        (told,) = made.confirmations
        assert told["TransID"] == settled.receipt
        assert told["BillRefNumber"] == "INV-1"
        assert told["OrgAccountBalance"] == "1205.00"
        (sent,) = (e for e in d.namespace.journal.of(CallbackAttempted) if e.callback != "stk")
        assert (sent.callback, sent.subject) == ("confirmation", settled.receipt)

    run(main, world=world())


RULES = [
    ("c2b_simulate", CallbackPlan(times=3, apart=1.0), 3),
    ("c2b_simulate", CallbackPlan(never=True), 0),
    ("c2b_register", CallbackPlan(times=2), 2),
]


@pytest.mark.parametrize(("on", "plan", "times"), RULES)
def test_a_rule_says_how_confirmations_travel(on, plan, times):
    async def main(d, made):
        d.namespace.rules.rules.append(Rule(on, plan=Plan(callback=plan)))
        await register(d)
        settled = await simulated(d)
        assert [told["TransID"] for told in made.confirmations] == [settled.receipt] * times
        assert len(made.validations) == 1
        assert len(d.namespace.journal.of(CallbackWithheld)) == (times == 0)

    run(main)


def test_every_payment_ends_once():
    async def main(d, _made):
        await register(d)
        for _ in range(3):
            await simulate(d)
        await d.simulator.settled()
        ended = d.namespace.journal.of(PaymentSettled)
        assert len({event.subject for event in ended}) == len(ended) == 3

    run(main)
