"""The scenarios that come with darajasim: inside the wheel, or beside the sources in a checkout."""

from pathlib import Path

import darajasim

ENDINGS = (".yaml", ".yml")
PART = "_"
"""What the name of a file or folder begins with that holds parts of scenarios."""


def folder() -> Path | None:
    """Where the bundled scenarios are, or None when there are none."""
    package = Path(darajasim.__file__).parent
    places = (package / "bundled_scenarios", package.parent.parent / "scenarios")
    return next((place for place in places if place.is_dir()), None)


def files() -> dict[str, Path]:
    """Every bundled scenario file by its name, in alphabetical order."""
    home = folder()
    found = home.rglob("*.yaml") if home else ()
    whole = (path for path in found if home and not _is_part(path.relative_to(home)))
    return {path.stem: path for path in sorted(whole, key=lambda path: path.stem)}


def _is_part(path: Path) -> bool:
    return any(part.startswith(PART) for part in path.parts)
