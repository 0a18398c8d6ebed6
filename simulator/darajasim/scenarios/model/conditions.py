"""Conditions: what a value is compared with, in rules and expectations."""

from typing import Annotated, Any

from pydantic import PlainValidator, ValidationInfo

from darajasim.core.rules import Equals, Test
from darajasim.scenarios import matching, scalars
from darajasim.scenarios.complaint import Complaint, Unfit
from darajasim.scenarios.document import Template, text
from darajasim.scenarios.expectations import Absent, LeafTest, Missing, Present
from darajasim.scenarios.model.marks import (
    CODES,
    ERRORS,
    TEXT,
    is_null,
    one_or_more,
    schema,
)
from darajasim.scenarios.model.words import REPLY_FAULTS
from darajasim.scenarios.nodes import Scalar, described
from darajasim.scenarios.vocabulary import ENDINGS, EVERYWHERE, CodeRow, Vocabulary


def _vocabulary(info: ValidationInfo) -> Vocabulary:
    context = info.context
    if not isinstance(context, Vocabulary):
        raise TypeError("scenario models are validated with a Vocabulary as their context")
    return context


def _error_or_none(raw: object, info: ValidationInfo) -> CodeRow | Absent:
    return Absent() if is_null(raw) else _vocabulary(info).client_error(raw)


def _code_test(raw: object, info: ValidationInfo) -> Test | Absent | Present:
    return _existence(raw) or _vocabulary(info).code_test(raw)


def _answer_code(raw: object, info: ValidationInfo) -> Test | Absent | Present:
    return _existence(raw) or _vocabulary(info).code_test(raw, EVERYWHERE)


def _result_code(raw: object, info: ValidationInfo) -> Test | Absent | Present:
    return _existence(raw) or _vocabulary(info).code_test(raw, (*ENDINGS, "c2b"))


def _status_test(raw: object) -> Test | Absent | Present:
    return _existence(raw) or matching.count_test(raw)


def _leaf_test(raw: object) -> LeafTest:
    if isinstance(raw, Scalar) and not raw.quoted and raw.text == "absent":
        return Missing()
    if isinstance(raw, Scalar) and not raw.unknown:
        written = text(raw)
        if isinstance(written, Template):
            return written
        if not written and raw.quoted:
            return Equals("")
    return _existence(raw) or matching.text_test(raw)


def _leaf_tests(raw: object) -> dict[str, LeafTest]:
    """A condition for each key that is named."""
    if not isinstance(raw, dict) or not raw:
        expected = "keys of the answer or the callback, such as `ResponseCode: 0`"
        found_instead = "{}" if raw == {} else described(raw)
        raise Unfit(Complaint("these are no conditions by key", expected, found_instead))
    found: dict[str, LeafTest] = {}
    complaints: list[Complaint] = []
    for key, value in raw.items():
        try:
            found[key] = _leaf_test(value)
        except Unfit as unfit:
            complaints += scalars.below(unfit, key)
    if len(found) < len(raw):
        raise Unfit(*complaints)
    return found


def _field_tests(raw: object) -> dict[str, Test | Absent | Present]:
    """A condition for each field that is named."""
    if not isinstance(raw, dict) or not raw:
        found_instead = "{}" if raw == {} else described(raw)
        expected = "fields of the event, such as `status: 200`"
        raise Unfit(Complaint("these are no conditions by field", expected, found_instead))
    complaints: list[Complaint] = []
    found: dict[str, Test | Absent | Present] = {}
    for name, value in raw.items():
        try:
            found[name] = _receipt_test(value)
        except Unfit as unfit:
            complaints += scalars.below(unfit, name)
    if len(found) < len(raw):
        raise Unfit(*complaints)
    return found


def _leaf_tests_or_none(raw: object) -> dict[str, LeafTest] | Absent:
    return Absent() if is_null(raw) else _leaf_tests(raw)


def _fault_test(raw: object) -> Test | Absent:
    return Absent() if is_null(raw) else Equals(scalars.choice("fault", *REPLY_FAULTS)(raw))


def _receipt_test(raw: object) -> Test | Absent | Present:
    return _existence(raw) or matching.text_test(raw)


def _existence(raw: object) -> Absent | Present | None:
    if is_null(raw):
        return Absent()
    is_word = isinstance(raw, Scalar) and not raw.quoted and raw.text == "present"
    return Present() if is_word else None


_COMPARISON = r"^(>=|<=|==|!=|>|<)\s*-?[0-9]+(\.[0-9]+)?$"
_PATTERN = {"type": "string", "pattern": r"[*?]|^/.+/$"}


ErrorOrNone = Annotated[
    Any,
    PlainValidator(_error_or_none),
    schema("error-or-none", anyOf=[{ERRORS: True}, {"type": "null"}]),
]
TextTest = Annotated[
    Any,
    PlainValidator(matching.text_test),
    schema("text-test", anyOf=one_or_more({"type": TEXT})),
]
AmountTest = Annotated[
    Any,
    PlainValidator(matching.amount_test),
    schema(
        "amount-test",
        anyOf=one_or_more({"type": "number"}, {"type": "string", "pattern": _COMPARISON}, _PATTERN),
    ),
]
CountTest = Annotated[
    Any,
    PlainValidator(matching.count_test),
    schema(
        "count-test",
        anyOf=one_or_more(
            {"type": "integer", "minimum": 0}, {"type": "string", "pattern": _COMPARISON}
        ),
    ),
]
CodeTest = Annotated[
    Any,
    PlainValidator(_code_test),
    schema(
        "code-test",
        anyOf=[
            {"enum": [None, "present"]},
            *one_or_more({CODES: True}, {"type": "string", "pattern": _COMPARISON}, _PATTERN),
        ],
    ),
]
ReceiptTest = Annotated[
    Any,
    PlainValidator(_receipt_test),
    schema(
        "receipt-test",
        anyOf=[{"enum": [None, "present"]}, *one_or_more({"type": ["string", "number"]})],
    ),
]
_EXISTENCE = {"enum": [None, "present"]}
StatusTest = Annotated[
    Any,
    PlainValidator(_status_test),
    schema(
        "status-test",
        anyOf=[
            _EXISTENCE,
            *one_or_more(
                {"type": "integer", "minimum": 0}, {"type": "string", "pattern": _COMPARISON}
            ),
        ],
    ),
]
AnswerCodeTest = Annotated[
    Any,
    PlainValidator(_answer_code),
    schema("answer-code-test", anyOf=[_EXISTENCE, *one_or_more({CODES: True}, _PATTERN)]),
]
ResultCodeTest = Annotated[
    Any,
    PlainValidator(_result_code),
    schema("result-code-test", anyOf=[_EXISTENCE, *one_or_more({CODES: True}, _PATTERN)]),
]
MaybeText = Annotated[
    Any,
    PlainValidator(_receipt_test),
    schema("maybe-text-test", anyOf=[{"type": "null"}, *one_or_more({"type": TEXT})]),
]
FaultTest = Annotated[
    Any,
    PlainValidator(_fault_test),
    schema("fault-test", enum=[None, *REPLY_FAULTS]),
]
_LEAVES = {"type": "object", "minProperties": 1}
LeafTests = Annotated[Any, PlainValidator(_leaf_tests), schema("leaf-tests", **_LEAVES)]
LeafTestsOrNone = Annotated[
    Any,
    PlainValidator(_leaf_tests_or_none),
    schema("leaf-tests-or-none", anyOf=[_LEAVES, {"type": "null"}]),
]
FieldTests = Annotated[Any, PlainValidator(_field_tests), schema("field-tests", **_LEAVES)]
