"""What a good file becomes. `good/everything.yaml` uses every part of the language."""

import re
from decimal import Decimal
from pathlib import Path

import pytest

from darajasim.core.alteration import Alteration
from darajasim.core.clock import nairobi
from darajasim.core.customer import CustomerState, Limits
from darajasim.core.latency import Latency
from darajasim.core.organisation import OrganisationKind
from darajasim.core.rate import Rate
from darajasim.core.rule_book import RuleBook
from darajasim.core.rules import (
    Action,
    CallbackPlan,
    Compare,
    Condition,
    CustomerScript,
    Equals,
    Fault,
    Glob,
    OneOf,
    Plan,
    Reply,
)
from darajasim.core.world import App, WorldOverlay
from darajasim.scenarios import load_file
from darajasim.scenarios.expectations import Absent, Expected, ExpectedError, Present
from darajasim.scenarios.steps import Await, Pay, Poll, Query, Settle, Together, Wait
from support.scenario_text import HEAD, PAY, mistakes, one, rule

GOOD = Path(__file__).parent / "good"


@pytest.fixture
def everything(monkeypatch):
    monkeypatch.chdir(GOOD)
    return load_file("everything.yaml")[0]


def test_the_head(everything):
    assert everything.name == "everything[one]"
    assert everything.about == "Every part of the language at once, for the prompt."
    assert everything.tags == ("express", "failure")
    assert everything.seed == 7
    assert everything.path == Path("everything.yaml")
    assert re.fullmatch("[0-9a-f]{64}", everything.source_text_hash)


def test_the_profile(everything):
    assert everything.profile.base == "documented"
    assert everything.profile.knobs == {
        "in_flight": "4999",
        "balance_item": False,
        "repeat_window": 5.0,
    }
    assert everything.profile.profile().repeat_window == 5.0
    assert everything.profile.profile().texts == "documented"


def test_a_profile_by_its_name_alone():
    assert one(f"{HEAD}profile: legacy\n{PAY}").profile.profile().amount_ceiling == 70_000
    assert one(f"{HEAD}profile: {{waf_burst: 5}}\n{PAY}").profile.base == "observed"
    assert one(HEAD + PAY).profile is None


def test_the_world(everything):
    world = everything.world
    assert f"{nairobi(world.start):%Y-%m-%d %H:%M}" == "2026-03-02 09:00"
    (customer,) = world.customers
    assert (customer.msisdn, customer.name, customer.pin) == ("254722000000", "NO", "0123")
    assert customer.balance_cents == 100_000
    assert customer.state is CustomerState.ACTIVE
    assert customer.limits == Limits(minimum=100, maximum=Limits().maximum, daily=9_950)
    (organisation,) = world.organisations
    assert organisation.kind is OrganisationKind.TILL
    assert organisation.maximum_cents == 100_000_000
    assert world.apps == (App("k", "1234"),)


def test_a_world_that_is_not_mentioned_is_the_usual_one():
    assert one(HEAD + PAY).world == WorldOverlay()


def test_the_rules(everything):
    first, second, third, fourth = everything.rules
    assert first.on == "stk_push"
    assert first.calls == {1, 2}
    assert {first.when[index] for index in (0, 1, 3)} == {
        Condition("phone", Glob("254722*")),
        Condition("amount", Compare(">=", Decimal(100))),
        Condition("shortcode", OneOf(("174379", "600111"))),
    }
    assert first.plan.customer == CustomerScript(Action.CANCEL, 5.0)
    assert first.plan.callback == CallbackPlan(after=1.0, times=2, apart=0.0)
    assert second.plan == Plan(reply=Reply(fault=Fault.RESET, accepted=True))
    assert third.plan == Plan(reply=Reply(error="spike-arrest", after=2.0))
    assert fourth.plan == Plan(result="cancelled", callback=CallbackPlan(never=True))
    assert first.where == "everything.yaml:14"


@pytest.mark.parametrize(
    ("text", "plan"),
    [
        ("reply: reset", Plan(reply=Reply(fault=Fault.RESET))),
        ("reply: hang", Plan(reply=Reply(fault=Fault.HANG))),
        ("reply: empty", Plan(reply=Reply(fault=Fault.EMPTY))),
        ("reply: {http: 503}", Plan(reply=Reply(http=503))),
        ("reply: {http: 502, body: '', content_type: text/plain}",
         Plan(reply=Reply(http=502, content_type="text/plain"))),
        ("reply: {http: 200, body: '{}'}", Plan(reply=Reply(http=200, body="{}"))),
        ("reply: {after: 1s}", Plan(reply=Reply(after=1.0))),
        ("result: 1032", Plan(result="cancelled")),
        ("result: SFC_IC0003", Plan(result="wrong-receiver")),
        ("result: {code: 1, text: Poor}", Plan(result="insufficient-funds", text="Poor")),
        ("customer: wrong-pin", Plan(customer=CustomerScript(Action.WRONG_PIN))),
        ("callback: never", Plan(callback=CallbackPlan(never=True))),
        ("callback: {times: 0}", Plan(callback=CallbackPlan(never=True))),
        ("callback: {before: acknowledgement}",
         Plan(callback=CallbackPlan(before_acknowledgement=True))),
        ("callback: {after: 0s}", Plan(callback=CallbackPlan(after=0.0))),
        ("reply: truncated", Plan(reply=Reply(fault=Fault.TRUNCATED))),
        ("reply: garbage", Plan(reply=Reply(fault=Fault.GARBAGE))),
        ("reply: {error: quota, fault: truncated}",
         Plan(reply=Reply(error="quota", fault=Fault.TRUNCATED))),
        ("reply: {http: 503, body: x, drip: 20s}", Plan(reply=Reply(http=503, body="x", drip=20))),
        ("reply: {after: {median: 1s}}", Plan(reply=Reply(after=1.0))),
        ("reply: {after: {median: 400ms, sigma: 0.6, max: 5s}}",
         Plan(reply=Reply(latency=Latency(0.4, 0.6, 5.0)))),
        ("customer: {does: wrong-pin, times: 2}",
         Plan(customer=CustomerScript(Action.WRONG_PIN, times=2))),
        ("customer: pay-by-hand", Plan(customer=CustomerScript(Action.PAY_BY_HAND))),
        ("callback: {refused: 2, apart: 30s}",
         Plan(callback=CallbackPlan(refused=2, apart=30.0))),
        ("callback: [{after: 1s}]",
         Plan(callback=CallbackPlan(after=1.0))),
        ("callback: [{after: 1s, result: 0, unknown_id: true}, {truncated: true, times: 2}]",
         Plan(callback=CallbackPlan(
             after=1.0,
             altered=Alteration(result="paid", unknown_id=True),
             more=(CallbackPlan(times=2, altered=Alteration(truncated=True)),)))),
        ("callback: {wrong_amount: 1, wrong_phone: 0711111111, extra: {A: 1.50, B: [x, '$${a}']}}",
         Plan(callback=CallbackPlan(altered=Alteration(
             wrong_amount=1, wrong_phone="254711111111",
             extra={"A": Decimal("1.50"), "B": ["x", "${a}"]})))),
        ("callback: {form: documented, wrong_length: true, content_type: text/x, source: '::1'}",
         Plan(callback=CallbackPlan(altered=Alteration(
             form="documented", wrong_length=True, content_type="text/x", source="::1")))),
        ("", Plan()),
    ],
)  # fmt: skip
def test_plans(text, plan):
    assert one(rule(f"{{on: stk_push, {text}}}")).rules[0].plan == plan


@pytest.mark.parametrize(
    ("text", "rate"),
    [
        ("> 5/s", Rate(5)),
        (">= 6/s", Rate(5)),
        (">100 / m", Rate(100, "m")),
        ("> 0/h", Rate(0, "h")),
        (">= 1/d", Rate(0, "d")),
    ],
)
def test_a_rate(text, rate):
    spec = one(rule(f"{{on: any, when: {{rate: '{text}'}}, reply: hang}}")).rules[0]
    assert (spec.rate, spec.when) == (rate, ())
    assert spec.new().rate == rate


def test_a_path_is_read_as_what_it_leads_to():
    text = "{on: bills_bulk_invoice, when: {any.phone: 0711111111, 0.items.1.amount: 10.00}}"
    phone, amount = one(rule(text)).rules[0].when
    assert phone == Condition("any.phone", Equals("254711111111"))
    assert amount == Condition("0.items.1.amount", Compare("==", Decimal("10.00")))


def test_rules_are_fresh_for_each_run():
    scenario = one(rule("{on: stk_push, when: {call: 1}, result: paid}"))
    first = RuleBook(scenario.new_rules())
    assert first.first_match("stk_push", {}) is not None
    assert first.first_match("stk_push", {}) is None
    assert RuleBook(scenario.new_rules()).first_match("stk_push", {}) is not None


def test_the_steps(everything):
    where = "everything.yaml"
    assert everything.steps == (
        Pay("first", "254722000000", 1, "INV-1", "Payment", f"{where}:24"),
        Wait(5.0, f"{where}:25"),
        Together(
            (
                Pay("payment-2", "254722000000", 5, "payment-2", "Payment", f"{where}:27"),
                Query("payment-2", f"{where}:28"),
                Await("first", None, f"{where}:29"),
            ),
            f"{where}:26",
        ),
        Poll("payment-2", None, 90.0, f"{where}:30"),
        Query("payment-2", f"{where}:31"),
        Settle(90.0, f"{where}:32"),
        Settle(None, f"{where}:33"),
    )


def test_the_expectations(everything):
    expect = everything.expect
    first, second = expect.payments
    assert (first.payment, second.payment) == ("first", "payment-2")
    assert first.where == "everything.yaml:35:14"
    assert first.status == Expected(Equals("failed"), "everything.yaml:35:30")
    assert first.code.test == Equals("1032")
    assert first.receipt.test == Absent()
    assert first.amount.holds(Decimal("100.00"))
    assert second.receipt.test == Present()
    assert [second.code.holds(code) for code in ("1032", "0", "4")] == [True, True, False]
    assert expect.callbacks.sent.holds(1)
    assert expect.callbacks.acknowledged is None
    assert expect.client.error == ExpectedError(None, "", "everything.yaml:37:19")
    assert expect.client.retry.holds("later")
    assert expect.outcome.code.holds("0")
    assert expect.query.text.holds("Say ${x} is 1 and more")
    assert set(expect.requests.counts) == {"oauth"}
    assert [(each.owner, each.balance_cents) for each in expect.balances] == [
        ("254722000000", 90_000),
        ("174379", 10_050),
    ]
    assert expect.balances[1].where == "everything.yaml:41:38"
    assert expect.count == 17


def test_an_expected_error_of_the_client_is_a_row():
    expect = one(f"{HEAD}{PAY.replace('{payment: {}}', '{client: {error: gateway-busy}}')}").expect
    assert (expect.client.error.key, expect.client.error.code) == ("gateway-busy", "500.003.02")


def test_a_chance_is_compiled_and_a_wrong_one_is_a_mistake():
    text = HEAD + "rules: [{on: stk_push, when: {amount: 5, chance: %s}, customer: cancel}]\n" + PAY
    (spec,) = one(text % "0.3").rules
    assert spec.chance == spec.new().chance == 0.3
    assert [condition.field for condition in spec.when] == ["amount"]
    for wrong, said in (("30%", "write 0.3"), ("0", "too small"), ("1.5", "too large")):
        (mistake,) = mistakes(text % wrong)
        assert said in str(mistake)
