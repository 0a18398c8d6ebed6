"""The scenarios that come with darajasim: inside the wheel, or beside the sources in a checkout."""

from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType

import darajasim

ENDINGS = (".yaml", ".yml")
PART = "_"
"""What the name of a file or folder begins with that holds parts of scenarios."""


def folder() -> Path | None:
    """Where the bundled scenarios are, or None when there are none."""
    package = Path(darajasim.__file__).parent
    places = (package / "bundled_scenarios", package.parent.parent / "scenarios")
    return next((place for place in places if place.is_dir()), None)


def files() -> Mapping[str, Path]:
    """Every bundled scenario file by its name, in alphabetical order."""
    home = folder()
    return _files(home) if home else {}


@lru_cache(maxsize=4)
def _files(home: Path) -> Mapping[str, Path]:
    """They do not change while we run, and whoever loads all of them asks for each."""
    whole = (path for path in home.rglob("*.yaml") if not _is_part(path.relative_to(home)))
    return MappingProxyType({path.stem: path for path in sorted(whole, key=lambda path: path.stem)})


def _is_part(path: Path) -> bool:
    return any(part.startswith(PART) for part in path.parts)
