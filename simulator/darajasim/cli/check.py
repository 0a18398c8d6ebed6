"""`darajasim check`: say whether scenario files are right, without running anything."""

import sys

import click

from darajasim.scenarios import Scenario, ScenarioError, load_each
from darajasim.scenarios.wording import plural


@click.command(short_help="Validate scenario files without running them.")
@click.argument("files", nargs=-1, required=True, metavar="FILES...")
def check(files: tuple[str, ...]) -> None:
    """Validate scenario files without running them.

    FILES are scenario files, folders of them, or names of bundled scenarios. Every mistake of every
    file is shown at once, with its place and what to do about it. The exit code is 0 when all files
    are right, and 2 when one is not.
    """
    right: list[Scenario] = []
    checked = wrong = mistakes = 0
    for shown, result in load_each(files):
        checked += 1
        if isinstance(result, ScenarioError):
            wrong += 1
            mistakes += len(result.mistakes)
            click.echo(f"{result}\n", err=True)
        else:
            right += result
            click.echo(f"ok  {shown}  {_counts(result)}")
    if wrong:
        files_wrong = f"{wrong} of {plural(checked, 'file')}"
        click.echo(f"{plural(mistakes, 'mistake')} in {files_wrong}", err=True)
        sys.exit(2)
    click.echo(f"{plural(checked, 'file')}, {plural(len(right), 'scenario')}, no mistakes")


def _counts(scenarios: list[Scenario]) -> str:
    """What a file holds; the cases of one file differ in their values only."""
    first = scenarios[0]
    cases = [plural(len(scenarios), "case")] if "[" in first.name else []
    parts = (
        *cases,
        plural(len(first.rules), "rule"),
        plural(len(first.steps), "step"),
        plural(first.expect.count, "expectation"),
    )
    return ", ".join(parts)
