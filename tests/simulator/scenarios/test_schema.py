import json
import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from darajasim.core.profile import KNOBS
from darajasim.scenarios import bundled, json_schema
from darajasim.scenarios.encoding import decode
from darajasim.scenarios.model.file import ScenarioFile
from darajasim.scenarios.nodes import Mapping, Sequence
from darajasim.scenarios.products import products
from darajasim.scenarios.shape import all_parts
from darajasim.scenarios.vocabulary import default_vocabulary
from darajasim.scenarios.yaml_tree import read_document
from support.scenario_text import HEAD, mistakes

SCHEMA = json_schema()
GOOD = Path(__file__).parent / "good" / "everything.yaml"
CALLS = GOOD.with_name("calls.yaml")


def references(node):
    if isinstance(node, dict):
        yield from [node["$ref"]] if "$ref" in node else []
        for value in node.values():
            yield from references(value)
    elif isinstance(node, list):
        for item in node:
            yield from references(item)


def values(node):
    """The file as an editor's YAML parser hands it to a validator."""
    if isinstance(node, Mapping):
        return {key: values(entry.value) for key, entry in node.entries.items()}
    if isinstance(node, Sequence):
        return [values(item) for item in node.items]
    return node.value


def problems(text: str) -> list[str]:
    jsonschema = pytest.importorskip("jsonschema")
    root, _ = read_document(decode(text.encode(), "f"))
    validator = jsonschema.Draft202012Validator(SCHEMA)
    return [error.message for error in validator.iter_errors(values(root))]


def test_it_is_json_and_the_same_every_time():
    assert json.dumps(json_schema()) == json.dumps(SCHEMA)


def test_it_is_a_schema():
    pytest.importorskip("jsonschema").Draft202012Validator.check_schema(SCHEMA)


def test_references_and_definitions_meet():
    used = set(references(SCHEMA))
    assert used == {f"#/$defs/{name}" for name in SCHEMA["$defs"]}


def test_nothing_of_the_machinery_shows():
    text = json.dumps(SCHEMA)
    for word in ("x-leaf", "x-errors", "Annotated", "pydantic", '"default"'):
        assert word not in text
    assert not re.search(r"Part\b", text)


def test_every_key_is_described():
    for name, definition in [("", SCHEMA), *SCHEMA["$defs"].items()]:
        shapes = [definition, *definition.get("anyOf", [])]
        for shape in shapes:
            for key, value in shape.get("properties", {}).items():
                assert value.get("description"), f"{name}.{key}"


def test_every_part_is_closed_and_has_its_keys():
    text = json.dumps(SCHEMA)
    closed = len(re.findall(r'"additionalProperties": false', text))
    named = len(re.findall(r'"propertyNames": {(?:"anyOf": \[{)?"enum"', text))
    assert closed + named == len(all_parts(ScenarioFile))


def test_what_the_operations_decide_is_listed():
    when, callbacks, requests = (
        SCHEMA["$defs"][name]["anyOf"][-1]["propertyNames"]
        for name in ("when", "callbacks", "requests")
    )
    when, path = (each for each in when["anyOf"])
    assert re.search(path["pattern"], "invoiceItems.0.amount")
    assert not re.search(path["pattern"], "amont")
    when, callbacks, requests = when["enum"], callbacks["enum"], requests["enum"]
    assert {"phone", "PhoneNumber", "consumer_key", "call"} <= set(when)
    assert {"sent", "stk", "result", "timeout", "validation", "confirmation"} <= set(callbacks)
    assert requests == list(products())
    assert SCHEMA["$defs"]["operations"]["enum"] == [*products(), "any"]
    assert "oauth" not in SCHEMA["$defs"]["products"]["enum"], "it cannot be called"


def test_knobs_and_codes_are_listed():
    profile = SCHEMA["$defs"]["profile"]["anyOf"][-1]["properties"]
    assert set(profile) == {"base", *KNOBS}
    assert profile["in_flight"]["enum"] == ["4999", "error", "empty", "1101", 4999, 1101]
    assert profile["query_hiccup_rate"]["maximum"] == 1
    assert "cancelled" in SCHEMA["$defs"]["results"]["enum"]
    assert 1032 in SCHEMA["$defs"]["results"]["enum"]
    assert "500.001.1001" not in SCHEMA["$defs"]["errors"]["enum"], "it is ambiguous"
    keys = {row.key for row in default_vocabulary().rows if row.surface == "http"}
    assert keys <= set(SCHEMA["$defs"]["errors"]["enum"])


def test_good_scenarios_are_valid():
    for good in (GOOD, CALLS):
        assert problems(good.read_text(encoding="utf-8")) == []
    for path in bundled.files().values():
        assert problems(path.read_text(encoding="utf-8")) == [], path


@pytest.mark.parametrize(
    "text",
    [
        "sceanrio: x\nabout: y\n",
        "about: y\n",
        f"{HEAD}seed: -1\n",
        f"{HEAD}profile: {{in_flight: 5000}}\n",
        f"{HEAD}rules: [{{on: stkpush}}]\n",
        f"{HEAD}rules: [{{on: stk_push, customer: cancels}}]\n",
        f"{HEAD}rules: [{{on: stk_push, customer: {{does: cancel, after: 5}}}}]\n",
        f"{HEAD}rules: [{{on: stk_push, reply: {{error: spike-arest}}}}]\n",
        f"{HEAD}rules: [{{on: stk_push, result: spike-arrest}}]\n",
        f"{HEAD}steps: [{{pay: {{phone: 0722000000}}}}]\n",
        f"{HEAD}steps: [{{wait: 5s, settle: 5s}}]\n",
        f"{HEAD}expect: {{payment: {{status: paid}}}}\n",
        f"{HEAD}rules: [{{on: stk_push, when: {{phnoe: 0722000000}}}}]\n",
        f"{HEAD}rules: [{{on: b2c_payment, callback: {{timeout: late}}}}]\n",
        f"{HEAD}answers: [{{to: validations}}]\n",
        f"{HEAD}steps: [{{call: {{operation: stkpush}}}}]\n",
        f"{HEAD}steps: [{{call: oauth}}]\n",
        f"{HEAD}expect: {{call: {{answer: {{}}}}}}\n",
        f"{HEAD}expect: {{requests: {{stkpush: 1}}}}\n",
        f"{HEAD}expect: {{callbacks: {{validations: 1}}}}\n",
    ],
)
def test_broken_scenarios_are_not(text):
    assert problems(text)
    assert mistakes(text)


LINES = [good.read_text(encoding="utf-8").splitlines(keepends=True) for good in (GOOD, CALLS)]


@settings(deadline=None)
@given(st.sampled_from(LINES), st.sets(st.integers(0, max(map(len, LINES))), max_size=20))
def test_what_loads_is_valid(lines, gone):
    text = "".join(line for number, line in enumerate(lines) if number not in gone)
    if not mistakes(re.sub("scenario: (everything|calls)", "scenario: shown", text)):
        assert problems(text) == []
