"""What rules cost a request: a book of none, of ten and of a thousand, one for each phone."""

from __future__ import annotations

import timeit
from collections.abc import Callable
from decimal import Decimal
from functools import partial

from darajasim.core.rule_book import RuleBook
from darajasim.core.rules import Compare, Condition, Equals, Rule

ROUNDS = 2_000


def book(size: int) -> RuleBook:
    """A rule for each of `size` phones, as a scenario with many customers has."""
    return RuleBook(
        [
            Rule(
                "stk_push",
                (
                    Condition("phone", Equals(f"2547{number:08d}")),
                    Condition("amount", Compare(">=", Decimal(100))),
                ),
                where=f"rules.yaml:{number}",
            )
            for number in range(size)
        ]
    )


def microseconds(call: Callable[[], object]) -> float:
    """The best of five, for one call."""
    best = min(timeit.repeat(call, number=ROUNDS, repeat=5))
    return best / ROUNDS * 1e6


def main() -> None:
    print(f"{'rules':>6}  {'first match':>12}  {'no match':>12}  {'nearest':>12}   (µs a request)")
    for size in (0, 10, 1_000):
        rules = book(size)
        hit = {"phone": f"2547{max(size - 1, 0):08d}", "amount": "150"}
        miss = {"phone": "254711111111", "amount": "150"}
        first = microseconds(partial(rules.first_match, "stk_push", hit))
        none = microseconds(partial(rules.first_match, "stk_push", miss))
        near = microseconds(partial(rules.nearest, "stk_push", miss))
        print(f"{size:>6}  {first:>12.2f}  {none:>12.2f}  {near:>12.2f}")


if __name__ == "__main__":
    main()
