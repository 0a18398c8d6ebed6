import string

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from darajasim.core.chance import Chance, fresh_seed

SEEDS = st.integers() | st.text(max_size=20)
NAMES = st.lists(st.text(max_size=6) | st.integers(), max_size=4)


def draws(chance, count=8):
    return [chance.hex(8) for _ in range(count)]


@given(SEEDS, NAMES)
def test_the_same_seed_and_names_draw_the_same(seed, names):
    assert draws(Chance(seed).fork(*names)) == draws(Chance(seed).fork(*names))


@given(SEEDS, NAMES, st.integers(0, 5))
def test_a_fork_does_not_depend_on_what_its_parent_drew(seed, names, count):
    busy, idle = Chance(seed), Chance(seed)
    draws(busy, count)
    assert draws(busy.fork(*names)) == draws(idle.fork(*names))


@given(SEEDS, NAMES)
def test_forking_draws_nothing_from_the_parent(seed, names):
    forked, alone = Chance(seed), Chance(seed)
    draws(forked.fork(*names))
    assert draws(forked) == draws(alone)


@given(SEEDS, NAMES, NAMES)
def test_forks_of_different_names_draw_differently(seed, names, others):
    assume([str(name) for name in names] != [str(name) for name in others])
    root = Chance(seed)
    assert draws(root.fork(*names)) != draws(root.fork(*others))


@given(SEEDS, NAMES, NAMES)
def test_forks_of_forks_are_forks_of_all_their_names(seed, names, more):
    root = Chance(seed)
    assert draws(root.fork(*names).fork(*more)) == draws(root.fork(*names, *more))


@pytest.mark.parametrize(
    ("names", "others"), [(("a/b",), ("a", "b")), (("a\\", "b"), ("a\\/b",)), ((), ("",))]
)
def test_a_slash_in_a_name_is_no_border_between_names(names, others):
    assert draws(Chance(1).fork(*names)) != draws(Chance(1).fork(*others))


@given(st.integers(), st.integers())
def test_different_seeds_draw_differently(one, other):
    assume(one != other)
    assert draws(Chance(one)) != draws(Chance(other))


@given(SEEDS, st.integers(1, 2**53))
def test_below_stays_below(seed, limit):
    chance = Chance(seed)
    assert all(0 <= chance.below(limit) < limit for _ in range(20))


@given(SEEDS, st.integers(-(10**9), 10**9), st.integers(0, 10**9))
def test_between_includes_both_ends_and_nothing_beyond(seed, low, width):
    chance = Chance(seed)
    assert all(low <= chance.between(low, low + width) <= low + width for _ in range(20))


def test_both_ends_come_up():
    chance = Chance(1)
    assert {chance.between(3, 5) for _ in range(100)} == {3, 4, 5}
    assert {chance.below(2) for _ in range(100)} == {0, 1}


@given(SEEDS, st.integers(1, 40))
def test_texts_have_the_length_and_the_letters_asked_for(seed, length):
    chance = Chance(seed)
    for draw, letters in (
        (chance.hex, "0123456789abcdef"),
        (chance.upper, string.digits + string.ascii_uppercase),
        (chance.alphanumeric, string.digits + string.ascii_letters),
    ):
        drawn = draw(length)
        assert len(drawn) == length
        assert set(drawn) <= set(letters)


@given(SEEDS, st.floats(max_value=0) | st.floats(min_value=1))
def test_certainty_draws_nothing(seed, probability):
    chance, untouched = Chance(seed), Chance(seed)
    assert chance.chance(probability) is (probability >= 1)
    assert draws(chance) == draws(untouched)


def test_a_probability_is_about_what_comes_of_it():
    chance = Chance(1)
    assert 200 < sum(chance.chance(0.25) for _ in range(1_000)) < 300


def test_a_fresh_seed_can_be_typed_again():
    seeds = {fresh_seed() for _ in range(20)}
    assert len(seeds) > 1
    assert all(0 <= seed < 10**9 for seed in seeds)
