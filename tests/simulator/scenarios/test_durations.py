import pytest
from hypothesis import given
from hypothesis import strategies as st

from darajasim.scenarios.durations import parse


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("5s", 5),
        ("1.5s", 1.5),
        ("200ms", 0.2),
        ("2m", 120),
        ("1h", 3600),
        ("1d", 86_400),
        ("1m30s", 90),
        ("1h0m1s500ms", 3601.5),
        ("0s", 0),
        ("0.1s", 0.1),
        ("1d2h", 93_600),
    ],
)
def test_durations(text, seconds):
    assert parse(text) == seconds


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("5", "5s"),
        ("1.5", "1.5s"),
        ("5 s", "5s"),
        ("5 seconds", "5s"),
        ("1min", "1m"),
        ("2 Minutes", "2m"),
        ("1 hour", "1h"),
        ("3 days", "3d"),
        ("10msec", "10ms"),
        ("5S", "5s"),
    ],
)
def test_what_was_probably_meant(text, meant):
    with pytest.raises(ValueError, match=f"^{meant}$"):
        parse(text)


@pytest.mark.parametrize(
    "text",
    ["", "s", "-5s", "5x", "30s1m", "5s5s", "1e3s", ".5s", "5.s", "9999d", "9" * 10 + "s", "٣s"],
)
def test_no_durations(text):
    with pytest.raises(ValueError, match=r"^$"):
        parse(text)


@given(st.integers(0, 9), st.integers(0, 23), st.integers(0, 59), st.integers(0, 59))
def test_parts_add_up(days, hours, minutes, seconds):
    total = ((days * 24 + hours) * 60 + minutes) * 60 + seconds
    assert parse(f"{days}d{hours}h{minutes}m{seconds}s") == total


@given(st.text(max_size=20))
def test_nothing_but_a_number_or_a_value_error(text):
    try:
        assert parse(text) >= 0
    except ValueError as error:
        if str(error):
            assert parse(str(error)) >= 0
