from dataclasses import dataclass

import pytest

from darajasim.core.catalogue import catalogue
from darajasim.core.profile import KNOBS
from darajasim.core.rules import Equals, Glob, OneOf
from darajasim.scenarios.complaint import Unfit
from darajasim.scenarios.nodes import Scalar, resolve
from darajasim.scenarios.source import Place
from darajasim.scenarios.vocabulary import (
    ENDINGS,
    EVERYWHERE,
    REFUSALS,
    Vocabulary,
    default_vocabulary,
    knob_value,
)


@dataclass(frozen=True)
class Row:
    key: str
    code: str
    surface: str
    operation: str = "stk_push"


ROWS = (
    Row("paid", "0", "stk"),
    Row("cancelled", "1032", "stk"),
    Row("busy", "500", "http"),
    Row("broken", "500", "http"),
    Row("blocked", "", "http"),
    Row("quota", "501", "http"),
    Row("reversed", "77", "result", "reversal"),
    Row("order-made", "77", "notice", "standing_order"),
    Row("asked", "77", "notice", "b2b_express"),
    Row("order-refused", "400", "inline", "standing_order"),
    Row("sim-refused", "400", "inline", "iot_all_sims"),
    Row("rejected", "C2B00012", "c2b", "c2b_simulate"),
)
WORDS = Vocabulary(ROWS, {})


def leaf(text, *, quoted=False):
    return Scalar(text, text if quoted else resolve(text), Place(1, 1), quoted=quoted)


def complaint(reader, *arguments):
    with pytest.raises(Unfit) as caught:
        reader(*arguments)
    (found,) = caught.value.complaints
    return found


@pytest.mark.parametrize("text", ["quota", "501"])
def test_errors_by_key_or_code(text):
    assert WORDS.error(leaf(text)).key == "quota"


@pytest.mark.parametrize(
    ("on", "surface", "text", "key"),
    [
        ("stk_push", "stk", "1032", "cancelled"),
        ("b2c_payment", "result", "77", "reversed"),
        ("standing_order", "notice", "77", "order-made"),
        ("standing_order", "notice", "order-made", "order-made"),
        ("b2b_express", "notice", "77", "asked"),
        ("any", "", "asked", "asked"),
        ("any", "", "1032", "cancelled"),
    ],
)
def test_a_result_is_one_of_the_operation(on, surface, text, key):
    assert WORDS.result(leaf(text), on, surface).key == key


@pytest.mark.parametrize(
    ("on", "surface", "text", "message", "expected"),
    [
        ("b2c_payment", "result", "cancelled", "`cancelled` is the result of a payment",
         "the result of a command"),
        ("standing_order", "notice", "asked", "`asked` is a result of b2b_express",
         "a result of standing_order"),
        ("stk_push", "stk", "reversed", "`reversed` is the result of a command",
         "the result of a payment"),
        ("stk_push", "stk", "rejected", "`rejected` is what a merchant answers to a validation",
         "the result of a payment"),
        ("any", "", "77", "code 77 has several meanings",
         "one of the keys reversed, order-made or asked"),
    ],
)  # fmt: skip
def test_another_operation_s_result_is_explained(on, surface, text, message, expected):
    found = complaint(WORDS.result, leaf(text), on, surface)
    assert (found.message, found.expected) == (message, expected)


def test_refusals_of_a_product_s_own_answer():
    assert WORDS.error(leaf("400"), "standing_order").key == "order-refused"
    assert WORDS.error(leaf("400"), "iot_all_sims").key == "sim-refused"
    assert WORDS.error(leaf("sim-refused"), "iot_suspend").key == "sim-refused", "by its key"
    assert complaint(WORDS.error, leaf("400")).message == "code 400 has several meanings"
    assert complaint(WORDS.error, leaf("400"), "stk_push").message == (
        "`400` is an answer of standing_order"
    )


@pytest.mark.parametrize("text", ["cancelled", "1032"])
def test_results_by_key_or_code(text):
    assert WORDS.result(leaf(text)).key == "cancelled"


def test_an_ambiguous_code_lists_its_keys():
    found = complaint(WORDS.error, leaf("500"))
    assert found.message == "code 500 has several meanings"
    assert found.expected == "one of the keys busy or broken"


def test_an_empty_code_is_no_name():
    assert complaint(WORDS.error, leaf("", quoted=True)).message == "unknown error"
    assert WORDS.error(leaf("blocked")).key == "blocked"


def test_the_other_kind_is_explained():
    assert "result: paid" in complaint(WORDS.error, leaf("paid")).advice
    assert "reply: {error: quota}" in complaint(WORDS.result, leaf("501")).advice.replace(
        "501", "quota"
    )
    assert "payment: {code: paid}" in complaint(WORDS.client_error, leaf("paid")).advice


def test_the_nearest_name():
    assert complaint(WORDS.result, leaf("canceled")).advice == "did you mean `cancelled`?"


def test_code_conditions():
    assert WORDS.code_test(leaf("cancelled")) == Equals("1032")
    assert WORDS.code_test(leaf("500")) == Equals("500"), "as a code it is not ambiguous"
    assert WORDS.code_test([leaf("paid"), leaf("1032")]) == OneOf(("0", "1032"))
    assert WORDS.code_test(leaf("10*")) == Glob("10*")
    assert complaint(WORDS.code_test, leaf("blocked")).message == (
        "`blocked` is an answer without a code"
    )
    assert complaint(WORDS.code_test, leaf("reversed")).message == "unknown code"


@pytest.mark.parametrize(
    ("name", "text", "value"),
    [
        ("balance_item", "false", False),
        ("in_flight", "4999", "4999"),
        ("token_lifetime", "60", 60),
        ("repeat_window", "5", 5.0),
        ("query_hiccup_rate", "0.25", 0.25),
    ],
)
def test_knobs_take_values_of_their_type(name, text, value):
    found = knob_value(KNOBS[name], leaf(text))
    assert found == value
    assert type(found) is type(value)
    assert KNOBS[name].problem(found) is None


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("balance_item", "no"),
        ("balance_item", "1"),
        ("in_flight", "5000"),
        ("token_lifetime", "1.5"),
        ("token_lifetime", "0"),
        ("token_lifetime", "true"),
        ("query_hiccup_rate", "2"),
        ("query_hiccup_rate", ""),
    ],
)
def test_knobs_refuse_other_values(name, text):
    assert complaint(knob_value, KNOBS[name], leaf(text)).expected


def test_every_default_of_every_knob_can_be_written():
    for knob in KNOBS.values():
        for value in knob.default.values():
            written = str(value).lower() if isinstance(value, bool) else str(value)
            assert knob_value(knob, leaf(written)) == value


def test_the_usual_words_are_the_catalogue_and_the_knobs():
    words = default_vocabulary()
    assert {row.key for row in words.rows} == {row.key for row in catalogue().rows}
    assert words.knobs is KNOBS
    for row in catalogue().rows:
        if row.surface in REFUSALS:
            assert words.error(leaf(row.key), row.operation) is row
        elif row.surface in ENDINGS:
            assert words.result(leaf(row.key), row.operation, row.surface) is row
            assert words.result(leaf(row.code), row.operation, row.surface) is row
        assert words.code_test(leaf(row.key), EVERYWHERE) if row.code else True
