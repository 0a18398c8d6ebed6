"""The types of single values: how each is read, and what the published JSON Schema says of it."""

import ipaddress
import re
from typing import Annotated, Any

from pydantic import PlainValidator, WithJsonSchema

from darajasim.scenarios import matching, scalars
from darajasim.scenarios.complaint import Complaint, Unfit
from darajasim.scenarios.document import Document, Template, document, text
from darajasim.scenarios.model.marks import NUMERIC, TEXT, is_null, one_or_more, schema
from darajasim.scenarios.nodes import Scalar, described


def _fields(raw: object) -> dict[str, Document]:
    if not isinstance(raw, dict):
        example = "keys as they are on the wire, such as `Amount: 10`"
        raise Unfit(Complaint("`fields` is a mapping", example, described(raw)))
    return {key: document(value) for key, value in raw.items()}


def _template(raw: object) -> str | Template:
    scalars.any_text(raw)
    return text(raw) if isinstance(raw, Scalar) else ""


def _bearer(raw: object) -> str | Template | None:
    return None if is_null(raw) else _template(raw)


def _pochi(raw: object) -> int | None:
    """What a Pochi la Biashara holds, in cents; None for nobody's."""
    if isinstance(raw, Scalar) and isinstance(raw.value, bool):
        return 0 if raw.value else None
    expected = "true, false, or what it holds in shillings, such as 500"
    found = scalars.scalar(raw, expected)
    try:
        return scalars.cents(found)
    except Unfit:
        message = "this is neither true or false nor an amount of money"
        raise Unfit(Complaint(message, expected, described(found))) from None


def _nothing(raw: object) -> bool:
    """What says all by its name."""
    if is_null(raw):
        return True
    if isinstance(raw, Scalar) and raw.unknown:
        raise Unfit
    found = described(raw)
    raise Unfit(Complaint("nothing follows the name of this step", "`- kill` alone", found))


def _lasting(raw: object) -> float:
    """A duration that is more than nothing."""
    found = scalars.seconds(raw)
    if found > 0:
        return found
    raise Unfit(Complaint("this is no time at all", "a duration such as 20m", described(raw)))


def _path(raw: object) -> str:
    expected = "a path such as /mpesa/b2c/v1/paymentrequest"
    found = scalars.scalar(raw, expected)
    if re.fullmatch(r"/[!-~]*", found.text):
        return found.text
    raise Unfit(Complaint("this is not a path", expected, described(found)))


def _unread(_raw: object) -> None:
    """Rows of `cases:` and names of files have been used up before a model is read."""


def _no_file(raw: object) -> None:
    """A name that could be used has been used up before a model is read."""
    expected = "the name of a file, such as shared/shop.yaml"
    found = scalars.scalar(raw, expected)
    raise Unfit(Complaint("this is not the name of a file", expected, described(found)))


def _extra(raw: object) -> dict[str, Document]:
    """Further fields, as they are written: there is nothing yet that they could refer to."""
    if not isinstance(raw, dict):
        example = "further fields and their values, such as {Channel: USSD}"
        raise Unfit(Complaint("`extra` is a mapping", example, described(raw)))
    return {key: _as_text(document(value)) for key, value in raw.items()}


def _as_text(value: Document) -> Document:
    if isinstance(value, dict):
        return {key: _as_text(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [_as_text(inner) for inner in value]
    return str(value) if isinstance(value, Template) else value


def _address(raw: object) -> str:
    expected = "an IP address, such as 196.201.214.200"
    found = scalars.scalar(raw, expected)
    try:
        return str(ipaddress.ip_address(found.text))
    except ValueError:
        message = "this is not an IP address"
        raise Unfit(Complaint(message, expected, described(found))) from None


def _yes(raw: object) -> bool:
    if scalars.flag(raw):
        return True
    message, advice = "this is so without the key", "delete the key"
    raise Unfit(Complaint(message, "true", described(raw), advice))


DURATION = r"^([0-9]+(\.[0-9]+)?(d|h|m|s|ms))+$"
_MONEY = r"^[0-9]+(\.[0-9]{2})?$"

_SLUG = {"type": "string", "pattern": "^[a-z0-9]+(-[a-z0-9]+)*$"}
_MOMENT = r"^20\d\d-\d\d-\d\d([ T]\d\d:\d\d(:\d\d)?)?$"
Slug = Annotated[str, PlainValidator(scalars.slug), WithJsonSchema(_SLUG)]
Sentence = Annotated[str, PlainValidator(scalars.sentence), WithJsonSchema({"type": "string"})]
Seed = Annotated[
    int,
    PlainValidator(scalars.whole(0, 10**18 - 1, "a whole number, such as 7")),
    WithJsonSchema({"type": "integer", "minimum": 0}),
]
PaymentName = Annotated[str, PlainValidator(scalars.slug), schema("payment-name", type="string")]
Path = Annotated[str, PlainValidator(_path), schema("path", type="string", pattern="^/")]
Text = Annotated[str, PlainValidator(scalars.text), schema("text", type=TEXT)]
Body = Annotated[str, PlainValidator(scalars.any_text), schema("text", type=TEXT)]
Fields = Annotated[Any, PlainValidator(_fields), schema("fields", type="object")]
Given = Annotated[Any, PlainValidator(document), schema("given")]
Filled = Annotated[Any, PlainValidator(_template), schema("text", type=TEXT)]
Bearer = Annotated[Any, PlainValidator(_bearer), schema("bearer", type=[*TEXT, "null"])]
Nothing = Annotated[bool, PlainValidator(_nothing), schema("nothing", type="null")]
Flag = Annotated[bool, PlainValidator(scalars.flag), schema("flag", type="boolean")]
Phone = Annotated[
    str,
    PlainValidator(scalars.phone),
    schema("phone", type=NUMERIC, pattern=r"^(\+?254|0)?[71][0-9]{8}$"),
]
Shortcode = Annotated[
    str,
    PlainValidator(scalars.shortcode),
    schema("shortcode", type=NUMERIC, pattern="^[0-9]{5,7}$"),
]
Pin = Annotated[str, PlainValidator(scalars.pin), schema("pin", type=NUMERIC, pattern="^[0-9]{4}$")]
Cents = Annotated[
    int,
    PlainValidator(scalars.cents),
    schema("money", type=["number", "string"], minimum=0, pattern=_MONEY),
]
SignedCents = Annotated[
    int,
    PlainValidator(scalars.signed_cents),
    schema("signed-money", type=["number", "string"], pattern=f"^-?{_MONEY[1:]}"),
]
Pochi = Annotated[
    Any,
    PlainValidator(_pochi),
    schema("pochi", type=["boolean", "number", "string"], minimum=0, pattern=_MONEY),
]
Shillings = Annotated[
    int, PlainValidator(scalars.shillings), schema("shillings", type="integer", minimum=0)
]
Seconds = Annotated[
    float, PlainValidator(scalars.seconds), schema("duration", type="string", pattern=DURATION)
]
Lasting = Annotated[
    float, PlainValidator(_lasting), schema("duration", type="string", pattern=DURATION)
]
Moment = Annotated[
    float, PlainValidator(scalars.moment), schema("moment", type="string", pattern=_MOMENT)
]
Times = Annotated[
    int,
    PlainValidator(scalars.whole(0, 1000)),
    schema("times", type="integer", minimum=0, maximum=1000),
]
Rounds = Annotated[
    int,
    PlainValidator(scalars.whole(1, 1000)),
    schema("rounds", type="integer", minimum=1, maximum=1000),
]
HttpStatus = Annotated[
    int,
    PlainValidator(scalars.whole(200, 599)),
    schema("http-status", type="integer", minimum=200, maximum=599),
]
Calls = Annotated[
    frozenset[int],
    PlainValidator(scalars.calls),
    schema("calls", anyOf=one_or_more({"type": "integer", "minimum": 1})),
]
WrongPins = Annotated[
    int,
    PlainValidator(scalars.whole(1, 3, "1, 2 or 3: the third wrong PIN in a row locks it")),
    schema("wrong-pins", type="integer", minimum=1, maximum=3),
]
Refused = Annotated[
    int,
    PlainValidator(scalars.whole(1, 1000)),
    schema("refused", type="integer", minimum=1, maximum=1000),
]
Yes = Annotated[bool, PlainValidator(_yes), schema("yes", const=True)]
Extra = Annotated[Any, PlainValidator(_extra), schema("fields", type="object")]
Address = Annotated[str, PlainValidator(_address), schema("address", type="string")]
CallRate = Annotated[
    Any,
    PlainValidator(matching.rate),
    schema("rate", type="string", pattern=r"^>=? *[0-9]+ */ *[smhd]$"),
]
Sigma = Annotated[
    float, PlainValidator(scalars.spread), schema("sigma", type="number", minimum=0, maximum=5)
]
Chance = Annotated[
    float,
    PlainValidator(scalars.share),
    schema("chance", type="number", exclusiveMinimum=0, maximum=1),
]

_FILE = {"type": "string", "pattern": r"\.ya?ml$"}
Included = Annotated[
    None,
    PlainValidator(_unread),
    WithJsonSchema({"anyOf": [_FILE, {"type": "array", "minItems": 1, "items": _FILE}]}),
]
FileName = Annotated[None, PlainValidator(_no_file), WithJsonSchema(_FILE)]
CaseRows = Annotated[
    None,
    PlainValidator(_unread),
    WithJsonSchema(
        {
            "type": "array",
            "minItems": 1,
            "items": {
                "type": "object",
                "minProperties": 1,
                "properties": {"case": {**_SLUG, "description": "The name of this row."}},
                "propertyNames": {"pattern": "^[A-Za-z_][A-Za-z0-9_-]*$"},
            },
        }
    ),
]
