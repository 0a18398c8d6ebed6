"""One scenario told from beginning to end: who said what to whom, with every body laid out."""

from __future__ import annotations

from collections.abc import Iterator

import simplejson

from darajasim.core.wire import MalformedJson, loads
from darajasim.harness.report_escape import one_line, visible
from darajasim.harness.report_sequence import Row, Tone, rows
from darajasim.harness.report_text import Style, plain
from darajasim.harness.runner import ScenarioResult

INDENT = " " * 13
_COLOURS = {Tone.STEP: "cyan", Tone.RESULT: "green", Tone.BAD: "red"}


def transcript(result: ScenarioResult, *, style: Style = plain) -> Iterator[str]:
    """The lines of a scenario. Times are simulated seconds since its beginning.

    Args:
        style: colours a text.
    """
    for row in rows(result):
        if row.tone is Tone.STEP:
            yield ""
        yield _heading(row, style)
        for line in _body(row.body):
            yield f"{INDENT}{line}".rstrip()


def _heading(row: Row, style: Style) -> str:
    who = str(row.source) if row.source == row.target else f"{row.source} → {row.target}"
    if row.tone is Tone.STEP:
        who = "Step"
    text = f"{who}: {one_line(row.text)}"
    colour = _COLOURS.get(row.tone)
    return f"{row.offset:>10.3f}s  {style(text, colour) if colour else text}"


def _body(body: str) -> Iterator[str]:
    """The head line by line, and JSON one key a line."""
    head, _, said = body.partition("\n\n")
    yield from head.split("\n") if head else ()
    try:
        found = loads(said.encode("utf-8", "surrogatepass"))
    except MalformedJson:
        laid_out = said
    else:
        laid_out = simplejson.dumps(found, indent=2, ensure_ascii=False, use_decimal=True)
    yield from visible(laid_out).split("\n") if said else ()
