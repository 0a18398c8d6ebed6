"""What a benchmark prints: its method in a few lines, one table, and how the targets were met."""

from __future__ import annotations

import os
import platform
from collections.abc import Sequence
from importlib.metadata import version


def method(*lines: str) -> None:
    """Say how it was measured, and with which versions."""
    packages = ", ".join(f"{name} {version(name)}" for name in ("uvicorn", "uvloop", "httptools"))
    print(*lines, sep="\n")
    print(f"Python {platform.python_version()}, {packages}; {os.cpu_count()} cores\n")


def children_cpu() -> float:
    """Seconds of processor time of the processes that were started and have ended."""
    times = os.times()
    return times.children_user + times.children_system


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Print rows under a head: the first column to the left, the others to the right."""
    widths = [max(len(row[at]) for row in (head, *rows)) for at in range(len(head))]
    for row in (head, ["-" * width for width in widths], *rows):
        first, *others = zip(row, widths, strict=True)
        cells = [first[0].ljust(first[1]), *(text.rjust(width) for text, width in others)]
        print("  ".join(cells).rstrip(), flush=True)


def target(what: str, found: float, wanted: float, *, unit: str = "", at_least: bool) -> None:
    """Print one target and whether it was met."""
    met = found >= wanted if at_least else found <= wanted
    sign = ">=" if at_least else "<="
    verdict = "met" if met else "MISSED"
    print(f"{verdict:<6}  {what}: {found:.3g}{unit} (target {sign} {wanted:g}{unit})")
