import phonenumbers
import pytest
from hypothesis import assume, given
from hypothesis.errors import InvalidArgument

from darajasim.core.catalogue import magic_result
from darajasim.core.msisdn import is_msisdn
from darajasim.strategies import msisdns, phone_numbers, written_phones
from mpesa_pochi import PhoneNumberError, normalise
from support.seen import seen
from support.smallest import smallest


@given(written_phones())
def test_a_written_phone_is_the_number_beside_it(phone):
    assert normalise(phone.text) == phone.msisdn


@given(msisdns())
def test_an_msisdn_is_what_daraja_wants_and_no_magic(msisdn):
    assert is_msisdn(msisdn)
    assert normalise(msisdn) == msisdn
    assert magic_result(msisdn) is None


@given(phone_numbers())
def test_a_valid_phone_can_be_normalised(text):
    assert is_msisdn(normalise(text))


@given(phone_numbers(valid=False))
def test_an_invalid_phone_is_refused_by_the_client(text):
    with pytest.raises(PhoneNumberError):
        normalise(text)


@given(phone_numbers(valid=False))
def test_an_invalid_phone_is_none_of_a_kenyan_mobile_to_an_independent_judge(text):
    """`phonenumbers` reads letters as a keypad does and foreign digits as digits."""
    assume(text.isascii() and "O" not in text and "x" not in text)
    try:
        found = phonenumbers.parse(text, "KE")
    except phonenumbers.NumberParseException:
        return
    mobile = phonenumbers.number_type(found) == phonenumbers.PhoneNumberType.MOBILE
    assert not (mobile and found.country_code == 254)


def test_they_shrink_to_an_everyday_number():
    assert smallest(msisdns()) == "254722000000"
    assert smallest(phone_numbers()) == "0722000000"
    assert smallest(written_phones(), lambda phone: "+" in phone.text).text == "+254722000000"


def test_every_way_of_writing_is_found():
    ways = {"(0", "[", "-", "\u00a0", ".", "00254", "(0)", "\u202a", "+254 7"}
    found = seen(phone_numbers(), lambda text: [way for way in ways if way in text], ways)
    assert found == ways


def test_numbers_that_begin_with_01_are_found():
    assert smallest(msisdns(), lambda msisdn: msisdn[3] == "1") == "254110000000"


@pytest.mark.parametrize("valid", [None, 1, "almost"])
def test_what_is_neither_true_nor_false_is_refused_at_once(valid):
    with pytest.raises(InvalidArgument, match="valid is True or False"):
        phone_numbers(valid=valid)
