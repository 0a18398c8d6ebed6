"""What the merchant answered, what its client met, what moved: by the name of the payment."""

import pytest

from darajasim.core.events import MoneyMoved
from darajasim.harness.notes import MerchantAnswered
from darajasim.harness.report_places import place
from support.played import played

BUSY = "rules: [{on: stk_push, when: {reference: busy}, reply: {error: gateway-busy}}]"
PAYS = (
    "steps: [{pay: {phone: 0722000000, amount: 10, as: first}}, "
    "{pay: {phone: 0733000000, amount: 20, reference: busy, as: refused}}, "
    "{pay: {phone: 0722000001, amount: 30, as: last}}]"
)


def findings(*sections: str):
    return [
        (finding.what, finding.expected, finding.found) for finding in played(*sections).findings
    ]


def test_each_payment_has_an_answer_and_a_client_of_its_own():
    expect = (
        "expect: {payments: {first: {http: 200, answer: {status: pending}, client: {error: null}}, "
        'refused: {http: ">= 500", client: {error: gateway-busy, retry: later}}, '
        "last: {http: 200, client: {error: null}}}}"
    )
    assert findings(BUSY, PAYS, expect) == []


def test_what_does_not_hold_is_told():
    expect = (
        "expect: {payments: {first: {http: 201, answer: {status: paid}}, "
        "refused: {client: {error: null}}}}"
    )
    (http, answer, client) = findings(BUSY, PAYS, expect)
    assert http == ("payment first: http", "201", "200")
    assert answer == ("payment first: answer: status", "paid", "pending")
    assert client[0] == "payment refused: client: error"
    assert client[1] == "no error"
    assert client[2].startswith("gateway-busy")


NOT_TAKEN = "steps: [{pay: {phone: 0722000000, amount: 0, as: first}}]"


def test_a_refusal_that_is_expected_is_no_failure():
    assert findings(NOT_TAKEN, "expect: {payment: {http: 422, answer: {error: present}}}") == []


def test_a_refusal_that_is_not_expected_is_one():
    (failed, _none) = findings(NOT_TAKEN, "expect: {payment: {amount: 0}}")
    assert failed[1:] == ("a step that can be done", failed[2])


def test_a_push_that_never_was_has_no_client_to_judge():
    (found,) = findings(NOT_TAKEN, "expect: {payment: {client: {error: null}}}")
    assert found == ("payment first: client", "a push", "the client was not asked for one")


def test_the_answer_to_the_last_query():
    steps = "steps: [{pay: {phone: 0722000000, amount: 10}}, settle, query]"
    assert findings(steps, "expect: {query: {http: 200, answer: {status: success}}}") == []
    (found,) = findings(steps, "expect: {query: {http: 500}}")
    assert found == ("query: http", "500", "200")


def test_an_answer_may_be_compared_with_another_step():
    steps = "steps: [{pay: {phone: 0722000000, amount: 10, as: first}}]"
    expect = 'expect: {payment: {answer: {checkout_id: "${first.CheckoutRequestID}"}}}'
    assert findings(steps, expect) == []


def test_what_moved_by_name():
    steps = (
        "steps: [{pay: {phone: 0722000000, amount: 10, as: first}}, settle, "
        "{pay_out: {phone: 0722000000, amount: 50, as: out}}]"
    )
    assert findings(steps, "expect: {ledger: {entries: 3, total: 93.60, moved: {first: 10}}}") == []
    assert findings(steps, "expect: {ledger: {moved: {out: 83.60}}}") == []
    assert findings(steps, "expect: {ledger: {entries: 1, moved: {first: 11}}}") == [
        ("ledger: entries", "1", "3"),
        ("ledger: moved first", "11", "10.00"),
    ]


@pytest.mark.parametrize(
    ("expect", "kind"),
    [
        ("{payment: {http: 500}}", MerchantAnswered),
        ("{payment: {answer: {status: x}}}", MerchantAnswered),
        ("{ledger: {entries: 9}}", MoneyMoved),
    ],
)
def test_a_finding_stands_where_it_belongs(expect, kind):
    result = played("steps: [{pay: {phone: 0722000000, amount: 10}}]", f"expect: {expect}")
    (finding,) = result.findings
    assert isinstance(result.events[place(finding, result)], kind)
