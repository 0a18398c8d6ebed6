import pytest

from compat.driving import Run
from compat.expected import Refused, check, differences

NO = Refused(("400.002.02", "Amount"), "it is right")


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        ({"a": 1}, {"a": 1, "b": 2}),
        ({"a": {"b": "0"}}, {"a": {"b": "0", "c": 1}}),
        ([{"a": 1}, 200], [{"a": 1, "b": 2}, 200]),
        (None, None),
        (NO, "Error 400.002.02 Bad Request - Invalid Amount"),
        (NO, {"errorCode": "400.002.02", "errorMessage": "Bad Request - Invalid Amount"}),
    ],
)
def test_what_is_as_expected(wanted, found):
    assert not differences(wanted, found)


@pytest.mark.parametrize(
    ("wanted", "found", "told"),
    [
        ({"a": 1}, {"a": 2}, ".a: expected 1, found 2"),
        ({"a": 1}, {}, ".a: expected 1, found 'nothing'"),
        ({}, "refused", ": expected {}, found 'refused'"),
        (None, "refused", ": expected None, found 'refused'"),
        ([{"a": 1}, 200], [{"a": 1}, 400], "[1]: expected 200, found 400"),
        ([1], [1, 2], ": expected [1], found [1, 2]"),
        (NO, {"ResponseCode": "0"}, "(it is right), found {'ResponseCode': '0'}"),
    ],
)
def test_what_differs_is_told_with_its_place(wanted, found, told):
    (line,) = differences(wanted, found)
    assert line.endswith(told)


@pytest.mark.parametrize(
    ("run", "problem"),
    [
        (Run(surface={"push", "query"}, operations={"push": {}}), "forgets"),
        (Run(operations={"push": {}, "query": {}}), "query"),
        (Run(operations={"push": {"code": "1"}}), "expected '0', found '1'"),
    ],
)
def test_a_run_that_is_not_as_expected_fails(run, problem):
    with pytest.raises(AssertionError, match=problem):
        check(run, {"push": {"code": "0"}}, {}, {})
