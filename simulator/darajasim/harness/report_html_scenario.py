"""One scenario in the HTML report: findings, drawing, what was sent, and the same in words."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from decimal import Decimal
from html import escape
from typing import Any

import simplejson

from darajasim.harness.report_escape import one_line, shortened, visible
from darajasim.harness.report_json import portable_text
from darajasim.harness.report_places import place
from darajasim.harness.report_sequence import Row, rows
from darajasim.harness.report_svg import Flag, draw
from darajasim.harness.report_text import duration, heading, repeat_command, told
from darajasim.harness.run_events import ScenarioEnded
from darajasim.harness.runner import ScenarioResult

MOST_ROWS = 300
"""How much of a scenario is drawn; the words have it all."""
MOST_LINES = 3_000
MOST_DEPTH = 60
"""Deepest JSON that is laid out over several lines."""


def section(event: ScenarioEnded, kinds: Sequence[str]) -> str:
    """The section of a scenario.

    Args:
        kinds: classes that stand for its tags.
    """
    result, anchor = event.result, f"s{event.number}"
    verdict = result.verdict
    opened = " open" if event.failed else ""
    happened = rows(result)
    drawn = happened[:MOST_ROWS]
    classes = " ".join(["scenario", verdict, *kinds])
    parts = [
        f'<details class="{classes}" id="{anchor}"{opened}>',
        f"<summary><h2>{_shown(event.title)}</h2> ",
        f'<span class="verdict">{verdict}</span> ',
        f'<span class="soft">{duration(result.simulated_seconds)}</span></summary><div>',
        f"<p>{_shown(result.scenario.about)}</p>",
        *_not_judged(result),
        *_findings(result),
        '<div class="drawing" tabindex="0" role="region" aria-label="Sequence diagram">',
        draw(drawn, _flags(result, drawn), f"{anchor}-b", f"What happened in {event.title}"),
        "</div>",
        *_left_out(len(happened), result),
        *_bodies(drawn, f"{anchor}-b"),
        *_words(result),
        f"<p>Repeat with <code>{_shown(repeat_command(result))}</code></p></div></details>\n",
    ]
    return "".join(parts)


def _not_judged(result: ScenarioResult) -> Iterator[str]:
    if result.skipped:
        yield f'<p class="soft">Not played: {_shown(result.skipped)}</p>'
    if result.left_out:
        yield f'<p class="soft">Not judged: {_shown(", ".join(result.left_out))}</p>'


def _findings(result: ScenarioResult) -> Iterator[str]:
    for finding in result.findings:
        head = portable_text(heading(finding), result.scenario)
        yield (
            f'<div class="finding"><strong>{_shown(head)}</strong><dl>'
            f"<dt>expected</dt><dd>{_shown(finding.expected)}</dd>"
            f"<dt>found</dt><dd>{_shown(finding.found)}</dd></dl></div>"
        )


def _flags(result: ScenarioResult, drawn: Sequence[Row]) -> list[Flag]:
    """Each finding below the row that it belongs to, or below the last."""
    numbers = {row.event: number for number, row in enumerate(drawn) if row.event is not None}
    flags = []
    for finding in result.findings:
        event = place(finding, result)
        row = len(drawn) if event is None else numbers.get(event, len(drawn))
        said = f"{finding.what}: expected {finding.expected}, found {finding.found}"
        flags.append(Flag(row, said))
    return flags


def _left_out(happened: int, result: ScenarioResult) -> Iterator[str]:
    if happened > MOST_ROWS:
        yield f'<p class="soft">Drawn: the first {MOST_ROWS} of {happened} rows.</p>'
    if result.dropped:
        yield f'<p class="soft">{result.dropped} earlier events were dropped.</p>'


def _bodies(drawn: Sequence[Row], anchor: str) -> Iterator[str]:
    """Every request and answer that a row shows."""
    sent = [(number, row) for number, row in enumerate(drawn) if row.body]
    if not sent:
        return
    yield '<h3>Requests and answers</h3><ol class="bodies">'
    for number, row in sent:
        way = f"{row.source} → {row.target}" if row.source is not row.target else str(row.source)
        text = shortened(one_line(row.text), 160)
        yield (
            f'<li id="{anchor}-{number}"><details><summary><span class="soft mono">'
            f"{row.offset:.3f} s</span> {way}: {escape(text)}</summary>"
            f"<pre>{escape(visible(_laid_out(row.body)))}</pre></details></li>"
        )
    yield "</ol>"


def _words(result: ScenarioResult) -> Iterator[str]:
    lines = told(result)
    shown = lines[:MOST_LINES]
    if len(lines) > MOST_LINES:
        shown.append(f"… and {len(lines) - MOST_LINES} lines more")
    text = escape(portable_text("\n".join(shown), result.scenario))
    yield f"<details><summary>The same in words</summary><pre>{text}</pre></details>"


def _laid_out(body: str) -> str:
    """A body with its headers; JSON over several lines, if that changes nothing but spaces."""
    head, _, text = body.partition("\n\n")
    try:
        found = json.loads(text, parse_float=Decimal, object_pairs_hook=_unlike)
        if _depth(found) > MOST_DEPTH:
            return body
        text = simplejson.dumps(found, indent=2, ensure_ascii=False, use_decimal=True)
    except (ValueError, ArithmeticError, RecursionError):
        return body
    return f"{head}\n\n{text}"


def _unlike(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """A mapping, unless a key stands twice: then the body is shown as it was sent."""
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError("a key stands twice")
    return found


def _depth(value: Any) -> int:
    level, depth = [value], 0
    while level:
        depth += 1
        parts = [list(part.values()) if isinstance(part, dict) else part for part in level]
        level = [
            item
            for part in parts
            if isinstance(part, list)
            for item in part
            if isinstance(item, dict | list)
        ]
    return depth


def _shown(text: str) -> str:
    return escape(one_line(text))
