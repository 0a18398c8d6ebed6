"""The example shops, each as its target file starts it: right, and with one planted bug at a time.

The shops and the simulator run in real time, on loopback; simulated time leaps.
"""

import os
import re
import shutil
from pathlib import Path

import pytest

from compat.prepare import shops
from darajasim.harness.run_events import RunEnded, ScenarioEnded
from darajasim.harness.run_stream import RunPlan, stream
from darajasim.harness.target.loading import Target, load_target
from darajasim.scenarios import load_paths

HERE = Path(__file__).parent / "shops"
ONCE = "law: a payment is credited at most once"
SUCCESS = "law: nothing is credited without a success that Daraja's ledger knows"
AGREE = "law: amount, phone and reference agree"
SUM = "law: the credited sum equals the ledger"
TERMINAL = "law: a terminal state never changes"
STORED = "law: every callback that was acknowledged is stored"
PENDING = "law: nothing is pending for ever"
CAUGHT = {
    "credits-twice-on-a-duplicate": ("callback-twice", {ONCE}),
    "credits-twice-at-once": ("callback-twice-at-once", {ONCE}),
    "1037-is-success": ("phone-unreachable", {SUCCESS}),
    "loses-the-early-callback": ("callback-before-acknowledgement", {STORED}),
    "charges-again": ("acknowledgement-lost-and-asked-later", {SUM, TERMINAL}),
    "forgets": ("callback-twice", {PENDING, SUM}),
    "any-amount": ("callback-wrong-amount", {AGREE}),
    "trusts-any-id": ("callback-unknown-id", {SUCCESS}),
}
ALSO = {"customer-cancels", "token-refused", "merchant-killed-and-restarted"}
# After a callback that lies, the shops ask Daraja and are paid; the scenario has the bundled
# merchant wait. Both are right.
OTHERWISE = {"callback-wrong-amount"}
SELECTION = sorted({name for name, _laws in CAUGHT.values()} - OTHERWISE | ALSO)


def required():
    wanted = os.environ.get("DARAJASIM_COMPAT", "")
    return wanted == "required" or (wanted != "optional" and bool(os.environ.get("CI")))


def shop(name, *, bug=None):
    """The target of an example, with the interpreter and packages that it was prepared with."""
    prepared = shops()[name]
    if not prepared.ready:
        missing = f"{prepared.requirement} is not prepared: python tests/compat/prepare.py"
        if required():
            pytest.fail(missing)
        pytest.skip(missing)
    target = load_target(prepared.folder / "target.yaml")
    if prepared.index == "npm":
        command = (shutil.which("node"), "server.js")
        own = {"NODE_PATH": str(prepared.home / "node_modules"), "SHOP": str(prepared.folder)}
        careless = (command[0], str(HERE / "express_bugs.js"))
    else:
        command, own = (str(prepared.python), "shop.py"), {"PYTHONPATH": str(prepared.folder)}
        careless = (str(prepared.python), str(HERE / "flask_bugs.py"))
    if bug is not None:
        command, own = careless, own | {"SHOP_BUG": bug}
    return started(target, command, own)


def started(target, command, environment):
    start = target.file.start
    both = {**(start.environment or {}), **environment}
    changed = start.model_copy(update={"command": command, "environment": both})
    return Target(target.path, target.file.model_copy(update={"start": changed}))


def play(target, *names):
    """What came of scenarios, by name, and the end of the run."""
    plan = RunPlan(tuple(load_paths(names)), target=target)
    *events, ended = stream(plan, lambda: 0.0)
    assert isinstance(ended, RunEnded)
    played = [event for event in events if isinstance(event, ScenarioEnded)]
    return {event.result.scenario.name: event.result for event in played}, ended


@pytest.mark.parametrize("name", shops())
def test_an_example_shop_passes(name):
    results, ended = play(shop(name), *SELECTION)
    assert {name: result.findings for name, result in results.items() if result.findings} == {}
    assert (ended.passed, ended.skipped) == (len(SELECTION), 0)


@pytest.mark.parametrize("bug", CAUGHT)
@pytest.mark.parametrize("name", shops())
def test_a_planted_bug_is_caught_by_the_law_that_fits(name, bug):
    scenario, laws = CAUGHT[bug]
    results, _ended = play(shop(name, bug=bug), scenario)
    found = {finding.what: finding.found for finding in results[scenario].findings}
    assert {what for what in found if what.startswith("law: ")} == laws
    assert all(re.search(r"\[\d+\.\d{3}s ", found[law]) for law in laws), found
