import math
import re
from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from darajasim.core.chance import Chance
from darajasim.core.clock import NAIROBI
from darajasim.core.identifiers import Identifiers
from darajasim.core.profile import Profile

MOMENTS = st.datetimes(datetime(2017, 1, 1), datetime(2031, 12, 31)).map(
    lambda moment: moment.replace(tzinfo=NAIROBI).timestamp()
)
MSISDNS = st.from_regex(r"254[17][0-9]{8}", fullmatch=True)
SEEDS = st.integers(0, 10**9)


def made(seed=1, **knobs):
    return Identifiers(Chance(seed), Profile.named("observed", **knobs))


@given(SEEDS)
def test_request_ids_have_the_current_shape_and_grow_per_node(seed):
    ids = made(seed)
    last = {}
    for _ in range(50):
        made_id = ids.request_id()
        match = re.fullmatch(
            r"([0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})(\d{4,8})", made_id
        )
        assert match, made_id
        node, counter = match[1], int(match[2])
        assert counter > last.get(node, 0)
        last[node] = counter


def test_old_request_ids_are_three_numbers():
    assert re.fullmatch(r"\d{4,5}-\d{6,9}-1", made(merchant_request_id="numeric").request_id())


@given(SEEDS, MOMENTS, MSISDNS)
def test_the_checkout_request_id_of_2026_is_day_first_nairobi_time_a_digit_and_the_subscriber(
    seed, moment, msisdn
):
    found = made(seed).checkout_request_id(moment, msisdn)
    stamp = datetime.fromtimestamp(moment, NAIROBI).strftime("%d%m%Y%H%M%S")
    assert re.fullmatch(rf"ws_CO_{stamp}\d{msisdn[-9:]}", found)


@pytest.mark.parametrize(
    ("era", "shape"),
    [
        ("2022", r"ws_CO_\d{14}\d{3}708374149"),
        ("2020", r"ws_CO_\d{14}\d{4}"),
        ("2018", r"ws_CO_DMZ_\d{9,10}_\d{17}"),
        ("2017", r"ws_CO_\d{17}"),
    ],
)
def test_older_eras(era, shape):
    ids = made(checkout_request_id=era)
    assert re.fullmatch(shape, ids.checkout_request_id(1_790_000_000.25, "254708374149"))


@given(SEEDS, MOMENTS, MSISDNS, st.sampled_from(["2026", "2022", "2020", "2018", "2017"]))
def test_checkout_request_ids_never_repeat_even_in_one_second(seed, moment, msisdn, era):
    ids = made(seed, checkout_request_id=era)
    found = [ids.checkout_request_id(moment, msisdn) for _ in range(40)]
    assert len(set(found)) == len(found)


def test_a_receipt_says_its_day():
    ids = made()
    moment = datetime(2026, 10, 11, 14, 5, 26, tzinfo=NAIROBI).timestamp()
    assert re.fullmatch(r"UJB\d[A-Z0-9]{6}", ids.receipt(moment))


@given(MOMENTS)
def test_receipts_are_ten_upper_case_characters_and_never_repeat(moment):
    ids = made()
    found = [ids.receipt(moment) for _ in range(200)]
    assert len(set(found)) == 200
    assert all(re.fullmatch(r"[A-Z]{2}[1-9A-V]\d[A-Z0-9]{6}", receipt) for receipt in found)


def test_a_token_is_28_letters_and_digits():
    assert re.fullmatch(r"[A-Za-z0-9]{28}", made().token())


@pytest.mark.parametrize("era", ["2026", "2022", "2020", "2018", "2017"])
@pytest.mark.parametrize("phones", [1, 3_000])
def test_thousands_of_ids_at_one_moment_differ_and_take_no_time(era, phones):
    ids = made(checkout_request_id=era, subscriber_lock="off")
    tries = []
    ids._checkout_request_id = lambda *given: tries.append(1) or original(*given)
    original = Identifiers._checkout_request_id.__get__(ids)
    found = {
        ids.checkout_request_id(1.79e9, f"2547{number % phones:08d}") for number in range(3_000)
    }
    assert len(found) == 3_000
    assert len(tries) < 3 * 3_000


@given(SEEDS, st.sampled_from(["2026", "2022", "2020", "2018", "2017"]))
def test_ids_never_repeat_while_time_goes_on(seed, era):
    ids = made(seed, checkout_request_id=era)
    moments = [1.79e9 + number * 0.01 for number in range(300)]
    found = [ids.checkout_request_id(moment, "254722000000") for moment in moments]
    assert len(set(found)) == len(found)


def test_only_the_present_second_and_those_it_spilled_into_are_remembered():
    ids = made()
    for second in range(200):
        for number in range(50):
            ids.checkout_request_id(1.79e9 + second, f"2547{number:08d}")
    assert sum(map(len, ids._taken.values())) <= 2 * 50
    for _ in range(100):
        ids.checkout_request_id(1.79e9 + 200, "254722000000")
    assert len(ids._crowded) == 1
    ids.checkout_request_id(1.79e9 + 1_000, "254722000000")
    assert sum(map(len, ids._taken.values())) == 1
    assert ids._crowded == {}


def test_neither_receipts_nor_request_ids_are_remembered():
    ids = made()
    before = {name: repr(value) for name, value in vars(ids).items()}
    for _ in range(1_000):
        ids.receipt(1.79e9)
        ids.request_id()
    changed = {name for name, value in vars(ids).items() if repr(value) != before[name]}
    assert changed == {"_counters", "_receipt"}


@given(SEEDS)
def test_the_walk_of_receipts_meets_every_number_once(seed):
    """Its stride shares no factor with how many there are."""
    assert math.gcd(made(seed)._receipt_stride, 10 * 36**6) == 1


@given(SEEDS)
def test_the_same_seed_gives_the_same_identifiers(seed):
    def draw():
        ids = made(seed)
        return [ids.request_id(), ids.token(), ids.receipt(1.7e9)]

    assert draw() == draw()
