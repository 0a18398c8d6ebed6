import copy
import pickle
import re

import pytest

from mpesa_pochi import errors
from mpesa_pochi.codes import Retry

CLASSES = [
    value
    for name in errors.__all__
    if isinstance(value := getattr(errors, name), type) and issubclass(value, Exception)
]


def drawn():
    """The tree at the head of the module, as (class, parent)."""
    path, pairs = [], []
    for line in errors.__doc__.splitlines():
        found = re.match(r"^    ([│├└─ ]*)(\w+)  ", line)
        if found and (found[1] or found[2] == "PochiError"):
            depth = len(found[1]) // 4
            path[depth:] = [found[2]]
            pairs.append((found[2], path[depth - 1] if depth else "Exception"))
    return pairs


def test_the_drawn_tree_is_the_real_one():
    assert sorted(drawn()) == sorted((kind.__name__, kind.__base__.__name__) for kind in CLASSES)


@pytest.mark.parametrize("kind", CLASSES)
def test_each_error_can_be_copied_and_pickled(kind):
    error = kind("what was found")
    for twin in (copy.copy(error), pickle.loads(pickle.dumps(error))):  # noqa: S301
        assert type(twin) is kind
        assert str(twin) == str(error)
        assert vars(twin) == vars(error)


@pytest.mark.parametrize("kind", CLASSES)
def test_each_error_says_its_sentence_and_has_a_retry(kind):
    error = kind("what was found")
    assert "what was found" in str(error)
    assert isinstance(error.retry, Retry)
    assert isinstance(error.advice, str)
    assert error.message == "what was found"


def test_a_daraja_error_says_code_text_status_and_what_to_do():
    error = errors.BadRequest(
        "Bad Request - Invalid Amount",
        code="400.002.02",
        http_status=400,
        advice="Send whole shillings.",
        key="invalid-amount",
        operation="stk_push",
    )
    assert str(error) == (
        "stk_push: 400.002.02 Bad Request - Invalid Amount (HTTP 400). Send whole shillings."
    )


def test_an_error_without_text_still_says_something():
    error = errors.ServerFault("", code="", http_status=502, operation="stk_query")
    assert str(error) == "stk_query: nothing (HTTP 502)"


def test_unknown_outcome_forbids_another_push():
    error = errors.UnknownOutcome("connection lost")
    assert error.retry is Retry.NEVER
    assert "Do not push again" in str(error)


def test_settings_mistakes_stand_one_a_line():
    error = errors.SettingsError("2 mistakes:", mistakes=("A is missing", "B is wrong"))
    assert str(error) == "2 mistakes:\n  - A is missing\n  - B is wrong"


def test_a_refused_callback_names_its_reason():
    error = errors.CallbackRefused("x", reason=errors.RefusalReason.WRONG_AMOUNT)
    assert str(error) == "callback refused, another amount than was asked for: x"
