"""Eight planted bugs in a running merchant, each caught by the law that fits, unasked."""

import asyncio
import json
import re

import pytest

from darajasim.harness import pochi
from darajasim.harness.judge import judge
from darajasim.harness.laws.law import Law
from darajasim.harness.runner import run_scenario
from darajasim.harness.virtual_loop import VirtualLoop
from darajasim.operations import express_callback
from darajasim.scenarios import bundled, load_file
from support.careless import PREFIX, Shop
from support.histories import Bug
from support.played import EXPECT, PAY, player, scenario

CAUGHT = [
    (Bug.TWICE_ON_A_DUPLICATE, "callback-twice", {Law.ONCE}),
    (Bug.TWICE_AT_ONCE, "callback-twice-at-once", {Law.ONCE}),
    (Bug.NO_RESPONSE_IS_SUCCESS, "phone-unreachable", {Law.SUCCESS}),
    (Bug.LOSES_THE_EARLY, "callback-before-acknowledgement", {Law.STORED}),
    (Bug.CHARGES_AGAIN, "acknowledgement-lost", {Law.SUM}),
    (Bug.FORGETS, "callback-twice", {Law.PENDING, Law.SUM}),
]
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


@pytest.mark.parametrize(("bug", "name", "laws"), CAUGHT, ids=[bug.name for bug, _, _ in CAUGHT])
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


@pytest.mark.parametrize(("bug", "laws"), [(None, set()), (Bug.ANY_AMOUNT, {Law.AGREE})])
def test_a_callback_about_another_amount(bug, laws, employ, monkeypatch):
    true = express_callback.body

    def lie(namespace, push):
        body = true(namespace, push)
        items = body["Body"]["stkCallback"]["CallbackMetadata"]["Item"]
        items[0]["Value"] = 1
        return body

    monkeypatch.setattr(express_callback, "body", lie)
    employ(bug)
    assert broken_laws(run_scenario(bundled_one("callback-twice")).findings) == laws


@pytest.mark.parametrize(("bug", "laws"), [(None, set()), (Bug.TRUSTS_ANY_ID, {Law.SUCCESS})])
def test_a_forged_callback_about_an_unknown_id(bug, laws, employ):
    employ(bug)

    async def main():
        sections = ("rules: [{on: stk_push, customer: cancel}]", "steps:", PAY, EXPECT)
        shown = scenario(*sections)
        async with player(*sections) as played:
            await played._perform(shown.steps[0])  # and what follows is not yet due
            await played.stage.merchant.wire.call(
                "POST",
                f"http://{pochi.MERCHANT_HOST}{PREFIX}/callback/1",
                headers=[],
                body=json.dumps(FORGED).encode(),
                seconds=1,
            )
            await played.play(())
            return await judge(shown.expect, played)

    with asyncio.Runner(loop_factory=VirtualLoop) as runner:
        assert broken_laws(runner.run(main())) == laws


FORGED = {
    "Body": {
        "stkCallback": {
            "MerchantRequestID": "29115-34620561-1",
            "CheckoutRequestID": "ws_CO_02032026090001000722000000",
            "ResultCode": 0,
            "ResultDesc": "The service request is processed successfully.",
            "CallbackMetadata": {
                "Item": [
                    {"Name": "Amount", "Value": 100},
                    {"Name": "MpesaReceiptNumber", "Value": "UC20000000"},
                    {"Name": "TransactionDate", "Value": 20260302090001},
                    {"Name": "PhoneNumber", "Value": 254722000000},
                ]
            },
        }
    }
}
