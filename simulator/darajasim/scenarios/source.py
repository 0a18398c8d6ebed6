"""The text of a scenario file, places in it, and the excerpt that shows one."""

import re
import unicodedata
from dataclasses import dataclass, field
from functools import cached_property

from darajasim.scenarios.wording import visible

_LINE_BREAK = re.compile(r"\r\n|[\n\r\x85\u2028\u2029]")
"""What YAML calls a line break."""
_WIDEST = 100
_BEFORE_CARET = 60


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """A stretch of one line. Line and column count from 1, in characters.

    Attributes:
        file: the text that it is in, where that is another than the scenario's own.
    """

    line: int
    column: int
    length: int = 1
    file: "Source | None" = field(default=None, compare=False, repr=False)

    def part(self, offset: int, length: int) -> "Place":
        """The stretch that begins `offset` characters further on."""
        return Place(self.line, self.column + offset, length, self.file)


@dataclass(frozen=True)
class Source:
    """A file's text.

    Attributes:
        path: as it is shown to people.
        sha256: of the file's bytes, in hexadecimal.
    """

    path: str
    text: str
    sha256: str = ""

    @cached_property
    def lines(self) -> tuple[str, ...]:
        """The lines without their ends."""
        return tuple(_LINE_BREAK.split(self.text))

    def line(self, number: int) -> str:
        """Line `number`, counted from 1; empty when there is no such line."""
        return self.lines[number - 1] if 0 < number <= len(self.lines) else ""

    def after(self, place: Place) -> str:
        """The rest of the line, from where `place` begins."""
        return self.line(place.line)[place.column - 1 :]

    def after_line(self, number: int) -> bool:
        """Whether anything is written below line `number`."""
        return any(line.strip() for line in self.lines[number:])

    def clamped(self, place: Place) -> Place:
        """The place, or the end of the text when it lies beyond that."""
        if place.line <= len(self.lines):
            return place
        return Place(len(self.lines), len(self.lines[-1]) + 1)

    def of(self, place: Place) -> "Source":
        """The text that a place is in: this one, or one that was included."""
        return place.file or self

    def line_of(self, place: Place) -> str:
        """`file:line`."""
        return f"{self.of(place).path}:{place.line}"

    def where(self, place: Place) -> str:
        """`file:line:column`."""
        return f"{self.line_of(place)}:{place.column}"

    def excerpt(self, place: Place) -> str:
        """The line with carets below the place; a long line is cut around them."""
        line, start = self.line(place.line), place.column - 1
        cut = max(0, start - _BEFORE_CARET) if len(line) > _WIDEST else 0
        shown = line[cut : cut + _WIDEST]
        prefix = "… " if cut else ""
        ellipsis = " …" if cut + _WIDEST < len(line) else ""
        lead = "".join(map(_blank, prefix + shown[: start - cut]))
        room = max(1, len(shown) - (start - cut))
        marked = shown[start - cut : start - cut + min(place.length, room)]
        carets = "^" * max(1, sum(map(_width, marked)))
        number = f"{place.line:>5}"
        gap = " " * len(number)
        return (
            f"{number} | {prefix}{''.join(map(visible, shown))}{ellipsis}\n{gap} | {lead}{carets}"
        )


def _width(character: str) -> int:
    if unicodedata.combining(character):
        return 0
    return 2 if unicodedata.east_asian_width(character) in {"W", "F"} else 1


def _blank(character: str) -> str:
    return "\t" if character == "\t" else " " * _width(character)
