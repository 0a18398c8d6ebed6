"""Scenarios for tests: from marks and arguments, from files, from the bundled ones."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

from darajasim.scenarios.encoding import decode
from darajasim.scenarios.from_text import load_text
from darajasim.scenarios.load import load_file, load_source
from darajasim.scenarios.scenario import Scenario
from darajasim.scenarios.vocabulary import default_vocabulary
from darajasim.testing.errors import DarajaTestError

ENDINGS = (".yaml", ".yml")


def written(name: str, **parts: Any) -> bytes:
    """A scenario's text from Python values, as they would stand in YAML; None is left out.

    Args:
        name: of the scenario: lower-case letters, digits and hyphens.
        parts: `world` (or its file), `rules`, `profile`.
    """
    given = {key: value for key, value in parts.items() if value is not None}
    whole = {"scenario": name, "about": "What a test gave.", **given}
    return json.dumps(whole, default=_plain, indent=1).encode()


def _plain(value: object) -> object:
    if isinstance(value, set | frozenset | tuple):
        return list(value)
    if isinstance(value, os.PathLike):
        return os.fspath(value)
    return str(value)


def of_values(name: str, shown: str, *folders: Path, **parts: Any) -> Scenario:
    """The scenario of Python values; `shown` is what messages call it. A world's file is looked for
    in these folders.

    Raises:
        DarajaTestError: the file is not there.
        ScenarioError: it has mistakes, or the values have.
    """
    world = _world_file(parts, folders)
    if world is None:
        (scenario,) = load_text(written(name, **parts), shown)
        return scenario
    source = decode(written(name, **(parts | {"world": world.name})), shown)
    (scenario,) = load_source(source, world.with_name(f"{name}.yaml"), default_vocabulary(),
                              on_disk=True)  # fmt: skip
    return scenario


def whole(name: str, *folders: Path, **parts: Any) -> bytes:
    """`written`, with a world's file in its place.

    Raises:
        DarajaTestError: the file is not there.
        ScenarioError: it cannot be read.
    """
    from darajasim.scenarios.one_text import of_source  # noqa: PLC0415  # rarely used

    world = _world_file(parts, folders)
    if world is None:
        return written(name, **parts)
    source = decode(written(name, **(parts | {"world": world.name})), name)
    return of_source(source, world.with_name(f"{name}.yaml"))


def _world_file(parts: Mapping[str, Any], folders: Sequence[Path]) -> Path | None:
    world = parts.get("world")
    if not isinstance(world, str | os.PathLike):
        return None
    return _file(os.fspath(world), "world", folders)


def rule_text(on: str, when: Mapping[str, Any] | None, plan: Mapping[str, Any]) -> dict[str, Any]:
    """One rule as a scenario writes it."""
    return {"on": on, **({"when": dict(when)} if when else {}), **plan}


def find(named: str | os.PathLike[str], *folders: Path) -> Scenario:
    """One scenario: a bundled name, or a file, looked for in these folders. A row of its cases is
    named in brackets: `amounts[one-shilling]`.

    Raises:
        DarajaTestError: it is not there, or the file holds several.
        ScenarioError: it has mistakes.
    """
    base, _, case = os.fspath(named).removesuffix("]").partition("[")
    if base.endswith(ENDINGS) or os.sep in base:
        base = str(_file(base, "scenario", folders))
    found = _loaded(base)
    if case:
        found = tuple(each for each in found if each.name.endswith(f"[{case}]"))
    if len(found) != 1:
        names = ", ".join(each.name for each in _loaded(base))
        raise DarajaTestError(
            f"expected one scenario, found {named} with {names}; name one of them"
        )
    return found[0]


def _file(name: str, what: str, folders: Sequence[Path]) -> Path:
    """A file that is in one of these folders; the first of them wins."""
    places = list(dict.fromkeys(folder / name for folder in folders))
    path = next((place for place in places if place.is_file()), None)
    if path is None:
        looked = ", ".join(map(str, places))
        raise DarajaTestError(f"expected a {what} file, found none of {looked}")
    return path


@lru_cache(maxsize=256)
def _loaded(path: str) -> tuple[Scenario, ...]:
    return tuple(load_file(path))
