import json

from darajasim.core.wire import loads
from darajasim.harness.report_events import EventsReport
from darajasim.harness.report_json import report_json
from support.played import PAY, played
from support.run_events import events

PASSES = ("steps:", PAY, "- settle", "expect: {payment: {status: success}}")
FAILS = ("tags: [a]", "steps:", PAY, "- settle", "expect: {payment: {status: failed}}")


def written(*results, **options):
    chunks = []
    report = EventsReport(chunks.append)
    for event in events(*results, **options):
        report.take(event)
    return chunks


def lines(*results, **options):
    return [json.loads(line) for line in b"".join(written(*results, **options)).splitlines()]


def test_look(snapshot):
    assert b"".join(written(played(*FAILS))).decode() == snapshot


def test_what_stands_around_the_happenings():
    found = lines(played(*PASSES), played(*FAILS, seed=4), seed=4, unplayed=1)
    around = [line for line in found if line["event"] != "happened"]
    assert [line["event"] for line in around] == [
        "run-started",
        "scenario-started",
        "scenario-ended",
        "scenario-started",
        "finding",
        "scenario-ended",
        "run-ended",
    ]
    assert around[0] == {
        "event": "run-started", "version": 1, "seed": 4, "repeat": 1, "scenarios": 3,
    }  # fmt: skip
    assert around[3] == {
        "event": "scenario-started",
        "number": 2,
        "title": "shown",
        "name": "shown",
        "about": "A customer pays.",
        "tags": ["a"],
    }
    assert around[4] == {
        "event": "finding",
        "number": 2,
        "where": "shown.yaml:7:28",
        "what": "payment first: status",
        "expected": "failed",
        "found": "success",
    }
    assert around[5] == {
        "event": "scenario-ended",
        "number": 2,
        "title": "shown",
        "verdict": "failed",
        "skipped": None,
        "seed": 4,
        "simulated_seconds": 15.0,
        "events_dropped": 0,
        "repeat": "darajasim run shown.yaml --seed 4",
    }
    assert around[6] == {
        "event": "run-ended", "passed": 1, "failed": 1, "skipped": 0,
        "unplayed": 1, "simulated_seconds": 30.0,
    }  # fmt: skip


def test_the_happenings_are_those_of_the_json_report():
    result = played(*FAILS)
    happened = [
        {key: value for key, value in loads(line).items() if key not in ("event", "number")}
        for line in b"".join(written(result)).splitlines()
        if loads(line)["event"] == "happened"
    ]
    assert happened == loads(report_json([result], 1))["scenarios"][0]["events"]


def test_lines_are_whole_and_come_with_each_event_of_the_run():
    chunks = written(played(*PASSES))
    assert len(chunks) == 4
    assert all(chunk.endswith(b"\n") for chunk in chunks)
