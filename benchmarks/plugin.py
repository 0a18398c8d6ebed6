"""What the fixtures cost: `daraja` for each test, `daraja_server` in parallel."""

from __future__ import annotations

import argparse
import os
import re
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

import report

TESTS = 200
SERVER_TESTS = 500
WORKERS = 4
MOST_MS = 10.0

EMPTY = """
import pytest

@pytest.mark.parametrize("number", range({count}))
def test_empty(number):
    assert number >= 0
"""
FIXTURE = """
import pytest

def test_first(daraja):
    daraja.push()  # what is imported on first use
    daraja.settle()

@pytest.mark.parametrize("number", range({count}))
def test_with_daraja(daraja, number):
    assert daraja.balance("174379") == 0
"""
PAYMENT = """
import pytest

def test_first(daraja):
    daraja.rule("stk_push", customer="cancel")
    daraja.push()
    daraja.settle()

@pytest.mark.parametrize("number", range({count}))
def test_payment(daraja, number):
    assert daraja.settle(daraja.push(amount=number + 1)).paid
    daraja.expect.callback(code=0, Amount=number + 1)
    assert daraja.balance("174379") == number + 1
"""
SERVER = """
import random
import pytest

@pytest.mark.parametrize("number", random.Random(7).sample(range({count}), {count}))
def test_server(daraja_server, number):
    assert daraja_server.callbacks == []
    if number % 2:
        daraja_server.rule("stk_push", customer="cancel")
    ending = daraja_server.settle(daraja_server.push(amount=number + 1))
    assert ending.code == ("1032" if number % 2 else "0")
    assert daraja_server.balance("174379") == (0 if number % 2 else number + 1)
    daraja_server.expect.callbacks(1)
"""


class RunError(Exception):
    """A run whose tests did not all pass: its time means nothing."""


@dataclass(frozen=True, slots=True)
class Run:
    """One run of pytest: seconds by pytest's own count, and of the processor, start included."""

    seconds: float
    cpu: float


def run(source: str, count: int, *options: str) -> Run:
    """Run `count` tests of a module alone, with no other plugin.

    Raises:
        RunError: one of them did not pass.
    """
    with tempfile.TemporaryDirectory() as folder:
        module = Path(folder) / "test_it.py"
        module.write_text(source.format(count=count), encoding="utf-8")
        worked = report.children_cpu()
        done = subprocess.run(
            (sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider",
             "-p", "darajasim.pytest_plugin", *options, str(module)),
            check=False, capture_output=True, text=True, cwd=folder,
            env={**os.environ, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"},
        )  # fmt: skip
        cpu = report.children_cpu() - worked
    last = (done.stdout.strip().splitlines() or [""])[-1]
    found = re.search(r"(\d+) passed in ([0-9.]+)s", last)
    if done.returncode != 0 or found is None:
        raise RunError(done.stdout[-2_000:] + done.stderr[-2_000:])
    return Run(float(found[2]), cpu)


def best(source: str, count: int, rounds: int) -> Run:
    """The least of each number."""
    runs = [run(source, count) for _ in range(rounds)]
    return Run(min(each.seconds for each in runs), min(each.cpu for each in runs))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=3, help="runs of each kind; the best counts")
    rounds = parser.parse_args().rounds
    report.method(
        f"{TESTS} tests in one process, the best of {rounds} runs: by the clock, and of the",
        "processor, which other work on the machine disturbs less; the targets are judged on that.",
        "What is imported on first use is taken out by a run of the same module with one test.",
        f"Then {SERVER_TESTS} tests on daraja_server, shuffled, with -n {WORKERS}.",
    )
    start, empty = best(EMPTY, 1, rounds), best(EMPTY, TESTS + 1, rounds)
    rows = [("no fixture", *_cells(start, empty), "")]
    added = {}
    for name, source in (("daraja, asked one thing", FIXTURE), ("daraja, one payment", PAYMENT)):
        first, whole = best(source, 1, rounds), best(source, TESTS + 1, rounds)
        added[name] = 1_000 * ((whole.cpu - first.cpu) - (empty.cpu - start.cpu)) / TESTS
        rows.append((name, *_cells(first, whole), f"{added[name]:.2f}"))
    server = run(SERVER, SERVER_TESTS, "-p", "xdist.plugin", "-n", str(WORKERS))
    each = f"{1_000 * server.seconds / SERVER_TESTS:.2f}"
    rows.append((f"daraja_server, -n {WORKERS}", each, "", ""))
    report.table(("", "ms/test", "cpu ms", "added cpu ms"), rows)
    print()
    for name, found in added.items():
        report.target(f"added by {name}", found, MOST_MS, unit=" ms a test", at_least=False)
    print(f"met     all {SERVER_TESTS} tests on daraja_server passed, each in a world of its own")


def _cells(first: Run, whole: Run) -> tuple[str, str]:
    """Milliseconds a test, by the clock and of the processor."""
    clock, cpu = whole.seconds - first.seconds, whole.cpu - first.cpu
    return f"{1_000 * clock / TESTS:.2f}", f"{1_000 * cpu / TESTS:.2f}"


if __name__ == "__main__":
    main()
