"""Every form of a callback is shown, and judged as it ought to be."""

import dataclasses

import pytest
from click.testing import CliRunner

from darajasim.cli import demo_callbacks
from darajasim.cli.main import main
from darajasim.harness import callback_verdicts
from darajasim.harness.callback_forms import FORMS, GROUPS, SPOILT, Form
from darajasim.scenarios.products import products
from mpesa_pochi import RefusalReason

OF_HOW_IT_CAME = {RefusalReason.WRONG_SOURCE, RefusalReason.WRONG_TOKEN}
"""Refusals that no body causes."""


@pytest.fixture(scope="module")
def all_shown():
    return list(callback_verdicts.shown(1))


@pytest.fixture
def printed(all_shown, monkeypatch):
    """What the command prints of them; they are not played once more."""
    monkeypatch.setattr(demo_callbacks, "shown", lambda _seed: iter(all_shown))
    return CliRunner().invoke(main, ["demo", "--callbacks"])


def test_the_validator_says_of_each_what_it_ought_to(all_shown):
    assert [each.title for each in all_shown if not each.right] == []
    assert len(all_shown) == len(FORMS) + len(SPOILT)


def test_every_callback_of_every_operation_is_there():
    sent = {
        (product.name, kind)
        for product in products().values()
        for kind in (*product.kinds, *(k for each in product.versions for k in each.callbacks))
    }
    assert sent
    assert sent == {(form.operation, form.kind) for form in FORMS}


def test_results_are_those_of_the_operation_that_the_form_names(all_shown):
    told = {each.title: each for each in all_shown}
    for title, parameter in {
        "payout made": b"B2CUtilityAccountAvailableFunds",
        "account balance": b"AccountBalance",
        "transaction status": b"TransactionStatus",
        "reversal": b"OriginalTransactionID",
        "payment to a paybill": b"DebitPartyAffectedAccountBalance",
    }.items():
        assert b'"Key":"' + parameter + b'"' in told[title].body, title
    assert "Working Account KES 279.00" in told["account balance"].told


def test_every_refusal_that_a_body_can_cause_is_there(all_shown):
    said = {each.says for each in all_shown}
    assert {reason.name for reason in set(RefusalReason) - OF_HOW_IT_CAME} <= said


def test_no_body_is_the_same_as_another(all_shown):
    bodies = [each.body for each in all_shown]
    assert len(set(bodies)) == len(bodies)


def test_the_command_shows_them_and_ends_well(printed):
    assert printed.exit_code == 0, printed.output
    for group in (*GROUPS, callback_verdicts.FROM_ANYBODY):
        assert f"\n{group}\n" in printed.output
    for form in (*FORMS, *SPOILT):
        assert f"  {form.title} ({form.kind})\n" in printed.output
    assert f"{len(FORMS) + len(SPOILT)} forms, 0 judged otherwise" in printed.output
    assert "\x1b" not in printed.output


def test_the_table_has_a_line_for_each_and_counts_them(printed, all_shown):
    *_, table, counts = printed.output.split("\n\n")
    head, *lines = table.splitlines()
    assert head.split() == ["form", "kind", "verdict"]
    assert [line.split("  ")[0] for line in lines] == [each.title for each in all_shown]
    assert [line.rpartition("  ")[2] for line in lines] == [each.expected for each in all_shown]
    refused = sum(each.told.startswith("refused") for each in all_shown)
    assert f"{refused} refused" in counts


def _only(monkeypatch, form):
    monkeypatch.setattr(callback_verdicts, "GROUPS", {"Alone": (form,)})
    monkeypatch.setattr(callback_verdicts, "SPOILT", ())


def test_the_seed_decides_every_byte(monkeypatch):
    _only(monkeypatch, FORMS[0])
    outputs = [
        CliRunner().invoke(main, ["demo", "--callbacks", "--seed", seed]).output
        for seed in ("5", "5", "6")
    ]
    assert outputs[0] == outputs[1] != outputs[2]


def test_a_wrong_verdict_ends_badly(monkeypatch):
    _only(monkeypatch, dataclasses.replace(FORMS[0], says="failed"))
    done = CliRunner().invoke(main, ["demo", "--callbacks"])
    assert done.exit_code == 1
    assert "expected failed, found paid" in done.output
    assert "1 forms, 1 judged otherwise" in done.output


def test_a_result_of_another_product_is_noticed(monkeypatch, all_shown):
    payout = next(each.body for each in all_shown if each.title == "payout made")
    balance = next(
        form for form in GROUPS["Results of commands"] if form.title == "account balance"
    )
    asked = callback_verdicts.ExpectedPayment(amount=1, phone="254722000000")
    says, told = callback_verdicts.verdict(balance, payout, asked)
    assert says == "MISSING_FIELD"
    assert "AccountBalance" in told


@pytest.mark.parametrize(
    ("form", "named"),
    [
        (Form("x", "callback-never", "stk_push", "stk", "paid"), "callback-never"),
        (Form("x", "b2c-paid", "reversal", "result", "done"), "reversal result"),
        (Form("x", "magic-numbers[mistyped]", "stk_push", "stk", "failed"), "mistyped"),
    ],
)
def test_a_scenario_that_sends_no_such_callback_is_named(monkeypatch, form, named):
    _only(monkeypatch, form)
    with pytest.raises(LookupError, match=named):
        list(callback_verdicts.shown(1))
