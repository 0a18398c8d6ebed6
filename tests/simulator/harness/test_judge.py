"""Each kind of expectation: when it holds nothing is found, and otherwise exactly what differs."""

import re

import pytest

from darajasim.core.journal import Journal
from darajasim.harness.findings import Finding
from darajasim.harness.judge import shillings
from darajasim.harness.merchant import Said
from support.played import PAY, played

STEPS = ("steps:", PAY, "- await: first", "- settle", "- query: first")
CUSTOMER = "world: {customers: [{phone: 0722000000, balance: 250}]}"
LOST = "rules: [{on: stk_push, reply: lost}]"
BUSY = "rules: [{on: stk_push, reply: {error: gateway-busy}}]"


def judged(expect, *, rules="", steps=STEPS):
    return played(CUSTOMER, *([rules] if rules else []), *steps, f"expect: {{{expect}}}").findings


@pytest.mark.parametrize(
    "expect",
    [
        "payment: {status: success, code: 0, receipt: present, amount: 100}",
        "payments: {first: {status: success, amount: '>= 100'}}",
        "callbacks: {sent: 1, delivered: 1, acknowledged: '> 0'}",
        "client: {error: null}",
        "outcome: {state: paid, code: paid}",
        "query: {state: paid, code: 0, text: The service request is processed successfully.}",
        "requests: {oauth: 1, stk_push: 1, stk_query: '>= 2'}",
        "balance: {0722000000: 150, 174379: 100.00}",
    ],
)
def test_what_holds_is_no_finding(expect):
    assert judged(expect) == ()


@pytest.mark.parametrize(
    ("expect", "what", "expected", "found"),
    [
        ("payment: {status: failed}", "payment first: status", "failed", "success"),
        ("payment: {code: 1032}", "payment first: code", "1032", "0"),
        ("payment: {receipt: null}", "payment first: receipt", "none", r"[A-Z0-9]{10}"),
        ("payment: {amount: '> 100'}", "payment first: amount", "> 100", "100"),
        ("payments: {first: {amount: 99}}", "payment first: amount", "99", "100"),
        ("callbacks: {sent: 2}", "callbacks: sent", "2", "1"),
        ("callbacks: {delivered: 0}", "callbacks: delivered", "0", "1"),
        ("callbacks: {acknowledged: '> 1'}", "callbacks: acknowledged", "> 1", "1"),
        ("client: {error: gateway-busy}", "client: error", "gateway-busy", "no error"),
        ("client: {retry: later}", "client: retry", "later", "none"),
        ("client: {outcome: unknown}", "client: outcome", "unknown", "accepted"),
        ("outcome: {state: failed}", "outcome: state", "failed", "paid"),
        ("outcome: {code: cancelled}", "outcome: code", "1032", "0"),
        ("query: {state: failed}", "query: state", "failed", "paid"),
        ("query: {code: 1}", "query: code", "1", "0"),
        ("query: {text: '*cancel*'}", "query: text", r"like '\*cancel\*'", "The service .*"),
        ("requests: {oauth: 0}", "requests: oauth", "0", "1"),
        ("requests: {stk_push: 2}", "requests: stk_push", "2", "1"),
        ("requests: {stk_query: 1}", "requests: stk_query", "1", r"\d+"),
        ("balance: {0722000000: 1}", "balance of 254722000000", "1.00", "150.00"),
        ("balance: {174379: 7.50}", "balance of 174379", "7.50", "100.00"),
        ("balance: {700999: 1}", "balance of 700999", "1.00", "nobody of that number"),
        ("balance: {600999/utility: 1}", "balance of 600999/utility", "1.00", "3020000.00"),
        (
            "balance: {0722000000/pochi: 0}",
            "balance of 254722000000/pochi",
            "0.00",
            "no such account",
        ),
        ("callbacks: {stk: 0}", "callbacks: stk", "0", "1"),
        ("callbacks: {result: 1}", "callbacks: result", "1", "0"),
        ("requests: {b2c_payment: 1}", "requests: b2c_payment", "1", "0"),
    ],
)
def test_what_does_not_hold_says_what_was_expected_and_found(expect, what, expected, found):
    (finding,) = judged(expect)
    assert finding.what == what
    assert re.fullmatch(expected, finding.expected)
    assert re.fullmatch(found, finding.found)
    assert re.fullmatch(r"shown\.yaml:9:\d+", finding.where)


@pytest.mark.parametrize("expect", ["outcome: {state: paid}", "query: {code: 0}"])
def test_nothing_is_found_where_nothing_happened(expect):
    (finding,) = judged(expect, steps=("steps:", PAY))
    assert finding.found == "none"


@pytest.mark.parametrize(
    ("rules", "expect"),
    [
        (BUSY, "client: {error: gateway-busy, retry: later}"),
        (BUSY, "payment: {status: failed}"),
        (LOST, "client: {outcome: unknown}, payment: {status: success}"),
    ],
)
def test_what_the_client_met_holds(rules, expect):
    assert judged(expect, rules=rules, steps=("steps:", PAY)) == ()


@pytest.mark.parametrize(
    ("rules", "expect", "expected", "found"),
    [
        (BUSY, "error: null", "no error", "gateway-busy (stk_push: 500.003.02 System is busy."),
        (BUSY, "error: spike-arrest", "spike-arrest", "gateway-busy (stk_push: 500.003.02 "),
        (BUSY, "retry: never", "never", "later"),
        (BUSY, "outcome: unknown", "unknown", "refused"),
        (LOST, "error: quota", "quota", "UnknownOutcome (stk_push: sent, outcome unknown: "),
    ],
)
def test_what_the_client_met_instead(rules, expect, expected, found):
    (finding,) = judged(f"client: {{{expect}}}", rules=rules, steps=("steps:", PAY))
    assert finding.expected == expected
    assert finding.found.startswith(found)


def test_the_last_query_may_have_ended_in_an_error():
    rules = "rules: [{on: stk_query, reply: {error: transaction-does-not-exist}}]"
    steps = ("steps:", PAY, "- query: first")
    expect = "query: {state: unknown, code: 500.001.1001, text: '*does not Exist*'}"
    assert judged(expect, rules=rules, steps=steps) == ()


def test_a_payment_that_the_merchant_never_had(monkeypatch):
    async def refuse(*_, **__):
        return Said(500, "")

    monkeypatch.setattr("darajasim.harness.pochi.PochiMerchant.pay", refuse)
    step, payment = judged("payment: {status: success}", steps=("steps:", PAY))
    assert step == Finding(
        "shown.yaml:5",
        "pay first: 254722000000 KES 100 INV-1",
        "a step that can be done",
        "the merchant answered 500: {}",
    )
    assert (payment.what, payment.expected, payment.found) == (
        "payment first",
        "a payment at the merchant",
        "none",
    )


def test_a_journal_that_dropped_something_cannot_be_judged(monkeypatch):
    monkeypatch.setattr("darajasim.core.namespace.Journal", lambda: Journal(max_events=5))
    findings = judged("callbacks: {sent: 1}")
    assert Finding(
        "", "journal", "every event, so that they can be counted", "26 were dropped"
    ) in [
        Finding(found.where, found.what, found.expected, re.sub(r"^\d+", "26", found.found))
        for found in findings
    ]


def test_several_findings_come_in_the_order_of_the_sections():
    findings = judged(
        "balance: {174379: 1}, callbacks: {sent: 5, delivered: 5}, payment: {status: failed}"
    )
    assert [finding.what for finding in findings] == [
        "payment first: status",
        "callbacks: sent",
        "callbacks: delivered",
        "balance of 174379",
    ]


@pytest.mark.parametrize(
    ("cents", "text"), [(0, "0.00"), (5, "0.05"), (100_00, "100.00"), (-1_50, "-1.50")]
)
def test_shillings(cents, text):
    assert shillings(cents) == text
