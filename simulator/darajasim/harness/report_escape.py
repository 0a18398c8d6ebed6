"""Text that others wrote, made fit to be shown: what cannot be seen, or does something, is told.

Scenario names, bodies and answers may hold anything. A control character may move a terminal's
cursor, is no XML, and a bidirectional override makes text read as what it is not.
"""

from __future__ import annotations

import re

_UNSEEN = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f"  # controls, but not tab and newline
    "\u061c\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff"  # what turns or hides text
    "\u2028\u2029"  # ends of lines to some
    "\ud800-\udfff\ufffe\uffff]"  # no characters at all
)
_NEWLINES = re.compile(r"[\t\n]")


def visible(text: str) -> str:
    r"""The text with everything unseen as its escape: `\x1b`, `\u202e`. Lines stay lines."""
    return _UNSEEN.sub(_escape, text)


def one_line(text: str) -> str:
    r"""As `visible`, and on one line: `\n` and `\t` too are told."""
    return _NEWLINES.sub(_escape, visible(text))


def _escape(found: re.Match[str]) -> str:
    return found[0].encode("unicode_escape", "surrogatepass").decode("ascii")


def shortened(text: str, most: int) -> str:
    """The text, cut to `most` characters with a sign that it was cut."""
    return text if len(text) <= most else f"{text[: most - 1]}…"
