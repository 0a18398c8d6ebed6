"""Kenyan mobile numbers: as Daraja wants them, as people write them, and as they get them wrong."""

from __future__ import annotations

from typing import NamedTuple

from hypothesis import strategies as st

from darajasim.strategies.arguments import flag

_MAGIC = range(700_000_000, 700_100_000)
"""Numbers that mean a result to the simulator (docs/codes.md)."""
_SANDBOX = 708_374_149
"""Never answers its prompt, in Safaricom's sandbox and here."""
_EVERYDAY = 722_000_000
_PREFIXES = ("0", "254", "+254", "", "00254", "+254 (0)", "254 (0)")
_SEPARATORS = (" ", "-", ".", "\u00a0", "\u2011", " - ", "  ")
_GROUPS = ((3, 6), (3, 3, 3), (3, 2, 4), (2, 3, 4), (1, 2, 3, 3), (3, 2, 2, 2))
_BRACKETS = ("()", "[]")
_AROUND = ("{}", " {}", "{} ", "{}\n", "\u202a{}\u202c", "\u200e{}")


class WrittenPhone(NamedTuple):
    """A number as somebody wrote it.

    Attributes:
        text: `0722 000 000`, `+254 (0) 722-000-000` …
        msisdn: the same as Daraja wants it, `254722000000`.
    """

    text: str
    msisdn: str


def msisdns() -> st.SearchStrategy[str]:
    """Numbers as Daraja wants them, 2547XXXXXXXX and 2541XXXXXXXX; they shrink to 254722000000.

    None is magic: the simulator treats them all as ordinary customers'.
    """
    return _subscribers().map(lambda subscriber: f"254{subscriber}")


def written_phones() -> st.SearchStrategy[WrittenPhone]:
    """Numbers as people write them, each beside its normal form; they shrink to 0722000000.

    With and without a prefix (`0`, `254`, `+254`, `00254`, `+254 (0)`), in groups with spaces,
    dashes, dots or non-breaking characters between them, in brackets, with blanks or the invisible
    marks of a copied contact around them.
    """
    return st.builds(
        _written,
        subscriber=_subscribers(),
        prefix=st.sampled_from(_PREFIXES),
        groups=st.none() | st.sampled_from(_GROUPS),
        separator=st.sampled_from(_SEPARATORS),
        brackets=st.none() | st.sampled_from(_BRACKETS),
        around=st.sampled_from(_AROUND),
    )


def phone_numbers(*, valid: bool = True) -> st.SearchStrategy[str]:
    """Phone numbers as people write them.

    Args:
        valid: False for what is none of a Kenyan mobile: too short, too long, a landline, abroad,
            with letters, empty.

    Raises:
        InvalidArgument: `valid` is neither True nor False.
    """
    flag("valid", valid)
    return written_phones().map(lambda phone: phone.text) if valid else _wrong()


def _subscribers() -> st.SearchStrategy[int]:
    """The nine digits after 254. From the everyday ones onwards, round to those before them."""
    sevens = st.integers(0, 10**8 - 1).map(
        lambda number: 700_000_000 + (number + _EVERYDAY - 700_000_000) % 10**8
    )
    ones = st.integers(0, 10**8 - 1).map(lambda number: 100_000_000 + (number + 10**7) % 10**8)
    return (sevens | ones).filter(lambda number: number not in _MAGIC and number != _SANDBOX)


def _written(
    *,
    subscriber: int,
    prefix: str,
    groups: tuple[int, ...] | None,
    separator: str,
    brackets: str | None,
    around: str,
) -> WrittenPhone:
    digits, parts = str(subscriber), []
    for size in groups or (9,):
        parts.append(digits[:size])
        digits = digits[size:]
    head = prefix
    if prefix == "0":  # the trunk zero belongs to what follows: 0722 000000
        head, parts[0] = "", f"0{parts[0]}"
    if brackets and groups:
        parts[0] = f"{brackets[0]}{parts[0]}{brackets[1]}"
    spaced = [head, *parts] if head and groups else [head + parts[0], *parts[1:]]
    return WrittenPhone(around.format(separator.join(spaced)), f"254{subscriber}")


def _wrong() -> st.SearchStrategy[str]:
    good = _subscribers().map(str)
    foreign = st.sampled_from(("1", "44", "255", "256", "86"))
    return st.one_of(
        st.sampled_from(("", " ", "+", "-", "none", "n/a")),
        st.builds(lambda digits, cut: f"0{digits[:cut]}", good, st.integers(1, 8)),
        st.builds(lambda digits, more: f"0{digits}{more}", good, st.integers(0, 999)),
        st.builds(lambda area, rest: f"0{area}0{rest:06d}", *_landline()),
        st.builds(lambda code, digits: f"+{code}{digits}", foreign, good),
        good.map(lambda digits: f"0{digits[:4]}O{digits[5:]}"),
        good.map(lambda digits: f"0{digits}x1"),
        good.map(lambda digits: f"0{digits[0]}\u0662{digits[2:]}"),
    )


def _landline() -> tuple[st.SearchStrategy[int], st.SearchStrategy[int]]:
    return st.sampled_from((2, 4, 5, 6)), st.integers(0, 999_999)
