"""`darajasim run`: replay scenarios through client, simulator and merchant, and judge them."""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path

import click

from darajasim.cli.scenario_files import load_or_exit


def _cores() -> int:
    """How many processors this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


@click.command(
    epilog="Exit codes: 0 all passed, 1 a scenario failed, 2 a file or an option is wrong."
)
@click.argument("scenarios", nargs=-1, metavar="[NAME|FILE|FOLDER]...")
@click.option(
    "--seed", type=int, default=1, show_default=True, help="Ids, names and chances follow from it."
)
@click.option(
    "--jobs",
    type=click.IntRange(1, 64),
    default=_cores,
    show_default="one a core",
    help="Processes to use; the report is the same with any number.",
)
@click.option(
    "--json",
    "json_file",
    type=click.Path(dir_okay=False, allow_dash=True, path_type=Path),
    help="Also write a report for programs; - for standard output.",
)
def run(scenarios: tuple[str, ...], seed: int, jobs: int, json_file: Path | None) -> None:
    """Replay scenarios in virtual time against the bundled merchant, and judge the result.

    With no argument: all scenarios that come with darajasim.
    """
    began = time.perf_counter()
    found = load_or_exit(scenarios)
    from darajasim.harness.report_json import report_json  # noqa: PLC0415
    from darajasim.harness.report_text import TextReport  # noqa: PLC0415
    from darajasim.harness.runner import run_scenarios  # noqa: PLC0415

    on_stdout = str(json_file) == "-"
    text = TextReport(
        lambda line: click.echo(line, err=on_stdout),
        width=max(len(scenario.name) for scenario in found),
        style=_coloured,
    )
    text.begin()
    results = []
    for result in run_scenarios(found, seed, jobs=jobs):
        results.append(result)
        text.scenario(result)
    text.end(time.perf_counter() - began, seed)
    if json_file is not None:
        _write(json_file, report_json(results, seed))
    sys.exit(0 if all(result.passed for result in results) else 1)


def _coloured(text: str, colour: str) -> str:
    return click.style(text, fg=colour)


def _write(target: Path, report: bytes) -> None:
    if str(target) == "-":
        sys.stdout.buffer.write(report)
        return
    try:
        target.write_bytes(report)
    except OSError as error:
        raise click.UsageError(f"cannot write {target}: {error.strerror}") from None
