"""Every form of a callback is shown, and judged as it ought to be."""

import dataclasses

import pytest
from click.testing import CliRunner

from darajasim.cli.main import main
from darajasim.harness import callback_verdicts
from darajasim.harness.callback_forms import FORMS, SPOILT, Form
from darajasim.scenarios.products import products
from mpesa_pochi import RefusalReason

OF_THE_MERCHANTS_STATE = {
    RefusalReason.REPLAYED,
    RefusalReason.CONTRADICTED,
    RefusalReason.RECEIPT_REUSED,
    RefusalReason.WRONG_SOURCE,
    RefusalReason.WRONG_TOKEN,
}
"""Refusals that no body causes by itself."""


@pytest.fixture(scope="module")
def all_shown():
    return list(callback_verdicts.shown(1))


def test_the_validator_says_of_each_what_it_ought_to(all_shown):
    assert [each.title for each in all_shown if not each.right] == []
    assert len(all_shown) == len(FORMS) + len(SPOILT)


def test_every_kind_of_callback_is_there():
    kinds = {
        kind
        for product in products().values()
        for kind in (*product.kinds, *(k for each in product.versions for k in each.callbacks))
    }
    assert kinds
    assert kinds <= {form.kind for form in FORMS}


def test_every_refusal_that_a_body_can_cause_is_there(all_shown):
    said = {each.says for each in all_shown}
    assert {reason.name for reason in set(RefusalReason) - OF_THE_MERCHANTS_STATE} <= said


def test_no_body_is_the_same_as_another(all_shown):
    bodies = [each.body for each in all_shown]
    assert len(set(bodies)) == len(bodies)


def test_the_command_shows_them_and_ends_well():
    done = CliRunner().invoke(main, ["demo", "--callbacks"])
    assert done.exit_code == 0, done.output
    for form in (*FORMS, *SPOILT):
        assert form.title in done.output
    assert f"{len(FORMS) + len(SPOILT)} forms, 0 judged otherwise" in done.output
    assert "\x1b" not in done.output


def test_a_wrong_verdict_ends_badly(monkeypatch):
    wrong = dataclasses.replace(FORMS[0], says="failed")
    monkeypatch.setattr(callback_verdicts, "FORMS", (wrong,))
    done = CliRunner().invoke(main, ["demo", "--callbacks"])
    assert done.exit_code == 1
    assert "expected failed, found paid" in done.output


def test_a_scenario_that_sends_no_such_callback_is_named(monkeypatch):
    monkeypatch.setattr(callback_verdicts, "FORMS", (Form("x", "callback-never", "stk", "paid"),))
    with pytest.raises(LookupError, match="callback-never"):
        list(callback_verdicts.shown(1))
