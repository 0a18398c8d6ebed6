"""Drawing a sequence diagram on a time axis, as SVG in a page."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from html import escape

from darajasim.harness.report_escape import one_line, shortened
from darajasim.harness.report_sequence import Lane, Row
from darajasim.harness.report_text import duration

WIDTH = 1080
LANES = {Lane.MERCHANT: 130, Lane.DARAJA: 580, Lane.PHONE: 1030}
HEAD = 44
STEP = 30
MOST_WAIT = 42.0
"""Longest extra distance for time that passes, however long it was."""
LONG_WAIT = 5.0
"""Seconds from which a wait is named on the axis."""
ARROW_CHARACTERS = 52
"""As many as stand between two lanes in the widest font that browsers use here."""
NOTE_CHARACTERS = 62
FLAG_CHARACTERS = 125


@dataclass(frozen=True, slots=True)
class Flag:
    """A failed expectation, marked below a row.

    Attributes:
        row: the number of the row; that after the last for the end.
    """

    row: int
    text: str


def draw(rows: Sequence[Row], flags: Sequence[Flag], anchor: str, title: str) -> str:
    """The drawing.

    Args:
        anchor: what the ids of the rows' bodies in the page begin with.
    """
    parts: list[str] = []
    y, at = float(HEAD), 0.0
    for number, row in enumerate(rows):
        waited = max(row.offset - at, 0.0)
        y, before = y + STEP + _distance(waited), y
        parts += _axis(row.offset, waited, y, before, first=number == 0)
        parts += (
            _note(row, y, _link(row, anchor, number))
            if row.source is row.target
            else _arrow(row, y, _link(row, anchor, number))
        )
        at = row.offset
        for flag in (flag for flag in flags if flag.row == number):
            y += STEP
            parts += _flag(flag, y)
    for flag in (flag for flag in flags if flag.row >= len(rows)):
        y += STEP
        parts += _flag(flag, y)
    height = y + STEP
    size = f'viewBox="0 0 {WIDTH} {height:.0f}" width="{WIDTH}" height="{height:.0f}"'
    label = f'role="group" aria-label="{_text(title)}"'
    return "".join([f"<svg {size} {label}>", *_lanes(height), *parts, "</svg>"])


def _distance(seconds: float) -> float:
    """How much further down what happens so much later is drawn."""
    return min(8 * math.log2(1 + seconds), MOST_WAIT)


def _lanes(height: float) -> Iterator[str]:
    for lane, x in LANES.items():
        anchor = {Lane.MERCHANT: "start", Lane.PHONE: "end"}.get(lane, "middle")
        shift = {Lane.MERCHANT: -40, Lane.PHONE: 40}.get(lane, 0)
        yield f'<line class="lane" x1="{x}" x2="{x}" y1="30" y2="{height:.0f}"/>'
        yield f'<text class="head" x="{x + shift}" y="20" text-anchor="{anchor}">{lane}</text>'


def _axis(offset: float, waited: float, y: float, before: float, *, first: bool) -> Iterator[str]:
    """The time of a row, where it is another than that of the row above."""
    if waited > 0 or first:
        yield f'<text class="time" x="78" y="{y + 4:.1f}" text-anchor="end">{offset:.3f} s</text>'
    if waited >= LONG_WAIT:
        middle = (before + y) / 2
        yield (
            f'<path class="wait" d="M84 {before + 8:.1f}V{y - 8:.1f}"/>'
            f'<text class="time" x="78" y="{middle + 4:.1f}" text-anchor="end">'
            f"⋮ {duration(waited)}</text>"
        )


def _arrow(row: Row, y: float, link: tuple[str, str]) -> Iterator[str]:
    start, end = LANES[row.source], LANES[row.target]
    way = 1 if end > start else -1
    if row.broken:
        end = (start + end) // 2
    kind = f"arrow {row.tone}{' broken' if row.broken else ''}"
    yield f'<g class="{kind}"><title>{_text(row.text)}</title>{link[0]}'
    yield f'<line x1="{start}" y1="{y:.1f}" x2="{end - way * 3}" y2="{y:.1f}"/>'
    if row.broken:
        yield f'<path d="M{end - 6} {y - 6:.1f}l12 12m0 -12l-12 12"/>'
    else:
        yield f'<path class="tip" d="M{end} {y:.1f}l{-way * 9} -5v10z"/>'
    middle = (LANES[row.source] + LANES[row.target]) / 2
    shown = _text(shortened(one_line(row.text), ARROW_CHARACTERS))
    yield f'<text x="{middle:.0f}" y="{y - 6:.1f}" text-anchor="middle">{shown}</text>'
    yield f"{link[1]}</g>"


def _note(row: Row, y: float, link: tuple[str, str]) -> Iterator[str]:
    x = LANES[row.source]
    left = row.source is Lane.PHONE
    anchor, shift = ("end", -12) if left else ("start", 12)
    shown = _text(shortened(one_line(row.text), NOTE_CHARACTERS))
    yield (
        f'<g class="note {row.tone}"><title>{_text(row.text)}</title>{link[0]}'
        f'<circle cx="{x}" cy="{y:.1f}" r="4"/>'
        f'<text x="{x + shift}" y="{y + 4:.1f}" text-anchor="{anchor}">{shown}</text>'
        f"{link[1]}</g>"
    )


def _flag(flag: Flag, y: float) -> Iterator[str]:
    shown = _text(shortened(one_line(flag.text), FLAG_CHARACTERS))
    yield (
        f'<g class="flag"><title>{_text(flag.text)}</title>'
        f'<rect x="92" y="{y - 14:.1f}" width="{WIDTH - 100}" height="24" rx="4"/>'
        f'<text x="102" y="{y + 3:.1f}">✗ {shown}</text></g>'
    )


def _link(row: Row, anchor: str, number: int) -> tuple[str, str]:
    """The beginning and end of the link to what was sent, where something was."""
    return (f'<a href="#{anchor}-{number}">', "</a>") if row.body else ("", "")


def _text(text: str) -> str:
    return escape(one_line(text[:2_000]))
