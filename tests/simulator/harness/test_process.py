"""The merchant's process: stopped, killed and started again, and what it can be asked beside."""

import asyncio

import pytest

from darajasim.core.events import CallbackAttempted
from darajasim.harness.abilities import lacking, needed
from darajasim.harness.merchant import Ability, CannotError, PayoutOrder, Unable
from darajasim.harness.notes import MerchantLost, MerchantSignalled
from darajasim.harness.player import Player
from darajasim.scenarios.steps import Signal
from support.daraja import in_virtual_time
from support.played import EXPECT, PAY, played, player, scenario

NONE = 'expect: {callbacks: {sent: ">= 0"}}'
SLOW = "rules: [{on: stk_push, reply: {after: 10s}}]"


def told(result, *kinds):
    return [event for event in result.events if isinstance(event, kinds)]


def test_a_killed_merchant_refuses_connections_until_it_is_started_again():
    result = played("steps:", f"  {PAY}", "  - kill", "  - settle", "  - restart", NONE)
    (attempt,) = told(result, CallbackAttempted)
    assert (attempt.status, attempt.error) == (
        None,
        "cannot connect to merchant.test: nothing listens",
    )
    assert [event.signal for event in told(result, MerchantSignalled)] == ["kill", "restart"]
    assert result.findings == ()


def test_its_database_stays_and_its_memory_goes():
    result = played(
        "steps:",
        f"  {PAY}",
        "  - restart",
        "  - settle",
        "  - query: first",
        "expect: {payment: {status: success, amount: 100}, requests: {oauth: 2, stk_query: 0}}",
    )
    assert [one.what for one in result.findings if one.what.startswith("payment")] == []
    result = played(
        "rules: [{on: stk_push, callback: never}]",
        "steps:",
        f"  {PAY}",
        "  - settle",
        "  - restart",
        "  - query: first",
        "expect: {payment: {status: success}, requests: {oauth: 2, stk_query: 1}}",
    )
    assert result.findings == ()


def test_what_is_killed_in_mid_request_is_cut_off_at_once():
    result = played(
        SLOW,
        "steps:",
        "  - together:",
        f"      {PAY}",
        "      - sequence: [{wait: 3s}, kill]",
        "  - restart",
        NONE,
    )
    (lost,) = told(result, MerchantLost)
    assert (lost.payment, lost.at - result.start) == ("first", 3.0)
    assert result.findings == ()


def test_what_is_stopped_finishes_what_it_has_begun():
    result = played(
        SLOW,
        "steps:",
        "  - together:",
        f"      {PAY}",
        "      - sequence: [{wait: 3s}, stop]",
        "  - restart",
        "  - settle",
        "expect: {payment: {status: success}}",
    )
    assert told(result, MerchantLost) == []
    assert result.findings == ()


def test_a_merchant_that_is_down_cannot_be_asked():
    result = played("steps:", "  - stop", f"  {PAY}", "  - balance", NONE)
    assert [finding.found for finding in result.findings] == [
        "connection refused: the merchant is not running",
        "connection refused: the merchant is not running",
    ]


def test_stopping_twice_does_no_harm():
    result = played("steps:", "  - stop", "  - kill", "  - restart", f"  {PAY}", EXPECT)
    assert result.findings == ()


@pytest.mark.parametrize(("step", "queries"), [("wait", 1), ("advance", 2)])
def test_advance_sends_only_darajas_clock_ahead(step, queries):
    """After two hours the client knows that its token has run out; where only Daraja's clock went
    ahead, it is told so.
    """
    result = played(
        "steps:",
        f"  {PAY}",
        f"  - {step}: 2h",
        "  - query: first",
        f"expect: {{payment: {{status: success}}, requests: {{stk_query: {queries}, oauth: 2}}, "
        "events: {order: [{event: callback-attempted stk, within: 1m}, "
        "{event: step-began, after: 1h}]}}",
    )
    assert result.findings == ()
    assert result.simulated_seconds == 7_200


def test_orders_of_the_merchant_are_told_by_name():
    result = played(
        "rules: [{on: b2c_payment, when: {amount: 20}, reply: {error: gateway-busy}}]",
        "steps:",
        f"  {PAY}",
        "  - settle",
        "  - pay_out: {phone: 0722000000, amount: 10, as: out}",
        "  - pay_out: {phone: 0722000000, amount: 20, as: refused}",
        "  - reverse: {payment: first, amount: 100, as: back}",
        "  - settle",
        "  - balance",
        "expect:",
        "  calls:",
        "    out: {status: 200, code: 0, result: 0, receipt: present}",
        '    refused: {status: ">= 500", code: gateway-busy, result: null, callback: null}',
        '    back: {result: 0, callback: {OriginalTransactionID: "${first.receipt}"}}',
        "    balance-1: {result: 0, receipt: null}",
    )
    assert result.findings == ()


def test_orders_of_the_merchant_repeat_with_the_seed():
    sections = ("steps:", "  - pay_out: {phone: 0722000000, amount: 10}", "  - settle", NONE)
    first, again, other = (played(*sections, seed=seed).events for seed in (1, 1, 2))
    assert first == again != other


def test_the_merchants_record_of_a_payout_is_judged():
    result = played(
        "rules: [{on: b2c_payment, when: {amount: 20}, callback: never}]",
        "steps:",
        "  - pay_out: {phone: 0722000000, amount: 10, as: told}",
        "  - pay_out: {phone: 0722000000, amount: 20, as: untold}",
        "  - pay_out: {phone: 0722000000, amount: 0, as: refused}",
        "expect:",
        "  calls:",
        "    told: {record: {status: failed, code: 1, receipt: null, amount: 11}}",
        "    untold: {record: {status: pending, code: null, receipt: null, amount: 20}}",
        "    refused: {status: 422, result: null, record: {status: failed}}",
    )
    wrong = [(finding.what, finding.expected, finding.found) for finding in result.findings]
    receipt = wrong[2][2]
    assert wrong == [
        ("call told: record: status", "failed", "success"),
        ("call told: record: code", "1", "0"),
        ("call told: record: receipt", "none", receipt),
        ("call told: record: amount", "11", "10"),
        ("call refused: record", "a payout at the merchant", "none"),
    ]
    assert receipt in str(result.events)


def test_a_payment_is_refunded_to_who_paid_it():
    result = played(
        "steps:",
        f"  {PAY}",
        "  - settle",
        "  - pay_out: {payment: first, amount: 30, as: part}",
        "  - pay_out: {payment: first, as: rest}",
        "expect:",
        "  calls:",
        "    part: {record: {status: success, amount: 30}}",
        "    rest: {record: {status: success, amount: 70}}",
        "  balance: {0722000000: 50000}",
    )
    assert result.findings == ()


def test_what_the_merchant_would_not_take_cannot_be_refunded():
    refused = "pay: {phone: 0722000000, amount: 0, as: first}"
    result = played("steps:", f"  - {refused}", "  - pay_out: {payment: first}", NONE)
    assert [finding.found for finding in result.findings][1:] == [
        "the merchant has no payment first"
    ]


def test_what_was_not_paid_cannot_be_given_back():
    result = played(
        "rules: [{on: stk_push, customer: cancel}]",
        "steps:",
        f"  {PAY}",
        "  - settle",
        "  - reverse: first",
        NONE,
    )
    (finding,) = result.findings
    assert "receipt} is not known" in finding.found


ASKS = {
    "pay_out: {phone: 0722000000, amount: 10}": Ability.PAY_OUT,
    "balance: {}": Ability.BALANCE,
    "reverse: first": Ability.REVERSE,
    "kill": Ability.RESTART,
    "await: first": Ability.CLIENT,
    "together: [{sequence: [stop]}]": Ability.RESTART,
    "repeat: {times: 2, steps: [restart]}": Ability.RESTART,
}


@pytest.mark.parametrize(("step", "ability"), ASKS.items())
def test_what_a_scenario_asks_for(step, ability):
    asked = scenario("steps:", f"  {PAY}", f"  - {step}", NONE)
    assert needed(asked) == {ability}
    assert lacking(asked, frozenset(Ability)) is None
    assert lacking(asked, frozenset(Ability) - {ability}).startswith("the application under test")


def test_what_it_expects_may_ask_for_the_client():
    assert needed(scenario("steps:", f"  {PAY}", "expect: {payment: {client: {error: null}}}")) == {
        Ability.CLIENT
    }
    assert needed(scenario("steps:", f"  {PAY}", EXPECT)) == set()


def test_an_application_without_abilities_says_so():
    unable = Unable()

    async def main():
        with pytest.raises(CannotError, match="pay a customer"):
            await unable.pay_out(PayoutOrder("254722000000", 1, "x"))
        with pytest.raises(CannotError, match="how a payout stands"):
            await unable.payout("1")
        with pytest.raises(CannotError, match="balance"):
            await unable.balance()
        with pytest.raises(CannotError, match="give a payment back"):
            await unable.reverse(receipt="X", amount=1, remarks="x")
        with pytest.raises(CannotError, match="kill"):
            await unable.signal(Signal.KILL)

    assert unable.abilities == frozenset()
    asyncio.run(main())


def test_a_step_that_it_cannot_do_is_a_failure_with_the_reason(monkeypatch):
    async def main():
        asked = ("steps:", f"  {PAY}", "  - balance", NONE)
        async with player(*asked) as ours:
            assert isinstance(ours, Player)

            async def cannot():
                raise CannotError("this application cannot")

            monkeypatch.setattr(type(ours.stage.merchant), "balance", lambda _self: cannot())
            await ours.play(scenario(*asked).steps)
            assert [failure.found for failure in ours.failures] == ["this application cannot"]

    in_virtual_time(main())
