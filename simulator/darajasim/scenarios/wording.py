"""How messages name things: lists of choices, and the name that was probably meant."""

import difflib
import re
from collections.abc import Iterable

_LONGEST = 60


def listing(names: Iterable[str], last: str = "or") -> str:
    """`a, b or c`."""
    *others, final = list(names)
    return f"{', '.join(others)} {last} {final}" if others else final


def nearest(name: str, names: Iterable[str]) -> str | None:
    """The valid name that `name` is probably meant to be, if one is near.

    Case, and `_` for `-`, do not count as differences.
    """
    plain = {_plain(valid): valid for valid in names}
    found = difflib.get_close_matches(_plain(name)[:_LONGEST], plain, n=1, cutoff=0.6)
    return plain[found[0]] if found else None


def did_you_mean(name: str, names: Iterable[str]) -> str:
    """A sentence with the nearest name, or nothing."""
    found = nearest(name, names)
    return f"did you mean `{found}`?" if found else ""


def quoted(text: str) -> str:
    """The text as it may stand in a message: one line, not too long, in backticks."""
    flat = re.sub(r"[\s\x00-\x1f\x7f]+", " ", text)
    return f"`{flat if len(flat) <= _LONGEST else flat[: _LONGEST - 1] + '…'}`"


def plural(count: int, noun: str) -> str:
    """`1 step`, `2 steps`."""
    return f"{count} {noun}{'' if count == 1 else 's'}"


def _plain(name: str) -> str:
    return name.lower().replace("_", "-")
