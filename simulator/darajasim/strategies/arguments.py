"""Checks of what a strategy was called with: at once, before anything is drawn."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from hypothesis.errors import InvalidArgument


def whole_range(
    *, min_value: object, max_value: object, low: int, high: int, what: str
) -> tuple[int, int]:
    """Both ends, if they are whole numbers in order within `low` to `high`.

    Raises:
        InvalidArgument: they are not.
    """
    for name, value in (("min_value", min_value), ("max_value", max_value)):
        if isinstance(value, bool) or not isinstance(value, int):
            raise InvalidArgument(f"{name} is {what}, a whole number, not {value!r}")
        if not low <= value <= high:
            raise InvalidArgument(f"{name} is {what} from {low} to {high}, not {value}")
    first, last = int(str(min_value)), int(str(max_value))
    if first > last:
        raise InvalidArgument(f"min_value {first} is above max_value {last}")
    return first, last


def choice(name: str, value: object, options: Iterable[object]) -> None:
    """Nothing, if the value is one of the options.

    Raises:
        InvalidArgument: it is not.
    """
    known = list(options)
    if not any(value == option and type(value) is type(option) for option in known):
        shown = ", ".join(map(repr, known))
        raise InvalidArgument(f"{name} is one of {shown}, not {value!r}")


def some(name: str, values: object, options: Sequence[str]) -> None:
    """Nothing, if the values are some of the options.

    Raises:
        InvalidArgument: they are not, or there are none.
    """
    shown = ", ".join(options)
    if not isinstance(values, Sequence) or isinstance(values, str) or not values:
        raise InvalidArgument(f"{name} is a list of some of: {shown}; not {values!r}")
    for value in values:
        if value not in options:
            raise InvalidArgument(f"{name} has {value!r}, which is none of: {shown}")


def flag(name: str, value: object) -> None:
    """Nothing, if the value is True or False.

    Raises:
        InvalidArgument: it is not.
    """
    if not isinstance(value, bool):
        raise InvalidArgument(f"{name} is True or False, not {value!r}")
