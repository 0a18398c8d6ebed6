"""What is found in the examples of a strategy."""

from collections.abc import Callable, Hashable, Iterable
from contextlib import suppress
from random import Random
from typing import Any

from hypothesis import HealthCheck, Phase, find, settings
from hypothesis.errors import NoSuchExample


def seen(
    strategy: Any,
    look: Callable[[Any], Iterable[Hashable]],
    wanted: Iterable[Hashable],
    examples: int = 2_000,
) -> set[Hashable]:
    """Everything that `look` finds, until all that is wanted has been found, or in this many
    examples.
    """
    found: set[Hashable] = set()
    needed = frozenset(wanted)

    def enough(example):
        found.update(look(example))
        return needed <= found

    bounded = settings(
        database=None,
        max_examples=examples,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    with suppress(NoSuchExample):
        find(strategy, enough, settings=bounded, random=Random(0))
    return found
