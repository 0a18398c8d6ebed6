"""C2B validations and confirmations, and the answer to a validation."""

import json
from datetime import datetime
from decimal import Decimal
from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mpesa_pochi import (
    C2BRejection,
    CallbackRefused,
    InvalidRequest,
    PhoneNumberError,
    RefusalReason,
    parse_confirmation,
    parse_validation,
    validation_reply,
)
from mpesa_pochi.clock import NAIROBI

BODY = {
    "TransactionType": "Pay Bill",
    "TransID": "UJB5Q7X2KE",
    "TransTime": "20261011140526",
    "TransAmount": "5.00",
    "BusinessShortCode": "600000",
    "BillRefNumber": "INV-1001",
    "InvoiceNumber": "",
    "OrgAccountBalance": "1205.00",
    "ThirdPartyTransID": "",
    "MSISDN": "2547 ***** 149",
    "FirstName": "JANE",
}
HASH = sha256(b"254708374149").hexdigest()


def confirmed(**changes):
    return parse_confirmation(json.dumps(BODY | changes).encode())


def test_a_confirmation():
    found = confirmed()
    assert found.confirmed
    assert (found.receipt, found.transaction_type) == ("UJB5Q7X2KE", "Pay Bill")
    assert str(found.amount) == "5.00"
    assert str(found.balance) == "1205.00"
    assert found.paid_at == datetime(2026, 10, 11, 14, 5, 26, tzinfo=NAIROBI)
    assert (found.shortcode, found.reference) == ("600000", "INV-1001")
    assert (found.invoice_number, found.third_party_trans_id) == ("", "")
    assert (found.msisdn, found.phone) == ("2547 ***** 149", None)
    assert (found.first_name, found.middle_name, found.last_name) == ("JANE", "", "")
    assert found.name == "JANE"


def test_a_validation_moves_no_money_and_has_no_balance():
    found = parse_validation(json.dumps(BODY | {"OrgAccountBalance": ""}).encode())
    assert not found.confirmed
    assert found.balance is None


def test_all_three_names():
    found = confirmed(FirstName="JANE", MiddleName="", LastName="DOE")
    assert found.name == "JANE DOE"


def test_of_a_till():
    found = confirmed(TransactionType="Customer Merchant Payment", BillRefNumber="")
    assert (found.transaction_type, found.reference) == ("Customer Merchant Payment", "")


def test_what_a_framework_has_read_is_taken_too():
    assert parse_confirmation(BODY) == confirmed()


@pytest.mark.parametrize("amount", ["10", 10, 10.5, "10.50"])
def test_amounts_of_other_eras(amount):
    assert confirmed(TransAmount=amount).amount == Decimal(str(amount))


def test_numbers_for_text():
    found = confirmed(BusinessShortCode=600000, BillRefNumber=353353, TransTime=20261011140526)
    assert (found.shortcode, found.reference) == ("600000", "353353")
    assert found == confirmed(BillRefNumber="353353")


@pytest.mark.parametrize(
    "msisdn",
    [
        "254708374149",
        "2547 ***** 149",
        "25470****149",
        "2547*****149",
        HASH,
        HASH.upper(),
        f"{HASH[:34]} ***** {HASH[39:]}",
    ],
)
def test_a_payer_is_recognised_in_every_disguise(msisdn):
    found = confirmed(MSISDN=msisdn)
    assert found.is_from("0708 374149")
    assert not found.is_from("0722 000000")
    assert found.phone == ("254708374149" if msisdn.isdigit() and len(msisdn) == 12 else None)


@pytest.mark.parametrize("msisdn", ["", "*****", " ***** 149", "2547 *****", "nonsense", "7"])
def test_a_disguise_that_says_too_little_is_nobodys(msisdn):
    assert not confirmed(MSISDN=msisdn).is_from("0708374149")


def test_only_a_phone_can_have_paid():
    with pytest.raises(PhoneNumberError):
        confirmed().is_from("020 2222222")


@given(st.from_regex(r"254[17][0-9]{8}", fullmatch=True))
def test_whoever_pays_is_recognised(phone):
    for msisdn in (
        phone,
        f"{phone[:4]} ***** {phone[-3:]}",
        sha256(phone.encode()).hexdigest(),
    ):
        assert confirmed(MSISDN=msisdn).is_from(phone)


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"TransID": None}, RefusalReason.MISSING_FIELD),
        ({"TransID": ""}, RefusalReason.WRONG_VALUE),
        ({"TransID": ["x"]}, RefusalReason.WRONG_TYPE),
        ({"TransAmount": None}, RefusalReason.MISSING_FIELD),
        ({"TransAmount": "five"}, RefusalReason.WRONG_VALUE),
        ({"TransAmount": "-5.00"}, RefusalReason.WRONG_VALUE),
        ({"TransAmount": "0.00"}, RefusalReason.WRONG_VALUE),
        ({"TransAmount": True}, RefusalReason.WRONG_VALUE),
        ({"TransTime": None}, RefusalReason.MISSING_FIELD),
        ({"TransTime": "yesterday"}, RefusalReason.WRONG_VALUE),
        ({"BusinessShortCode": None}, RefusalReason.MISSING_FIELD),
        ({"OrgAccountBalance": "much"}, RefusalReason.WRONG_VALUE),
        ({"FirstName": ["JANE"]}, RefusalReason.WRONG_TYPE),
        ({"BillRefNumber": "\0"}, RefusalReason.WRONG_VALUE),
        ({"BillRefNumber": "x" * 1001}, RefusalReason.WRONG_VALUE),
    ],
)
def test_what_is_impossible_is_refused(changes, reason):
    with pytest.raises(CallbackRefused) as caught:
        confirmed(**changes)
    assert caught.value.reason is reason


JSON = st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.lists(st.text())


@given(st.binary(max_size=40) | st.dictionaries(st.sampled_from([*BODY, "Extra"]), JSON))
def test_whatever_arrives_is_a_payment_or_refused(body):
    for parse in (parse_confirmation, parse_validation):
        try:
            found = parse(body)
        except CallbackRefused as error:
            assert str(error)
        else:
            assert found.amount > 0


# ------------------------------------------------------------------------------- the answer


@pytest.mark.parametrize(
    ("verdict", "code", "said"),
    [
        (True, "0", "Accepted"),
        ("0", "0", "Accepted"),
        (False, "C2B00016", "Rejected"),
        ("C2B00012", "C2B00012", "Rejected"),
        *((rejection, rejection.value, "Rejected") for rejection in C2BRejection),
    ],
)
def test_an_answer(verdict, code, said):
    reply = validation_reply(verdict)
    assert reply == {"ResultCode": code, "ResultDesc": said}
    assert json.loads(json.dumps(reply)) == reply


def test_an_answer_may_carry_an_id_of_ones_own():
    assert validation_reply(True, third_party_trans_id="SALE-7") == {
        "ResultCode": "0",
        "ResultDesc": "Accepted",
        "ThirdPartyTransID": "SALE-7",
    }


@pytest.mark.parametrize("verdict", ["", "1", "C2B00017", "no"])
def test_a_verdict_that_mpesa_does_not_know_is_refused(verdict):
    with pytest.raises(InvalidRequest, match="C2B00011"):
        validation_reply(verdict)


@pytest.mark.parametrize("own_id", ["", "x" * 101, "two\nlines"])
def test_an_id_that_is_no_short_line_is_refused(own_id):
    with pytest.raises(InvalidRequest, match="third_party_trans_id"):
        validation_reply(True, third_party_trans_id=own_id)
