"""Eight planted bugs in a running merchant, each caught by the law that fits, unasked."""

import re

import pytest

from darajasim.harness import pochi
from darajasim.harness.laws.law import Law
from darajasim.harness.runner import run_scenario
from darajasim.scenarios import bundled, load_file
from support.careless import Shop
from support.histories import Bug

CAUGHT = [
    (Bug.TWICE_ON_A_DUPLICATE, "callback-twice", {Law.ONCE}),
    (Bug.TWICE_AT_ONCE, "callback-twice-at-once", {Law.ONCE}),
    (Bug.NO_RESPONSE_IS_SUCCESS, "phone-unreachable", {Law.SUCCESS}),
    (Bug.LOSES_THE_EARLY, "callback-before-acknowledgement", {Law.STORED}),
    (Bug.CHARGES_AGAIN, "acknowledgement-lost", {Law.SUM}),
    (Bug.FORGETS, "callback-twice", {Law.PENDING, Law.SUM}),
    (Bug.ANY_AMOUNT, "callback-wrong-amount", {Law.AGREE}),
    (Bug.ANY_AMOUNT, "callback-wrong-phone", {Law.AGREE}),
    (Bug.TRUSTS_ANY_ID, "callback-unknown-id", {Law.SUCCESS}),
]
assert {bug for bug, _, _ in CAUGHT} == set(Bug)
BUNDLED = sorted({name for _, name, _ in CAUGHT})


@pytest.fixture
def employ(monkeypatch):
    """Puts a shop with this bug, or none, in the bundled merchant's place."""
    shops = []

    def employed(bug=None):
        def create(client, _database, **_options):
            shops.append(Shop(client, bug))
            return shops[-1].app

        monkeypatch.setattr(pochi, "create_app", create)
        monkeypatch.setattr(pochi, "pochi_books", lambda _database: shops[-1].books())

    return employed


def bundled_one(name):
    (scenario,) = load_file(bundled.files()[name])
    return scenario


def broken_laws(findings):
    return {Law(each.what[5:]) for each in findings if each.what.startswith("law: ")}


@pytest.mark.parametrize("name", BUNDLED)
def test_a_merchant_without_a_bug_passes(name, employ):
    employ()
    assert run_scenario(bundled_one(name)).findings == ()


@pytest.mark.parametrize(
    ("bug", "name", "laws"), CAUGHT, ids=[f"{bug.name}-{name}" for bug, name, _ in CAUGHT]
)
def test_a_bundled_scenario_catches_the_bug(bug, name, laws, employ):
    employ(bug)
    result = run_scenario(bundled_one(name))
    assert broken_laws(result.findings) == laws
    for finding in result.findings:
        if finding.what.startswith("law: "):
            assert "payment 1" not in finding.found  # it has the scenario's name
            assert re.search(r"\[\d+\.\d{3}s ", finding.found)  # and its moments


def test_the_words_for_a_developer(employ):
    employ(Bug.TWICE_ON_A_DUPLICATE)
    result = run_scenario(bundled_one("callback-twice"))
    (finding,) = (each for each in result.findings if each.what.startswith("law: "))
    assert finding.what == "law: a payment is credited at most once"
    assert finding.found == (
        "payment-1 was credited twice, KES 200.00 in all ["
        "14.000s payment-1 was credited KES 100.00; 44.000s payment-1 was credited KES 100.00]"
    )


def test_an_altered_callback_is_called_so(employ):
    """A developer need not compare bytes to see which callback was no word of Daraja's."""
    employ(Bug.ANY_AMOUNT)
    result = run_scenario(bundled_one("callback-wrong-amount"))
    (finding,) = (each for each in result.findings if each.what.startswith("law: "))
    assert re.search(r"the altered stk callback about \S+ said code 0, KES 1.00", finding.found)


def test_the_words_about_a_forged_id(employ):
    employ(Bug.TRUSTS_ANY_ID)
    result = run_scenario(bundled_one("callback-unknown-id"))
    (finding,) = (each for each in result.findings if each.what.startswith("law: "))
    assert finding.what == "law: nothing is credited without a success that Daraja's ledger knows"
    assert "no money moved: Daraja ended" in finding.found
