"""What keeps the parts apart: who may import whom, and who may start threads and processes."""

import ast
import importlib.util
import subprocess
import sys
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).parents[1]
SIMULATOR = REPOSITORY / "simulator" / "darajasim"

HOMES = {
    "threading": ["harness/target/session.py"],  # only looks in which thread it is
    "multiprocessing": ["harness/runner.py"],
    "concurrent": ["harness/runner.py", "harness/virtual_loop.py"],
    "subprocess": ["testing/process.py"],
}
"""Real work that virtual time must know of, and the modules that may start it."""


def test_the_import_contracts_hold():
    if importlib.util.find_spec("importlinter") is None:
        pytest.skip("import-linter is not installed; `pip install -e '.[dev]'` brings it")
    program = "from importlinter.cli import lint_imports_command; lint_imports_command()"
    done = subprocess.run(
        [sys.executable, "-c", program, "--no-cache", "--no-logo"],
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "0 broken" in done.stdout


def imported(tree):
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name.partition(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield (node.module or "").partition(".")[0]


def test_threads_and_processes_are_started_in_few_places():
    found = {name: [] for name in HOMES}
    for path in sorted(SIMULATOR.rglob("*.py")):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        for module in HOMES.keys() & set(imported(tree)):
            found[module].append(path.relative_to(SIMULATOR).as_posix())
    assert found == HOMES
