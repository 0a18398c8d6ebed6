import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from darajasim.cli.main import main

REPOSITORY = Path(__file__).parents[3]


@pytest.mark.parametrize(
    ("arguments", "file"),
    [([], "scenarios/schema.json"), (["--report"], "docs/report.schema.json")],
)
def test_it_prints_what_is_published(arguments, file):
    result = CliRunner().invoke(main, ["schema", *arguments])
    assert result.exit_code == 0
    assert result.stdout == (REPOSITORY / file).read_text(encoding="utf-8")
    assert json.loads(result.stdout)["$schema"].endswith("2020-12/schema")
