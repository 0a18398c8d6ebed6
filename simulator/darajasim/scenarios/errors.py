"""What can be wrong with a scenario.

    ScenarioError                 everything that this package raises
    ├── ScenarioErrors            mistakes in one or more files, all of them at once
    ├── ScenarioNotFound          no file, folder or bundled scenario has this name
    └── ScenarioUnreadable        it is there, but cannot be read as text

`str()` of each is the whole report, ready to print; `mistakes` are its parts.
"""

import re
import textwrap
from collections.abc import Iterable
from dataclasses import dataclass

from darajasim.scenarios.source import Place, Source

WIDTH = 100
"""Columns of a report."""
MAX_SHOWN = 200
"""Mistakes that `str()` of an error shows; `mistakes` has them all."""

_QUOTED = re.compile(r"`[^`]*`")
_GLUE = "\N{NO-BREAK SPACE}"


@dataclass(frozen=True, slots=True)
class Mistake:
    """One thing that is wrong, and what to do about it.

    Attributes:
        path: the file, as it is shown to people.
        message: what is wrong, in a few words.
        place: where in the file; None when the file as a whole is meant.
        source: the file's text, when it could be read.
        expected: what would have been right.
        found: what was there instead.
        advice: what to do, such as the nearest valid name.
    """

    path: str
    message: str
    place: Place | None = None
    source: Source | None = None
    expected: str = ""
    found: str = ""
    advice: str = ""

    @property
    def where(self) -> str:
        """`file:line:column`, or the file alone."""
        if self.place is None:
            return self.path
        return f"{self.path}:{self.place.line}:{self.place.column}"

    def __str__(self) -> str:
        lines = [f"{self.where}: {self.message}"]
        if self.source is not None and self.place is not None:
            lines.append(self.source.excerpt(self.place))
        details = (("expected", self.expected), ("found", self.found), ("help", self.advice))
        lines += [_detail(name, text) for name, text in details if text]
        return "\n".join(lines)


def _detail(name: str, text: str) -> str:
    label = f"  {name + ':':<9} "
    filled = textwrap.fill(
        _QUOTED.sub(lambda quoted: quoted.group().replace(" ", _GLUE), text),
        WIDTH,
        initial_indent=label,
        subsequent_indent=" " * len(label),
        break_long_words=False,
        break_on_hyphens=False,
    )
    return filled.replace(_GLUE, " ")


class ScenarioError(Exception):
    """A scenario cannot be used. `mistakes` says why, in the order of the file."""

    def __init__(self, mistakes: Iterable[Mistake]) -> None:
        self.mistakes = tuple(mistakes)
        shown = [str(mistake) for mistake in self.mistakes[:MAX_SHOWN]]
        if len(self.mistakes) > MAX_SHOWN:
            shown.append(f"… and {len(self.mistakes) - MAX_SHOWN} mistakes more")
        super().__init__("\n\n".join(shown))


class ScenarioErrors(ScenarioError):  # noqa: N818  # the base says that it is an error
    """Mistakes in one or more files, all of them at once."""


class ScenarioNotFound(ScenarioError):  # noqa: N818  # the base says that it is an error
    """No file, folder or bundled scenario has this name."""


class ScenarioUnreadable(ScenarioError):  # noqa: N818  # the base says that it is an error
    """The file or folder is there, but cannot be read as text."""
