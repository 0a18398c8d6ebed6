from decimal import Decimal

import pytest

from darajasim.core.rules import Compare, Equals, Glob
from darajasim.scenarios.expectations import (
    Absent,
    BalanceExpectation,
    CallbacksExpectation,
    CallExpectation,
    Expectations,
    Expected,
    ExpectedError,
    LeafExpected,
    Missing,
    PaymentExpectation,
    Present,
    RequestsExpectation,
)


@pytest.mark.parametrize(
    ("test", "found", "holds"),
    [
        (Equals("1032"), "1032", True),
        (Equals("1032"), 1032, True),
        (Equals("1032"), None, False),
        (Equals("1032"), "", False),
        (Compare("==", Decimal(100)), Decimal("100.00"), True),
        (Compare("==", Decimal(100)), Decimal("1E+2"), True),
        (Compare(">=", Decimal(2)), 1, False),
        (Compare(">=", Decimal(2)), None, False),
        (Glob("The *"), "The end", True),
        (Absent(), None, True),
        (Absent(), "", True),
        (Absent(), "OEI2AK4Q16", False),
        (Present(), "OEI2AK4Q16", True),
        (Present(), 0, True),
        (Present(), None, False),
    ],
)
def test_holds(test, found, holds):
    assert Expected(test, "f:1:1").holds(found) is holds


@pytest.mark.parametrize(
    ("test", "shown"),
    [
        (Equals("failed"), "failed"),
        (Compare("==", Decimal(1)), "1"),
        (Compare(">=", Decimal(2)), ">= 2"),
        (Absent(), "none"),
        (Present(), "some value"),
    ],
)
def test_what_was_wanted_can_be_read(test, shown):
    assert str(Expected(test, "f:1:1")) == shown


def test_an_expected_error_can_be_read():
    assert str(ExpectedError("quota", "500.003.03", "f:1:1")) == "quota"
    assert str(ExpectedError(None, "", "f:1:1")) == "no error"


def test_expectations_are_counted():
    one = Expected(Equals("1"), "f:1:1")
    expectations = Expectations(
        payments=(
            PaymentExpectation("a", "f:1:1", status=one, code=one),
            PaymentExpectation("b", "f"),
        ),
        requests=RequestsExpectation("f:2:1", {"oauth": one}),
        callbacks=CallbacksExpectation("f:2:2", sent=one, kinds={"result": one, "bill": one}),
        calls=(
            CallExpectation("c", "f:4:1", status=one, answer=(LeafExpected("A", Missing(), "f"),)),
            CallExpectation("d", "f:5:1", callback=one),
        ),
        balances=(BalanceExpectation("174379", 0, "f:3:1"),),
    )
    assert expectations.count == 10
    assert Expectations().count == 0
