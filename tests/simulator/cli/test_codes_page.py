"""docs/codes.md says everything that the catalogue does."""

import re

from darajasim.cli.codes_page import page
from darajasim.core.catalogue import catalogue


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
