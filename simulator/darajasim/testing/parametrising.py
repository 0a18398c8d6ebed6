"""`@daraja_scenarios("scenarios/*.yaml")`: one test a scenario."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from darajasim.testing.errors import DarajaTestError

FIXTURE = "daraja_scenario"


def daraja_scenarios(*patterns: str) -> pytest.MarkDecorator:
    """Run a test once for each scenario of these files: its world and rules are laid over the
    namespace of `daraja` or `daraja_server`, and the fixture `daraja_scenario` is the scenario.

    Args:
        patterns: files, relative to the module that says so, as globs; or bundled names.

    Raises:
        DarajaTestError: a pattern that no file matches.
        ScenarioError: mistakes in the files, all of them at once.
    """
    from darajasim.scenarios.load import load_paths  # noqa: PLC0415  # with the first such test

    home = Path(sys._getframe(1).f_globals.get("__file__", ".")).parent  # noqa: SLF001  # as pytest finds modules
    found = [scenario for pattern in patterns for scenario in load_paths(_files(home, pattern))]
    params = [pytest.param(scenario, id=scenario.name) for scenario in found]
    return pytest.mark.parametrize(FIXTURE, params, indirect=True)


def _files(home: Path, pattern: str) -> list[str]:
    files = sorted(str(path) for path in home.glob(pattern) if path.is_file())
    if not files and "/" not in pattern and "*" not in pattern:
        return [pattern]
    if not files:
        raise DarajaTestError(f"expected scenario files, found none for {pattern!r} in {home}")
    return files
