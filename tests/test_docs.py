"""What the documents say of one another, and what the gate takes from the README."""

import re
from pathlib import Path

import pytest
from click.testing import CliRunner

from darajasim.cli.main import COMMANDS, main

REPOSITORY = Path(__file__).parents[1]
README = (REPOSITORY / "README.md").read_text(encoding="utf-8")
DOCUMENTS = sorted([*REPOSITORY.glob("*.md"), *REPOSITORY.glob("docs/*.md")])


def blocks(text, language):
    return re.findall(rf"^```{language}\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_links_between_documents_lead_somewhere(document):
    prose = re.sub(r"`[^`\n]*`", "", document.read_text(encoding="utf-8"))
    for target in re.findall(r"\]\(([^)#]+)(?:#[^)]*)?\)", prose):
        if not target.startswith("http"):
            assert (document.parent / target).exists(), target


def test_the_readme_shows_a_bundled_scenario_as_it_is():
    (text,) = blocks(README, "yaml")
    name = re.search(r"^scenario: (.*)$", text, re.MULTILINE)[1]
    assert text == (REPOSITORY / "scenarios" / f"{name}.yaml").read_text(encoding="utf-8")


def test_the_readme_has_exactly_two_commands_to_set_up():
    run, test = blocks(README, "sh")
    assert "darajasim run" in run
    assert "pytest" in test


@pytest.mark.parametrize("name", sorted(COMMANDS))
def test_every_command_explains_itself(name):
    result = CliRunner().invoke(main, [name, "--help"])
    assert result.exit_code == 0
    assert "Usage:" in result.output
