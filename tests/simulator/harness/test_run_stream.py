import dataclasses
from itertools import count

import pytest

from darajasim.harness import runner
from darajasim.harness.run_events import RunEnded, RunStarted, ScenarioEnded, ScenarioStarted
from darajasim.harness.run_stream import RunPlan, stream
from support.played import PAY, scenario

PASSES = ("steps:", PAY, "expect: {payment: {status: success}}")
FAILS = ("steps:", PAY, "expect: {payment: {status: failed}}")


def run(*scenarios, **options):
    return [*stream(RunPlan(scenarios, **options), lambda: 2.5)]


def kinds(happened):
    return [type(event).__name__ for event in happened]


def test_the_events_of_a_run():
    one, other = scenario(*PASSES), scenario(*FAILS)
    started, first, first_end, second, second_end, ended = run(one, other, seed=4)
    assert started == RunStarted(4, 1, 2, ("shown", "shown"))
    assert first == ScenarioStarted(1, "shown", one)
    assert (first_end.number, first_end.passed, first_end.findings) == (1, True, ())
    assert second == ScenarioStarted(2, "shown", other)
    assert (second_end.number, second_end.passed) == (2, False)
    assert second_end.findings == second_end.result.findings
    assert second_end.events == second_end.result.events
    assert second_end.result.seed == 4
    assert ended == RunEnded(4, 1, 1, 0, 30.0, 2.5)


def test_they_cannot_be_changed():
    for event in run(scenario(*PASSES)):
        name = dataclasses.fields(event)[0].name
        with pytest.raises(dataclasses.FrozenInstanceError):
            setattr(event, name, None)


def test_they_come_as_they_happen(monkeypatch):
    numbers = count(1)
    monkeypatch.setattr(runner, "run_scenario", lambda *_: next(numbers))
    happening = stream(RunPlan((scenario(*PASSES),)), lambda: 0.0)
    assert isinstance(next(happening), RunStarted)
    assert isinstance(next(happening), ScenarioStarted)
    assert next(numbers) == 1  # nothing has been run yet


def test_the_first_failure_ends_it_where_that_is_asked_for():
    given = [scenario(*sections) for sections in (PASSES, FAILS, PASSES, FAILS)]
    *_, last, ended = run(*given, exitfirst=True)
    assert (last.number, last.passed) == (2, False)
    assert (ended.passed, ended.failed, ended.unplayed) == (1, 1, 2)
    assert run(*given)[-1].unplayed == 0


@pytest.mark.filterwarnings("ignore:.*multi-threaded, use of fork:DeprecationWarning")
def test_so_it_is_with_many_processes(monkeypatch):
    monkeypatch.setattr(runner, "WORTH_A_PROCESS", 1)
    given = [scenario(*sections) for sections in (PASSES, FAILS, *[PASSES] * 20)]
    alone, shared = (run(*given, exitfirst=True, jobs=jobs) for jobs in (1, 2))
    assert kinds(alone) == kinds(shared)
    assert alone[-1] == shared[-1]
    assert [event.events for event in alone if isinstance(event, ScenarioEnded)] == [
        event.events for event in shared if isinstance(event, ScenarioEnded)
    ]


class TestRepeat:
    def test_each_round_has_the_next_seed(self):
        happened = run(scenario(*PASSES), seed=7, repeat=3)
        ends = [event for event in happened if isinstance(event, ScenarioEnded)]
        assert [end.result.seed for end in ends] == [7, 8, 9]
        assert [end.title for end in ends] == ["shown seed 7", "shown seed 8", "shown seed 9"]
        assert happened[0].total == 3
        assert len({end.result.payments for end in ends}) == 3

    def test_a_pinned_seed_is_played_once(self):
        happened = run(scenario("seed: 5", *PASSES), scenario(*PASSES), repeat=2)
        ends = [event for event in happened if isinstance(event, ScenarioEnded)]
        assert [end.title for end in ends] == ["shown seed 5", "shown seed 1", "shown seed 2"]

    def test_a_round_of_it_is_what_its_seed_alone_gives(self):
        rounds = run(scenario(*PASSES), repeat=2, seed=1)
        alone = run(scenario(*PASSES), seed=2)
        assert rounds[-2].events == alone[-2].events
