"""The table of `cases:`: its rows, their names and values."""

import re
from dataclasses import dataclass, field

from darajasim.scenarios.complaint import Complaint, Unfit
from darajasim.scenarios.errors import Mistake
from darajasim.scenarios.nodes import Mapping, Node, Scalar, Sequence, described
from darajasim.scenarios.scalars import slug
from darajasim.scenarios.source import Place, Source
from darajasim.scenarios.wording import quoted

MAX_CASES = 1_000

COLUMN = re.compile(r"[A-Za-z_][A-Za-z0-9_-]*")
"""What the key of a value in a row may be: the name of a placeholder."""
_NAME_LENGTH = 60


@dataclass(frozen=True, slots=True)
class Case:
    """A row of the table. `name` is None for a file without `cases:`."""

    name: str | None
    values: dict[str, Node]
    place: Place


@dataclass(slots=True)
class CaseTable:
    """Reads the rows of `cases:`, and keeps what is wrong with them in `mistakes`."""

    source: Source
    mistakes: list[Mistake] = field(default_factory=list)

    def read(self, node: Node, place: Place) -> list[Case]:
        """Every row; none when any of them is wrong. `place` is that of the key `cases`."""
        if not isinstance(node, Sequence) or not node.items:
            self._note(
                Complaint(
                    "`cases` is a list of rows",
                    "lines such as `- {case: one-shilling, amount: 1}`",
                    "an empty list" if isinstance(node, Sequence) else described(node),
                ),
                place,
            )
            return []
        if len(node.items) > MAX_CASES:
            self._note(
                Complaint("there are too many cases", f"at most {MAX_CASES}", str(len(node.items))),
                place,
            )
            return []
        cases = [case for row in node.items if (case := self._case(row))]
        self._refuse_twins(cases)
        return cases if len(cases) == len(node.items) else []

    def _case(self, row: Node) -> Case | None:
        if not isinstance(row, Mapping) or not row.entries:
            self._note(
                Complaint(
                    "a case is a mapping",
                    "a line such as `- {case: one-shilling, amount: 1}`",
                    "an empty mapping" if isinstance(row, Mapping) else described(row),
                ),
                row.place,
            )
            return None
        values = {name: entry.value for name, entry in row.entries.items() if name != "case"}
        for name in values:
            if not COLUMN.fullmatch(name):
                self._note(
                    Complaint(
                        f"{quoted(name)} cannot be the name of a placeholder",
                        "letters, digits, - and _, beginning with a letter or _",
                    ),
                    row.entries[name].key.place,
                )
        case_name = self._name(row, values)
        given = row.get("case")
        return Case(case_name, values, given.place if given else row.place) if case_name else None

    def _name(self, row: Mapping, values: dict[str, Node]) -> str | None:
        given = row.get("case")
        if given is None:
            texts = (value.text for value in values.values() if isinstance(value, Scalar))
            words = (re.sub(r"[^\w.]+", "-", text, flags=re.ASCII).strip("-") for text in texts)
            return "-".join(word for word in words if word)[:_NAME_LENGTH] or "case"
        try:
            return slug(given)
        except Unfit as unfit:
            for complaint in unfit.complaints:
                self._note(complaint, given.place)
            return None

    def _refuse_twins(self, cases: list[Case]) -> None:
        first: dict[str, Case] = {}
        for case in cases:
            earlier = first.setdefault(case.name or "", case)
            if earlier is not case:
                self._note(
                    Complaint(
                        f"two cases are named {quoted(case.name or '')}",
                        "a name of its own for each case",
                        f"the first one on line {earlier.place.line}",
                        "give each row a `case:` that says what is special about it",
                    ),
                    case.place,
                )

    def _note(self, complaint: Complaint, place: Place) -> None:
        self.mistakes.append(mistake_at(self.source, complaint, place))


def mistake_at(source: Source, complaint: Complaint, place: Place) -> Mistake:
    """A complaint, made where its place is known."""
    home = source.of(place)
    return Mistake(
        home.path,
        complaint.message,
        place,
        home,
        complaint.expected,
        complaint.found,
        complaint.advice,
    )
