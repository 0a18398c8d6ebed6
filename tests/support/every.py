"""One test for many values: to hand out thousands of tests takes longer than to run them."""

import inspect
from collections.abc import Callable, Iterable
from functools import wraps
from typing import Any

import pytest


def every(
    values: Iterable[Any] | Callable[[], Iterable[Any]], name: Callable[[Any], str] = str
) -> Callable[..., Any]:
    """Runs a test with each value as its last argument; a failure says with which, and which others
    fail too. A function gives values that should not be made by every worker that collects.
    """

    def decorate(test):
        @wraps(test)
        def run(*arguments, **fixtures):
            known = list(values() if callable(values) else values)
            assert known, "no values: nothing would be tested"
            failures = []
            for value in known:
                try:
                    test(*arguments, **fixtures, **{last: value})
                except (Exception, pytest.fail.Exception) as error:  # noqa: BLE001  # each is told
                    failures.append((name(value), error))
            if failures:
                (first, error), *others = failures
                error.add_note(f"with {first}; also with {[each for each, _ in others] or 'none'}")
                raise error

        signature = inspect.signature(test)
        *others, last = signature.parameters
        run.__signature__ = signature.replace(
            parameters=[signature.parameters[each] for each in others]
        )
        return run

    return decorate
