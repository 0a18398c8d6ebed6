"""No false alarm on good histories, and the law that fits for each planted bug."""

import os
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from darajasim.harness.laws import History, Law, broken
from support.histories import (
    NO_RESPONSE,
    Ack,
    Bug,
    Script,
    Way,
    good_histories,
    history,
    scripts,
)

GOOD_HISTORIES = int(os.environ.get("GOOD_HISTORIES", "500"))
"""How many are tried; before a release 10000."""

PLANTED = {
    Bug.TWICE_ON_A_DUPLICATE: Script(ways=(Way.DELIVERED, Way.DELIVERED)),
    Bug.TWICE_AT_ONCE: Script(ways=(Way.DELIVERED, Way.DELIVERED), apart=0.0),
    Bug.NO_RESPONSE_IS_SUCCESS: Script(code=NO_RESPONSE),
    Bug.ANY_AMOUNT: Script(ways=(Way.WRONG_AMOUNT,)),
    Bug.LOSES_THE_EARLY: Script(ack=Ack.LATE),
    Bug.CHARGES_AGAIN: Script(ack=Ack.LOST),
    Bug.FORGETS: Script(),
    Bug.TRUSTS_ANY_ID: Script(code=None, ways=()),
}
FITS = {
    Bug.TWICE_ON_A_DUPLICATE: {Law.ONCE},
    Bug.TWICE_AT_ONCE: {Law.ONCE},
    Bug.NO_RESPONSE_IS_SUCCESS: {Law.SUCCESS},
    Bug.ANY_AMOUNT: {Law.AGREE},
    Bug.LOSES_THE_EARLY: {Law.STORED, Law.PENDING, Law.SUM},
    Bug.CHARGES_AGAIN: {Law.SUM},
    Bug.FORGETS: {Law.PENDING, Law.SUM},
    Bug.TRUSTS_ANY_ID: {Law.SUCCESS},
}
bugs = st.sampled_from([None, *Bug])


def laws(facts):
    return {breach.law for breach in broken(History(tuple(facts)))}


def check_minimal(breach):
    """The events alone break the law, and without any one of them they do not."""
    assert breach.law in laws(breach.events)
    for left_out in range(len(breach.events)):
        rest = breach.events[:left_out] + breach.events[left_out + 1 :]
        assert breach.law not in laws(rest), f"{breach.events[left_out]} is not needed"


@settings(max_examples=GOOD_HISTORIES, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(good_histories)
def test_no_false_alarm(good):
    assert broken(good) == []


@pytest.mark.parametrize("bug", Bug)
def test_a_planted_bug_breaks_the_law_that_fits(bug):
    script = PLANTED[bug]
    assert broken(history(script)) == []
    breaches = broken(history(replace(script, bug=bug)))
    assert {breach.law for breach in breaches} == FITS[bug]
    for breach in breaches:
        check_minimal(breach)
        assert breach.sentence


@given(bug=st.sampled_from(Bug), others=st.lists(scripts, max_size=4), place=st.integers(0, 4))
def test_a_planted_bug_is_found_among_good_payments(bug, others, place):
    planted = replace(PLANTED[bug], bug=bug, reference="PLANTED")
    played = [*others[:place], planted, *others[place:]]
    breaches = broken(history(*played))
    assert {breach.law for breach in breaches} == FITS[bug]
    for breach in breaches:
        check_minimal(breach)


@given(st.lists(st.builds(lambda made, bug: replace(made, bug=bug), scripts, bugs), max_size=4))
def test_whatever_is_found_is_minimal(made):
    for breach in broken(history(*made)):
        check_minimal(breach)


def test_nothing_is_missing_before_all_is_over():
    made = Script(bug=Bug.FORGETS)
    assert broken(history(made, over=False)) == []
