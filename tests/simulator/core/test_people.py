from hypothesis import given, settings
from hypothesis import strategies as st

from darajasim.core.people import name_for

MSISDNS = st.from_regex(r"254[17][0-9]{8}", fullmatch=True)


@settings(max_examples=30)
@given(MSISDNS, st.integers(0, 10**9))
def test_a_name_is_two_words_or_more_in_capitals_and_always_the_same(msisdn, seed):
    name = name_for(msisdn, seed)
    assert name == name.upper()
    assert len(name.split()) >= 2
    name_for.cache_clear()
    name_for("254700000000", seed)
    assert name_for(msisdn, seed) == name


def test_names_differ_between_numbers_and_between_seeds():
    numbers = [f"2547220000{number:02d}" for number in range(50)]
    first, second = ([name_for(number, seed) for number in numbers] for seed in (1, 2))
    assert len(set(first)) > 40
    assert sum(one != other for one, other in zip(first, second, strict=True)) > 40
