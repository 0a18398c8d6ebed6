"""How messages name things: lists of choices, and the name that was probably meant."""

import difflib
import re
from collections.abc import Iterable

_LONGEST = 60
_MOST = 16


def listing(names: Iterable[str], last: str = "or") -> str:
    """`a, b or c`."""
    *others, final = list(names)
    return f"{', '.join(others)} {last} {final}" if others else final


def some(names: Iterable[str], last: str = "or") -> str:
    """The same; only the first of them, when they are too many to read."""
    every = list(names)
    if len(every) <= _MOST:
        return listing(every, last)
    return f"{', '.join(every[:_MOST])}, …"


def nearest(name: str, names: Iterable[str]) -> str | None:
    """The valid name that `name` is probably meant to be, if one is near.

    Case, and `_` for `-`, do not count as differences.
    """
    if name.isdecimal():
        return None
    plain, meant = {_plain(valid): valid for valid in names}, _plain(name)[:_LONGEST]
    found = difflib.get_close_matches(meant, plain, n=1, cutoff=0.65)
    found = found or [valid for valid in plain if len(valid) > 3 and _extends(meant, valid)]
    return plain[found[0]] if found else None


def _extends(one: str, other: str) -> bool:
    """Whether one of two names is the other with something more."""
    short, long = sorted((one, other), key=len)
    return len(short) > 3 and (long.startswith(short) or long.endswith(short))


def did_you_mean(name: str, names: Iterable[str]) -> str:
    """A sentence with the nearest name, or nothing."""
    found = nearest(name, names)
    return f"did you mean `{found}`?" if found else ""


def quoted(text: str) -> str:
    """The text as it may stand in a message, in backticks."""
    return f"`{short(text)}`"


def short(text: str) -> str:
    """The text as it may stand in a message: one line, not too long, nothing invisible."""
    flat = "".join(map(visible, re.sub(r"\s+", " ", text)))
    return flat if len(flat) <= _LONGEST else f"{flat[: _LONGEST - 1]}…"


def visible(character: str) -> str:
    """The character, or a stand-in for one that would act on a terminal or not show at all."""
    return (
        character if character.isprintable() or character == "\t" else "\N{REPLACEMENT CHARACTER}"
    )


def plural(count: int, noun: str) -> str:
    """`1 step`, `2 steps`."""
    return f"{count} {noun}{'' if count == 1 else 's'}"


def _plain(name: str) -> str:
    return name.lower().replace("_", "-")
