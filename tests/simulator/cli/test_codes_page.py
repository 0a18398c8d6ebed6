"""docs/codes.md is what the catalogue says."""

import re
from pathlib import Path

from click.testing import CliRunner

from darajasim.cli.codes_page import main, page
from darajasim.core.catalogue import catalogue

DOCUMENT = Path(__file__).parents[3] / "docs" / "codes.md"


def test_the_page_is_current():
    result = CliRunner().invoke(main, ["--check", str(DOCUMENT)])
    assert result.exit_code == 0, result.output


def test_a_page_that_differs_is_named(tmp_path):
    path = tmp_path / "codes.md"
    for text in (None, page() + "x"):
        if text is not None:
            path.write_text(text, encoding="utf-8")
        result = CliRunner().invoke(main, ["--check", str(path)])
        assert result.exit_code == 1
        assert f"{path} is not what the catalogue says; run `python -m" in result.output


def test_writing_makes_it_current(tmp_path):
    path = tmp_path / "codes.md"
    assert CliRunner().invoke(main, [str(path)]).exit_code == 0
    assert CliRunner().invoke(main, ["--check", str(path)]).exit_code == 0
    assert path.read_text(encoding="utf-8") == page()


def test_every_row_has_a_section_and_a_link_to_it():
    text = page()
    headings = re.findall(r"^### (.*)$", text, re.MULTILINE)
    anchors = {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}
    links = re.findall(r"\]\(#(.*?)\)", text)
    assert len(headings) == len(anchors) == len(catalogue().rows)
    assert set(links) == anchors


def test_every_table_row_has_the_same_cells():
    rows = [line for line in page().splitlines() if line.startswith("|")]
    assert {line.count("|") for line in rows} == {6}
