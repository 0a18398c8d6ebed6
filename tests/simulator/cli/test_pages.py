"""Generated pages are what the code says."""

from pathlib import Path

import pytest
from click.testing import CliRunner

from darajasim.cli.pages import PAGES, main

REPOSITORY = Path(__file__).parents[3]


def invoke(*args):
    return CliRunner().invoke(main, [str(arg) for arg in args])


def test_the_pages_are_current():
    result = invoke("--check", REPOSITORY)
    assert result.exit_code == 0, result.output


@pytest.mark.parametrize("name", sorted(PAGES))
def test_a_page_that_differs_or_is_missing_is_named(tmp_path, name):
    assert invoke(tmp_path).exit_code == 0
    assert invoke("--check", tmp_path).exit_code == 0
    for spoil in (lambda path: path.write_text(path.read_text() + "x"), Path.unlink):
        spoil(tmp_path / name)
        result = invoke("--check", tmp_path)
        assert result.exit_code == 1
        assert f"{name}: not what the code says; run `python -m" in result.output
