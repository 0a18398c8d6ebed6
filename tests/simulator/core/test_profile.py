import pytest
from hypothesis import given
from hypothesis import strategies as st

from darajasim.core.profile import KNOBS, PROFILES, Profile


def test_observed_is_the_default():
    assert Profile() == Profile.named("observed")


@pytest.mark.parametrize("name", PROFILES)
def test_every_default_is_a_value_that_the_knob_takes(name):
    profile = Profile.named(name)
    for knob in KNOBS.values():
        assert knob.problem(getattr(profile, knob.name)) is None
        assert knob.about


@given(st.data(), st.sampled_from(sorted(KNOBS)), st.sampled_from(PROFILES))
def test_each_knob_can_be_set_alone(data, name, base):
    knob = KNOBS[name]
    value = data.draw(
        st.sampled_from(knob.choices)
        if knob.choices
        else st.integers(int(knob.low), min(int(knob.high), 10**6))
    )
    changed, plain = Profile.named(base, **{name: value}), Profile.named(base)
    assert getattr(changed, name) == value
    assert all(getattr(changed, other) == getattr(plain, other) for other in KNOBS if other != name)


@pytest.mark.parametrize(
    ("knobs", "message"),
    [
        ({"nonsense": 1}, "no knob 'nonsense'"),
        ({"in_flight": "never"}, "expected one of 4999, error, empty, 1101, found never"),
        ({"balance_item": 1}, "expected one of true, false, found 1"),
        ({"token_lifetime": 0}, "expected 1 to 86400, found 0"),
        ({"token_lifetime": True}, "expected a number, found true"),
        ({"query_hiccup_rate": 1.5}, "expected 0 to 1, found 1.5"),
        ({"waf_burst": "many"}, "expected a number, found many"),
    ],
)
def test_wrong_knobs_are_refused(knobs, message):
    with pytest.raises(ValueError, match=message.replace("(", r"\(")):
        Profile.named("observed", **knobs)


def test_an_unknown_profile_is_refused():
    with pytest.raises(ValueError, match="observed, documented, legacy"):
        Profile.named("modern")
