import copy
import json

import jsonschema
import pytest

from darajasim.harness.report_json import report_json
from darajasim.harness.report_schema import report_schema
from support.played import PAY, played

SCHEMA = report_schema()
VALIDATOR = jsonschema.Draft202012Validator(SCHEMA)
RUNS = (
    ("steps:", PAY, "- settle", "- await: first", "expect: {payment: {status: success}}"),
    ("steps:", PAY, "- query: first", "expect: {payment: {status: failed}}"),
    ("rules: [{on: stk_push, reply: hang}]", "steps:", PAY, "expect: {payment: {}}"),
    ("rules: [{on: stk_push, callback: never}]", "steps:", PAY, "expect: {payment: {}}"),
    (
        "rules: [{on: b2c_payment, reply: reset}]",
        "steps:",
        "- call: b2c_payment",
        "- call: account_balance",
        "expect: {call: {}}",
    ),
)


def report():
    return json.loads(report_json([played(*sections) for sections in RUNS], 1))


def test_it_is_a_schema():
    VALIDATOR.check_schema(SCHEMA)


def test_reports_are_as_it_says():
    VALIDATOR.validate(report())
    VALIDATOR.validate(json.loads(report_json([], 1)))


SPOILERS = {
    "no version": lambda document: document.pop("version"),
    "another version": lambda document: document.update(version=2),
    "a count that is none": lambda document: document.update(passed=-1),
    "no verdict": lambda document: document["scenarios"][0].pop("verdict"),
    "another verdict": lambda document: document["scenarios"][0].update(verdict="perhaps"),
    "a finding without a place": lambda document: document["scenarios"][1]["findings"][0].pop(
        "where"
    ),
    "an event of no kind": lambda document: document["scenarios"][0]["events"][0].pop("kind"),
    "an unknown kind": lambda document: document["scenarios"][0]["events"][0].update(kind="x"),
    "an event without a key": lambda document: document["scenarios"][0]["events"][0].pop("step"),
    "a payment with a number": lambda document: document["scenarios"][0]["payments"][0].update(
        code=0
    ),
}


@pytest.mark.parametrize("spoil", SPOILERS.values(), ids=SPOILERS)
def test_others_are_not(spoil):
    document = copy.deepcopy(report())
    spoil(document)
    assert not VALIDATOR.is_valid(document)
