from hypothesis import given
from hypothesis import strategies as st

from darajasim.core.gateway import Meter

MOMENTS = st.lists(st.floats(0, 1e6), max_size=60).map(sorted)


@given(MOMENTS, st.integers(1, 10))
def test_no_window_lets_more_through_than_it_may(moments, most):
    meter = Meter(60)
    passed = [moment for moment in moments if not meter.over("app", moment, most)]
    windows = [int(moment) // 60 for moment in passed]
    assert all(windows.count(window) <= most for window in windows)
    asked = [int(moment) // 60 for moment in moments]
    assert all(windows.count(w) == min(most, asked.count(w)) for w in set(asked))


@given(MOMENTS)
def test_without_a_limit_everything_passes(moments):
    meter = Meter(1)
    assert not any(meter.over("app", moment, 0) for moment in moments)


def test_apps_are_counted_apart():
    meter = Meter(1)
    assert not meter.over("one", 5.0, 1)
    assert not meter.over("two", 5.1, 1)
    assert meter.over("one", 5.2, 1)
    assert not meter.over("one", 6.0, 1)
