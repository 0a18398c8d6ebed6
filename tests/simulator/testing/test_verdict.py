"""What a test must not leave behind, as a function of the journal alone."""

import pytest

from darajasim.core.events import (
    CallbackAttempted,
    RequestAnswered,
    RequestReceived,
    RuleMatched,
    RuleMissed,
)
from darajasim.testing.verdict import Allowed, complaints, refusals, timeline


def numbered(*events):
    return list(enumerate(events, start=1))


def received(operation="stk_push"):
    return RequestReceived(1.0, operation, {})


def answered(status=200, code="0", message="Accepted", operation="stk_push", hint=None):
    return RequestAnswered(1.0, operation, status, code, message, hint=hint)


def missed(condition="phone"):
    return RuleMissed(1.0, "stk_push", "a.yaml:3", 0, 1, condition, "'254722000000'", None)


def callback(subject="a", status=200, kind="stk", attempt=1):
    error = None if status else "nothing listens"
    return CallbackAttempted(2.0, subject, kind, attempt, "http://x/", status, 0.1, "", error, "{}")


BUSY = answered(503, "503", "Busy")
BAD = answered(400, "400.002.02", "Bad Request - Invalid Amount", hint="Amount: expected 1")
MATCHED = RuleMatched(1.0, "stk_push", "a.yaml:3")
NO_PATH = answered(404, operation="unknown-path", hint="no operation has this path")
WRONG_METHOD = answered(404, hint="expected POST /mpesa/x, found GET")
IN_FLIGHT = answered(500, "500.001.1001", "The transaction is being processed")
EXPIRED = answered(404, "404.001.03", "Invalid Access Token", hint="this token expired 3 s ago")
WRONG_PASSKEY = answered(500, "500.001.1001", "Wrong credentials")
BY_MAGIC = answered(400, "400.002.02", "Bad", hint="asked for by a rule or a magic value")


@pytest.mark.parametrize(
    ("events", "numbers"),
    [
        ((), []),
        ((received(), answered()), []),
        ((received(), MATCHED, answered()), []),
        ((received(), missed(), answered()), [3]),
        ((received(), missed("call"), answered()), []),
        ((received(), missed("chance"), answered()), []),
        ((received(), missed(""), BUSY), []),
        ((received(), BAD), [2]),
        ((received(), missed(""), BAD), [3]),
        ((received(), MATCHED, BAD), []),
        ((received(), BY_MAGIC), []),
        ((received(), WRONG_PASSKEY), [2]),
        ((received(), MATCHED, WRONG_PASSKEY), []),
        ((NO_PATH,), [1]),
        ((WRONG_METHOD,), [1]),
        ((received(), IN_FLIGHT), []),
        ((received(), EXPIRED), []),
        ((received(), MATCHED, answered(), received(), BAD), [5]),
        ((received(), missed(), answered(), received(), answered()), [3]),
        ((received("b2c_payment"), answered(operation="b2c_payment"), NO_PATH), [3]),
    ],
)
def test_requests_that_no_rule_allowed(events, numbers):
    assert [number for number, _ in refusals(numbered(*events))] == numbers
    found = complaints(numbered(*events), Allowed())
    assert len(found) == len(numbers)
    assert complaints(numbered(*events), Allowed(unmatched=True)) == []
    assert complaints(numbered(*events), Allowed(numbers=set(numbers))) == []


@pytest.mark.parametrize(
    ("events", "left"),
    [
        ((callback(),), 0),
        ((callback(status=None),), 1),
        ((callback(status=404),), 1),
        ((callback(status=301),), 1),
        ((callback(status=204),), 0),
        ((callback(status=None), callback(attempt=2)), 0),
        ((callback(), callback(status=500, attempt=2)), 0),
        ((callback(status=None), callback("b")), 1),
        ((callback(status=None), callback(kind="result")), 1),
        ((callback(status=None), callback(status=500, attempt=2)), 2),
    ],
)
def test_callbacks_that_nobody_took(events, left):
    found = complaints(numbered(*events), Allowed())
    assert len(found) == left
    assert all(text.startswith("a callback was not delivered: ") for text in found)
    assert complaints(numbered(*events), Allowed(undelivered=True)) == []


def test_the_timeline_is_cut_at_its_beginning():
    every = numbered(*(callback(str(number)) for number in range(300)))
    lines = timeline(every, most=10).splitlines()
    assert lines[0] == "… 290 lines before"
    assert len(lines) == 11
    assert "299" in lines[-1]
    assert timeline([]) == "nothing reached Daraja"
