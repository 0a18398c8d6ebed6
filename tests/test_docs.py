"""What the documents say is so: flags, knobs, settings, examples."""

import re
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from darajasim.cli.main import COMMANDS, main
from darajasim.harness.runner import run_scenario
from darajasim.scenarios import load_file
from mpesa_pochi.settings import VARIABLES

REPOSITORY = Path(__file__).parents[1]
README = (REPOSITORY / "README.md").read_text(encoding="utf-8")
LANGUAGE = (REPOSITORY / "docs" / "scenarios.md").read_text(encoding="utf-8")
DOCUMENTS = sorted([*REPOSITORY.glob("*.md"), *REPOSITORY.glob("docs/*.md")])


def blocks(text, language):
    return re.findall(rf"^```{language}\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_links_between_documents_lead_somewhere(document):
    for target in re.findall(r"\]\(([^)#]+)(?:#[^)]*)?\)", document.read_text(encoding="utf-8")):
        if not target.startswith("http"):
            assert (document.parent / target).exists(), target


@pytest.mark.parametrize("text", [*blocks(README, "yaml"), blocks(LANGUAGE, "yaml")[0]])
def test_whole_scenarios_in_documents_pass(text, tmp_path):
    name = re.search(r"^scenario: (.*)$", text, re.MULTILINE)[1]
    path = tmp_path / f"{name}.yaml"
    path.write_text(text, encoding="utf-8")
    for scenario in load_file(path):
        assert run_scenario(scenario).findings == ()


def test_the_readme_shows_a_bundled_scenario_as_it_is():
    (text,) = blocks(README, "yaml")
    name = re.search(r"^scenario: (.*)$", text, re.MULTILINE)[1]
    assert text == (REPOSITORY / "scenarios" / f"{name}.yaml").read_text(encoding="utf-8")


def test_the_readme_has_exactly_two_commands_to_set_up():
    run, test = blocks(README, "sh")
    assert "darajasim run" in run
    assert "pytest" in test


def test_every_option_is_in_the_readme_or_the_command_reference():
    reference = (REPOSITORY / "docs" / "commands.md").read_text(encoding="utf-8")
    for name in COMMANDS:
        command = main.get_command(click.Context(main), name)
        for parameter in command.params:
            for option in (*parameter.opts, *parameter.secondary_opts):
                if option.startswith("--"):
                    assert f"`{option}" in reference, f"{name} {option}"


def test_every_setting_is_in_the_example_environment():
    example = (REPOSITORY / ".env.example").read_text(encoding="utf-8")
    for variable in VARIABLES.values():
        assert f"{variable}=" in example


def test_every_key_of_the_language_is_described():
    from darajasim.scenarios import json_schema

    def keys(node):
        if isinstance(node, dict):
            for name, child in node.get("properties", {}).items():
                yield name
                yield from keys(child)
            for child in node.values():
                yield from keys(child)
        elif isinstance(node, list):
            for child in node:
                yield from keys(child)

    words = set(re.findall(r"[a-z_]+", LANGUAGE))
    profiles = (REPOSITORY / "docs" / "profiles.md").read_text(encoding="utf-8")
    for key in set(keys(json_schema())):
        assert key in words or f"`{key}`" in profiles, key


@pytest.mark.parametrize("name", sorted(COMMANDS))
def test_every_command_explains_itself(name):
    result = CliRunner().invoke(main, [name, "--help"])
    assert result.exit_code == 0
    assert "Usage:" in result.output
