"""How long a start takes: `darajasim serve` to its first answer, and commands that only print."""

from __future__ import annotations

import argparse
import contextlib
import http.client
import re
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence

import report
from servers import DARAJASIM, Cores, StartError, darajasim

IMPORT_LINE = re.compile(r"import time:\s+(\d+) \|\s+(\d+) \| ( *)(\S+)")
UNPINNED = Cores(None, None)


def serve_to_first_answer() -> float:
    """Seconds from the start of the process until a token has been answered."""
    began = time.perf_counter()
    with darajasim(UNPINNED) as server:
        client = http.client.HTTPConnection("127.0.0.1", server.port, timeout=10)
        with contextlib.closing(client):
            client.request(
                "GET",
                "/oauth/v1/generate?grant_type=client_credentials",
                headers={"Authorization": "Basic a2V5OnNlY3JldA=="},
            )
            answer = client.getresponse()
            answer.read()
        ended = time.perf_counter()
    if answer.status != 200:
        raise StartError(f"expected 200, found {answer.status}")
    return ended - began


def command(*arguments: str) -> Callable[[], float]:
    """Runs a command to its end; seconds."""

    def run() -> float:
        began = time.perf_counter()
        subprocess.run(arguments, check=True, stdout=subprocess.DEVNULL)
        return time.perf_counter() - began

    return run


CASES: Sequence[tuple[str, Callable[[], float], float | None]] = (
    ("python -c pass", command(sys.executable, "-c", "pass"), None),
    ("darajasim --version", command(*DARAJASIM, "--version"), 0.150),
    ("darajasim codes", command(*DARAJASIM, "codes"), None),
    ("darajasim serve, first answer", serve_to_first_answer, 0.5),
)
"""What is measured, and at most how many seconds it should take."""


def measure(times: int) -> None:
    """Print the table of start times."""
    found: list[list[float]] = [[] for _ in CASES]
    worked: list[list[float]] = [[] for _ in CASES]
    for _ in range(times):
        for (_name, run, _most), seconds, cpu in zip(CASES, found, worked, strict=True):
            before = report.children_cpu()
            seconds.append(run())
            cpu.append(report.children_cpu() - before)
    rows = [
        [name, *_milliseconds(statistics.median(seconds), min(seconds), max(seconds))]
        for (name, _run, _most), seconds in zip(CASES, found, strict=True)
    ]
    for row, cpu in zip(rows, worked, strict=True):
        row.extend(_milliseconds(statistics.median(cpu)))
    report.table(("", "median ms", "lowest", "highest", "processor ms"), rows)
    print()
    for (name, _run, most), seconds in zip(CASES, found, strict=True):
        if most is not None:
            middle = 1000 * statistics.median(seconds)
            report.target(name, middle, 1000 * most, unit=" ms", at_least=False)


def _milliseconds(*seconds: float) -> list[str]:
    return [f"{1000 * one:.0f}" for one in seconds]


def imports() -> None:
    """Print the ten imports that `darajasim serve` spends most time on, but for its own modules."""
    with tempfile.TemporaryFile() as errors:
        arguments = (sys.executable, "-X", "importtime", *DARAJASIM[1:], "serve", "--port", "0")
        process = subprocess.Popen(arguments, stdout=subprocess.PIPE, stderr=errors)
        try:
            assert process.stdout is not None
            process.stdout.readline()
        finally:
            process.terminate()
            process.communicate()
        errors.seek(0)
        text = errors.read().decode()
    lines = [match.groups() for match in IMPORT_LINE.finditer(text)]
    third_party = [line for line in lines if not line[3].startswith("darajasim")]
    third_party.sort(key=lambda line: -int(line[1]))
    report.table(
        ("module", "with its own imports, ms", "alone, ms"),
        [[name, f"{int(all_) / 1000:.1f}", f"{int(own) / 1000:.1f}"]
         for own, all_, _depth, name in third_party[:10]],
    )  # fmt: skip


def main() -> None:
    """Measure, or with --imports, show where the time of a start goes."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--times", type=int, default=10)
    parser.add_argument("--imports", action="store_true", help="show the slowest imports of serve")
    options = parser.parse_args()
    if options.imports:
        report.method("`python -X importtime` of one `darajasim serve`, up to its banner.")
        imports()
        return
    report.method(
        f"Each command in {options.times} fresh processes, in turn; wall time, compiled modules in",
        "place. `serve` is measured from the start of the process to the answer to its first token",
        "request on 127.0.0.1. Commands are run as `python -m darajasim`. Processor time is of the",
        "whole process, its end included, and suffers less from other work on the machine.",
    )
    measure(options.times)


if __name__ == "__main__":
    main()
