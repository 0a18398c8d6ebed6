"""Bad hours come and go by themselves, and leave nothing behind."""

import pytest

from darajasim.core.events import CallbackAttempted, CallbackWithheld, ChaosBegan, ChaosEnded
from darajasim.harness.runner import run_scenario
from darajasim.scenarios import ScenarioError, load_file
from darajasim.scenarios.chaos import Chaos, Wave, unleash
from darajasim.scenarios.chaos_files import chaos, files, names
from support.daraja import in_virtual_time
from support.played import PAY, played, player

NONE = 'expect: {callbacks: {sent: ">= 0"}}'


def moments(result, kind):
    return [event.at - result.start for event in result.events if isinstance(event, kind)]


def test_every_bundled_profile_loads_under_its_own_name():
    assert {"busy-friday", "callback-outage", "double-delivery", "maintenance-night"} <= set(
        names()
    )
    for name, path in files().items():
        found = chaos(name)
        assert (found.name, path.stem) == (name, name)
        assert found.lasts > 0
        assert found.about


def test_an_outage_begins_and_ends_in_the_journal():
    result = played(
        "chaos: {profile: callback-outage, at: 5s, for: 30s}",
        "steps:",
        f"  {PAY}",
        "  - wait: 1m",
        "  - pay: {phone: 0733000000, amount: 10}",
        NONE,
    )
    assert moments(result, ChaosBegan) == [5]
    assert moments(result, ChaosEnded) == [35]
    assert len(moments(result, CallbackWithheld)) == len(moments(result, CallbackAttempted)) == 1


def test_no_scenario_waits_for_the_end():
    result = played("chaos: callback-outage", "steps:", f"  {PAY}", "  - settle: 60s", NONE)
    assert result.simulated_seconds < 60
    assert moments(result, ChaosEnded) == []
    assert result.findings == ()


def test_several_may_come():
    result = played(
        "chaos: [double-delivery, {profile: callback-outage, at: 2s}]", f"steps: [{PAY[2:]}]",
        NONE,
    )  # fmt: skip
    assert moments(result, ChaosBegan) == [0, 2]


def test_chance_is_drawn_from_the_seed():
    sections = ("chaos: busy-friday", "steps:", f"  {PAY}", "  - wait: 2h", NONE)
    assert played(*sections, seed=3).events == played(*sections, seed=3).events


def test_a_time_of_its_own_stretches_all_waves():
    found = Chaos("x", "", (Wave(0, 10, {}), Wave(5, 15, {}))).lasting(40)
    assert [(wave.at, wave.lasts) for wave in found.waves] == [(0, 20), (10, 30)]
    assert found.lasts == 40


def raging(*waves, at: float, see):
    """What `see` finds so many seconds after the waves were let loose."""

    async def main():
        async with player(f"steps: [{PAY[2:]}]", NONE) as ours:
            namespace = ours.stage.namespace
            unleash(Chaos("x", "", waves), namespace)
            await ours.stage.pause(at)
            return see(namespace)

    return in_virtual_time(main())


@pytest.mark.parametrize(
    ("at", "delay", "duplicates"), [(1, 8, 0), (6, 30, 0.5), (12, 30, 0.5), (17, 0, 0)]
)
def test_of_two_waves_that_set_a_knob_the_later_counts_while_both_last(at, delay, duplicates):
    waves = (
        Wave(0, 10, {"callback_delay": 8.0}),
        Wave(5, 10, {"callback_delay": 30.0, "callback_duplicate_rate": 0.5}),
    )
    found = raging(*waves, at=at, see=lambda namespace: namespace.profile)
    assert (found.callback_delay, found.callback_duplicate_rate) == (delay, duplicates)


def test_when_the_later_ends_first_the_earlier_counts_again():
    waves = (Wave(0, 20, {"callback_delay": 8.0}), Wave(5, 5, {"callback_delay": 30.0}))
    assert raging(*waves, at=12, see=lambda namespace: namespace.profile.callback_delay) == 8


def test_its_rules_stand_before_all_others_and_go(tmp_path):
    path = tmp_path / "slow-hour.yaml"
    path.write_text(
        "chaos: slow-hour\nabout: Pushes are refused.\nwaves:\n"
        "  - {for: 10s, rules: [{on: stk_push, reply: {error: gateway-busy}}]}\n",
        encoding="utf-8",
    )
    (tmp_path / "main.yaml").write_text(
        "scenario: main\nabout: One of its own.\nchaos: slow-hour.yaml\n"
        "rules: [{on: stk_push, customer: cancel}]\n"
        "steps:\n  - pay: {phone: 0722000000, amount: 1, as: refused}\n  - wait: 10s\n"
        "  - pay: {phone: 0722000000, amount: 1, as: cancelled}\n"
        "expect:\n  payments:\n    refused: {client: {error: gateway-busy}}\n"
        "    cancelled: {code: cancelled}\n",
        encoding="utf-8",
    )
    (scenario,) = load_file(tmp_path / "main.yaml")
    assert run_scenario(scenario).findings == ()


@pytest.mark.parametrize(
    "text",
    [
        "",
        "chaos: x\n",
        "chaos: x\nabout: y\nwaves: []\n",
        "chaos: x\nabout: y\nwaves: [{for: 1h}]\n",
        "chaos: x\nabout: y\nwaves: [{for: 0s, profile: {callback_delay: 3}}]\n",
        "chaos: x\nabout: y\nwaves: [{for: 1h, profile: observed}]\n",
        "chaos: x\nabout: y\nwaves: [{for: 1h, profile: {base: legacy}}]\n",
        "chaos: x\nabout: y\nwaves: [{for: 1h, profile: {callback_delay: -3}}]\n",
        "chaos: x\nabout: y\nwaves: [{for: 1h, rules: [{on: nothing}]}]\n",
        "scenario: x\n",
    ],
)
def test_nonsense_is_refused_with_its_place(tmp_path, text):
    path = tmp_path / "x.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ScenarioError) as caught:
        chaos(str(path))
    assert all("x.yaml" in mistake.path for mistake in caught.value.mistakes)


def test_an_unknown_name_is_answered_with_the_nearest():
    with pytest.raises(ScenarioError, match="did you mean `busy-friday`"):
        chaos("busy-fridy")
