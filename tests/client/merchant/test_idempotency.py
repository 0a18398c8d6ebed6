"""The same key is the same payment: one push, one answer, whatever was lost on the way."""

import asyncio

import httpx
import pytest
from hypothesis import strategies as st

from mpesa_pochi.merchant.idempotency import LONGEST, UNDER_WAY
from support.laws import holds

ORDER = {"phone": "0722000000", "amount": 100, "reference": "INV-1"}


async def send(shop, key="k-1", **changes):
    return await shop.post("stk-push", ORDER | changes, headers={"Idempotency-Key": key})


def test_the_same_order_again_is_the_same_answer_and_no_second_push(go):
    async def scenario(shop):
        first, again = await send(shop), await send(shop)
        assert again.status_code == first.status_code == 200
        assert again.json() == first.json()
        assert "idempotency-replayed" not in first.headers
        assert again.headers["idempotency-replayed"] == "true"
        assert len(shop.daraja.pushes) == len(await shop.payments.list()) == 1

    go(scenario)


def test_the_same_phone_written_otherwise_is_the_same_order(go):
    async def scenario(shop):
        first = await send(shop)
        assert (await send(shop, phone="+254 722 000 000")).json() == first.json()

    go(scenario)


def test_another_key_or_none_is_another_payment(go):
    async def scenario(shop):
        for key in ("k-1", "k-2"):
            await send(shop, key)
        await shop.push()
        await shop.push()
        assert len(shop.daraja.pushes) == 4

    go(scenario)


@pytest.mark.parametrize("change", [{"amount": 101}, {"phone": "0722000001"}, {"reference": "B"}])
def test_another_order_with_the_same_key_is_refused(go, change):
    async def scenario(shop):
        await send(shop)
        refused = await send(shop, **change)
        assert refused.status_code == 409
        assert "new key" in refused.json()["error"]
        assert "retry-after" not in refused.headers
        assert len(shop.daraja.pushes) == 1

    go(scenario)


def test_while_the_first_is_being_answered_the_others_are_told_to_come_back(go):
    async def scenario(shop):
        asked, answer = asyncio.Event(), asyncio.Event()

        async def hold(_number):
            asked.set()
            await answer.wait()

        shop.daraja.before_answering = hold
        first = asyncio.ensure_future(send(shop))
        await asked.wait()
        early = await send(shop)
        assert (early.status_code, early.headers["retry-after"]) == (409, "2")
        answer.set()
        assert (await first).status_code == 200
        assert (await send(shop)).json() == (await first).json()
        assert len(shop.daraja.pushes) == 1

    go(scenario)


def test_a_refusal_is_replayed_too(go):
    async def scenario(shop):
        shop.daraja.push_answers.append(shop.daraja.envelope("500.003.02", "Spike arrest", 429))
        first, again = await send(shop), await send(shop)
        assert first.status_code == again.status_code == 503
        assert again.json() == first.json()
        assert len(shop.daraja.pushes) == 1

    go(scenario)


def test_after_a_crash_the_payment_is_told_as_it_stands_and_nothing_is_pushed(go):
    async def scenario(shop):
        async def crash(_number):
            raise KeyboardInterrupt

        shop.daraja.before_answering = crash
        with pytest.raises(KeyboardInterrupt):
            await send(shop)
        shop.daraja.before_answering = None
        assert (await send(shop)).status_code == 409
        shop.later(UNDER_WAY.total_seconds())
        unknown = await send(shop)
        assert (unknown.status_code, unknown.json()["outcome"]) == (202, "unknown")
        await shop.deliver()
        paid = await send(shop)
        assert (paid.status_code, paid.json()["outcome"]) == (200, "paid")
        assert len(shop.daraja.pushes) == len(await shop.payments.list()) == 1

    go(scenario)


@pytest.mark.parametrize("key", ["", " ", "k" * (LONGEST + 1), "ufunguo\u00e9"])
def test_what_is_no_key_is_refused_before_anything_is_written(go, key):
    async def scenario(shop):
        headers = [(b"idempotency-key", key.encode())]
        refused = await shop.post("stk-push", ORDER, headers=headers)
        assert refused.status_code == 400
        assert "Idempotency-Key" in refused.json()["error"]
        assert await shop.payments.list() == ()

    go(scenario)


def test_a_mistake_claims_no_key(go):
    async def scenario(shop):
        assert (await send(shop, amount=0)).status_code == 422
        assert (await send(shop)).status_code == 200

    go(scenario)


def test_in_whatever_order_there_is_one_push_for_each_key(go, shops):
    @holds(
        shops,
        25,
        sent=st.lists(st.tuples(st.sampled_from("abc"), st.integers(1, 2)), min_size=1, max_size=8),
    )
    def _(sent):
        """And it is for the amount that came with the key first: in memory the first that was
        sent, on a server whichever was quicker.
        """

        async def scenario(shop):
            answers = await asyncio.gather(
                *(send(shop, key, amount=amount) for key, amount in sent)
            )
            assert all(isinstance(answer, httpx.Response) for answer in answers)
            pushed = sorted(int(push["Amount"]) for push in shop.daraja.pushes)
            first = dict(reversed(sent))
            if not shop.database.inline:
                won = zip(sent, answers, strict=True)
                first |= {key: amount for (key, amount), answer in won if answer.status_code == 200}
            assert pushed == sorted(first.values())
            for (key, amount), answer in zip(sent, answers, strict=True):
                assert answer.status_code in ((200, 409) if amount == first[key] else (409,))

        go(scenario)
