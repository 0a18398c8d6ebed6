"""docs/security.md: every line names the test that holds it, and that test exists."""

import ast
import re
from functools import cache
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).parents[1]
PAGE = (REPOSITORY / "docs/security.md").read_text(encoding="utf-8")
ROWS = [
    [cell.strip() for cell in line.strip("|").split(" | ")]
    for line in PAGE.splitlines()
    if line.startswith("|") and not re.match(r"\| (---|threat)", line)
]
TEST = re.compile(r"`(tests/[\w/]+\.py)::(test_\w+)`")


@cache
def names_in(path):
    tree = ast.parse((REPOSITORY / path).read_text(encoding="utf-8"))
    return {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row[0][:40])
def test_every_line_is_held_by_tests_that_exist(row):
    assert len(row) == 3, row
    named = TEST.findall(row[2])
    assert named, f"no test holds: {row[0]}"
    for path, name in named:
        assert (REPOSITORY / path).is_file(), path
        assert name in names_in(path), f"{path} has no {name}"


def test_the_page_has_its_lines_and_every_test_that_it_names_stands_in_one():
    assert len(ROWS) >= 20
    assert len(TEST.findall(PAGE)) == sum(len(TEST.findall(row[2])) for row in ROWS)
    assert PAGE.count("::test_") == len(TEST.findall(PAGE))
