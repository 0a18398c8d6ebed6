"""The rules of one namespace: which takes a request, and which came nearest when none did."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from operator import itemgetter
from typing import Any

from darajasim.core.chance import Chance
from darajasim.core.near_miss import NearMiss
from darajasim.core.rules import ANY, Equals, OneOf, Rule

MOST_LOOKED_AT = 16
"""Rules that are compared with a request which none took, so that a thousand cost what these do."""
_Placed = tuple[int, Rule]


class Rules(list[Rule]):
    """A list that counts its changes, so that who made something of it knows whether it still is
    right without looking at every rule.
    """

    changes = 0


def _counted(name: str) -> Callable[..., Any]:
    change = getattr(list, name)

    def changed(rules: Rules, *args: Any, **options: Any) -> Any:
        rules.changes += 1
        return change(rules, *args, **options)

    return changed


for _name in (
    "append", "clear", "extend", "insert", "pop", "remove", "reverse", "sort",
    "__delitem__", "__iadd__", "__imul__", "__setitem__",
):  # fmt: skip
    setattr(Rules, _name, _counted(_name))


class _Index:
    """The rules that may speak of one operation, by the rarest exact value that each asks for."""

    def __init__(self, rules: Iterable[_Placed]) -> None:
        self.placed = list(rules)
        self._free: list[_Placed] = []
        self._exact: dict[str, dict[str, list[_Placed]]] = {}
        counts = Counter(key for _, rule in self.placed for key in _exact(rule))
        for placed in self.placed:
            self._file(placed, counts)

    def candidates(self, fields: Mapping[str, str]) -> list[_Placed]:
        """The rules whose exact value the request has, and those that ask for none, in order."""
        found = self._free
        for name, by_value in self._exact.items():
            value = fields.get(name)
            if value is not None and (hits := by_value.get(value)):
                found = sorted([*found, *hits], key=itemgetter(0)) if found else hits
        return found

    def _file(self, placed: _Placed, counts: Counter[tuple[str, tuple[str, ...]]]) -> None:
        keys = _exact(placed[1])
        if not keys:
            self._free.append(placed)
            return
        name, values = min(keys, key=counts.__getitem__)
        for value in dict.fromkeys(values):
            self._exact.setdefault(name, {}).setdefault(value, []).append(placed)


def _exact(rule: Rule) -> list[tuple[str, tuple[str, ...]]]:
    """The fields for which a rule names the values that it takes, with these."""
    found: list[tuple[str, tuple[str, ...]]] = []
    for condition in rule.when:
        if ANY in condition.field.split("."):
            continue
        match condition.test:
            case Equals(expected):
                found.append((condition.field, (expected,)))
            case OneOf(options):
                found.append((condition.field, options))
    return found


@dataclass(slots=True)
class RuleBook:
    """The rules of one namespace, in order. `rules` may be changed at any time.

    Attributes:
        chance: what rules that draw draw from, each a stream of its own.
        now: the simulated time, in seconds, for rules with a rate.
    """

    rules: list[Rule] = field(default_factory=Rules)
    chance: Chance = field(default_factory=lambda: Chance("rules"))
    now: Callable[[], float] = float
    _indexed: tuple[Rules | None, int] = field(default=(None, 0), init=False, repr=False)
    _indexes: dict[str, _Index] = field(default_factory=dict, init=False, repr=False)

    def first_match(self, operation: str, fields: Mapping[str, str]) -> Rule | None:
        """The first rule that takes the request, or None."""
        now = self.now()
        for _, rule in self._index(operation).candidates(fields):
            if rule.matches(operation, fields, now):
                return rule
        return None

    def nearest(
        self, operation: str, fields: Mapping[str, str], *, asked: bool = True
    ) -> NearMiss | None:
        """The rule with the fewest unmet conditions, of those the one with the most met, of those
        the first; None when no rule speaks of the operation.

        Of many rules those are looked at that name an exact value of the request, then the first.

        Args:
            asked: whether `first_match` has been asked about this request, and found none.
        """
        index = self._index(operation)
        near = index.candidates(fields)[:MOST_LOOKED_AT]
        looked_at = sorted({*near, *index.placed[:MOST_LOOKED_AT]}, key=itemgetter(0))
        now = self.now()
        misses = [rule.missed(fields, asked=asked, now=now) for _, rule in looked_at]
        return min(misses, key=lambda miss: (miss.of - miss.met, -miss.met), default=None)

    def _index(self, operation: str) -> _Index:
        if not isinstance(self.rules, Rules):
            self.rules = Rules(self.rules)
        known, changes = self._indexed
        if known is not self.rules or changes != self.rules.changes:
            self._indexed = self.rules, self.rules.changes
            self._indexes.clear()
        found = self._indexes.get(operation)
        if found is None:
            placed = [each for each in enumerate(self.rules) if each[1].on in (operation, ANY)]
            found = self._indexes[operation] = _Index(placed)
            for place, rule in placed:
                if rule.draws and rule.luck is None:
                    rule.luck = self.chance.fork(place)
        return found
