"""The scenario language: YAML files, read and checked, compiled into values of the core.

What is listed in `__all__` is loaded when it is first used, and pydantic only with a first file.
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from darajasim.scenarios.errors import (
        Mistake,
        ScenarioError,
        ScenarioErrors,
        ScenarioNotFound,
        ScenarioUnreadable,
    )
    from darajasim.scenarios.load import bundled_names, load_each, load_file, load_paths
    from darajasim.scenarios.scenario import Scenario
    from darajasim.scenarios.schema import json_schema

_HOMES = {
    "Mistake": "errors",
    "Scenario": "scenario",
    "ScenarioError": "errors",
    "ScenarioErrors": "errors",
    "ScenarioNotFound": "errors",
    "ScenarioUnreadable": "errors",
    "bundled_names": "load",
    "json_schema": "schema",
    "load_each": "load",
    "load_file": "load",
    "load_paths": "load",
}

__all__ = [
    "Mistake",
    "Scenario",
    "ScenarioError",
    "ScenarioErrors",
    "ScenarioNotFound",
    "ScenarioUnreadable",
    "bundled_names",
    "json_schema",
    "load_each",
    "load_file",
    "load_paths",
]


def __getattr__(name: str) -> object:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
