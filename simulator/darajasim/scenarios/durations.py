"""Durations as people write them: `5s`, `200ms`, `1m30s`."""

import re
from fractions import Fraction

_UNITS = {
    "d": Fraction(86_400),
    "h": Fraction(3_600),
    "m": Fraction(60),
    "s": Fraction(1),
    "ms": Fraction(1, 1000),
}
"""Seconds, the longest unit first."""
_PART = re.compile(r"([0-9]{1,9}(?:\.[0-9]{1,9})?)(ms|d|h|m|s)")
_WHOLE = re.compile(f"(?:{_PART.pattern})+")
_NUMBER = re.compile(r"[0-9]{1,9}(?:\.[0-9]{1,9})?")
_LONG_UNITS = (
    (re.compile(r"milli(?:second)?s?|msecs?"), "ms"),
    (re.compile(r"sec(?:ond)?s?"), "s"),
    (re.compile(r"min(?:ute)?s?"), "m"),
    (re.compile(r"h(?:ou)?rs?"), "h"),
    (re.compile(r"days?"), "d"),
)
LONGEST = 3_650 * 86_400.0
"""Ten years, in seconds."""


def parse(text: str) -> float:
    """The seconds in a duration. Units go from long to short, each at most once.

    Raises:
        ValueError: it is none; the message is what to write instead, or empty.
    """
    if not _WHOLE.fullmatch(text):
        raise ValueError(_suggestion(text))
    parts: list[tuple[str, str]] = _PART.findall(text)
    order = [list(_UNITS).index(unit) for _, unit in parts]
    if order != sorted(set(order)):
        raise ValueError("")
    seconds = float(sum(Fraction(number) * _UNITS[unit] for number, unit in parts))
    if seconds > LONGEST:
        raise ValueError("")
    return seconds


def _suggestion(text: str) -> str:
    if _NUMBER.fullmatch(text):
        return f"{text}s"
    short = text.lower().replace(" ", "")
    for long, unit in _LONG_UNITS:
        short = long.sub(unit, short)
    return short if _WHOLE.fullmatch(short) and short != text else ""
