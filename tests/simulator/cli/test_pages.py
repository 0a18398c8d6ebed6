"""Generated pages are what the code says."""

from pathlib import Path

import pytest
from click.testing import CliRunner

from darajasim.cli import pages
from darajasim.cli.pages import main

REPOSITORY = Path(__file__).parents[3]


def invoke(*args):
    return CliRunner().invoke(main, [str(arg) for arg in args])


def test_the_pages_are_current(monkeypatch):
    """All but the page of coverage: who plays every scenario compares it (test_scenarios.py)."""
    assert pages.PAGES["docs/coverage.md"] is pages._coverage
    cheap = {name: make for name, make in pages.PAGES.items() if name != "docs/coverage.md"}
    monkeypatch.setattr(pages, "PAGES", cheap)
    result = invoke("--check", REPOSITORY)
    assert result.exit_code == 0, result.output


@pytest.mark.parametrize("name", ["docs/one.md", "docs/flows/two.svg"])
def test_a_page_that_differs_or_is_missing_is_named(tmp_path, monkeypatch, name):
    made = {"docs/one.md": lambda: "one\n", "docs/flows/two.svg": lambda: "<svg/>"}
    monkeypatch.setattr(pages, "PAGES", made)
    assert invoke(tmp_path).exit_code == 0
    assert invoke("--check", tmp_path).exit_code == 0
    for spoil in (lambda path: path.write_text(path.read_text() + "x"), Path.unlink):
        spoil(tmp_path / name)
        result = invoke("--check", tmp_path)
        assert result.exit_code == 1
        assert f"{name}: not what the code says; run `python -m" in result.output
