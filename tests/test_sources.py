"""The packages' sources: time and chance have one home each, and rooms stay small."""

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from support.every import every

ROOT = Path(__file__).parents[1]
SOURCES = sorted(
    path for folder in ("simulator", "client") for path in (ROOT / folder).rglob("*.py")
)
NAMES = [path.relative_to(ROOT).as_posix() for path in SOURCES]

MOST_LINES = 400
MOST_FUNCTION_LINES = 60

CLOCK = "simulator/darajasim/core/clock.py"
CHANCE = "simulator/darajasim/core/chance.py"
CLIENT_CLOCK = "client/mpesa_pochi/clock.py"
# Callback tokens must not be guessed, so they are drawn outside any seed.
CALLBACK_TOKENS = "client/mpesa_pochi/merchant/app.py"
# A payout's id must be unlike any other, of any process at any time.
PAYOUT_IDS = "client/mpesa_pochi/originator.py"
# So must the reference of a payment that is given none.
REFERENCES = "client/mpesa_pochi/merchant/references.py"
# How long something really took, for a report or for the loop's own real waiting.
STOPWATCHES = {
    "simulator/darajasim/harness/virtual_loop.py",
    "simulator/darajasim/harness/runner.py",
    "simulator/darajasim/cli/run.py",
}

HOMES = {
    "datetime.now": {CLIENT_CLOCK},
    "datetime.utcnow": set(),
    "datetime.today": set(),
    "date.today": set(),
    "time.time": {CLOCK},
    "time.time_ns": set(),
    "time.monotonic": {CLIENT_CLOCK},
    "time.localtime": set(),
    "time.sleep": {CLIENT_CLOCK},
    "time.perf_counter": STOPWATCHES,
    "random": {CHANCE},
    "secrets": {CHANCE, CALLBACK_TOKENS, PAYOUT_IDS, REFERENCES},
    "uuid": set(),
    "os.urandom": set(),
}
"""What reads the wall clock or draws by chance, and where it may be."""


@cache
def tree(name: str) -> ast.Module:
    return ast.parse((ROOT / name).read_text(encoding="utf-8"))


def used(module: ast.Module) -> Iterator[tuple[str, int]]:
    """Imported modules and dotted names, with their lines. `from time import time` is `time.time`
    too, under whatever name.
    """
    for node in ast.walk(module):
        if isinstance(node, ast.Import):
            yield from ((alias.name, node.lineno) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield (node.module or "", node.lineno)
            yield from ((f"{node.module}.{alias.name}", node.lineno) for alias in node.names)
        elif isinstance(node, ast.Attribute):
            owner = node.value
            last = owner.attr if isinstance(owner, ast.Attribute) else getattr(owner, "id", "")
            yield (f"{last}.{node.attr}", node.lineno)


@every(NAMES)
def test_time_and_chance_come_from_their_homes(name):
    strays = [
        f"{name}:{line}: {found}"
        for found, line in used(tree(name))
        if name not in HOMES.get(found, {name})
    ]
    assert not strays, "take it as an argument instead: " + ", ".join(strays)


def test_the_homes_are_lived_in():
    """A home that is no longer used is taken from the list."""
    empty = [
        f"{home}: {what}"
        for what, homes in HOMES.items()
        for home in homes
        if what not in {found for found, _ in used(tree(home))}
    ]
    assert not empty


@pytest.mark.parametrize(
    "source",
    [
        "import random", "from random import choice as c", "import uuid", "x = time.time()",
        "from time import time", "datetime.datetime.now()", "from secrets import token_hex",
        "f = datetime.now",
    ],
)  # fmt: skip
def test_a_stray_is_found(source):
    assert any(found in HOMES for found, _ in used(ast.parse(source)))


def length_of(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """Lines of a function, its docstring left out."""
    lines = (function.end_lineno or function.lineno) - function.lineno + 1
    first = function.body[0]
    if ast.get_docstring(function, clean=False) is not None:
        lines -= (first.end_lineno or first.lineno) - first.lineno + 1
    return lines


@every(NAMES)
def test_rooms_are_small(name):
    lines = len((ROOT / name).read_text(encoding="utf-8").splitlines())
    assert lines <= MOST_LINES, f"{name} has {lines} lines; split it by its nouns"
    long = [
        f"{name}:{node.lineno}: {node.name} has {length} lines"
        for node in ast.walk(tree(name))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and (length := length_of(node)) > MOST_FUNCTION_LINES
    ]
    assert not long, ", ".join(long)
