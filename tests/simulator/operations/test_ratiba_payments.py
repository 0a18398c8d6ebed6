import json

import pytest

from darajasim.core.customer import CustomerSpec, CustomerState
from darajasim.core.events import (
    MoneyMoved,
    PaymentSettled,
)
from darajasim.core.ledger import CHARGES
from darajasim.core.world import WorldOverlay
from darajasim.operations.ratiba_order import Order, OrderBook
from darajasim.operations.ratiba_payments import charge_cents
from support.ratiba import (
    DAY,
    PHONE,
    events,
    order,
    run,
)


def test_it_is_paid_every_day_until_its_end_and_nobody_waits_for_it():
    async def main(d):
        await order(
            d, StartDate="20261012", EndDate="20261014", Frequency="2", Amount="90",
        )  # fmt: skip
        assert d.namespace.timeline.due == 0
        assert not events(d, MoneyMoved)
        await d.simulator.clock.sleep(30 * DAY)
        await d.simulator.settled()
        moved = events(d, MoneyMoved)
        account = d.namespace.world.organisation("174379").account
        assert [(event.credit, event.cents) for event in moved] == [
            (account, 90_00), (CHARGES, 4_50),
        ] * 3  # fmt: skip
        paid = events(d, PaymentSettled)[1:]
        assert [event.code for event in paid] == ["0"] * 3
        assert [event.receipt for event in paid] == [event.receipt for event in moved[::2]]
        transactions = list(d.namespace.transactions)
        assert [one.receipt for one in transactions] == [event.receipt for event in paid]
        assert all(one.from_customer and one.reference == "KIT-0042" for one in transactions)
        assert [one.charge_cents for one in transactions] == [4_50] * 3
        hours = [(event.at - moved[0].at) / DAY for event in paid]
        assert hours == pytest.approx([0, 1, 2])

    run(main)


def test_it_is_skipped_quietly_while_funds_are_short():
    async def main(d):
        await order(
            d, StartDate="20261012", EndDate="20261014", Frequency="2", Amount="100",
        )  # fmt: skip
        await d.simulator.clock.sleep(1.5 * DAY)
        ledger = d.namespace.ledger
        assert ledger.balance(f"customer:{PHONE}") == 0
        await d.simulator.clock.sleep(DAY)
        ledger.transfer("outside", f"customer:{PHONE}", 104_99, reference="gift", at=0.0)
        await d.simulator.clock.sleep(10 * DAY)
        assert ledger.balance(f"customer:{PHONE}") == 104_99
        assert [event.code for event in events(d, PaymentSettled)] == ["0", "0", "1", "1"]
        assert len(d.merchant.received) == 1

    run(main, world=WorldOverlay(customers=(CustomerSpec(PHONE, balance_cents=105_00),)))


@pytest.mark.parametrize(
    ("customer", "organisation", "code"),
    [
        ({"state": CustomerState.INACTIVE}, {}, "2006"),
        ({}, {"maximum_cents": 100}, "8"),
    ],
)
def test_other_reasons_to_skip(customer, organisation, code):
    async def main(d):
        await order(d, StartDate="20261012", EndDate="20261012", Frequency="1")
        for name, value in customer.items():
            setattr(d.namespace.world.customer(PHONE), name, value)
        for name, value in organisation.items():
            setattr(d.namespace.world.organisation("174379"), name, value)
        await d.simulator.clock.sleep(2 * DAY)
        assert events(d, PaymentSettled)[-1].code == code
        assert not events(d, MoneyMoved)

    run(main)


def test_an_order_whose_end_is_before_its_start_is_made_and_never_paid():
    async def main(d):
        _, raw = await order(d, StartDate="20270105", EndDate="20260101")
        pairs = {
            pair["name"]: pair["value"] for pair in json.loads(raw)["responseBody"]["responseData"]
        }
        assert pairs["firstPaymentReminderDate"] == "20270105"
        await d.simulator.clock.sleep(400 * DAY)
        assert not events(d, MoneyMoved)

    run(main)


@pytest.mark.parametrize(
    ("shillings", "cents"), [(1, 5), (10, 50), (99, 495), (100, 500), (101, 500), (250_000, 500)]
)
def test_the_charge(shillings, cents):
    assert charge_cents(shillings * 100) == cents


def test_a_forgotten_order_ends():
    async def main(d):
        await order(d, StartDate="20261012", EndDate="20271231", Frequency="2")
        d.namespace.book(OrderBook)._orders.clear()
        await d.simulator.clock.sleep(5 * DAY)
        assert not events(d, MoneyMoved)

    run(main)


def test_the_book_forgets_the_oldest():
    book = OrderBook(limit=2)
    made = [Order("", "", str(n), "1", "", False, False, 1, "", "", None, 0.0) for n in range(3)]
    assert [book.add(each) for each in made] == [1, 2, 3]
    assert [book.get("1", str(number)) for number in range(3)] == [None, *made[1:]]
