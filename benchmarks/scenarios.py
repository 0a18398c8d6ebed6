"""Scenarios per second of `darajasim run`, and how much simulated time passes in a real second."""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import report
from servers import DARAJASIM

MOST_SECONDS = 10.0


class RunError(Exception):
    """`darajasim run` could not run, or a scenario failed: its time means nothing."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One run of the command: how many scenarios, and their time in seconds."""

    scenarios: int
    simulated: float
    real: float
    cpu: float


def run(names: Sequence[str]) -> tuple[Finding, list[str]]:
    """Run scenarios by name, or all with none; what was found, and their names.

    Raises:
        RunError: the command did not exit with 0.
    """
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "report.json"
        began, worked = time.perf_counter(), report.children_cpu()
        process = subprocess.run(
            (*DARAJASIM, "run", *names, "--json", str(file)),
            check=False,
            capture_output=True,
            text=True,
        )
        seconds, cpu = time.perf_counter() - began, report.children_cpu() - worked
        if process.returncode != 0:
            raise RunError(process.stderr or "".join(process.stdout.splitlines(keepends=True)[-3:]))
        found = json.loads(file.read_text(encoding="utf-8"))
    ran = found["scenarios"]
    finding = Finding(len(ran), found["simulated_seconds"], seconds, cpu)
    return finding, [one["name"] for one in ran]


def main() -> None:
    """Run everything a few times, and one scenario alone for what a start costs."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--times", type=int, default=5)
    times = parser.parse_args().times
    report.method(
        f"`darajasim run --json FILE`, all bundled scenarios, {times} times in fresh processes;",
        "in turn with one scenario alone, which shows what the start of the process costs.",
    )
    _, names = run(())
    everything: list[Finding] = []
    alone: list[Finding] = []
    for _ in range(times):
        everything.append(run(())[0])
        alone.append(run(names[:1])[0])
    report.table(
        (
            "",
            "scenarios",
            "simulated s",
            "real s",
            "lowest",
            "highest",
            "processor s",
            "per s",
            "simulated/real",
        ),
        [_row("all", everything), _row(names[0], alone)],
    )
    middle = statistics.median(one.real for one in everything)
    spent = middle - statistics.median(one.real for one in alone)
    print(f"\n{(everything[0].scenarios - 1) / spent:,.0f} scenarios per second without the start.")
    report.target("all scenarios, real time", middle, MOST_SECONDS, unit=" s", at_least=False)


def _row(name: str, findings: list[Finding]) -> list[str]:
    seconds = [one.real for one in findings]
    middle, first = statistics.median(seconds), findings[0]
    return [
        name,
        str(first.scenarios),
        f"{first.simulated:,.0f}",
        *(f"{number:.2f}" for number in (middle, min(seconds), max(seconds))),
        f"{statistics.median(one.cpu for one in findings):.2f}",
        f"{first.scenarios / middle:,.1f}",
        f"{first.simulated / middle:,.0f}",
    ]


if __name__ == "__main__":
    try:
        main()
    except RunError as error:
        sys.exit(str(error))
