import phonenumbers
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from darajasim.core.msisdn import is_msisdn, normalise

SUBSCRIBERS = st.from_regex(r"[71][0-9]{8}", fullmatch=True)


@given(SUBSCRIBERS, st.sampled_from(["0", "", "254", "+254"]))
def test_every_spelling_of_a_number_is_the_same_number(subscriber, prefix):
    assert normalise(prefix + subscriber) == f"254{subscriber}"


@given(SUBSCRIBERS)
def test_what_is_normal_stays(subscriber):
    msisdn = normalise(subscriber)
    assert is_msisdn(msisdn)
    assert normalise(msisdn) == msisdn


@given(st.text(max_size=15) | st.from_regex(r"\+?[0-9]{0,14}", fullmatch=True))
def test_anything_is_an_msisdn_or_a_reason(text):
    try:
        assert is_msisdn(normalise(text))
    except ValueError as reason:
        assert str(reason)
        assert not is_msisdn(text)


@given(SUBSCRIBERS)
def test_the_oracle_reads_the_same_number(subscriber):
    """phonenumbers knows which ranges are assigned; of those, it must read the same."""
    parsed = phonenumbers.parse(f"0{subscriber}", "KE")
    assume(phonenumbers.is_valid_number(parsed))
    shown = phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164)
    assert f"+{normalise('0' + subscriber)}" == shown


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "it is empty"),
        ("+255722000000", "it does not belong to Kenya"),
        ("0722 000 000", "it contains ' '"),
        ("072200000x", "it contains 'x'"),
        ("0202000000", "a mobile number goes on with 7 or 1"),
        ("254", "a mobile number goes on with 7 or 1"),
        ("072200000", "it has 1 digit too few"),
        ("07220000000", "it has 1 digit too many"),
        ("0722", "it has 6 digits too few"),
        ("٠٧٢٢٠٠٠٠٠٠", "it contains"),
        ("0722000000\n", "it contains"),
    ],
)
def test_refusals_say_why(text, reason):
    with pytest.raises(ValueError, match=reason):
        normalise(text)


@pytest.mark.parametrize("text", ["0722000000", "25472200000", "+254722000000", "254222000000", ""])
def test_only_one_form_is_an_msisdn(text):
    assert not is_msisdn(text)
