"""`darajasim run`: replay scenarios through client, simulator and merchant, and judge them."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

import click
from click.core import ParameterSource

from darajasim.cli.options import SelectionType, chaos_option, jobs_option, report_option
from darajasim.cli.progress import progress
from darajasim.cli.report_files import ReportFile, opened
from darajasim.cli.scenario_files import load_or_exit
from darajasim.scenarios import ScenarioError

if TYPE_CHECKING:
    from darajasim.harness.run_events import FinishedReport, Report, RunEvent
    from darajasim.harness.run_stream import RunPlan
    from darajasim.harness.selection import Matcher
    from darajasim.harness.target.loading import Target
    from darajasim.scenarios import Scenario
    from darajasim.scenarios.chaos import Chaos

PASSED, FAILED, NOTHING_JUDGED = 0, 1, 3


@click.command(
    epilog="Exit codes: 0 all passed, 1 a scenario failed, 2 a file or an option is wrong, "
    "3 nothing was judged: every scenario was skipped."
)
@click.argument("scenarios", nargs=-1, metavar="[NAME|FILE|FOLDER]...")
@click.option(
    "--target",
    "target_file",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Judge the application that this file describes, over HTTP.",
)
@click.option(
    "-k",
    "words",
    type=SelectionType(),
    metavar="EXPR",
    help="Only names that match: `cancel and not (late or busy)`.",
)
@click.option(
    "--tag",
    "tags",
    multiple=True,
    help="Only scenarios with this tag; repeatable: one of them is enough.",
)
@click.option("-x", "--exitfirst", is_flag=True, help="Stop after the first failure.")
@click.option(
    "--seed", type=int, default=1, show_default=True, help="Ids, names and chances follow from it."
)
@click.option(
    "--repeat",
    type=click.IntRange(1, 100_000),
    default=1,
    show_default=True,
    help="Run all so often, each time with the next seed.",
)
@chaos_option
@jobs_option
@report_option("--json", help="Also write a report for programs; - for standard output.")
@report_option("--junit", help="Also write JUnit XML.")
@report_option(
    "--events",
    help="Also write what happens as it happens, one JSON object a line; - for standard output.",
)
@report_option("--html", help="Also write a page with a drawing of every scenario.")
def run(
    scenarios: tuple[str, ...],
    *,
    target_file: Path | None,
    words: Matcher | None,
    tags: tuple[str, ...],
    seed: int,
    repeat: int,
    chaos: tuple[Chaos, ...],
    jobs: int,
    exitfirst: bool,
    json_file: Path | None,
    junit_file: Path | None,
    events_file: Path | None,
    html_file: Path | None,
) -> None:
    """Replay scenarios in virtual time against the bundled merchant, and judge the result.

    With --target: against your own application, one scenario after another, while simulated time
    goes ahead whenever nothing is on its way. With no argument: all scenarios that come with
    darajasim. In GitHub Actions failures are
    annotated, and a summary of the job is written.
    """
    began = time.perf_counter()
    target = None if target_file is None else _target(target_file)
    paths = {
        "--json": json_file,
        "--junit": junit_file,
        "--events": events_file,
        "--html": html_file,
    }
    found = _selected(load_or_exit(scenarios), words, tags)
    found = [replace(scenario, chaos=(*scenario.chaos, *chaos)) for scenario in found]
    with opened(paths, os.environ.get("GITHUB_STEP_SUMMARY")) as files:
        from darajasim.harness.run_stream import RunPlan  # noqa: PLC0415  # the engine

        plan = RunPlan(tuple(found), seed, repeat, jobs, exitfirst, target)
        code = _run(plan, files, lambda: time.perf_counter() - began)
    sys.exit(code)


def _target(path: Path) -> Target:
    from darajasim.harness.target.loading import load_target  # noqa: PLC0415  # the engine

    source = click.get_current_context().get_parameter_source("jobs")
    if source is ParameterSource.COMMANDLINE:
        raise click.UsageError(
            "--jobs means nothing with --target: one application plays one scenario at a time"
        )
    try:
        return load_target(path)
    except ScenarioError as error:
        click.echo(str(error), err=True)
        sys.exit(2)


def _selected(
    found: list[Scenario], words: Matcher | None, tags: tuple[str, ...]
) -> list[Scenario]:
    from darajasim.harness.selection import select  # noqa: PLC0415  # the engine

    left = select(found, words=words, tags=tags)
    if not left:
        known = sorted({tag for scenario in found for tag in scenario.tags})
        told = f"; their tags are {', '.join(known)}" if tags and known else ""
        raise click.UsageError(f"none of the {len(found)} scenarios is selected{told}")
    return left


def _run(plan: RunPlan, files: dict[str, ReportFile], stopwatch: Callable[[], float]) -> int:
    """Run it all, and write every report; the exit code."""
    from darajasim.harness.run_events import RunEnded  # noqa: PLC0415  # the engine
    from darajasim.harness.run_stream import stream  # noqa: PLC0415

    taken = any(file.standard for file in files.values())
    target = sys.stderr if taken else sys.stdout
    finished = _finished(files)
    event: RunEvent
    with progress(target, moving=_is_watched(target)) as (write, watch):
        reports = [*_running(files, write), *(report for report, _file in finished)]
        for event in stream(plan, stopwatch):
            watch(event)
            for report in reports:
                report.take(event)
    for report, file in finished:
        file.write(report.document())
    if not isinstance(event, RunEnded) or event.failed:
        return FAILED
    return PASSED if event.passed else NOTHING_JUDGED


def _running(files: dict[str, ReportFile], write: Callable[[str], None]) -> list[Report]:
    """The reports that are written while it runs."""
    from darajasim.harness.report_text import TextReport  # noqa: PLC0415  # the engine

    reports: list[Report] = []
    if os.environ.get("GITHUB_ACTIONS") == "true":
        from darajasim.harness.report_github import GithubReport, harmless  # noqa: PLC0415

        workspace = Path(os.environ.get("GITHUB_WORKSPACE") or ".")
        reports += [
            TextReport(lambda line: write(harmless(line)), style=_coloured),
            GithubReport(write, workspace),
        ]
    else:
        reports.append(TextReport(write, style=_coloured))
    if "--events" in files:
        from darajasim.harness.report_events import EventsReport  # noqa: PLC0415

        reports.append(EventsReport(files["--events"].write))
    return reports


def _finished(files: dict[str, ReportFile]) -> list[tuple[FinishedReport, ReportFile]]:
    """The reports that are written when it has run."""
    from darajasim.harness.report_html import HtmlReport  # noqa: PLC0415  # the engine
    from darajasim.harness.report_json import JsonReport  # noqa: PLC0415
    from darajasim.harness.report_junit import JunitReport  # noqa: PLC0415
    from darajasim.harness.report_summary import SummaryReport  # noqa: PLC0415

    kinds: dict[str, Callable[[], FinishedReport]] = {
        "--json": JsonReport,
        "--junit": JunitReport,
        "--html": HtmlReport,
        "summary": SummaryReport,
    }
    return [(kinds[name](), file) for name, file in files.items() if name in kinds]


def _is_watched(target: TextIO) -> bool:
    """Whether somebody watches a terminal."""
    return target.isatty() and not os.environ.get("CI") and os.environ.get("TERM") != "dumb"


def _coloured(text: str, colour: str) -> str:
    return click.style(text, fg=colour)
