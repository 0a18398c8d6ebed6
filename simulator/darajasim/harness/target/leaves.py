"""The types of single values in a target file, beside those that scenarios have."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Annotated, Any
from urllib.parse import urlsplit

from pydantic import PlainValidator, WithJsonSchema

from darajasim.harness.target.lookup import Lookup, LookupSyntaxError
from darajasim.harness.target.placeholders import CHECKOUT, ORDER, PAYMENT, SETTINGS, known
from darajasim.scenarios import scalars
from darajasim.scenarios.complaint import Complaint, Unfit
from darajasim.scenarios.nodes import Scalar, described

_TEXT = ["string", "number", "boolean"]
_METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")


def _command(raw: object) -> tuple[str, ...]:
    expected = "the program and its arguments, such as [python, shop.py]"
    if isinstance(raw, list) and raw:
        known(raw, SETTINGS)
        return tuple(scalars.any_text(item) for item in raw)
    advice = ""
    if isinstance(raw, Scalar) and raw.text.strip():
        advice = f'write `[{", ".join(raw.text.split())}]`; for a shell `[sh, -c, "…"]`'
    raise Unfit(Complaint("a command is a list", expected, described(raw), advice))


def _texts(*names: str) -> Callable[[object], dict[str, str]]:
    def read(raw: object) -> dict[str, str]:
        if not isinstance(raw, dict):
            raise Unfit(
                Complaint("this is a mapping", "lines such as `NAME: text`", described(raw))
            )
        known(raw, names)
        complaints: list[Complaint] = []
        found: dict[str, str] = {}
        for key, value in raw.items():
            try:
                found[key] = scalars.any_text(value)
            except Unfit as unfit:
                complaints += scalars.below(unfit, key)
        if complaints:
            raise Unfit(*complaints)
        return found

    return read


def _json(*names: str) -> Callable[[object], Any]:
    def read(raw: object) -> Any:
        known(raw, names)
        return _plain(raw)

    return read


def _plain(raw: object) -> Any:
    """Numbers as numbers, `0722000000` as text, as everywhere in our YAML."""
    if isinstance(raw, dict):
        return {key: _plain(value) for key, value in raw.items()}
    if isinstance(raw, list):
        return [_plain(item) for item in raw]
    if isinstance(raw, Scalar):
        if raw.unknown:
            raise Unfit
        return raw.value
    return raw


def _address(*names: str) -> Callable[[object], str]:
    def read(raw: object) -> str:
        expected = "a path such as /payments, or a whole http:// or https:// URL"
        found = scalars.scalar(raw, expected)
        known(raw, names)
        if re.fullmatch(r"(/|https?://)[!-~]*", found.text):
            return found.text
        raise Unfit(Complaint("this is not an address", expected, described(found)))

    return read


def _base(raw: object) -> str:
    expected = "scheme, host and port, such as http://127.0.0.1:${app.port}"
    found = scalars.scalar(raw, expected)
    known(raw, ("app.port",))
    try:
        parts = urlsplit(found.text.replace("${app.port}", "1"))
        good = parts.scheme in ("http", "https") and parts.hostname and parts.port != 0
    except ValueError:
        good = False
    if not good or parts.query or parts.fragment:
        raise Unfit(Complaint("this is not the URL of an application", expected, described(found)))
    return found.text.rstrip("/")


def _lookup(raw: object) -> Lookup:
    expected = "a path such as payment.id, items.0.id or credits.*.amount, or /a regex (group)/"
    found = scalars.scalar(raw, expected)
    try:
        return Lookup(found.text)
    except LookupSyntaxError as error:
        message = "this says nowhere where to look"
        raise Unfit(Complaint(message, expected, f"{described(found)}: {error}")) from None


def _words(raw: object) -> frozenset[str]:
    """One word of the application, or a list of them."""
    items = raw if isinstance(raw, list) else [raw]
    if not items:
        raise Unfit(Complaint("the list is empty", "at least one word", "[]"))
    return frozenset(scalars.any_text(item) for item in items)


def _statuses(raw: object) -> frozenset[int]:
    items = raw if isinstance(raw, list) else [raw]
    return frozenset(scalars.whole(100, 599)(item) for item in items)


def _signal(raw: object) -> str:
    return scalars.choice("signal", "TERM", "INT", "QUIT", "KILL")(raw)


_STRINGS: dict[str, Any] = {"type": "object", "additionalProperties": {"type": _TEXT}}
_ADDRESS: dict[str, Any] = {"type": "string", "pattern": "^(/|https?://)"}

Command = Annotated[
    tuple[str, ...],
    PlainValidator(_command),
    WithJsonSchema({"type": "array", "minItems": 1, "items": {"type": _TEXT}}),
]
Environment = Annotated[dict[str, str], PlainValidator(_texts(*SETTINGS)), WithJsonSchema(_STRINGS)]
Headers = Annotated[
    dict[str, str], PlainValidator(_texts(*ORDER, PAYMENT, CHECKOUT)), WithJsonSchema(_STRINGS)
]
OrderForm = Annotated[dict[str, str], PlainValidator(_texts(*ORDER)), WithJsonSchema(_STRINGS)]
OrderJson = Annotated[Any, PlainValidator(_json(*ORDER)), WithJsonSchema({})]
PaymentForm = Annotated[
    dict[str, str], PlainValidator(_texts(PAYMENT, CHECKOUT)), WithJsonSchema(_STRINGS)
]
PaymentJson = Annotated[Any, PlainValidator(_json(PAYMENT, CHECKOUT)), WithJsonSchema({})]
OrderUrl = Annotated[str, PlainValidator(_address(*ORDER)), WithJsonSchema(_ADDRESS)]
PaymentUrl = Annotated[str, PlainValidator(_address(PAYMENT, CHECKOUT)), WithJsonSchema(_ADDRESS)]
PlainUrl = Annotated[str, PlainValidator(_address()), WithJsonSchema(_ADDRESS)]
BaseUrl = Annotated[
    str, PlainValidator(_base), WithJsonSchema({"type": "string", "pattern": "^https?://"})
]
Where = Annotated[Lookup, PlainValidator(_lookup), WithJsonSchema({"type": ["string", "integer"]})]
Words = Annotated[
    frozenset[str],
    PlainValidator(_words),
    WithJsonSchema(
        {"anyOf": [{"type": _TEXT}, {"type": "array", "minItems": 1, "items": {"type": _TEXT}}]}
    ),
]
Statuses = Annotated[
    frozenset[int],
    PlainValidator(_statuses),
    WithJsonSchema(
        {"anyOf": [{"type": "integer"}, {"type": "array", "items": {"type": "integer"}}]}
    ),
]
Port = Annotated[
    int,
    PlainValidator(scalars.whole(1, 65_535)),
    WithJsonSchema({"type": "integer", "minimum": 1, "maximum": 65_535}),
]
SignalName = Annotated[
    str, PlainValidator(_signal), WithJsonSchema({"enum": ["TERM", "INT", "QUIT", "KILL"]})
]
Method = Annotated[
    str,
    PlainValidator(scalars.choice("method", *_METHODS)),
    WithJsonSchema({"enum": list(_METHODS)}),
]
