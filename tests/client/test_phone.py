import json
import re
import string
from pathlib import Path

import phonenumbers
import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from mpesa_pochi.errors import InvalidRequest, PhoneNumberError, PhoneProblem
from mpesa_pochi.phone import normalise
from support.every import every

SHARED = json.loads(
    (Path(__file__).parents[1] / "support" / "phone_cases.json").read_text(encoding="utf-8")
)
"""Each is `written` so, and a `number`, or `refused` for a reason that Python's error `says`."""
MOBILE = phonenumbers.PhoneMetadata.metadata_for_region("KE").mobile.national_number_pattern
SUBSCRIBERS = st.from_regex(r"[71][0-9]{8}", fullmatch=True)
PREFIXES = ("", "0", "254", "+254", "00254", "000254", "2540", "+2540", "002540", "0002540")
DECORATION = ("", " ", "-", ".", "\u00a0", "\u202f", "\u2009", "\u2013", "\u2212", "(", ")", "\t")
INVISIBLE = ("\u200b", "\u200e", "\u202a", "\u202c", "\ufeff", "\u2060")


@st.composite
def written(draw):
    """A number as somebody might write it, and what it should become."""
    subscriber = draw(SUBSCRIBERS)
    digits = draw(st.sampled_from(PREFIXES)) + subscriber
    gaps = st.lists(st.sampled_from(DECORATION + INVISIBLE), max_size=2).map("".join)
    text = draw(gaps) + "".join(digit + draw(gaps) for digit in digits)
    assume(len(text) <= 64)
    return text, f"254{subscriber}"


def oracle(text):
    """What Google's library makes of it, as seen from Kenya; None if it makes nothing of it."""
    try:
        number = phonenumbers.parse(text, "KE")
    except phonenumbers.NumberParseException:
        return None
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


@every(SHARED, name=lambda case: ascii(case["written"]))
def test_the_table_that_the_page_is_tested_with_too(case):
    if "number" in case:
        assert normalise(case["written"]) == case["number"]
        return
    with pytest.raises(PhoneNumberError) as caught:
        normalise(case["written"])
    assert caught.value.reason is PhoneProblem[case["refused"].upper().replace("-", "_")]
    assert case["says"] in str(caught.value)
    assert "0722 000000" in caught.value.advice


def test_the_table_has_every_reason():
    refused = {case["refused"] for case in SHARED if "refused" in case}
    assert refused == {problem.name.lower().replace("_", "-") for problem in PhoneProblem}


@pytest.mark.parametrize(
    ("text", "says"), [(722000000.0, "float"), (b"0722000000", "bytes"), (True, "bool")]
)
def test_what_only_python_has_is_no_text(text, says):
    with pytest.raises(PhoneNumberError, match=says) as caught:
        normalise(text)
    assert caught.value.reason is PhoneProblem.NOT_TEXT


def test_the_error_is_one_of_arguments():
    with pytest.raises(InvalidRequest):
        normalise("nonsense")
    with pytest.raises(ValueError, match="nonsense"):
        normalise("nonsense")


@given(written())
def test_every_writing_becomes_the_one_form(case):
    text, expected = case
    assert normalise(text) == expected


@given(written())
def test_normalising_twice_changes_nothing(case):
    once = normalise(case[0])
    assert normalise(once) == once
    assert normalise(int(once)) == once
    assert len(once) == 12


@given(written())
def test_the_oracle_reads_the_same_number(case):
    text, expected = case
    # The oracle knows Kenya's own prefix for calls abroad, 000; people write 00.
    digits = "".join(character for character in text if character in string.digits)
    international = digits.removeprefix("0") if digits.startswith("000254") else digits
    if international.startswith("00254"):
        text = f"+{international[2:]}"
    # It does not know every space there is, nor the marks that cannot be seen.
    text = "".join(" " if mark.isspace() else mark for mark in text if mark not in INVISIBLE)
    assert oracle(text) == f"+{expected}"


@given(st.text(alphabet=string.digits + "+ -.()", max_size=18))
@example("722000000")
def test_what_is_accepted_is_what_the_oracle_reads(text):
    try:
        ours = normalise(text)
    except PhoneNumberError:
        return
    if text.strip(" -.()").startswith("00"):
        return  # the oracle knows only 000
    assert oracle(text) == f"+{ours}"


@given(st.from_regex(re.compile(MOBILE, re.ASCII), fullmatch=True), st.sampled_from(PREFIXES))
def test_no_number_that_the_oracle_calls_a_kenyan_mobile_is_refused(subscriber, prefix):
    assert normalise(prefix + subscriber) == f"254{subscriber}"


@given(st.from_regex(r"0?7[0-9]{8}", fullmatch=True))
def test_every_07_number_is_valid_to_the_oracle_too(text):
    assert phonenumbers.is_valid_number(phonenumbers.parse(f"+{normalise(text)}"))


@given(st.sampled_from(sorted(phonenumbers.SUPPORTED_REGIONS - {"KE"})))
def test_the_numbers_of_every_other_country_are_refused(region):
    number = phonenumbers.example_number_for_type(region, phonenumbers.PhoneNumberType.MOBILE)
    assume(number is not None)
    with pytest.raises(PhoneNumberError) as caught:
        normalise(phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.INTERNATIONAL))
    assert caught.value.reason is PhoneProblem.FOREIGN


@given(st.sampled_from(["020", "040", "041", "051", "057", "061"]), st.integers(10**5, 10**6 - 1))
def test_landlines_are_called_landlines(area, number):
    with pytest.raises(PhoneNumberError) as caught:
        normalise(f"{area}{number}")
    assert caught.value.reason is PhoneProblem.LANDLINE


@given(
    st.one_of(
        st.text(max_size=80),
        st.integers(),
        st.floats(),
        st.none(),
        st.binary(max_size=20),
        st.lists(st.integers(), max_size=3),
    )
)
def test_a_number_or_its_own_error_and_nothing_else(anything):
    try:
        result = normalise(anything)
    except PhoneNumberError as error:
        result = error
    if isinstance(result, str):
        assert result.isascii()
        assert result.isdigit()
        assert result[:4] in {"2547", "2541"}
    else:
        assert isinstance(result.reason, PhoneProblem)
        assert str(result).isprintable()


def test_an_int_too_long_to_be_printed_is_too_long():
    with pytest.raises(PhoneNumberError, match="between 0"):
        normalise(10**5000)
