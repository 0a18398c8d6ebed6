"""Loading scenarios for a command: all of them, or every mistake and exit code 2."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from darajasim.scenarios import Scenario, ScenarioError, bundled_names, load_paths


def load_or_exit(names: tuple[str, ...]) -> list[Scenario]:
    """The scenarios of files, folders and bundled names; of all bundled ones when none is named.

    A case is named as reports name it: `amounts[one-shilling]`, `shop/amounts.yaml[one-shilling]`.
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
    base, _bracket, case = name.removesuffix("]").rpartition("[")
    if not base or not name.endswith("]") or Path(name).exists():
        return load_paths([name])
    cases = load_paths([base])
    found = [scenario for scenario in cases if scenario.name.endswith(f"[{case}]")]
    if not found:
        known = ", ".join(scenario.name for scenario in cases)
        click.echo(f"{base} has no case {case}; there are {known}", err=True)
        sys.exit(2)
    return found
