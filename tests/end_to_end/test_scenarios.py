"""The bundled scenarios: all of them pass, they leave no code out, and their expectations bite."""

import dataclasses
import json
import os
import re
import subprocess
import sys
from collections.abc import Mapping
from functools import cache
from pathlib import Path

import pytest
from click.testing import CliRunner

from darajasim.cli import coverage_page
from darajasim.cli.main import main
from darajasim.core.catalogue import catalogue
from darajasim.core.events import CallbackAttempted, PaymentSettled, RequestAnswered
from darajasim.core.rules import Compare, Equals
from darajasim.harness.report_json import report_json
from darajasim.harness.runner import run_scenario, run_scenarios
from darajasim.operations import named
from darajasim.scenarios import bundled_names, load_file, load_paths
from darajasim.scenarios.bundled import folder
from darajasim.scenarios.expectations import Absent, Expected, ExpectedError, Present
from support.every import every

ROWS = catalogue().rows

# One of each kind: chance, every network fault, many at once, another era, days of waiting.
VARIED = (
    "acknowledgement-lost",
    "callback-a-day-late",
    "callback-twice-at-once",
    "every-other-callback-lost",
    "firewall-after-a-burst",
    "insufficient-funds",
    "legacy-profile",
    "long-day",
    "new-token-ends-the-old-one",
    "query-hiccups-by-chance",
    "ten-together",
    "token-request-lost",
)


@cache
def scenarios():
    """Every one by its name. Loaded when a test needs them, not by every worker that collects."""
    return {scenario.name: scenario for scenario in load_paths(bundled_names())}


def problems(result) -> list[str]:
    return [f"{one.where}: {one.what}: {one.expected} / {one.found}" for one in result.findings]


def cli(*arguments: str):
    return CliRunner().invoke(main, ["run", *arguments], catch_exceptions=False)


class TestEveryScenario:
    def test_passes_and_all_show_what_there_is(self):
        results = tuple(run_scenarios(tuple(scenarios().values())))
        found = {result.scenario.name: problems(result) for result in results}
        assert len(results) == len(scenarios())
        assert {name: wrong for name, wrong in found.items() if wrong} == {}
        # In the same test, for another worker would play all of them again.
        # A new row of the catalogue needs a scenario that shows it, to the letter.
        assert {row.key for row in ROWS} - shown(results) == set()
        published = Path(__file__).parents[2] / "docs/coverage.md"
        assert coverage_page.of(results) == published.read_text(encoding="utf-8")

    @every(scenarios)
    def test_judges_money_requests_and_callbacks(self, name):
        expect = scenarios()[name].expect
        if expect.calls:  # its own requests, whose answers and results it judges one by one
            assert all(judged(call) for call in expect.calls)
            return
        assert expect.payments
        assert expect.balances
        assert expect.callbacks is not None
        if name != "customer-cancels":  # stands in the design as it is
            assert expect.requests is not None
            assert "stk_push" in expect.requests.counts

    def test_has_a_sentence_and_tags_of_ours(self):
        known = {"express", "success", "failure", "refusal", "network", "callback", "query"}
        known |= {"token", "profile", "magic", "timeout", "gateway", "initiator", "commands"}
        known |= {"c2b", "b2c", "pochi", "b2b", "balance", "status", "reversal", "qr", "pull"}
        known |= {"ratiba", "bills", "imsi", "iot", "bonga", "forged"}
        known |= {"chaos", "events", "files", "process"}
        for scenario in scenarios().values():
            assert scenario.about.endswith("."), scenario.name
            rest = {tag.replace("-", "_") for tag in set(scenario.tags) - known}
            assert rest <= set(named()), scenario.name

    def test_the_first_line_names_the_schema(self):
        home = folder()
        for path in home.glob("*.yaml"):
            first = path.read_text(encoding="utf-8").partition("\n")[0]
            assert first == "# yaml-language-server: $schema=schema.json", path.name
        assert (home / "schema.json").is_file()

    def test_a_day_and_a_night_are_a_whole_one(self):
        result = run_scenario(scenarios()["day-and-night"])
        assert result.findings == ()
        assert result.simulated_seconds >= 24 * 3_600

    def test_there_are_many_of_them(self):
        assert len(scenarios()) >= 100


def shown(results) -> frozenset[str]:
    """Keys of the rows that the answers and the endings of all scenarios are made of."""
    found = set()
    for result in results:
        asked = {}
        for event in result.events:
            if isinstance(event, RequestAnswered):
                asked[event.subject] = event.operation
                found |= {row.key for row in ROWS if is_answer(row, event)}
            if isinstance(event, PaymentSettled):
                operation = asked.get(event.subject, "c2b_simulate")
                found |= {row.key for row in ROWS if is_ending(row, event, operation)}
    return frozenset(found)


def is_answer(row, event) -> bool:
    """Whether a row of an answer is what an operation answered, or what a query said."""
    if row.surface == "stk":
        same = event.operation == "stk_query" and event.code == row.code
        return same and event.message in row.texts
    if row.surface == "inline" and event.operation != row.operation:
        return False
    if row.surface not in ("http", "inline") or event.status != row.http_status:
        return False
    texts = [text if row.code else text[:80] for text in row.texts]
    return event.code == row.code and any(
        re.fullmatch(pattern(text), event.message) for text in texts
    )


def pattern(text: str) -> str:
    return re.sub(r"\\\{\w+\\?\}?", ".*", re.escape(text))


def is_ending(row, event, operation) -> bool:
    surface = named()[operation][-1].result_surface or "c2b"
    if (row.surface, row.code) != (surface, event.code):
        return False
    return surface != "notice" or row.operation == operation


def judged(call) -> bool:
    """Whether anything is expected of a call."""
    ends = (call.result, call.result_text, call.receipt, call.callbacks)
    parts = (call.status, call.code, call.fault, *ends, *call.answer)
    return any(parts) or bool(call.callback)


class TestExpectationsBite:
    @pytest.mark.parametrize("name", VARIED)
    def test_every_single_value_that_is_turned_round_is_found(self, name):
        scenario = next(one for one in scenarios().values() if one.name.startswith(name))
        turned = dataclasses.replace(scenario, expect=opposite(scenario.expect))
        found = run_scenario(turned).findings
        assert len(found) == scenario.expect.count, problems(run_scenario(turned))

    @pytest.mark.parametrize(
        ("name", "right", "wrong", "what"),
        [
            ("paid", "receipt: present", "receipt: null", "payment payment-1: receipt"),
            ("paid", "900, 174379", "901, 174379", "balance of 254722000000"),
            ("paid", "stk_push: 1", "stk_push: 2", "requests: stk_push"),
            ("callback-twice", "sent: 2", "sent: 1", "callbacks: sent"),
            ("callback-never", "status: success", "status: pending", "payment payment-1: status"),
            ("callback-after-giving-up", "state: pending", "state: failed", "outcome: state"),
            ("acknowledgement-lost", "retry: never", "retry: now", "client: retry"),
            ("wrong-passkey", "error: wrong-credentials", "error: null", "client: error"),
            ("query-words-it-differently", "text: DS", "text: ds", "query: text"),
            ("three-wrong-pins", "code: 8006", "code: 2001", "payment locked: code"),
            ("token-refused", "oauth: 2", "oauth: 1", "requests: oauth"),
        ],
    )
    def test_one_wrong_value_in_the_file_is_the_one_finding(
        self, tmp_path, name, right, wrong, what
    ):
        text = (folder() / f"{name}.yaml").read_text()
        assert text.count(right) == 1
        file = tmp_path / f"{name}.yaml"
        file.write_text(text.replace(right, wrong))
        (finding,) = run_scenario(load_file(file)[0]).findings
        line = text[: text.index(right)].count("\n") + 1
        assert finding.what == what
        assert finding.where.startswith(f"{file}:{line}:")


def opposite(part):
    """The same expectations, and none of them true any more."""
    if part is None or isinstance(part, str):
        return part
    if isinstance(part, tuple):
        return tuple(map(opposite, part))
    if isinstance(part, Mapping):
        return {name: opposite(value) for name, value in part.items()}
    if isinstance(part, Expected):
        return Expected(opposite_test(part.test), part.where)
    if isinstance(part, ExpectedError):
        return ExpectedError("quota" if part.key is None else None, "", part.where)
    changes = {item.name: opposite(getattr(part, item.name)) for item in dataclasses.fields(part)
               if item.name not in ("owner", "purse", "balance_cents")}  # fmt: skip
    if hasattr(part, "balance_cents"):
        changes["balance_cents"] = part.balance_cents + 1
    return dataclasses.replace(part, **changes)


def opposite_test(test):
    match test:
        case Absent():
            return Present()
        case Present():
            return Absent()
        case Compare(operator, bound):
            opposites = {"==": "!=", "!=": "==", ">=": "<", "<": ">=", "<=": ">", ">": "<="}
            return Compare(opposites[operator], bound)
        case _:
            return Equals("something else")


class TestRepeatability:
    def report(self, tmp_path: Path, hash_seed: str, *options: str) -> bytes:
        """What a process of its own writes, whatever order its sets have."""
        file = tmp_path / f"{hash_seed}.json"
        subprocess.run(
            [sys.executable, "-m", "darajasim", "run", *VARIED, *options, "--json", str(file)],
            env={**os.environ, "PYTHONHASHSEED": hash_seed},
            capture_output=True,
            check=True,
            timeout=120,
        )
        return file.read_bytes()

    def test_one_seed_is_one_report_to_the_byte(self, tmp_path):
        first = self.report(tmp_path, "1", "--seed", "5", "--jobs", "1")
        second = self.report(tmp_path, "2", "--seed", "5", "--jobs", "2")
        assert first == second
        document = json.loads(first)
        assert document["failed"] == 0
        assert document["simulated_seconds"] > 24 * 3600

    def test_another_seed_is_another_run(self):
        scenario = scenarios()["paid"]
        reports = [report_json([run_scenario(scenario, seed)], 0) for seed in (1, 2)]
        ids = [json.loads(report)["scenarios"][0]["payments"] for report in reports]
        assert ids[0][0]["receipt"] != ids[1][0]["receipt"]

    @pytest.mark.parametrize("name", ["ten-together", "every-other-callback-lost", "long-day"])
    def test_what_ran_before_changes_nothing(self, name):
        first = report_json([run_scenario(scenarios()[name])], 1)
        run_scenario(scenarios()["callbacks-duplicated"], 3)
        assert report_json([run_scenario(scenarios()[name])], 1) == first

    def test_a_seed_in_the_file_is_stronger(self):
        scenario = scenarios()["every-other-callback-lost"]
        assert {run_scenario(scenario, seed).seed for seed in (1, 2)} == {7}


class TestTimes:
    """What no expectation can say, because it speaks of the course and not of the end."""

    def test_the_public_test_number_keeps_the_sandboxs_times(self):
        result = run_scenario(scenarios()["test-number"])
        (pushed,) = events(result, RequestAnswered, operation="stk_push")
        (settled,) = events(result, PaymentSettled)
        (called,) = events(result, CallbackAttempted)
        assert settled.at - pushed.at == pytest.approx(14.0, abs=0.001)
        assert called.at - pushed.at == pytest.approx(26.0, abs=0.001)

    def test_callback_and_query_word_1037_differently(self):
        result = run_scenario(scenarios()["query-words-it-differently"])
        (called,) = events(result, CallbackAttempted)
        (queried,) = events(result, RequestAnswered, operation="stk_query")
        assert '"ResultDesc":"No response from user."' in called.body
        assert queried.message == "DS timeout user cannot be reached."

    def test_the_callback_comes_before_the_acknowledgement(self):
        result = run_scenario(scenarios()["callback-before-acknowledgement"])
        kinds = [event.kind for event in result.events]
        assert kinds.index("callback-attempted") < kinds.index("merchant-answered")

    def test_two_callbacks_at_once_leave_at_the_same_moment(self):
        result = run_scenario(scenarios()["callback-twice-at-once"])
        first, second = events(result, CallbackAttempted)
        assert first.at - first.latency == second.at - second.latency
        assert first.body == second.body


def events(result, kind, **values):
    return [
        event
        for event in result.events
        if isinstance(event, kind)
        and all(getattr(event, name) == value for name, value in values.items())
    ]


WRONG = """\
scenario: hopeful
about: The customer cancels, and the merchant hopes for money all the same.
rules:
  - on: stk_push
    customer: {does: cancel, after: 5s}
steps:
  - pay: {phone: 0722000000, amount: 100, reference: INV-1}
  - settle: 60s
expect:
  payment: {status: success, receipt: present}
  callbacks: {sent: 1}
  balance: {174379: 100}
"""


class TestCommandLine:
    @pytest.fixture
    def hopeful(self, tmp_path, monkeypatch):
        monkeypatch.chdir(tmp_path)
        (tmp_path / "hopeful.yaml").write_text(WRONG)
        return "hopeful.yaml"

    def test_a_wrong_expectation_ends_with_1_and_is_explained(self, hopeful, snapshot):
        result = cli(hopeful, "--seed", "3")
        assert result.exit_code == 1
        assert re.sub(r" +\d+ ms| in \d+\.\d s", " (real time)", result.output) == snapshot

    def test_the_explanation_names_what_a_person_needs(self, hopeful):
        output = cli(hopeful, "--seed", "3").output
        for part in (
            "hopeful.yaml:10:21: payment payment-1: status",
            "      expected success\n      found    failed\n",
            "hopeful.yaml:10:39: payment payment-1: receipt",
            "hopeful.yaml:12:21: balance of 174379",
            "      expected 100.00\n      found    0.00\n",
            "phone      254722000000: cancel",
            "daraja     result 1032 Request cancelled by user",
            "repeat with: darajasim run hopeful.yaml --seed 3",
            "0 passed, 1 failed",
        ):
            assert part in output

    def test_the_json_report_has_the_same_findings(self, hopeful, tmp_path):
        cli(hopeful, "--json", "report.json")
        (scenario,) = json.loads((tmp_path / "report.json").read_bytes())["scenarios"]
        assert scenario["verdict"] == "failed"
        assert [one["what"] for one in scenario["findings"]] == [
            "payment payment-1: status",
            "payment payment-1: receipt",
            "balance of 174379",
        ]

    def test_one_failure_among_passes_ends_with_1(self, hopeful):
        result = cli("paid", hopeful)
        assert result.exit_code == 1
        assert "1 passed, 1 failed" in result.output

    def test_by_name_and_by_case(self):
        result = cli("paid", "amounts[ten]")
        assert result.exit_code == 0
        assert "amounts[ten]" in result.output
        assert "2 passed, 0 failed" in result.output

    @pytest.mark.parametrize(
        ("named", "nearest"),
        [
            ("customer-cancel", "customer-cancels"),
            ("insuficient-funds", "insufficient-funds"),
            ("callback_twice", "callback-twice"),
            ("amounts[tenn]", "amounts[ten]"),
        ],
    )
    def test_an_unknown_name_ends_with_2_and_the_nearest_one(self, named, nearest):
        result = cli("paid", named)
        assert result.exit_code == 2
        assert nearest in result.output
        assert "passed" not in result.output

    def test_a_mistake_in_a_file_ends_with_2_before_anything_runs(self, hopeful, tmp_path):
        (tmp_path / hopeful).write_text(WRONG.replace("does: cancel", "does: cancle"))
        result = cli("paid", hopeful)
        assert result.exit_code == 2
        assert "hopeful.yaml:5:22" in result.output
        assert "did you mean `cancel`?" in result.output
        assert "passed" not in result.output
