"""The types of single values: how each is read, and what the published JSON Schema says of it."""

from typing import Annotated, Any

from pydantic import PlainValidator, ValidationInfo, WithJsonSchema

from darajasim.core.profile import PROFILES
from darajasim.core.rules import Action, Test
from darajasim.core.world import CustomerState, OrganisationKind
from darajasim.scenarios import matching, scalars
from darajasim.scenarios.expectations import Absent, Present
from darajasim.scenarios.nodes import Scalar
from darajasim.scenarios.vocabulary import CodeRow, Vocabulary

LEAF = "x-leaf"
"""Marks a value's schema with the name under which the published schema lists it."""

ERRORS = "x-errors"
RESULTS = "x-results"
CODES = "x-codes"
"""Stand where the published schema lists keys and codes of the catalogue."""


def _schema(name: str, **schema: Any) -> WithJsonSchema:
    return WithJsonSchema({LEAF: name, **schema})


def _words(name: str, *options: str) -> WithJsonSchema:
    return _schema(name, enum=list(options))


def _vocabulary(info: ValidationInfo) -> Vocabulary:
    context = info.context
    if not isinstance(context, Vocabulary):
        raise TypeError("scenario models are validated with a Vocabulary as their context")
    return context


def _error(raw: object, info: ValidationInfo) -> CodeRow:
    return _vocabulary(info).error(raw)


def _error_or_none(raw: object, info: ValidationInfo) -> CodeRow | Absent:
    return Absent() if _is_null(raw) else _vocabulary(info).client_error(raw)


def _result(raw: object, info: ValidationInfo) -> CodeRow:
    return _vocabulary(info).result(raw)


def _code_test(raw: object, info: ValidationInfo) -> Test | Absent | Present:
    return _existence(raw) or _vocabulary(info).code_test(raw)


def _receipt_test(raw: object) -> Test | Absent | Present:
    return _existence(raw) or matching.text_test(raw)


def _existence(raw: object) -> Absent | Present | None:
    if _is_null(raw):
        return Absent()
    is_word = isinstance(raw, Scalar) and not raw.quoted and raw.text == "present"
    return Present() if is_word else None


def _is_null(raw: object) -> bool:
    return isinstance(raw, Scalar) and raw.is_null and not raw.unknown


def _unread(_raw: object) -> None:
    """Rows of `cases:` have been used up before a model is read."""


_TEXT = ["string", "number", "boolean"]
_NUMERIC = ["integer", "string"]
DURATION = r"^([0-9]+(\.[0-9]+)?(d|h|m|s|ms))+$"
_MONEY = r"^[0-9]+(\.[0-9]{2})?$"

_SLUG = {"type": "string", "pattern": "^[a-z0-9]+(-[a-z0-9]+)*$"}
_MOMENT = r"^20\d\d-\d\d-\d\d([ T]\d\d:\d\d(:\d\d)?)?$"
_COMPARISON = r"^(>=|<=|==|!=|>|<)\s*-?[0-9]+(\.[0-9]+)?$"
_PATTERN = {"type": "string", "pattern": r"[*?]|^/.+/$"}


def _one_or_more(*schemas: dict[str, Any]) -> list[dict[str, Any]]:
    return [*schemas, {"type": "array", "minItems": 1, "items": {"anyOf": list(schemas)}}]


Slug = Annotated[str, PlainValidator(scalars.slug), WithJsonSchema(_SLUG)]
Sentence = Annotated[str, PlainValidator(scalars.sentence), WithJsonSchema({"type": "string"})]
Seed = Annotated[
    int,
    PlainValidator(scalars.whole(0, 10**18 - 1, "a whole number, such as 7")),
    WithJsonSchema({"type": "integer", "minimum": 0}),
]
PaymentName = Annotated[str, PlainValidator(scalars.slug), _schema("payment-name", type="string")]
Text = Annotated[str, PlainValidator(scalars.text), _schema("text", type=_TEXT)]
Body = Annotated[str, PlainValidator(scalars.any_text), _schema("text", type=_TEXT)]
Flag = Annotated[bool, PlainValidator(scalars.flag), _schema("flag", type="boolean")]
Phone = Annotated[
    str,
    PlainValidator(scalars.phone),
    _schema("phone", type=_NUMERIC, pattern=r"^(\+?254|0)?[71][0-9]{8}$"),
]
Shortcode = Annotated[
    str,
    PlainValidator(scalars.shortcode),
    _schema("shortcode", type=_NUMERIC, pattern="^[0-9]{5,7}$"),
]
Pin = Annotated[
    str, PlainValidator(scalars.pin), _schema("pin", type=_NUMERIC, pattern="^[0-9]{4}$")
]
Cents = Annotated[
    int,
    PlainValidator(scalars.cents),
    _schema("money", type=["number", "string"], minimum=0, pattern=_MONEY),
]
Shillings = Annotated[
    int, PlainValidator(scalars.shillings), _schema("shillings", type="integer", minimum=0)
]
Seconds = Annotated[
    float, PlainValidator(scalars.seconds), _schema("duration", type="string", pattern=DURATION)
]
Moment = Annotated[
    float, PlainValidator(scalars.moment), _schema("moment", type="string", pattern=_MOMENT)
]
Times = Annotated[
    int,
    PlainValidator(scalars.whole(0, 1000)),
    _schema("times", type="integer", minimum=0, maximum=1000),
]
HttpStatus = Annotated[
    int,
    PlainValidator(scalars.whole(200, 599)),
    _schema("http-status", type="integer", minimum=200, maximum=599),
]
Calls = Annotated[
    frozenset[int],
    PlainValidator(scalars.calls),
    _schema("calls", anyOf=_one_or_more({"type": "integer", "minimum": 1})),
]

_OPERATIONS = ("stk_push", "stk_query", "oauth", "any")
_FAULTS = ("reset", "hang", "empty")
_STATUSES = ("pending", "success", "failed")
_STATUSES_MEANT = {"paid": "success", "cancelled": "failed", "unknown": "pending"}
_STATES = ("pending", "paid", "failed", "unknown")
_RETRIES = ("never", "now", "later", "ask")
ACTIONS = tuple(action.value for action in Action)
_CUSTOMER_STATES = tuple(state.value for state in CustomerState)
_KINDS = (OrganisationKind.PAYBILL.value, OrganisationKind.TILL.value)

Operation = Annotated[
    str,
    PlainValidator(scalars.choice("operation", *_OPERATIONS)),
    _words("operation", *_OPERATIONS),
]
FaultName = Annotated[
    str, PlainValidator(scalars.choice("fault", *_FAULTS)), _words("fault", *_FAULTS)
]
ProfileName = Annotated[
    str,
    PlainValidator(scalars.choice("profile", *PROFILES)),
    WithJsonSchema({"enum": list(PROFILES)}),
]
ActionName = Annotated[
    str,
    PlainValidator(scalars.choice("customer action", *ACTIONS)),
    _words("customer-action", *ACTIONS),
]
StateOfCustomer = Annotated[
    str,
    PlainValidator(scalars.choice("state of a customer", *_CUSTOMER_STATES)),
    _words("customer-state", *_CUSTOMER_STATES),
]
KindOfOrganisation = Annotated[
    str,
    PlainValidator(scalars.choice("kind of organisation", *_KINDS)),
    _words("organisation-kind", *_KINDS),
]
Status = Annotated[
    str,
    PlainValidator(scalars.choice("payment status", *_STATUSES, meant=_STATUSES_MEANT)),
    _words("payment-status", *_STATUSES),
]
State = Annotated[
    str,
    PlainValidator(scalars.choice("state", *_STATES, meant={"success": "paid"})),
    _words("payment-state", *_STATES),
]
RetryName = Annotated[
    str, PlainValidator(scalars.choice("advice", *_RETRIES)), _words("retry", *_RETRIES)
]
ClientOutcome = Annotated[
    str,
    PlainValidator(scalars.choice("outcome of a push", "unknown")),
    _words("push-outcome", "unknown"),
]
Before = Annotated[
    str,
    PlainValidator(scalars.choice("moment", "acknowledgement")),
    _words("callback-before", "acknowledgement"),
]

ErrorKey = Annotated[Any, PlainValidator(_error), _schema("error", anyOf=[{ERRORS: True}])]
ErrorOrNone = Annotated[
    Any,
    PlainValidator(_error_or_none),
    _schema("error-or-none", anyOf=[{ERRORS: True}, {"type": "null"}]),
]
ResultKey = Annotated[Any, PlainValidator(_result), _schema("result-key", anyOf=[{RESULTS: True}])]

TextTest = Annotated[
    Any,
    PlainValidator(matching.text_test),
    _schema("text-test", anyOf=_one_or_more({"type": _TEXT})),
]
PhoneTest = Annotated[
    Any,
    PlainValidator(matching.phone_test),
    _schema("phone-test", anyOf=_one_or_more({"type": _NUMERIC})),
]
AmountTest = Annotated[
    Any,
    PlainValidator(matching.amount_test),
    _schema(
        "amount-test",
        anyOf=_one_or_more(
            {"type": "number"}, {"type": "string", "pattern": _COMPARISON}, _PATTERN
        ),
    ),
]
CountTest = Annotated[
    Any,
    PlainValidator(matching.count_test),
    _schema(
        "count-test",
        anyOf=_one_or_more(
            {"type": "integer", "minimum": 0}, {"type": "string", "pattern": _COMPARISON}
        ),
    ),
]
CodeTest = Annotated[
    Any,
    PlainValidator(_code_test),
    _schema(
        "code-test",
        anyOf=[
            {"enum": [None, "present"]},
            *_one_or_more({CODES: True}, {"type": "string", "pattern": _COMPARISON}, _PATTERN),
        ],
    ),
]
ReceiptTest = Annotated[
    Any,
    PlainValidator(_receipt_test),
    _schema(
        "receipt-test",
        anyOf=[{"enum": [None, "present"]}, *_one_or_more({"type": ["string", "number"]})],
    ),
]
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
