"""Histories can be played, come to an end, and stand in a file as they were."""

from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis.errors import InvalidArgument

from darajasim.core.events import CallbackAttempted, MoneyMoved
from darajasim.harness.runner import run_scenario
from darajasim.scenarios import ScenarioError, load_file
from darajasim.scenarios.steps import Pay, Query, Settle, Wait
from darajasim.strategies import as_scenario, payment_histories, play
from darajasim.strategies.history import Ask, History, HistoryPush, Pause, Rest
from support.examples import examples
from support.scenario_text import one
from support.seen import seen
from support.smallest import smallest

played = settings(max_examples=examples(20), suppress_health_check=[HealthCheck.too_slow])
STEPS = {HistoryPush: Pay, Pause: Wait, Ask: Query, Rest: Settle}
TERMINAL = {"success", "failed"}


def loaded(history):
    return one(as_scenario(history, name="shown"))


@given(payment_histories())
def test_a_scenario_file_says_what_the_history_says(history):
    scenario = loaded(history)
    assert len(scenario.steps) == len(history.moves)
    for move, step in zip(history.moves, scenario.steps, strict=True):
        assert isinstance(step, STEPS[type(move)])
        match move:
            case HistoryPush():
                assert (step.name, step.phone, step.amount) == (move.name, move.phone, move.amount)
                assert step.reference == move.reference
            case Pause(seconds):
                assert step.seconds == seconds
            case Ask(payment):
                assert step.payment == payment
    customers = {spec.msisdn: spec.balance_cents for spec in scenario.world.customers}
    assert customers == {phone: balance * 100 for phone, balance in history.balances}


@given(payment_histories())
def test_a_scenario_file_has_a_rule_for_every_push_that_is_out_of_the_ordinary(history):
    ruled = [push for push in history.pushes if not push.ordinary]
    rules = loaded(history).rules
    assert len(rules) == len(ruled)
    for push, rule in zip(ruled, rules, strict=True):
        plan = rule.plan
        assert plan.reply is None or not push.accepted or plan.reply.accepted
        assert (plan.reply is None) == (push.reply is None)
        assert (plan.customer and plan.customer.does) == push.customer
        assert (plan.customer.after if plan.customer else None) == push.acts_after
        callback = plan.callback
        assert (callback is not None and callback.never) == (push.callbacks == 0)
        if callback is not None and not callback.never:
            assert callback.times == push.callbacks
            assert callback.after == push.callback_after
            assert callback.before_acknowledgement == push.callback_first


@played
@given(payment_histories())
def test_a_history_comes_to_its_end_and_breaks_no_law(history):
    result = play(history)
    assert result.findings == ()
    assert [payment.name for payment in result.payments] == [push.name for push in history.pushes]
    moved = [event for event in result.events if isinstance(event, MoneyMoved)]
    assert len({event.receipt for event in moved}) == len(moved)


@played
@given(payment_histories(faults=False))
def test_without_faults_every_payment_ends_and_every_callback_is_sent_once(history):
    result = play(history)
    assert {payment.status for payment in result.payments} <= TERMINAL
    sent = [event.subject for event in result.events if isinstance(event, CallbackAttempted)]
    assert len(sent) == len(set(sent))


@played
@given(payment_histories())
def test_a_file_that_was_written_out_repeats_the_history(history):
    scenario = one(as_scenario(history, name="shown"))
    first, second = run_scenario(scenario), run_scenario(scenario)
    assert first.events == second.events
    assert first.payments == second.payments == run_scenario(scenario).payments


def test_a_failing_history_can_be_kept_as_a_file(tmp_path):
    """What a developer does: a law of their own fails, and the smallest history is written out."""

    def loses_money(history):
        result = play(history)
        moved = any(isinstance(event, MoneyMoved) for event in result.events)
        return moved and any(payment.status == "pending" for payment in result.payments)

    history = smallest(
        payment_histories(),
        loses_money,
    )
    (push,) = history.pushes
    assert len(history.moves) == 1
    assert (push.amount, push.callbacks) == (1, 0)
    path = tmp_path / "money-lost.yaml"
    path.write_text(as_scenario(history, name="money-lost", about='Paid, and "pending".'))
    (scenario,) = load_file(path)
    (payment,) = run_scenario(scenario).payments
    assert (payment.status, scenario.about) == ("pending", 'Paid, and "pending".')


def test_histories_shrink_to_one_push_of_a_shilling():
    history = smallest(payment_histories())
    push = HistoryPush(name="p1", phone="254722000000", amount=1, reference="INV-1")
    assert history == History((push,), (("254722000000", 50_000),))


def test_a_repeated_callback_shrinks_to_nothing_else():
    history = smallest(
        payment_histories(),
        lambda found: any(push.callbacks == 2 for push in found.pushes),
    )
    (push,) = history.moves
    assert replace(push, callbacks=1).ordinary


def test_every_move_and_every_fault_is_found():
    def look(history):
        for move in history.moves:
            yield type(move).__name__
            if isinstance(move, HistoryPush):
                yield from (move.customer, move.reply, move.callbacks, move.callback_first)

    wanted = {"HistoryPush", "Pause", "Ask", "Rest"}
    wanted |= {None, "approve", "cancel", "wrong-pin", "lost", "spike-arrest", 0, 1, 2, 3}
    assert wanted <= seen(payment_histories(), look, wanted, 500)


@given(payment_histories(min_size=3, max_size=4, max_amount=7))
def test_sizes_and_amounts_are_kept(history):
    assert 3 <= len(history.moves) <= 4
    assert max(push.amount for push in history.pushes) <= 7


@pytest.mark.parametrize(
    "arguments",
    [
        {"min_size": 0},
        {"max_size": 51},
        {"min_size": 9},
        {"faults": None},
        {"max_amount": 0},
        {"max_amount": 250_001},
    ],
)
def test_wrong_arguments_are_refused_at_once(arguments):
    with pytest.raises(InvalidArgument):
        payment_histories(**arguments)


@pytest.mark.parametrize("arguments", [{"name": "No Slug"}, {"about": ""}])
def test_a_name_that_no_file_can_have_is_refused(arguments):
    with pytest.raises(ScenarioError):
        as_scenario(smallest(payment_histories()), **arguments)
