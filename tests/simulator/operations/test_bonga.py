import pytest
from hypothesis import given
from hypothesis import strategies as st

from darajasim.core.customer import CustomerSpec, CustomerState
from darajasim.core.events import MoneyMoved, PaymentSettled, PromptSent
from darajasim.core.rules import Action, CustomerScript, Plan, Rule
from darajasim.core.world import App, WorldOverlay
from darajasim.operations.bonga_course import FLOAT, POINTS, PointsBook
from support.commands import example
from support.daraja import daraja, in_virtual_time

CALCULATE = "/v1/lipa/na/bonga/calculate-points"
REDEEM = "/v1/lipa/na/bonga/redeem-paybill"
PHONE = "254722000000"
PAID_INTO = "organisation:174379/utility"


def run(main, *, world=None, plan=None, **knobs):
    async def whole():
        async with daraja(**knobs) as d:
            if world is not None:
                d.namespace.world.lay(world)
            if plan is not None:
                d.namespace.rules.rules.append(Rule("bonga_redeem", plan=plan))
            await main(d)
            assert d.namespace.ledger.total() == 0

    in_virtual_time(whole())


def events(d, kind):
    return [event for event in d.namespace.journal if isinstance(event, kind)]


async def redeem(d, **changes):
    """The answer to the example with changes, and what was settled in the end."""
    answer = await d.post(REDEEM, example(REDEEM, **changes))
    await d.simulator.settled()
    return answer, events(d, PaymentSettled)


def test_bytes_of_a_calculation():
    async def main(d):
        answer = await d.post(CALCULATE, example(CALCULATE))
        reference = answer.json["header"]["requestRefId"]
        assert answer.status == 200
        assert answer.raw.decode() == (
            f'{{"header":{{"requestRefId":"{reference}","responseCode":200,'
            '"responseMessage":"Success","customerMessage":"Operation Successfull",'
            '"timestamp":"2026-10-11T14:05:09.000000000"},'
            '"body":{"amount":"12","points":"60","rate":"0.2"}}'
        )

    run(main)


@pytest.mark.parametrize(
    ("points", "amount"), [("61", "12.2"), (1, "0.2"), ("500", "100"), (999_999_999, "199999999.8")]
)
def test_points_are_worth_a_fifth_of_a_shilling(points, amount):
    async def main(d):
        answer = await d.post(CALCULATE, {"points": points})
        assert answer.json["body"] == {"amount": amount, "points": str(points), "rate": "0.2"}

    run(main)


def test_bytes_of_an_accepted_redemption():
    async def main(d):
        answer, _settled = await redeem(d)
        reference = answer.json["header"]["requestRefId"]
        assert answer.raw.decode() == (
            f'{{"header":{{"requestRefId":"{reference}","responseCode":200,'
            '"responseMessage":"Success","customerMessage":"Operation Successfull",'
            '"timestamp":"2026-10-11T14:05:09.000000000"},"body":null}'
        )

    run(main)


def test_the_payment_arrives_as_a_customers():
    async def main(d):
        answer, (settled,) = await redeem(d, amount="12.2", bongaPoints="61")
        assert settled.subject == answer.json["header"]["requestRefId"]
        assert (settled.code, settled.text) == ("6000", "Success")
        (paid,) = d.namespace.transactions
        assert (paid.receipt, paid.cents, paid.from_customer) == (settled.receipt, 1220, True)
        assert (paid.debit.identifier, paid.credit.identifier) == (PHONE, "174379")
        assert paid.reference == "INV-1"
        ledger = d.namespace.ledger
        assert (ledger.balance(PAID_INTO), ledger.balance(FLOAT)) == (1220, -1220)
        assert ledger.balance(f"customer:{PHONE}") == 50_000_00
        assert d.namespace.book(PointsBook).left(PHONE) == POINTS - 61
        (prompt,) = events(d, PromptSent)
        assert prompt.text == (
            "Do you want to pay Ksh 12.20 to Daraja-Sandbox Account no. INV-1 with 61 Bonga points?"
        )

    run(main)


@pytest.mark.parametrize(
    ("does", "code"),
    [
        (Action.APPROVE, "6000"),
        (Action.CANCEL, "1031"),
        (Action.DISMISS, "1031"),
        (Action.IGNORE, "1037"),
        (Action.EXPIRE, "1037"),
        (Action.UNREACHABLE, "1037"),
        (Action.BUSY, "1037"),
        (Action.WRONG_PIN, "2001"),
    ],
)
def test_what_the_customer_does_decides(does, code):
    async def main(d):
        answer, (settled,) = await redeem(d)
        assert answer.json["header"]["responseCode"] == 200
        assert settled.code == code
        assert len(events(d, MoneyMoved)) == (1 if code == "6000" else 0)
        spent = 60 if code == "6000" else 0
        assert d.namespace.book(PointsBook).left(PHONE) == POINTS - spent
        assert d.namespace.world.customer(PHONE).open_push is None

    run(main, plan=Plan(customer=CustomerScript(does)))


@pytest.mark.parametrize(
    ("state", "code"),
    [
        (CustomerState.ACTIVE, "6000"),
        (CustomerState.INACTIVE, "6001"),
        (CustomerState.UNREGISTERED, "6001"),
        (CustomerState.PIN_LOCKED, "2001"),
    ],
)
def test_only_an_active_customer_may_pay(state, code):
    async def main(d):
        _answer, (settled,) = await redeem(d)
        assert settled.code == code

    run(main, world=WorldOverlay(customers=(CustomerSpec(PHONE, state=state),)))


def test_three_wrong_pins_lock():
    async def main(d):
        for _ in range(3):
            await redeem(d)
        assert d.namespace.world.customer(PHONE).state is CustomerState.PIN_LOCKED

    run(main, plan=Plan(customer=CustomerScript(Action.WRONG_PIN)))


def test_a_phone_that_has_another_prompt_open_is_not_asked():
    async def main(d):
        await d.push()
        _answer, settled = await redeem(d)
        assert [event.code for event in settled] == ["1037", "0"]
        assert len(events(d, PromptSent)) == 1

    run(main)


def test_two_redemptions_cannot_spend_the_same_points():
    async def main(d):
        whole = {"amount": POINTS // 5, "bongaPoints": POINTS}
        await d.post(REDEEM, example(REDEEM, **whole))
        await d.post(REDEEM, example(REDEEM, **whole))
        await d.simulator.settled()
        assert sorted(event.code for event in events(d, PaymentSettled)) == ["6000", "6001"]
        answer, _settled = await redeem(d)
        assert answer.json["header"]["responseCode"] == 6001
        assert d.namespace.ledger.balance(PAID_INTO) == POINTS * 20

    run(main, subscriber_lock="off")


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"msisdn": "0722000000"}, 6006),
        ({"msisdn": ...}, 6006),
        ({"amount": 0}, 6006),
        ({"amount": "1e1"}, 6006),
        ({"amount": 13}, 6001),
        ({"bongaPoints": 60.5}, 6006),
        ({"bongaPoints": 61}, 6001),
        ({"conversionRate": 0.3}, 6006),
        ({"conversionRate": "0.20"}, 200),
        ({"shortCode": "12"}, 6006),
        ({"shortCode": "999999"}, 6001),
        ({"accountNumber": " "}, 6006),
        ({"accountNumber": ["x"]}, 6006),
        ({"amount": 2_000_000, "bongaPoints": 10_000_000}, 6001),
    ],
)
def test_what_is_wrong_is_told_in_the_header(changes, code):
    async def main(d):
        answer = await d.post(REDEEM, example(REDEEM, **changes))
        assert answer.json["header"]["responseCode"] == code
        assert answer.json["body"] is None
        assert (answer.hint is None) is (code == 200)
        await d.simulator.settled()
        assert len(d.namespace.transactions) == (1 if code == 200 else 0)

    run(main)


def test_bytes_of_a_refusal():
    async def main(d):
        answer = await d.post(REDEEM, example(REDEEM, amount=...))
        reference = answer.json["header"]["requestRefId"]
        assert answer.raw.decode() == (
            f'{{"header":{{"requestRefId":"{reference}","responseCode":6006,'
            '"responseMessage":"Missing fields","customerMessage":"Missing fields",'
            '"timestamp":"2026-10-11T14:05:09.000000000"},"body":null}'
        )

    run(main)


@pytest.mark.parametrize("points", [0, "0", -5, "6.5", "", None, [], True, 10**10])
def test_points_must_be_whole(points):
    async def main(d):
        answer = await d.post(CALCULATE, {"points": points})
        assert (answer.status, answer.json["errorCode"]) == (400, "400.002.05")

    run(main)


@pytest.mark.parametrize("path", [CALCULATE, REDEEM])
def test_an_app_without_the_product_is_unauthorised(path):
    async def main(d):
        answer = await d.post(path, example(path))
        assert (answer.status, answer.json["errorCode"]) == (401, "401")
        assert answer.json["errorMessage"] == "Unauthorized - Invalid Access Token"

    run(main, world=WorldOverlay(apps=(App("key", "secret", frozenset()),)))


@given(points=st.lists(st.integers(1, POINTS // 2), min_size=1, max_size=6))
def test_points_spent_are_money_paid(points):
    async def main(d):
        for each in points:
            cents = each * 20
            amount = f"{cents // 100}.{cents % 100:02d}"
            await d.post(REDEEM, example(REDEEM, bongaPoints=each, amount=amount))
            await d.simulator.settled()
        spent = POINTS - d.namespace.book(PointsBook).left(PHONE)
        assert spent <= POINTS
        assert d.namespace.ledger.balance(PAID_INTO) == spent * 20
        assert d.namespace.ledger.balance(FLOAT) == -spent * 20

    run(main)
