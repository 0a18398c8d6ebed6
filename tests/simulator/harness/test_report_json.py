import json
from dataclasses import replace
from decimal import Decimal

import pytest

from darajasim.harness.report_json import VERSION, report_json
from darajasim.harness.runner import run_scenario
from darajasim.scenarios import load_paths
from support.played import PAY, played

PASSES = ("steps:", PAY, "- settle", "- await: first", "expect: {payment: {status: success}}")
FAILS = ("steps:", PAY, "- query: first", "- settle", "expect: {payment: {status: failed}}")
EVENTS = {
    "step-began": {"step", "where"},
    "client-raised": {"operation", "error"},
    "merchant-answered": {"payment", "status", "text"},
    "call-lost": {"call", "fault"},
    "await-ended": {"payment", "state", "code"},
    "request-received": {"operation", "body", "length", "path"},
    "rule-matched": {"operation", "rule"},
    "rule-missed": {"operation", "rule", "met", "of", "condition", "expected", "found"},
    "request-answered": {
        "operation", "status", "code", "message", "subject", "hint", "fault",
    },
    "prompt-sent": {"subject", "msisdn", "text"},
    "customer-acted": {"subject", "msisdn", "action"},
    "money-moved": {"receipt", "debit", "credit", "cents"},
    "payment-settled": {"subject", "code", "text", "receipt"},
    "callback-withheld": {"subject", "callback", "reason"},
    "callback-attempted": {
        "subject", "callback", "attempt", "url", "status", "latency", "answer", "error", "body",
        "altered",
    },
    "token-issued": {"consumer_key", "token_head", "lifetime"},
}  # fmt: skip
"""What programs may rely on: the keys of each kind of event beside offset, kind and at."""


def read(*results, seed=1):
    return json.loads(report_json(results, seed), parse_float=Decimal)


def test_the_document():
    document = read(played(*PASSES), played(*FAILS, seed=5))
    scenarios = document.pop("scenarios")
    assert document == {
        "version": VERSION,
        "seed": 1,
        "passed": 1,
        "failed": 1,
        "skipped": 0,
        "simulated_seconds": Decimal("30.0"),
    }
    assert [found["verdict"] for found in scenarios] == ["passed", "failed"]
    assert [found["seed"] for found in scenarios] == [1, 5]


def test_a_scenario():
    result = played("tags: [express]", *FAILS)
    (found,) = read(result)["scenarios"]
    events = found.pop("events")
    (payment,) = result.payments
    assert found == {
        "name": "shown",
        "about": "A customer pays.",
        "tags": ["express"],
        "sha256": result.scenario.source_text_hash,
        "verdict": "failed",
        "skipped": None,
        "left_out": [],
        "seed": 1,
        "simulated_seconds": Decimal("15.0"),
        "findings": [
            {
                "where": "shown.yaml:8:28",
                "what": "payment first: status",
                "expected": "failed",
                "found": "success",
            }
        ],
        "payments": [
            {
                "name": "first",
                "status": "success",
                "code": "0",
                "receipt": payment.receipt,
                "checkout_request_id": payment.checkout_request_id,
            }
        ],
        "calls": [],
        "events_dropped": 0,
    }
    assert len(events) == len(result.events)


@pytest.mark.parametrize(
    "rules",
    [
        "rules: [{on: stk_push, reply: lost}]",
        "rules: [{on: stk_push, callback: never}]",
        "rules: [{on: stk_query, reply: {error: internal-error}}]",
    ],
)
def test_every_event_has_its_keys_and_no_others(rules):
    (found,) = read(played(rules, *PASSES[:-1], "- query: first", PASSES[-1]))["scenarios"]
    for event in found["events"]:
        assert event.keys() == {"offset", "kind", "at"} | EVENTS[event["kind"]]
        assert event["at"] - event["offset"] == Decimal(1_772_431_200)


def test_the_offsets_tell_the_time():
    (found,) = read(played(*PASSES))["scenarios"]
    offsets = {event["kind"]: event["offset"] for event in found["events"]}
    assert offsets["prompt-sent"] == 1
    assert offsets["payment-settled"] == 13
    assert offsets["callback-attempted"] == 15


def test_two_runs_with_one_seed_are_the_same_byte_for_byte():
    one, other = ([played(*PASSES, seed=3), played(*FAILS, seed=3)] for _ in range(2))
    assert report_json(one, 3) == report_json(other, 3)
    assert report_json(one, 3) != report_json([played(*PASSES), played(*FAILS)], 1)


def test_it_holds_no_real_time():
    result = played(*PASSES)
    assert report_json([result], 1) == report_json([replace(result, real_seconds=99.0)], 1)


def test_it_holds_no_folder_of_this_machine(tmp_path, monkeypatch):
    """Wherever the file is: only a place below the working folder says in which folder."""
    text = "scenario: shown\nabout: A customer pays.\n" + "\n".join(FAILS)
    reports = []
    for folder in ("one", "other"):
        path = tmp_path / folder / "shown.yaml"
        path.parent.mkdir()
        path.write_text(text, encoding="utf-8")
        (scenario,) = load_paths([path])
        reports.append(report_json([run_scenario(scenario)], 1))
        assert str(tmp_path).encode() not in reports[-1]
        assert b'"shown.yaml:7:28"' in reports[-1]
    assert reports[0] == reports[1]
    monkeypatch.chdir(tmp_path)
    (scenario,) = load_paths(["one/shown.yaml"])
    assert b'"one/shown.yaml:7:28"' in report_json([run_scenario(scenario)], 1)


def test_secrets_are_left_out():
    report = report_json([played(*PASSES)], 1)
    assert b'"Password":"***"' in report
    assert b"bfb279f9" not in report


def test_it_is_one_line_of_utf_8():
    result = played("world: {customers: [{phone: 0722000000, name: 'ŴANJIKŨ'}]}", *PASSES)
    report = report_json([result], 1)
    assert report.endswith(b"}\n")
    assert report.count(b"\n") == 1
    assert report.decode("utf-8")
