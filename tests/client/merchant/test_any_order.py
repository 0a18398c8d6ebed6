"""Callbacks, queries and acknowledgements in any order, any number of times, true and false.

A model of a few lines says what must come of it; it shares nothing with the application's law.
"""

from dataclasses import dataclass

import httpx
from hypothesis import strategies as st

from support.laws import holds

PAID, OTHER = "0", "1032"


@dataclass(frozen=True)
class Callback:
    """A callback that says `code`; to the payment's own address, or to the one without a token."""

    code: str
    receipt: str
    own: bool
    amount: int = 100


@dataclass(frozen=True)
class Query:
    """A query that is answered with `code`."""

    code: str


@dataclass(frozen=True)
class Broken:
    """A query that Daraja answers with an error."""


@dataclass(frozen=True)
class Forged:
    """A callback to an address that no payment has."""


CODES = st.sampled_from([PAID, OTHER])
EVENTS = st.one_of(
    st.builds(
        Callback,
        code=CODES,
        receipt=st.sampled_from(["AAAAAAAAA1", "AAAAAAAAA2"]),
        own=st.booleans(),
        amount=st.sampled_from([100, 100, 100, 1]),
    ),
    st.builds(Query, code=st.sampled_from([PAID, OTHER, "4999"])),
    st.just(Broken()),
    st.just(Forged()),
)
FATES = st.sampled_from(["accepted", "lost", "refused"])


class Model:
    """What must come of it."""

    def __init__(self):
        self.status, self.receipt, self.review = "pending", None, False
        self.known = False
        self.waiting = []
        self.credits = 0

    def callback(self, event):
        if not event.own and not self.known:
            self.waiting.append(event)
            return
        if event.code == PAID and event.amount != 100:
            self.review = True
            return
        newly = not self.known
        self.known = True
        self.claim(event.code, event.receipt if event.code == PAID else None)
        if newly:
            self.wake()

    def acknowledged(self):
        if not self.known:
            self.known = True
            self.wake()

    def wake(self):
        waiting, self.waiting = self.waiting, []
        for event in waiting:
            self.callback(event)

    def claim(self, code, receipt=None):
        said = "success" if code == PAID else "failed"
        if self.status == "pending":
            self.status, self.receipt = said, receipt
            self.credits += said == "success"
        elif self.status != said or (receipt and self.receipt and receipt != self.receipt):
            self.review = True
        elif receipt:
            self.receipt = receipt

    def query(self, code):
        if self.known and code != "4999":
            self.claim(code)


class History:
    """Counts how often a status changed, whoever looks."""

    def __init__(self, shop):
        self.shop, self.seen = shop, ["pending"]

    async def look(self):
        [payment] = await self.shop.payments.list()
        if payment.status.value != self.seen[-1]:
            self.seen.append(payment.status.value)


async def happens(shop, model, event):
    match event:
        case Callback():
            model.callback(event)
            changes = {"receipt": event.receipt, "amount": event.amount}
            body = shop.result(1, int(event.code), **changes)
            answer = await shop.call_back(body, "token-1" if event.own else None)
            assert answer.json() == {"ResultCode": 0, "ResultDesc": "Accepted"}
        case Forged():
            answer = await shop.call_back(shop.result(), "forged")
            assert answer.status_code == 403
        case Query():
            model.query(event.code)
            shop.daraja.results[shop.daraja.checkout_id(1)] = event.code
            answer = await shop.query()
            assert answer.json()["status"] == model.status
        case Broken():
            shop.daraja.query_answers = [shop.daraja.envelope("500.003.03", "Quota Violation")]
            answer = await shop.query()
            assert answer.status_code == (503 if model.known else answer.status_code)
            shop.daraja.query_answers = []


async def story(shop, fate, before, after):
    model, history = Model(), History(shop)

    async def early(_):
        for event in before:
            await happens(shop, model, event)
            await history.look()

    shop.daraja.before_answering = early
    refused = shop.daraja.envelope("500.003.03", "Quota Violation")
    other = {"lost": httpx.ReadError("reset"), "refused": refused}
    shop.daraja.push_answers = [other[fate]] if fate in other else []
    await shop.push()
    if fate == "accepted":
        model.acknowledged()
    if fate == "refused":
        model.claim("500.003.03")
    await history.look()
    for event in after:
        await happens(shop, model, event)
        await history.look()
    return model, history, await shop.payments.get(1), await shop.payments.callbacks()


def test_a_payment_is_credited_at_most_once_and_ends_as_the_law_says(go, shops):
    @holds(
        shops,
        60,
        fate=FATES,
        before=st.lists(EVENTS, max_size=4),
        after=st.lists(EVENTS, max_size=6),
    )
    def _(fate, before, after):
        model, history, payment, callbacks = go(story, fate, before, after)
        assert payment.status == model.status
        assert payment.receipt == model.receipt
        assert payment.needs_review == model.review
        assert (payment.checkout_id is not None) == model.known
        # A settled status never changes: at most one step away from pending, and one credit.
        assert len(history.seen) <= 2
        assert history.seen.count("success") == model.credits <= 1
        judgements = [callback.judgement.value for callback in callbacks]
        assert judgements.count("applied") <= 1
        assert judgements.count("completed") <= 1
        assert judgements.count("kept") == len(model.waiting)
        arrived = [event for event in (*before, *after) if isinstance(event, Callback | Forged)]
        assert len(callbacks) == len(arrived)


def test_payments_do_not_disturb_each_other(go, shops):
    @holds(shops, 20, order=st.permutations([1, 1, 2, 2, 3, 3]), early=st.integers(0, 3))
    def _(order, early):
        async def scenario(shop):
            async def deliver_early(number):
                if number == 3:
                    for other in order[:early]:
                        await shop.call_back(shop.result(other, 1032 if other == 2 else 0))

            shop.daraja.before_answering = deliver_early
            for _ in range(3):
                await shop.push()
            for number in order[early:]:
                await shop.deliver(number, 1032 if number == 2 else 0)
            return await shop.payments.list(), await shop.judgements()

        payments, judgements = go(scenario)
        assert [payment.status.value for payment in payments] == ["success", "failed", "success"]
        assert [payment.needs_review for payment in payments] == [False] * 3
        assert sorted(judgements) == ["applied"] * 3 + ["duplicate"] * 3
