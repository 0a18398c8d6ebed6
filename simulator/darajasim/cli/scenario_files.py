"""Loading scenarios for a command: all of them, or every mistake and exit code 2."""

from __future__ import annotations

import sys

import click

from darajasim.scenarios import Scenario, ScenarioError, bundled_names, load_paths


def load_or_exit(names: tuple[str, ...]) -> list[Scenario]:
    """The scenarios of files, folders and bundled names; of all bundled ones when none is named.

    A case is named as reports name it: `amounts[one-shilling]`.
    """
    try:
        found = [scenario for name in names or bundled_names() for scenario in _load(name)]
    except ScenarioError as error:
        click.echo(str(error), err=True)
        sys.exit(2)
    if not found:
        click.echo("no scenario: none is bundled here, and none is named", err=True)
        sys.exit(2)
    return found


def _load(name: str) -> list[Scenario]:
    base, bracket, _case = name.partition("[")
    if not bracket or not name.endswith("]"):
        return load_paths([name])
    cases = load_paths([base])
    found = [scenario for scenario in cases if scenario.name == name]
    if not found:
        known = ", ".join(scenario.name for scenario in cases)
        click.echo(f"{base} has no case {name}; there are {known}", err=True)
        sys.exit(2)
    return found
