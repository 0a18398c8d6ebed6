"""`repeat:`: steps that are done several times, written out before anything is validated.

Works on the tree, after `cases:`. `${n}` is the round, from 1; of nested ones the inner one. What
is misshapen is left as it is, for those who look at shapes.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from darajasim.scenarios import scalars
from darajasim.scenarios.complaint import Complaint, Unfit
from darajasim.scenarios.errors import Mistake
from darajasim.scenarios.nodes import Entry, Mapping, Node, Scalar, Sequence, plain
from darajasim.scenarios.source import Place

MAX_STEPS = 10_000
"""How many steps all rounds of a file may come to."""
MAX_ROUNDS = 1_000
ROUND = "n"

_ROUND = re.compile(r"\$\{n\}")
_KEYS = frozenset({"times", "every", "steps"})


class TooManyError(Exception):
    """The rounds of a file grow out of bounds. `place` is that of `times`."""

    def __init__(self, place: Place) -> None:
        super().__init__(place)
        self.place = place

    @property
    def complaint(self) -> Complaint:
        """What is said of it."""
        return Complaint(
            "the steps of all rounds together grow out of bounds",
            f"at most {MAX_STEPS} steps in a scenario",
            advice="repeat fewer times",
        )


def unrolled(root: Mapping) -> Mapping:
    """The file with every round written out; a pause stands between two of them.

    Raises:
        TooManyError: there would be too many steps.
    """
    entry = root.entry("steps")
    if entry is None or not isinstance(entry.value, Sequence):
        return root
    steps = _Unroller().sequence(entry.value)
    return replace(root, entries=root.entries | {"steps": replace(entry, value=steps)})


def told_once(mistakes: list[Mistake]) -> list[Mistake]:
    """Of the same mistake at the same place, in several rounds, the first."""
    kept: dict[tuple[str, str, Place | None], Mistake] = {}
    for mistake in mistakes:
        kept.setdefault((mistake.path, mistake.message, mistake.place), mistake)
    return list(kept.values())


@dataclass(slots=True)
class _Unroller:
    made: int = 0

    def sequence(self, steps: Sequence) -> Sequence:
        return replace(steps, items=tuple(self._steps(steps.items)))

    def _steps(self, steps: tuple[Node, ...]) -> Iterator[Node]:
        for step in steps:
            repeated = _Repeat.of(step)
            if repeated is None:
                yield self._with_parts(step)
            else:
                yield from self._rounds(repeated)

    def _with_parts(self, step: Node) -> Node:
        """A step, with the rounds in `together` and `sequence` written out."""
        if not isinstance(step, Mapping):
            return step
        entries = dict(step.entries)
        for name, entry in step.entries.items():
            if not isinstance(entry.value, Sequence):
                continue
            if name == "together":
                items = tuple(map(self._beside, entry.value.items))
                entries[name] = replace(entry, value=replace(entry.value, items=items))
            elif name == "sequence":
                entries[name] = replace(entry, value=self.sequence(entry.value))
        return replace(step, entries=entries)

    def _beside(self, step: Node) -> Node:
        """Within `together` rounds follow one another, beside the other steps."""
        repeated = _Repeat.of(step)
        if repeated is None:
            return self._with_parts(step)
        place = repeated.place
        rounds = Sequence(tuple(self._rounds(repeated)), place)
        key = Scalar("sequence", "sequence", place)
        return Mapping({"sequence": Entry(key, rounds)}, place)

    def _rounds(self, repeated: "_Repeat") -> Iterator[Node]:
        for number in range(1, repeated.times + 1):
            if number > 1 and repeated.every is not None:
                self._count(repeated)
                yield Mapping({"wait": repeated.every}, repeated.every.key.place)
            for step in self._steps(repeated.steps):
                self._count(repeated)
                yield _numbered(step, number)

    def _count(self, repeated: "_Repeat") -> None:
        self.made += 1
        if self.made > MAX_STEPS:
            raise TooManyError(repeated.times_place)


@dataclass(frozen=True, slots=True)
class _Repeat:
    """A well-formed `repeat` step. `every` is the pause as an entry."""

    times: int
    every: Entry | None
    steps: tuple[Node, ...]
    place: Place
    times_place: Place

    @classmethod
    def of(cls, step: Node) -> "_Repeat | None":
        """The step, if it is one and nothing is wrong with it."""
        if not isinstance(step, Mapping) or list(step.entries) != ["repeat"]:
            return None
        what = step.get("repeat")
        if not isinstance(what, Mapping) or not what.entries.keys() <= _KEYS:
            return None
        times, every, steps = what.get("times"), what.entry("every"), what.get("steps")
        if times is None or not isinstance(steps, Sequence) or not steps.items:
            return None
        try:
            rounds = scalars.whole(1, MAX_ROUNDS)(plain(times))
            if every is not None:
                scalars.seconds(plain(every.value))
        except Unfit:
            return None
        return cls(rounds, every, steps.items, step.place, times.place)


def _numbered(node: Node, number: int) -> Node:
    """The node with the round in place of `${n}`."""
    if isinstance(node, Scalar):
        return _filled(node, number)
    if isinstance(node, Sequence):
        return replace(node, items=tuple(_numbered(item, number) for item in node.items))
    entries = {}
    for entry in node.entries.values():
        key = _filled(entry.key, number)
        entries[key.text] = Entry(key, _numbered(entry.value, number))
    return replace(node, entries=entries)


def _filled(leaf: Scalar, number: int) -> Scalar:
    if leaf.escaped or not _ROUND.search(leaf.text):
        return leaf
    text = _ROUND.sub(str(number), leaf.text)
    whole = _ROUND.fullmatch(leaf.text) is not None
    return replace(leaf, text=text, value=number if whole else text)
