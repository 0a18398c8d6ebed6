"""Any interleaving of payouts, refunds, results, crashes and restarts leaves every payout as the
simulator's ledger says and told, pays each order once, and refunds no payment beyond what was paid.

Four planted bugs are found by the same machine, each within a hundred examples.
"""

import asyncio
from collections import Counter
from contextlib import contextmanager
from unittest import mock

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from mpesa_pochi.merchant import PaymentStatus, payout_endpoints, payout_orders, payouts, results
from mpesa_pochi.merchant.history import Event
from mpesa_pochi.merchant.law import Claim, Source
from support.shop_machine import PHONES, RULES, Machine, finds, plays

PAYOUT_RULES = """
- {on: b2c_payment, when: {amount: 201}, callback: never}
- {on: b2c_payment, when: {amount: 202}, callback: {times: 2, apart: 0s}}
- {on: b2c_payment, when: {amount: 203}, callback: {after: 2h}}
- {on: b2c_payment, when: {amount: 204}, reply: lost}
- {on: b2c_payment, when: {amount: 205}, reply: lost, callback: never}
- {on: b2c_payment, when: {amount: 206}, result: 2001}
- {on: b2c_payment, when: {amount: 207}, result: 2001, callback: {times: 3, apart: 40s}}
- {on: b2c_payment, when: {amount: 208}, callback: {timeout: only}}
- {on: b2c_payment, when: {amount: 209}, callback: {timeout: first}}
"""
SUMS = st.integers(200, 209)
UTILITY = "organisation:600998/utility"
CHARGE_CENTS = 3360
"""What the sandbox takes for each payout."""


class PayoutMachine(Machine):
    """The shop pays out too."""

    daraja_rules = RULES + PAYOUT_RULES

    def __init__(self):
        super().__init__()
        self.keys = {}

    def pay_out(self, **order):
        key = f"order-{len(self.keys)}"
        self.keys[key] = order | {"metadata": {"key": key}}
        return self.shop.pay_out(key, **self.keys[key])

    @rule(sums=st.lists(SUMS, min_size=1, max_size=4, unique=True), phone=PHONES)
    @precondition(lambda self: self.shop.up)
    def payouts_at_once(self, sums, phone):
        async def order():
            await asyncio.gather(*(self.pay_out(amount=amount, phone=phone) for amount in sums))

        self.run(order())

    @rule(amount=SUMS, phone=PHONES, turns=st.integers(0, 60))
    @precondition(lambda self: self.shop.up)
    def payout_and_crash(self, amount, phone, turns):
        self.run(self.cut_off(self.pay_out(amount=amount, phone=phone), turns))

    @rule(which=st.integers(0, 20))
    @precondition(lambda self: self.shop.up and self.keys)
    def payout_again(self, which):
        """Whoever got no answer asks again, with the key that it had."""
        key = sorted(self.keys)[which % len(self.keys)]
        self.run(self.shop.pay_out(key, **self.keys[key]))

    @rule(which=st.integers(0, 20), part=st.sampled_from([None, 10, 60]))
    @precondition(lambda self: self.shop.up and self.orders)
    def refund(self, which, part):
        """Of what was paid, if anything was."""
        paid = self.run(self.shop.payments.list(status=PaymentStatus.SUCCESS))
        payment_id = paid[which % len(paid)].payment_id if paid else 1
        amount = {} if part is None else {"amount": part}
        self.run(self.pay_out(payment_id=payment_id, **amount))

    @rule(phone=PHONES)
    @precondition(lambda self: self.shop.up)
    def sell_and_refund_twice(self, phone):
        """The clerk presses the button twice, and the browser makes a new key for each."""

        async def sell():
            sold = await self.shop.push(**self.order(100, phone))
            await self.shop.wait(150)
            order = {"payment_id": sold.json.get("payment", sold.json)["payment_id"]}
            await asyncio.gather(self.pay_out(**order), self.pay_out(**order))

        self.run(sell())

    @rule(which=st.integers(0, 20))
    @precondition(lambda self: self.shop.up and self.shop.post.letters)
    def alter_result(self, which):
        """A true result, of another amount."""
        self.send_altered(which, b'"Value":20', b'"Value":19')

    def finish(self):
        super().finish()
        found = self.run(self.shop.payouts.page(before=2**62, limit=1000))
        accepted = {
            command.originator_conversation_id: command
            for command in self.shop.daraja.commands
            if command.operation == "b2c_payment"
        }
        ordered = {payout.originator_conversation_id for payout in found}
        assert accepted.keys() <= ordered, "something was paid that is not written down"
        keys = Counter(payout.metadata["key"] for payout in found)
        assert all(times == 1 for times in keys.values()), "one order became two payouts"
        for payout in found:
            self.payout_agrees(payout, accepted.get(payout.originator_conversation_id))
        self.all_is_told({payout.payout_id: payout.status for payout in found}, "payout ")
        self.payouts_are_conserved(found, accepted)
        self.refunds_are_bounded(found, accepted)

    def payout_agrees(self, payout, command):
        """The payout stands as the simulator's command ended."""
        paid = command is not None and command.outcome.code == "0"
        if payout.status is PaymentStatus.PENDING:
            # It never arrived, or failed where a transaction status finds nothing.
            assert not paid, payout
            assert payout.needs_review
        else:
            assert (payout.status is PaymentStatus.SUCCESS) == paid, payout
        if payout.status is PaymentStatus.SUCCESS:
            assert payout.receipt in (None, command.outcome.transaction_id)
        log = self.run(self.shop.payouts.history(payout.payout_id))
        settled = [entry.changes["status"] for entry in log if entry.event is Event.SETTLED]
        assert settled == [payout.status.value] * payout.final

    def payouts_are_conserved(self, found, accepted):
        paid = [each for each in accepted.values() if each.outcome.code == "0"]
        left = 5_000_000 - sum(int(each.request["Amount"]) * 100 + CHARGE_CENTS for each in paid)
        assert self.shop.balance(UTILITY) == left
        booked = [each for each in found if each.status is PaymentStatus.SUCCESS]
        assert sum(each.amount for each in booked) == sum(
            int(each.request["Amount"]) for each in paid
        )

    def refunds_are_bounded(self, found, accepted):
        """Counted by what the simulator paid, whatever the shop believes."""
        refunded = Counter()
        for payout in found:
            command = accepted.get(payout.originator_conversation_id)
            if payout.payment_id is not None and command and command.outcome.code == "0":
                refunded[payout.payment_id] += payout.amount
        payments = {each.payment_id: each for each in self.run(self.shop.payments.list())}
        for payment_id, shillings in refunded.items():
            payment = payments[payment_id]
            assert payment.status is PaymentStatus.SUCCESS
            assert shillings <= payment.amount, f"{shillings} of {payment.amount} given back"


@contextmanager
def a_lost_order_is_a_failure():
    def lose(session, payout_id, at):
        payout_orders.refuse(session, payout_id, payouts.UnknownOutcome("lost"), at)

    with mock.patch.object(payouts.payout_orders, "lose", lose):
        yield


@contextmanager
def a_queue_timeout_is_a_failure():
    def timed_out(session, payout, at):
        claim = Claim(Source.RESULT, paid=False, code="26", text="it waited too long")
        ruling = results.settle(session, results.Payout, payout.id, claim, at)
        return results.Verdict(ruling.judgement, payout.id)

    with mock.patch.object(results, "_timed_out", timed_out):
        yield


@contextmanager
def a_key_is_forgotten():
    with mock.patch.object(payout_endpoints.idempotency, "claim_of", return_value=None):
        yield


@contextmanager
def earlier_refunds_are_forgotten():
    with mock.patch.object(payout_orders, "refunded", return_value=0):
        yield


BUGS = [
    a_lost_order_is_a_failure,
    a_queue_timeout_is_a_failure,
    a_key_is_forgotten,
    earlier_refunds_are_forgotten,
]


def test_every_payout_ends_as_the_ledger_says(histories):
    plays(PayoutMachine, histories)


@pytest.mark.parametrize("bug", BUGS, ids=lambda bug: bug.__name__)
def test_a_planted_bug_is_found(bug):
    finds(PayoutMachine, bug)
