"""How often what may be asked: pushes, questions, wrong tokens; and what is never counted."""

import logging
import re
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from limits.storage import MovingWindowSupport, Storage

from mpesa_pochi.merchant.limits import NO_LIMITS, Limiter, Limits, items
from mpesa_pochi.merchant.windows import SWEEP, ClockedWindows

on_sqlite = pytest.mark.parametrize("shops", ["sqlite"], indirect=True)
TOKEN = "planted-admin-token"
NONE = {name: None for name in NO_LIMITS.__slots__ if name != "storage"}


def only(**limits):
    return Limits(**(NONE | limits))


def admin(token):
    return {"headers": {"Authorization": f"Bearer {token}"}}


async def statuses(asked, count):
    return [(await asked()).status_code for _ in range(count)]


@on_sqlite
def test_a_phone_is_prompted_five_times_a_minute_and_no_more(go):
    async def scenario(shop):
        assert await statuses(shop.push, 6) == [200] * 5 + [429]
        assert len(shop.daraja.pushes) == len(await shop.payments.list()) == 5
        assert (await shop.push(phone="0722000001")).status_code == 200

    go(scenario, limits=Limits())


@on_sqlite
def test_one_too_many_is_answered_as_others_are(go):
    async def scenario(shop):
        await statuses(shop.push, 5)
        shop.later(18.5)
        refused = await shop.push()
        assert refused.status_code == 429
        assert refused.headers["retry-after"] == "42"
        body = refused.json()
        assert body["details"] == []
        assert "come back in 42 s" in body["error"]
        assert "wait a little" in body["customer_message"]
        swahili = await shop.post(
            "stk-push?lang=sw", {"phone": "0722000000", "amount": 1, "reference": "I"}
        )
        assert "subiri kidogo" in swahili.json()["customer_message"]

    go(scenario, limits=Limits())


@on_sqlite
def test_retry_after_is_true_to_the_second(go):
    async def scenario(shop):
        for _ in range(5):
            await shop.push()
            shop.later(7)
        wait = int((await shop.push()).headers["retry-after"])
        shop.later(wait - 1)
        assert (await shop.push()).status_code == 429
        shop.later(1)
        assert (await shop.push()).status_code == 200

    go(scenario, limits=Limits())


@on_sqlite
def test_the_longest_of_several_limits_is_told(go):
    async def scenario(shop):
        told = []
        for _ in range(8):
            told.append(await shop.push())
            shop.later(30)
        assert [answer.status_code for answer in told] == [200] * 6 + [429] * 2
        assert told[6].headers["retry-after"] == str(3600 - 6 * 30)

    go(scenario, limits=only(pushes_per_phone="5/minute; 6/hour"))


@on_sqlite
def test_what_is_refused_does_not_count(go):
    async def scenario(shop):
        assert await statuses(shop.push, 9) == [200] * 2 + [429] * 7
        shop.later(60)
        assert await statuses(shop.push, 3) == [200] * 2 + [429]

    go(scenario, limits=only(pushes_per_phone="2/minute", pushes_per_address="3/minute"))


@on_sqlite
def test_a_mistake_in_an_order_does_not_count(go):
    async def scenario(shop):
        for _ in range(3):
            assert (await shop.push(amount=0)).status_code == 422
        assert (await shop.push()).status_code == 200

    go(scenario, limits=only(pushes_per_phone="1/minute", pushes_per_address="1/minute"))


@on_sqlite
def test_a_replay_is_neither_refused_nor_counted(go):
    async def scenario(shop):
        order = {"phone": "0722000000", "amount": 100, "reference": "INV-1"}
        key = {"headers": {"Idempotency-Key": "k-1"}}
        first = await shop.post("stk-push", order, **key)
        for _ in range(4):
            again = await shop.post("stk-push", order, **key)
            assert again.json() == first.json()
        other = await shop.post("stk-push", order | {"amount": 7}, **key)
        assert other.status_code == 409
        assert (await shop.push()).status_code == 200
        assert (await shop.push()).status_code == 429
        assert (await shop.post("stk-push", order, **key)).status_code == 200
        assert len(shop.daraja.pushes) == 2

    go(scenario, limits=only(pushes_per_phone="2/minute", pushes_per_address="2/minute"))


@on_sqlite
def test_an_order_that_was_refused_can_be_sent_again_under_its_key(go):
    async def scenario(shop):
        order = {"phone": "0722000000", "amount": 100, "reference": "INV-1"}
        await shop.push()
        key = {"headers": {"Idempotency-Key": "k-1"}}
        assert (await shop.post("stk-push", order, **key)).status_code == 429
        shop.later(60)
        assert (await shop.post("stk-push", order, **key)).status_code == 200
        assert len(shop.daraja.pushes) == 2

    go(scenario, limits=only(pushes_per_phone="1/minute"))


@on_sqlite
def test_an_address_asks_for_so_many_prompts(go):
    async def scenario(shop):
        phones = (f"07220000{number:02}" for number in range(7))
        told = [(await shop.push(phone=phone)).status_code for phone in phones]
        assert told == [200] * 6 + [429]

    go(scenario, limits=only(pushes_per_address="6/minute"))


@on_sqlite
def test_questions_about_payments_are_limited_known_or_not(go):
    async def scenario(shop):
        await shop.push()
        assert (await shop.query(1)).status_code == 200
        assert (await shop.query(77)).status_code == 404
        assert (await shop.query(1)).status_code == 429
        assert len(shop.daraja.queries) == 1

    go(scenario, limits=only(queries_per_address="2/minute"))


@on_sqlite
def test_wrong_tokens_close_the_door_for_a_while_for_right_ones_too(go):
    async def scenario(shop):
        for number in range(20):
            wrong = await shop.http.get(f"{shop.prefix}/payments", **admin(f"guess-{number}"))
            assert wrong.status_code == 401
        closed = await shop.http.get(f"{shop.prefix}/payments", **admin(TOKEN))
        assert closed.status_code == 429
        assert closed.headers["retry-after"] == "60"
        shop.later(60)
        assert (await shop.http.get(f"{shop.prefix}/payments", **admin(TOKEN))).status_code == 200

    go(scenario, limits=Limits(), admin_token=TOKEN)


@on_sqlite
def test_right_tokens_and_none_at_all_are_not_counted(go):
    async def scenario(shop):
        for _ in range(3):
            right = await shop.http.get(f"{shop.prefix}/payments", **admin(TOKEN))
            assert right.status_code == 200
            assert (await shop.get("payments")).status_code == 401

    go(scenario, limits=only(wrong_tokens_per_address="1/minute"), admin_token=TOKEN)


@on_sqlite
def test_callbacks_are_never_limited(go):
    async def scenario(shop):
        await shop.push()
        for _ in range(30):
            assert (await shop.call_back(b"{}", "nobody's")).status_code == 403
        assert (await shop.deliver()).status_code == 200
        assert len(await shop.judgements()) == 31

    go(scenario, limits=only(**dict.fromkeys(NONE, "1/hour")))


@on_sqlite
def test_no_limits_are_no_limits(go):
    async def scenario(shop):
        assert await statuses(shop.push, 8) == [200] * 8

    go(scenario, limits=None)


@pytest.mark.parametrize("text", ["", "5", "5/fortnight", "5/minute;", "0/minute", "-1/minute", 5])
def test_a_limit_that_cannot_be_read_is_refused(text):
    with pytest.raises(ValueError, match="expected queries_per_address such as"):
        Limits(queries_per_address=text)


@pytest.mark.parametrize(
    "uri", ["nosuch://:planted@host", "planted", "memcached://planted:1", "redis://:planted@"]
)
def test_a_storage_that_cannot_work_is_refused_without_showing_it(uri):
    with pytest.raises(ValueError, match="limits storage") as refusal:
        Limiter(Limits(storage=uri), now=lambda: datetime.now(UTC))
    assert "planted" not in str(refusal.value)
    assert "planted" not in repr(Limits(storage=uri))


# ---------------------------------------------------------------------------------------- addresses


def neighbours(*, address, other, proxies=("127.0.0.1",)):
    """Whether two addresses count as one."""

    async def scenario(shop):
        async def ask(sender):
            return await shop.post(
                "query-stk", {"payment_id": 1}, headers={"X-Forwarded-For": sender}
            )

        assert (await ask(address)).status_code == 404
        return (await ask(other)).status_code == 429

    return scenario, {"trusted_proxies": proxies, "limits": only(queries_per_address="1/minute")}


@on_sqlite
@pytest.mark.parametrize(
    ("address", "other", "same"),
    [
        ("192.0.2.1", "192.0.2.2", False),
        ("192.0.2.1", "::ffff:192.0.2.1", True),
        ("2001:db8::1", "2001:db8::ffff:1", True),
        ("2001:db8::1", "2001:db8:0:1::1", False),
    ],
)
def test_an_address_of_ipv6_is_its_network(go, address, other, same):
    scenario, options = neighbours(address=address, other=other)
    assert go(scenario, **options) is same


@on_sqlite
def test_who_only_says_to_be_another_counts_as_one(go):
    scenario, options = neighbours(address="192.0.2.1", other="192.0.2.2", proxies=())
    assert go(scenario, **options)


# ---------------------------------------------------------------------------------- shared storages


class Shared(Storage, MovingWindowSupport):
    """A storage that several processes share; it goes away with `away`."""

    STORAGE_SCHEME = ("shared-test",)
    windows: ClockedWindows
    keys: set[str]
    away = False

    @property
    def base_exceptions(self):
        return ConnectionError

    def acquire_entry(self, key, limit, expiry, amount=1):
        if self.away:
            raise ConnectionError("redis://:planted@host is away")
        self.keys.add(key)
        return self.windows.acquire_entry(key, limit, expiry, amount)

    def get_moving_window(self, key, limit, expiry):
        if self.away:
            raise ConnectionError("redis://:planted@host is away")
        return self.windows.get_moving_window(key, limit, expiry)

    incr = get = get_expiry = check = reset = clear = None


@pytest.fixture
def shared(monkeypatch):
    windows = ClockedWindows(lambda: datetime(2026, 10, 11, tzinfo=UTC))
    monkeypatch.setattr(Shared, "windows", windows, raising=False)
    monkeypatch.setattr(Shared, "keys", set(), raising=False)
    return only(pushes_per_phone="2/minute", storage="shared-test://")


@on_sqlite
def test_processes_with_one_storage_count_together_and_it_sees_no_phone(go, shared):
    async def scenario(shop):
        return await statuses(shop.push, 2)

    assert go(scenario, limits=shared) == [200, 200]
    assert go(scenario, limits=shared) == [429, 429]
    assert Shared.keys
    assert not any("722000000" in key for key in Shared.keys)


@on_sqlite
def test_without_its_storage_payments_go_on_and_it_is_said(go, shared, monkeypatch, caplog):
    async def scenario(shop):
        return await statuses(shop.push, 3)

    monkeypatch.setattr(Shared, "away", True)
    with caplog.at_level(logging.WARNING, "mpesa_pochi.merchant"):
        assert go(scenario, limits=shared) == [200] * 3
    assert "storage of the limits is away: ConnectionError" in caplog.text
    assert "planted" not in caplog.text


# --------------------------------------------------------------------------------------------- laws


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.floats(min_value=0, max_value=40), max_size=60),
    st.integers(min_value=1, max_value=5),
)
def test_no_window_ever_holds_more_than_its_limit(pauses, most):
    """And nothing is refused that would fit."""
    moment = [datetime(2026, 10, 11, tzinfo=UTC)]
    windows = ClockedWindows(lambda: moment[0])
    passed = []
    for pause in pauses:
        moment[0] += timedelta(seconds=pause)
        at = moment[0].timestamp()
        fits = sum(at - 60 < earlier for earlier in passed) < most
        assert windows.acquire_entry("k", most, 60) is fits
        if fits:
            passed.append(at)
        start, count = windows.get_moving_window("k", most, 60)
        assert count == sum(at - 60 < earlier for earlier in passed)
        assert start >= at - 60


def test_memory_holds_only_what_still_counts():
    moment = [datetime(2026, 10, 11, tzinfo=UTC)]
    windows = ClockedWindows(lambda: moment[0])
    for number in range(500):
        windows.acquire_entry(f"k-{number}", 5, 60)
        moment[0] += timedelta(seconds=1)
    assert len(windows._hits) == len(windows._lasts) <= 60 + SWEEP


def test_the_defaults_are_those_that_are_documented():
    told = " ".join(re.findall(r'"(\d+/[^"]*)"', repr(Limits().given).replace("'", '"')))
    assert told == "5/minute; 30/hour 60/minute 120/minute 20/minute"
    assert items("x", "5 per 2 minutes")[0].get_expiry() == 120
