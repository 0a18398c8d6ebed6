import pytest

from mpesa_pochi.codes import catalogue
from mpesa_pochi.outcome import PaymentState, state_of
from support.every import every

STK = [row for row in catalogue().rows if row.surface == "stk"]


@every(STK, name=lambda row: row.key)
def test_each_code_of_the_catalogue_has_its_state(row):
    if row.key == "paid":
        expected = PaymentState.PAID
    else:
        expected = PaymentState.FAILED if row.terminal else PaymentState.PENDING
    assert state_of(row.code) is expected


def test_4999_and_1101_are_in_flight():
    assert state_of("4999") is state_of("1101") is PaymentState.PENDING


@pytest.mark.parametrize("code", ["7777", "00", "", "-1", "0 "])
def test_a_code_nobody_has_seen_decides_nothing(code):
    assert state_of(code) is PaymentState.UNKNOWN


def test_paid_and_failed_are_final():
    assert {state for state in PaymentState if state.final} == {
        PaymentState.PAID,
        PaymentState.FAILED,
    }
