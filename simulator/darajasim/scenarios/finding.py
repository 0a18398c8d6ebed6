"""From what a person names to scenario files: files, folders, and names of bundled scenarios."""

import os
import re
import stat
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from darajasim.scenarios import bundled
from darajasim.scenarios.encoding import MAX_BYTES
from darajasim.scenarios.errors import Mistake, ScenarioNotFound, ScenarioUnreadable
from darajasim.scenarios.wording import did_you_mean, visible

PathLike = str | os.PathLike[str]

PART = bundled.PART
_BARE_NAME = re.compile(r"[\w-]+")


def find(named: PathLike) -> list[Path]:
    """The scenario files that a path or name stands for: a folder's in alphabetical order.

    Raises:
        ScenarioNotFound: there is no such file, folder or bundled scenario, or the folder has none.
        ScenarioUnreadable: it cannot be looked at.
    """
    path = Path(named)
    try:
        kind = path.stat().st_mode
    except (FileNotFoundError, NotADirectoryError):
        return [_bundled(os.fspath(named))]
    except (OSError, ValueError) as error:
        raise unreadable(path, error) from None
    return list(_in_folder(path)) if stat.S_ISDIR(kind) else [path]


def read(path: Path) -> bytes:
    """The bytes of a file, up to one more than a scenario may have.

    Raises:
        ScenarioUnreadable: it is no regular file, or the system refuses.
    """
    try:
        if not stat.S_ISREG(path.stat().st_mode):
            raise unreadable(path, "it is not a regular file")
        with path.open("rb") as file:
            return file.read(MAX_BYTES + 1)
    except (OSError, ValueError) as error:
        raise unreadable(path, error) from None


def shown(path: Path) -> str:
    """The path as messages show it: relative to the working folder if it is below it."""
    with suppress(OSError, ValueError):
        path = path.relative_to(Path.cwd()) if path.is_absolute() else path
    return _printable(path.as_posix())


def _printable(name: str) -> str:
    """A name of the file system, where any byte may stand in one, as text."""
    return "".join(map(visible, name.encode("utf-8", "surrogatepass").decode("utf-8", "replace")))


def unreadable(path: Path, reason: OSError | ValueError | str) -> ScenarioUnreadable:
    """The error for a file or folder that the system does not let us read."""
    text = reason.strerror or str(reason) if isinstance(reason, OSError) else str(reason)
    mistake = Mistake(
        shown(path),
        "this cannot be read",
        expected="a readable scenario file, or a folder of them",
        found=text,
        advice="check the path and its permissions",
    )
    return ScenarioUnreadable([mistake])


def _in_folder(folder: Path) -> Iterator[Path]:
    found: list[Path] = []
    problems: list[OSError] = []
    for home, folders, names in os.walk(folder, onerror=problems.append):
        folders[:] = sorted(name for name in folders if not name.startswith((".", PART)))
        found += (
            Path(home) / name
            for name in names
            if name.endswith(bundled.ENDINGS) and not name.startswith(PART)
        )
    if problems:
        raise unreadable(folder, problems[0])
    if not found:
        mistake = Mistake(
            shown(folder),
            "there is no scenario in this folder",
            expected="at least one file that ends in .yaml",
        )
        raise ScenarioNotFound([mistake])
    yield from sorted(found)


def _bundled(name: str) -> Path:
    """The bundled scenario of this name."""
    known = bundled.files()
    if name in known:
        return known[name]
    is_name = _BARE_NAME.fullmatch(name) is not None
    mistake = Mistake(
        _printable(name),
        "no file, folder or bundled scenario has this name"
        if is_name
        else "there is no such file or folder",
        expected="a scenario file, a folder, or the name of a bundled scenario",
        advice=did_you_mean(Path(name).stem, known)
        or ("`darajasim run` without names runs every bundled scenario" if is_name else ""),
    )
    raise ScenarioNotFound([mistake])
