"""JSON as Daraja writes and reads it: money keeps its digits (`1.00`, not `1.0`)."""

from __future__ import annotations

import json
from codecs import BOM_UTF8
from decimal import Decimal
from typing import Any, NoReturn

import simplejson

MAX_BODY_BYTES = 1024 * 1024
"""Longest request body that is read; what is longer is refused without reading the rest."""
MAX_DEPTH = 100
"""Deepest nesting that is read. The parser stands more, but who writes the journal may not."""


class MalformedJson(ValueError):  # noqa: N818  # it names what was found, as json.JSONDecodeError does
    """Bytes that are not JSON, with where and why."""


def dumps(value: Any) -> bytes:
    """Compact UTF-8 JSON. A Decimal is written with all its digits; half of a surrogate pair, which
    UTF-8 does not have, as the escape that it came as.
    """
    return _encoder.encode(value).encode("utf-8", "backslashreplace")


def _no_constant(name: str) -> NoReturn:
    raise MalformedJson(f"{name} is not JSON")


# Made once, because making them takes longer than most of what they write and read; looking for
# named tuples would cost half of each callback.
_encoder = simplejson.JSONEncoder(
    separators=(",", ":"), ensure_ascii=False, use_decimal=True, namedtuple_as_object=False
)
_decoder = json.JSONDecoder(parse_float=Decimal, parse_constant=_no_constant)


def loads(raw: bytes) -> Any:
    """Parse JSON; numbers with a point become Decimal, so that nothing the caller sent is rounded.

    Raises:
        MalformedJson: anything that is not one JSON value in UTF-8, NaN and Infinity included.
    """
    try:
        value = _decoder.decode(raw.removeprefix(BOM_UTF8).decode())
    except MalformedJson:
        raise
    except UnicodeDecodeError as error:
        raise MalformedJson(f"byte {error.start} is not UTF-8") from None
    except json.JSONDecodeError as error:
        raise MalformedJson(f"line {error.lineno} column {error.colno}: {error.msg}") from None
    except RecursionError:
        raise MalformedJson("nested too deeply") from None
    except (ValueError, ArithmeticError) as error:
        raise MalformedJson(str(error)) from None
    if raw.count(b"[") + raw.count(b"{") > MAX_DEPTH and _too_deep(value):
        raise MalformedJson("nested too deeply")
    return value


def _too_deep(value: Any) -> bool:
    level = [value]
    for _ in range(MAX_DEPTH):
        lists = [part for part in level if isinstance(part, list)]
        lists += [list(part.values()) for part in level if isinstance(part, dict)]
        level = [item for found in lists for item in found]
    return any(isinstance(part, list | dict) for part in level)
