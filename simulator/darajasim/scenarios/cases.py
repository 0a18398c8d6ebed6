"""`cases:`: one scenario repeated over a table of values, which replace `${name}` in its text.

Works on the tree before anything is validated. What is filled in keeps the place where the
placeholder stands, and remembers the row that it comes from.
"""

import re
from dataclasses import dataclass, field, replace

from darajasim.scenarios.case_table import COLUMN, Case, CaseTable, mistake_at
from darajasim.scenarios.complaint import Complaint
from darajasim.scenarios.document import is_hole
from darajasim.scenarios.errors import Mistake
from darajasim.scenarios.nodes import (
    Entry,
    Mapping,
    Node,
    Origin,
    Scalar,
    Sequence,
    described,
)
from darajasim.scenarios.repeats import ROUND
from darajasim.scenarios.source import Place, Source
from darajasim.scenarios.wording import did_you_mean, listing, quoted

MAX_FILLED = 500_000
"""Bounds what all cases of a file together may grow to, in values and characters filled in."""

SECTIONS = ("about", "world", "rules", "answers", "steps", "expect")
"""Where placeholders may stand."""
_WITH_HOLES = ("steps", "expect")
"""Where `${first.ConversationID}` may stand, which a run fills in."""

_PLACEHOLDER = re.compile(r"\$?\$\{([^{}]*)\}?")


@dataclass(frozen=True, slots=True)
class Variant:
    """A scenario's tree with a row's values filled in."""

    case: Case
    root: Mapping


def expand(root: Mapping, source: Source) -> tuple[list[Variant], list[Mistake]]:
    """The scenario once for each row of `cases:`, and what is wrong with rows and placeholders.

    Without `cases:` there is one variant. There is always at least one, so that the rest of the
    file can be looked at; a placeholder without a value is filled with an unknown scalar.
    """
    table = CaseTable(source)
    entry = root.entry("cases")
    rows = table.read(entry.value, entry.key.place) if entry else []
    cases = rows or [Case(None, {}, root.place)]
    columns = dict.fromkeys(name for case in cases for name in case.values)
    filler = _Filler(source, tuple(columns), entry is not None, bool(table.mistakes))
    variants = [Variant(case, filler.fill_root(root, case)) for case in cases]
    return variants, table.mistakes + filler.mistakes


@dataclass(slots=True)
class _Filler:
    """Replaces placeholders.

    Attributes:
        columns: every column of the table.
        reported: the table is wrong, so that missing values are no news.
        holes: in the present section a run fills in values too.
        rounds: in the steps of a `repeat`, which has a placeholder of its own.
    """

    source: Source
    columns: tuple[str, ...]
    has_cases: bool
    reported: bool
    mistakes: list[Mistake] = field(default_factory=list)
    filled: int = 0
    holes: bool = False
    rounds: bool = False

    def fill_root(self, root: Mapping, case: Case) -> Mapping:
        entries = {}
        for name, entry in root.entries.items():
            if name in SECTIONS:
                self.holes = name in _WITH_HOLES
                entries[name] = replace(entry, value=self._fill(entry.value, case))
            elif name != "cases":
                entries[name] = replace(entry, value=self._outside(name, entry.value))
        return replace(root, entries=entries)

    def _outside(self, section: str, node: Node) -> Node:
        """A section that cannot have placeholders; a value with one becomes unknown."""
        if isinstance(node, Scalar):
            if not _PLACEHOLDER.search(node.text):
                return node
            complaint = Complaint(
                f"`{section}` cannot have placeholders",
                f"placeholders in {listing(SECTIONS, 'and')} only",
                described(node),
            )
            self._note(complaint, node.place)
            return replace(node, unknown=True)
        if isinstance(node, Sequence):
            return replace(node, items=tuple(self._outside(section, item) for item in node.items))
        entries = {
            name: replace(entry, value=self._outside(section, entry.value))
            for name, entry in node.entries.items()
        }
        return replace(node, entries=entries)

    def _fill(self, node: Node, case: Case) -> Node:
        self._count(1)
        if isinstance(node, Scalar):
            return self._value(node, case)
        if isinstance(node, Sequence):
            return replace(node, items=tuple(self._fill(item, case) for item in node.items))
        entries: dict[str, Entry] = {}
        for entry in node.entries.values():
            key = self._text(entry.key, case) if "${" in entry.key.text else entry.key
            if key.text in entries:
                complaint = Complaint(
                    f"{described(key)} stands twice in one mapping", "each key once"
                )
                self._note(complaint, key.place)
            entries[key.text] = Entry(key, self._within_repeat(key.text, entry.value, case))
        return replace(node, entries=entries)

    def _within_repeat(self, key: str, node: Node, case: Case) -> Node:
        before = self.rounds
        self.rounds = before or (self.holes and key == "repeat")
        try:
            return self._fill(node, case)
        finally:
            self.rounds = before

    def _is_left(self, written: str) -> bool:
        """Whether somebody else fills in `${…}`."""
        return self.holes and (is_hole(written) or (self.rounds and written == f"${{{ROUND}}}"))

    def _value(self, leaf: Scalar, case: Case) -> Node:
        if "${" not in leaf.text:
            return leaf
        whole = _PLACEHOLDER.fullmatch(leaf.text)
        if not whole or leaf.text.startswith("$$") or not leaf.text.endswith("}"):
            return self._text(leaf, case)
        column = whole[1]
        if self._is_left(leaf.text):
            return leaf
        if column not in case.values:
            self._unknown(leaf, whole, case)
            return replace(leaf, unknown=True)
        value = case.values[column]
        origin = Origin(case.name or "", column, value.place)
        return self._moved(value, leaf.place, origin)

    def _moved(self, node: Node, place: Place, origin: Origin) -> Node:
        """A row's value, to stand where the placeholder stands."""
        self._count(1)
        if isinstance(node, Scalar):
            return replace(node, place=place, origin=origin)
        if isinstance(node, Sequence):
            items = tuple(self._moved(item, place, origin) for item in node.items)
            return Sequence(items, place, origin)
        entries = {
            name: Entry(replace(entry.key, place=place), self._moved(entry.value, place, origin))
            for name, entry in node.entries.items()
        }
        return Mapping(entries, place, origin)

    def _text(self, leaf: Scalar, case: Case) -> Scalar:
        """A text with placeholders in it, `$${` standing for `${` itself."""
        parts: list[str] = []
        origin, unknown, escaped, end = leaf.origin, False, False, 0
        for match in _PLACEHOLDER.finditer(leaf.text):
            parts.append(leaf.text[end : match.start()])
            end = match.end()
            if match.group().startswith("$$"):
                parts.append(match.group()[1:])
                escaped = True
                continue
            if self._is_left(match.group()):
                parts.append(match.group())
                continue
            value = case.values.get(match[1]) if match.group().endswith("}") else None
            if isinstance(value, Scalar):
                parts.append(value.text)
                self._count(1 + len(value.text) // 100)
                origin = Origin(case.name or "", match[1], value.place)
            else:
                unknown = True
                self._unknown(leaf, match, case)
        text = "".join([*parts, leaf.text[end:]])
        return replace(leaf, text=text, value=text, origin=origin, unknown=unknown, escaped=escaped)

    def _count(self, amount: int) -> None:
        self.filled += amount
        if self.filled > MAX_FILLED:
            raise Overflow

    def _unknown(self, leaf: Scalar, match: re.Match[str], case: Case) -> None:
        """The complaint about a placeholder that has no value, or cannot be filled in here."""
        if self.reported:
            return
        written, column = match.group(), match[1]
        place = self._within(leaf, written)
        if not written.endswith("}") or not COLUMN.fullmatch(column):
            complaint = Complaint(
                f"{quoted(written)} is no placeholder",
                "`${name}`, with a column of `cases:` as the name",
                quoted(written),
                "write `$${` for the characters `${` themselves",
            )
        elif not self.has_cases:
            complaint = Complaint(
                f"{quoted(written)} has no value, because there are no cases",
                "a section `cases:` with a column of this name",
                advice=f"add `cases: [{{case: first, {column}: …}}]`, "
                f"or write `$${{{column}}}` for the characters themselves",
            )
        elif column in case.values:
            complaint = Complaint(
                f"{quoted(written)} stands within a text, but its value has parts",
                "a single value",
                f"{described(case.values[column])} in case {quoted(case.name or '')}",
            )
        elif column in self.columns:
            complaint = Complaint(
                f"{quoted(written)} has no value in case {quoted(case.name or '')}",
                f"`{column}` in every row of `cases:`",
                f"a row without it on line {case.place.line}",
                f"add `{column}: …` to the row on line {case.place.line}",
            )
        else:
            complaint = self._no_column(written, column)
        self._note(complaint, place)

    def _no_column(self, written: str, column: str) -> Complaint:
        known = f": {listing(map(quoted, self.columns))}" if self.columns else ""
        return Complaint(
            f"{quoted(written)} has no value in any case",
            f"a column of `cases:`{known}",
            quoted(written),
            did_you_mean(column, self.columns) or f"add `{column}: …` to each row",
        )

    def _within(self, leaf: Scalar, written: str) -> Place:
        """The place of the placeholder itself, when it can be found on the line."""
        offset = self.source.of(leaf.place).after(leaf.place).find(written)
        return leaf.place.part(offset, len(written)) if offset >= 0 else leaf.place

    def _note(self, complaint: Complaint, place: Place) -> None:
        self.mistakes.append(mistake_at(self.source, complaint, place))


class Overflow(Exception):  # noqa: N818  # `load` turns it into a mistake
    """The cases of a file grow out of bounds."""
