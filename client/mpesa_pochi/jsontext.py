"""JSON from outside, read with limits: what it yields is small, shallow, finite and unambiguous."""

import json
import re
from decimal import Decimal
from enum import StrEnum
from typing import NoReturn

DEEPEST = 32
"""Levels of nesting. Daraja's deepest answer, the SOAP fault, has seven."""

LONGEST_NUMBER = 40
"""Characters of one number, and the highest power of ten it may come near."""

_TOKEN = re.compile(r'"(?:[^"\\]++|\\.)*+"?|[\[\]{}]', re.DOTALL)


class Fault(StrEnum):
    TOO_LARGE = "too large"
    NOT_UTF8 = "not UTF-8"
    NOT_JSON = "not JSON"
    TOO_DEEP = "nested too deeply"
    DUPLICATE_KEY = "the same key twice"
    BAD_NUMBER = "a number that is not finite or is absurdly long"


class UnreadableJson(ValueError):  # noqa: N818 - the name says what happened
    """Bytes that are not acceptable JSON, by `fault`. Never shown to callers of the package."""

    def __init__(self, fault: Fault, detail: str) -> None:
        super().__init__(detail)
        self.fault = fault


def read(raw: bytes, *, largest: int) -> object:
    """The value in `raw`; numbers with a fraction or an exponent are `Decimal`.

    Raises:
        UnreadableJson: longer than `largest` bytes, not UTF-8, not JSON, deeper than 32 levels,
            with a key twice, or with a number that is not finite or longer than 40 characters.
    """
    if len(raw) > largest:
        raise UnreadableJson(Fault.TOO_LARGE, f"{len(raw)} bytes; at most {largest} are read")
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError as error:
        raise UnreadableJson(Fault.NOT_UTF8, f"byte {error.start} begins no character") from None
    _check_depth(text)
    try:
        value: object = json.loads(
            text,
            parse_int=_whole,
            parse_float=_fraction,
            parse_constant=_constant,
            object_pairs_hook=_object,
        )
    except json.JSONDecodeError as error:
        raise UnreadableJson(
            Fault.NOT_JSON, f"line {error.lineno}, column {error.colno}: {error.msg}"
        ) from None
    return value


def kind(value: object) -> str:
    """What JSON calls the value's type, with its article."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "a boolean"
    if isinstance(value, int | Decimal):
        return "a number"
    if isinstance(value, str):
        return "a string"
    return "an array" if isinstance(value, list) else "an object"


def _check_depth(text: str) -> None:
    depth = 0
    for token in _TOKEN.finditer(text):
        mark = token[0]
        if mark in "[{":
            depth += 1
            if depth > DEEPEST:
                raise UnreadableJson(Fault.TOO_DEEP, f"more than {DEEPEST} levels")
        elif mark in "]}":
            depth -= 1


def _whole(digits: str) -> int:
    if len(digits) > LONGEST_NUMBER:
        _bad_number(f"{len(digits)} digits")
    return int(digits)


def _fraction(digits: str) -> Decimal:
    if len(digits) > LONGEST_NUMBER:
        _bad_number(f"{len(digits)} characters")
    power = digits.lower().partition("e")[2]
    if power and abs(int(power)) > LONGEST_NUMBER:
        _bad_number(f"ten to the power of {power}")
    return Decimal(digits)


def _constant(name: str) -> NoReturn:
    _bad_number(name)


def _bad_number(detail: str) -> NoReturn:
    raise UnreadableJson(Fault.BAD_NUMBER, detail)


def _object(pairs: list[tuple[str, object]]) -> dict[str, object]:
    fields: dict[str, object] = {}
    for key, value in pairs:
        if key in fields:
            raise UnreadableJson(Fault.DUPLICATE_KEY, f"{key[:40]!a}")
        fields[key] = value
    return fields
