"""docs/coverage.md has a row for everything, and no scenario is missing."""

import dataclasses
from pathlib import Path

import pytest

from darajasim.cli.coverage_page import COLUMNS, Cells, Endpoint, _look
from darajasim.harness.runner import run_scenario
from darajasim.operations import operations
from darajasim.scenarios import load_file

PUSH = Endpoint(operations()["/mpesa/stkpush/v1/processrequest"])
GAP = "**no**"
PAGE = Path(__file__).parents[3] / "docs/coverage.md"
"""As it is published: whether it is what the code says, `cli.pages --check` knows."""


def rows():
    """Every row of the table: its cells by the names of their columns."""
    lines = [line for line in PAGE.read_text().splitlines() if line.startswith("| ")]
    cells = [[cell.strip() for cell in line.strip("|").split(" | ")] for line in lines[2:]]
    return [dict(zip(COLUMNS, found, strict=True)) for found in cells]


def test_there_are_no_gaps():
    gaps = [
        f"{row['endpoint']}: {column}"
        for row in rows()
        for column, cell in row.items()
        if GAP in cell
    ]
    assert gaps == []


def test_every_path_has_a_row_and_b2b_one_for_each_command():
    endpoints = [row["endpoint"] for row in rows()]
    assert len(endpoints) == len(set(endpoints))
    for path, operation in operations().items():
        assert any(each.startswith(f"{operation.method} `{path}`") for each in endpoints), path
    b2b = [each for each in endpoints if "/mpesa/b2b/v1/paymentrequest`" in each]
    assert len(b2b) > 5
    assert all(each.split("`")[-1].strip() for each in b2b)


def test_what_a_product_does_not_have_is_not_asked_for():
    found = {row["operation"]: row for row in rows()}
    assert found["`oauth`"]["callback success"] == "n/a"
    assert found["`imsi_check`"]["callback failure"] == "n/a"
    assert found["`stk_push`"]["timeout"] == "n/a"
    assert found["`reversal`"]["timeout"] == "yes"


SCENARIO = """\
scenario: shown
about: A push.
steps:
  - call: {operation: stk_push, fields: {FIELDS}}
expect:
  call: {status: STATUS}
"""


def looked(tmp_path, fields, status):
    """What one scenario shows of a push."""
    file = tmp_path / "shown.yaml"
    file.write_text(SCENARIO.replace("{FIELDS}", fields).replace("STATUS", str(status)))
    result = run_scenario(load_file(file)[0])
    found = {Endpoint(each): Cells() for each in operations().values()}
    _look(result, found)
    return result, found[PUSH]


@pytest.mark.parametrize(
    ("fields", "status", "seen"),
    [
        (
            '{PhoneNumber: "254722000000", PartyA: "254722000000"}',
            200,
            {"acknowledged", "succeeded"},
        ),
        ('{PhoneNumber: "254700001032"}', 200, {"acknowledged", "failed"}),
        ("{Amount: 0}", 400, {"refused"}),
    ],
)
def test_a_cell_is_filled_only_by_what_happened(tmp_path, fields, status, seen):
    result, cells = looked(tmp_path, fields, status)
    assert result.passed, result.findings
    marks = {name for name, value in dataclasses.asdict(cells).items() if value is True}
    assert marks == seen
    assert cells.scenarios == ["shown"]


def test_a_scenario_that_fails_shows_nothing(tmp_path):
    result, cells = looked(tmp_path, "{Amount: 0}", 200)
    assert not result.passed
    assert cells == Cells()
