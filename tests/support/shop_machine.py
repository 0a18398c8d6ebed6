"""One shop and everything that can befall it, as a state machine.

`Machine` plays payments on a market; whoever adds rules adds what must hold to `finish`.
"""

import asyncio
import json
from contextlib import ExitStack, suppress

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    precondition,
    rule,
    run_state_machine_as_test,
)

from darajasim.harness.memory import ConnectionFaultError
from mpesa_pochi.merchant import Hooks, PaymentStatus
from mpesa_pochi.merchant.history import Event
from support.market import Market

RULES = """
- {on: stk_push, when: {amount: 101}, callback: never}
- {on: stk_push, when: {amount: 102}, callback: {times: 2, apart: 0s}}
- {on: stk_push, when: {amount: 103}, callback: {after: 2h}}
- {on: stk_push, when: {amount: 104}, reply: lost}
- {on: stk_push, when: {amount: 105}, reply: lost, callback: never}
- {on: stk_push, when: {amount: 106}, customer: cancel}
- {on: stk_push, when: {amount: 107}, customer: ignore, callback: never}
- {on: stk_push, when: {amount: 108}, customer: wrong-pin, callback: {times: 3, apart: 40s}}
- {on: stk_push, when: {amount: 109}, reply: lost, customer: cancel}
"""
AMOUNTS = st.integers(100, 109)
PHONES = st.sampled_from(["0722000000", "0722000003", "0722000004"])
DAY = 26 * 3600


class Machine(RuleBasedStateMachine):
    """One shop, and everything that can befall it."""

    plant = ()
    daraja_rules = RULES

    def __init__(self):
        super().__init__()
        self.stack = ExitStack()
        for planted in self.plant:
            self.stack.enter_context(planted())
        self.told = []
        self.hooks_fail = 0
        told = Hooks(
            on_success=self.hook("success"),
            on_failure=self.hook("failed"),
            on_payout_success=self.hook("payout success"),
            on_payout_failure=self.hook("payout failed"),
        )
        self.shop = self.stack.enter_context(Market(rules=self.daraja_rules, hooks=told))
        self.orders = 0
        self.run = self.shop.run

    def hook(self, event):
        async def hook(ended):
            if self.hooks_fail:
                self.hooks_fail -= 1
                raise RuntimeError("planted")
            is_payout = event.startswith("payout")
            self.told.append((event, ended.payout_id if is_payout else ended.payment_id))

        return hook

    def order(self, amount, phone):
        self.orders += 1
        return {"amount": amount, "phone": phone, "reference": f"INV-{self.orders}"}

    @rule(amount=AMOUNTS, phone=PHONES)
    @precondition(lambda self: self.shop.up)
    def push(self, amount, phone):
        self.run(self.shop.push(**self.order(amount, phone)))

    @rule(amount=AMOUNTS, phone=PHONES, turns=st.integers(0, 60))
    @precondition(lambda self: self.shop.up)
    def push_and_crash(self, amount, phone, turns):
        self.run(self.cut_off(self.shop.push(**self.order(amount, phone)), turns))

    async def cut_off(self, request, turns):
        """The process dies in the middle of a request, after so many turns of the loop."""
        asking = asyncio.create_task(request)
        for _ in range(turns):
            await asyncio.sleep(0)
        await self.shop.kill()
        with suppress(ConnectionFaultError, KeyError):
            await asking

    @rule()
    @precondition(lambda self: self.shop.up)
    def crash(self):
        self.run(self.shop.kill())

    @rule()
    @precondition(lambda self: not self.shop.up)
    def start(self):
        self.run(self.shop.start())

    @rule(seconds=st.sampled_from([1, 14, 60, 300, 7200]))
    def wait(self, seconds):
        self.run(self.shop.wait(seconds))

    @rule(which=st.integers(0, 20))
    @precondition(lambda self: self.shop.up and self.orders)
    def query(self, which):
        self.run(self.shop.query(1 + which % self.orders))

    @rule(which=st.integers(0, 20))
    @precondition(lambda self: self.shop.up and self.shop.post.letters)
    def duplicate(self, which):
        letters = self.shop.post.letters
        self.run(self.shop.again(letters[which % len(letters)]))

    @rule(which=st.integers(0, 20))
    @precondition(lambda self: self.shop.up and list(self.shop.daraja.pushes))
    def forge(self, which):
        """Somebody who has seen both ids, but no token, says that the money came."""
        pushes = list(self.shop.daraja.pushes)
        push = pushes[which % len(pushes)]
        answer = self.run(self.shop.ask("POST", "callback", success_of(push)))
        assert answer.status in (200, 403)

    @rule(which=st.integers(0, 20))
    @precondition(lambda self: self.shop.up and self.shop.post.letters)
    def alter(self, which):
        """A true callback of a success, with another amount."""
        self.send_altered(which, b'"Value":10', b'"Value":9')

    def send_altered(self, which, old, new):
        letter = self.shop.post.letters[which % len(self.shop.post.letters)]
        path = letter.url.partition("/api/pochi/")[2]
        self.run(self.shop.ask("POST", path, letter.body.replace(old, new)))

    @rule(times=st.integers(1, 3))
    def hooks_will_fail(self, times):
        self.hooks_fail = times

    def teardown(self):
        with self.stack:
            try:
                self.finish()
            finally:
                self.hooks_fail = 0

    def finish(self):
        if not self.shop.up:
            self.run(self.shop.start())
        self.run(self.shop.wait(DAY))
        pushes = {push.reference: push for push in self.shop.daraja.pushes}
        assert len(pushes) == len(self.shop.daraja.pushes), "something was pushed twice"
        found = self.run(self.shop.payments.list())
        for payment in found:
            self.agrees(payment, pushes.get(payment.reference))
        self.all_is_told({payment.payment_id: payment.status for payment in found})
        self.money_is_conserved(found, pushes)

    def agrees(self, payment, push):
        """The payment stands as the simulator's push ended."""
        if push is None:
            assert payment.status is not PaymentStatus.SUCCESS
            return
        receipt = push.outcome.receipt
        if payment.status is PaymentStatus.PENDING:
            # Nobody could have told it: no acknowledgement, and no callback that arrived.
            assert payment.checkout_id is None, payment
            assert payment.needs_review
        else:
            assert (payment.status is PaymentStatus.SUCCESS) == (receipt is not None), payment
            assert payment.receipt in (None, receipt)
        log = self.run(self.shop.payments.history(payment.payment_id))
        settled = [entry.changes["status"] for entry in log if entry.event is Event.SETTLED]
        assert settled == [payment.status.value] * payment.final

    def all_is_told(self, standing, kind=""):
        """Each end of `standing`, ids and statuses, was told."""
        for status in (PaymentStatus.SUCCESS, PaymentStatus.FAILED):
            expected = {number for number, stands in standing.items() if stands is status}
            told = {number for event, number in self.told if event == f"{kind}{status.value}"}
            assert told == expected

    def money_is_conserved(self, found, pushes):
        moved = sum(push.amount for push in pushes.values() if push.outcome.receipt)
        unknown = {each.reference for each in found if not each.final}
        booked = sum(each.amount for each in found if each.status is PaymentStatus.SUCCESS)
        pending = sum(
            push.amount
            for reference, push in pushes.items()
            if push.outcome.receipt and reference in unknown
        )
        assert booked + pending == moved
        receipts = [each.receipt for each in found if each.receipt]
        assert len(receipts) == len(set(receipts))


def success_of(push):
    items = {
        "Amount": push.amount,
        "MpesaReceiptNumber": f"FORGED{push.reference[4:]}",
        "TransactionDate": 20260302090010,
        "PhoneNumber": int(push.msisdn),
    }
    said = {
        "MerchantRequestID": push.merchant_request_id,
        "CheckoutRequestID": push.checkout_request_id,
        "ResultCode": 0,
        "ResultDesc": "The service request is processed successfully.",
        "CallbackMetadata": {
            "Item": [{"Name": name, "Value": value} for name, value in items.items()]
        },
    }
    return json.dumps({"Body": {"stkCallback": said}}).encode()


QUICK = settings(
    stateful_step_count=15,
    suppress_health_check=list(HealthCheck),
    deadline=None,
    phases=[Phase.explicit, Phase.generate],
    database=None,
)


def plays(machine, examples):
    """So many histories, each as it should be."""
    run_state_machine_as_test(machine, settings=settings(QUICK, max_examples=examples))


def finds(machine, bug):
    """A machine finds the bug, a context manager that plants it, within a hundred histories."""
    planted = type("Planted", (machine,), {"plant": (bug,)})
    always_the_same = settings(QUICK, max_examples=100, derandomize=True, print_blob=False)
    with pytest.raises(AssertionError):
        run_state_machine_as_test(planted, settings=always_the_same)
