"""What calls, their answers, their expectations and their world become: `good/calls.yaml`."""

from decimal import Decimal
from pathlib import Path

import pytest

from darajasim.core.customer import CustomerState, Limits
from darajasim.core.initiator import InitiatorSpec
from darajasim.core.organisation import OrganisationKind, Purse
from darajasim.core.rules import (
    CallbackPlan,
    Compare,
    Condition,
    Equals,
    Fault,
    OneOf,
    Plan,
    Reply,
)
from darajasim.core.wire import loads
from darajasim.core.world import App
from darajasim.scenarios import load_file
from darajasim.scenarios.document import Credential, Reference, Template
from darajasim.scenarios.expectations import Absent, Expected, Missing, Present
from darajasim.scenarios.steps import (
    Bearer,
    Call,
    Example,
    PayFromPhone,
    Raw,
    Settle,
    Together,
    Written,
)
from support.scenario_text import one, rule

GOOD = Path(__file__).parent / "good"
CHECKOUT = Template((Reference("first", "CheckoutRequestID"),))


@pytest.fixture
def calls(monkeypatch):
    monkeypatch.chdir(GOOD)
    (scenario,) = load_file("calls.yaml")
    return scenario


def test_customers(calls):
    rich, stranger = calls.world.customers
    assert (rich.pochi, rich.pochi_cents) == (True, 500_00)
    assert rich.limits == Limits(balance=1_000_00)
    assert (stranger.pochi, stranger.pochi_cents) == (True, 0)
    assert stranger.state is CustomerState.UNREGISTERED


def test_organisations(calls):
    paybill, till = calls.world.organisations
    assert paybill.opening == {Purse.UTILITY: 10_00, Purse.WORKING: 7_00, Purse.CHARGES: -5_50}
    assert (paybill.active, paybill.validates, paybill.products) == (False, False, None)
    assert till.kind is OrganisationKind.TILL
    assert till.opening == {Purse.MERCHANT: 3_00}
    assert till.products == {"stk_push"}
    assert (till.active, till.validates) == (True, True)


def test_initiators_and_apps(calls):
    assert calls.world.initiators == (
        InitiatorSpec(
            "clerk", "a b", frozenset({"600111"}), frozenset({"stk_push", "oauth"}), locked=True
        ),
    )
    assert calls.world.apps == (
        App("k", "s", frozenset({"stk_push", "stk_query"}), frozenset({"174379"})),
    )


def test_conditions_by_either_name(calls):
    (only,) = calls.rules
    assert only.when[:2] == (
        Condition("PhoneNumber", Equals("254733000000")),
        Condition("Amount", Compare(">", Decimal(5))),
    )
    assert only.when[3] == Condition("TransactionDesc", Equals("x"))
    assert only.when[2].test("254733999999")


def test_answers(calls):
    first, second, third = calls.answers
    assert (first.to, first.calls, first.status, first.after) == ("stk", {1, 3}, 503, 9.0)
    assert first.content_type == "application/json"
    assert loads(first.body) == {"a": [1, Decimal("2.50"), None, True, "0722"]}
    assert (second.body, second.content_type, second.status) == (b"no JSON", "text/plain", 200)
    assert (third.fault, third.body) == (Fault.HANG, b'{"ResultCode":0,"ResultDesc":"Accepted"}')


def test_steps(calls):
    where = "calls.yaml"
    assert calls.steps == (
        Call("call-1", "stk_push", Example(), f"{where}:23"),
        Call(
            "first",
            "stk_push",
            Example(
                {"Amount": 10, "PartyB": "0722000000", "A": {"b": [None, "7", Decimal("1.50")]}},
                ("Password",),
            ),
            f"{where}:24",
        ),
        Call(
            "listed",
            "stk_push",
            Written([1, {"a": CHECKOUT}]),
            f"{where}:25",
            path="/mpesa/stkpush/v2/x",
            method="GET",
        ),
        Call(
            "call-4",
            "stk_push",
            Raw(Template(("{broken ", Credential("pass word")))),
            f"{where}:26",
            content_type="text/plain",
            app=("k", "s"),
        ),
        Together(
            (
                Call("call-5", "stk_query", Example(), f"{where}:28", bearer=Bearer(None)),
                Call(
                    "call-6",
                    "stk_query",
                    Example({"CheckoutRequestID": "${x.y}"}),
                    f"{where}:29",
                    bearer=Bearer(Template(("Bearer ", Reference("listed", "receipt")))),
                ),
                PayFromPhone("paid", "254722000000", "600998", 50, "INV-1", f"{where}:30"),
            ),
            f"{where}:27",
        ),
        PayFromPhone(
            "phone-payment-2", "254722000000", "600998", 50, "phone-payment-2", f"{where}:31"
        ),
        Settle(None, f"{where}:32"),
    )


def test_what_is_expected_of_calls(calls):
    first, listed, paid, last = calls.expect.calls
    assert (first.call, first.where) == ("first", f"{calls.path}:35:5")
    assert first.status.holds(200)
    assert first.text.holds("Success. All is well")
    assert first.fault.test == Absent()
    assert [(leaf.key, leaf.test) for leaf in first.answer] == [
        ("ResponseCode", Equals("0")),
        ("a", Missing()),
        ("b", Absent()),
        ("c", Present()),
        ("d", Equals("")),
    ]
    assert listed.status.test == Absent()
    assert listed.callback == Expected(Absent(), f"{calls.path}:36:51")
    assert listed.fault.holds("hang")
    assert paid.result_text.test == Present()
    assert paid.callback[0].test == CHECKOUT
    assert last.result.test == OneOf(("0", "1032"))
    assert calls.expect.count == 30


def test_counts_by_names_that_the_operations_decide(calls):
    callbacks, requests = calls.expect.callbacks, calls.expect.requests
    assert callbacks.sent.holds(1)
    assert list(callbacks.kinds) == ["stk", "validation", "confirmation"]
    assert callbacks.kinds["validation"].holds(0)
    assert {name: str(each) for name, each in requests.counts.items()} == {
        "oauth": "1",
        "stk_push": "4",
    }


def test_balances_of_other_accounts(calls):
    assert [(each.owner, each.purse, each.balance_cents) for each in calls.expect.balances] == [
        ("600111", "", 10_00),
        ("600111", "charges", -5_50),
        ("254722000000", "pochi", 500_00),
        ("254722000000", "", 1_00),
    ]


@pytest.mark.parametrize(
    ("text", "plan"),
    [
        ("callback: {timeout: only}", Plan(callback=CallbackPlan(timeout="only"))),
        (
            "callback: {timeout: first, after: 2s}",
            Plan(callback=CallbackPlan(after=2.0, timeout="first")),
        ),
        ("reply: {error: spike-arrest}", Plan(reply=Reply(error="spike-arrest"))),
    ],
)
def test_plans_of_a_command(text, plan):
    assert one(rule(f"{{on: b2c_payment, {text}}}")).rules[0].plan == plan
