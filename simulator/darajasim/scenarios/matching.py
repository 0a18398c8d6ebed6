"""Conditions on a value: a literal, a comparison, a list, a glob or a regular expression."""

import re
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal

from darajasim.core import msisdn
from darajasim.core.rate import Rate
from darajasim.core.rules import Compare, Equals, Glob, OneOf, Pattern, Test
from darajasim.scenarios import scalars
from darajasim.scenarios.complaint import Complaint, Unfit
from darajasim.scenarios.nodes import Scalar, described
from darajasim.scenarios.wording import short

_COMPARISON = re.compile(r"(>=|<=|==|!=|>|<)\s*(.*)", re.DOTALL)
_NUMBER = re.compile(r"-?[0-9]{1,18}(?:\.[0-9]{1,18})?")
_RATE = re.compile(r"(>=|<=|==|!=|>|<|)\s*([0-9]{1,5})\s*/\s*([smhd])")
_REGEX = re.compile(r"/(.*)/", re.DOTALL)
_LOCAL_PREFIX = re.compile(r"(?:0|\+254)(?=[71*?\[])")

Literal = Callable[[Scalar], Test]


@dataclass(frozen=True, slots=True)
class AnyOf:
    """At least one of several conditions holds."""

    tests: tuple[Test, ...]

    def __call__(self, value: str) -> bool:
        return any(test(value) for test in self.tests)

    def __str__(self) -> str:
        return " or ".join(map(str, self.tests))


def text_test(raw: object) -> Test:
    """A condition on a text."""
    return _read(raw, lambda found: Equals(found.text), "a text, a pattern or a list")


def phone_test(raw: object) -> Test:
    """A condition on a phone number; literals and globs are brought to the form 254…."""
    expected = 'a phone number such as 0722000000, a pattern such as "0722*" or a list'
    return _read(
        raw, lambda found: Equals(scalars.phone(found)), expected, compares=False, glob=_phone_glob
    )


def party_test(raw: object) -> Test:
    """A condition on a party: a phone number in any spelling, or a shortcode."""
    return _read(raw, _party, "a phone number, a shortcode, a pattern or a list", glob=_phone_glob)


def _party(found: Scalar) -> Test:
    try:
        return Equals(msisdn.normalise(found.text))
    except ValueError:
        return Equals(found.text)


def amount_test(raw: object) -> Test:
    """A condition on an amount in shillings. 100 and 100.00 are the same amount."""
    return _read(raw, _number, 'an amount such as 100, a comparison such as ">= 100" or a list')


def count_test(raw: object) -> Test:
    """A condition on a number of things."""
    expected = 'a whole number, or a comparison such as ">= 2"'

    def literal(found: Scalar) -> Test:
        return Compare("==", Decimal(scalars.whole(0, 1_000_000_000, expected)(found)))

    return _read(raw, literal, expected, patterns=False)


def rate(raw: object) -> Rate:
    """A condition on how often something happens: `> 5/s`."""
    expected = 'more than so many calls in a second, minute, hour or day, such as "> 5/s"'
    found = scalars.scalar(raw, expected)
    match = _RATE.fullmatch(found.text)
    most = int(match[2]) - (match[1] == ">=") if match else -1
    if match is None or match[1] not in (">", ">=") or most < 0:
        advice = f'write "> {match[2]}/{match[3]}"' if match and match[1] != ">=" else ""
        message = "this is not a rate" if match is None else "only what is above a rate is counted"
        raise Unfit(Complaint(message, expected, described(found), advice))
    return Rate(most, match[3])


def _number(found: Scalar) -> Test:
    if _NUMBER.fullmatch(found.text):
        return Compare("==", Decimal(found.text))
    raise Unfit(
        Complaint(
            "this is not an amount",
            'a number such as 100, or a comparison such as ">= 100"',
            described(found),
        )
    )


def _phone_glob(written: str) -> str:
    return _LOCAL_PREFIX.sub("254", written, count=1)


def code_test(raw: object, literal: Literal) -> Test:
    """A condition on a code, whose literals `literal` looks up."""
    return _read(raw, literal, "a key or code of `darajasim codes`, such as cancelled or 1032")


def _read(
    raw: object,
    literal: Literal,
    expected: str,
    *,
    compares: bool = True,
    patterns: bool = True,
    glob: Callable[[str], str] = str,
) -> Test:
    if isinstance(raw, list):
        return _any_of(
            raw,
            lambda item: _one(
                item, literal, expected, compares=compares, patterns=patterns, glob=glob
            ),
        )
    return _one(raw, literal, expected, compares=compares, patterns=patterns, glob=glob)


def _any_of(items: list[object], read: Callable[[object], Test]) -> Test:
    if not items:
        raise Unfit(
            Complaint("the list is empty, so that nothing would match", "at least one value", "[]")
        )
    tests: list[Test] = []
    complaints: list[Complaint] = []
    for index, item in enumerate(items):
        try:
            tests.append(read(item))
        except Unfit as unfit:
            complaints += scalars.below(unfit, index)
    if len(tests) < len(items):
        raise Unfit(*complaints)
    literals = [test.expected for test in tests if isinstance(test, Equals)]
    return OneOf(tuple(literals)) if len(literals) == len(tests) else AnyOf(tuple(tests))


def _one(
    raw: object,
    literal: Literal,
    expected: str,
    *,
    compares: bool,
    patterns: bool,
    glob: Callable[[str], str],
) -> Test:
    found = scalars.scalar(raw, expected)
    if match := _COMPARISON.fullmatch(found.text):
        if not compares:
            raise Unfit(Complaint("phone numbers cannot be compared", expected, described(found)))
        return _compare(found, match)
    if patterns and (match := _REGEX.fullmatch(found.text)):
        return _pattern(found, match[1])
    if patterns and re.search(r"[*?]", found.text):
        return Glob(glob(found.text))
    return literal(found)


def _compare(found: Scalar, match: re.Match[str]) -> Test:
    operator, bound = match[1], match[2].strip()
    if _NUMBER.fullmatch(bound):
        return Compare(operator, Decimal(bound))
    raise Unfit(
        Complaint(
            f"{operator} compares with a number",
            f"`{operator} 100`",
            described(found),
            "texts are matched by a pattern such as INV-* or by /a regular expression/",
        )
    )


def _pattern(found: Scalar, expression: str) -> Test:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            compiled = re.compile(expression)
    except (re.error, RecursionError, OverflowError) as error:
        raise Unfit(
            Complaint(
                "this regular expression does not compile",
                "a Python regular expression between slashes, such as /^INV-[0-9]+$/",
                f"{described(found)}: {short(str(error))}",
                "special characters that stand for themselves are written with a backslash",
            )
        ) from None
    if not expression:
        raise Unfit(
            Complaint(
                "an empty regular expression matches everything",
                "an expression between the slashes",
                described(found),
                "leave this condition out if any value will do",
            )
        )
    return Pattern(compiled)
