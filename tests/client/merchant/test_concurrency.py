"""At the same moment, on a real file, in real threads, through two engines as processes have."""

import asyncio
import itertools

import pytest

from mpesa_pochi.merchant import Database, create_app


@pytest.fixture
def url(tmp_path):
    return f"sqlite:///{tmp_path}/pochi.sqlite3"


def twins(shop, url):
    """A second application on the same file, with its own engine."""
    database = Database(url)
    return create_app(shop.line, database, now=shop.now).state.payments, database


def test_identical_callbacks_at_the_same_moment_are_applied_once(go, url):
    async def scenario(shop):
        other, database = twins(shop, url)
        numbers = range(1, 6)
        for _ in numbers:
            await shop.push()
        deliveries = [
            service.receive(shop.result(number), source=None, token=token)
            for number in numbers
            for service in (shop.payments, other)
            for token in (None, f"token-{number}")
        ]
        judged = await asyncio.gather(*deliveries)
        await database.dispose()
        return judged, await shop.payments.list(), await shop.payments.callbacks()

    judged, payments, callbacks = go(scenario, database=url)
    assert [payment.status.value for payment in payments] == ["success"] * 5
    assert not any(payment.needs_review for payment in payments)
    for payment in payments:
        mine = [each.judgement.value for each in judged if each.payment_id == payment.payment_id]
        assert sorted(mine) == ["applied", "duplicate", "duplicate", "duplicate"]
    assert len(callbacks) == 20


@pytest.mark.parametrize("code", [0, 1032])
def test_a_callback_races_a_query(go, url, code):
    async def scenario(shop):
        numbers = range(1, 9)
        for number in numbers:
            await shop.push()
            shop.daraja.results[shop.daraja.checkout_id(number)] = str(code)
        await asyncio.gather(
            *(
                race
                for number in numbers
                for race in (shop.deliver(number, code), shop.query(number))
            )
        )
        return await shop.payments.list(), await shop.judgements()

    payments, judgements = go(scenario, database=url)
    expected = "success" if code == 0 else "failed"
    assert {payment.status.value for payment in payments} == {expected}
    assert all(bool(payment.receipt) == (code == 0) for payment in payments)
    assert not any(payment.needs_review for payment in payments)
    allowed = {"applied", "completed"} if code == 0 else {"applied", "duplicate"}
    assert set(judgements) <= allowed


@pytest.mark.parametrize("own", [True, False])
def test_a_callback_races_the_acknowledgement(go, url, own):
    async def scenario(shop):
        deliveries = []

        async def at_once(number):
            # Started, not awaited: it runs beside the transaction that records the acknowledgement.
            token = f"token-{number}" if own else None
            deliveries.append(asyncio.create_task(shop.call_back(shop.result(number), token)))

        shop.daraja.before_answering = at_once
        for _ in range(12):
            await shop.push()
        await asyncio.gather(*deliveries)
        return await shop.payments.list(), await shop.judgements()

    payments, judgements = go(scenario, database=url)
    assert [payment.status.value for payment in payments] == ["success"] * 12
    assert judgements == ["applied"] * 12


def test_opposite_callbacks_at_the_same_moment_settle_once_and_flag(go, url):
    async def scenario(shop):
        for _ in range(6):
            await shop.push()
        races = itertools.product(range(1, 7), (0, 1032))
        await asyncio.gather(*(shop.deliver(number, code) for number, code in races))
        return await shop.payments.list(), await shop.judgements()

    payments, judgements = go(scenario, database=url)
    assert all(payment.final and payment.needs_review for payment in payments)
    assert sorted(judgements) == ["applied"] * 6 + ["conflict"] * 6


def test_many_pushes_at_once_each_have_their_row(go, url):
    async def scenario(shop):
        await asyncio.gather(*(shop.push() for _ in range(10)))
        return await shop.payments.list()

    payments = go(scenario, database=url)
    assert len({payment.checkout_id for payment in payments}) == 10


def test_one_start_judges_what_another_process_is_judging(go, url):
    async def scenario(shop):
        other, database = twins(shop, url)
        for _ in range(4):
            await shop.push()
        await asyncio.gather(
            *(shop.deliver(number) for number in range(1, 5)),
            *(other.judge_stored() for _ in range(8)),
        )
        await other.judge_stored()
        await database.dispose()
        return await shop.payments.list(), await shop.judgements()

    payments, judgements = go(scenario, database=url)
    assert [payment.status.value for payment in payments] == ["success"] * 4
    assert judgements == ["applied"] * 4
