"""What scenarios may name beyond their own words: keys and codes of the catalogue, and knobs."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from darajasim.core.rules import Equals, Test
from darajasim.scenarios import matching, scalars
from darajasim.scenarios.complaint import Complaint, Unfit
from darajasim.scenarios.nodes import Scalar, described
from darajasim.scenarios.wording import did_you_mean, listing, quoted

ENDINGS = ("stk", "result", "notice")
"""The surfaces of the catalogue that say how something ended."""
REFUSALS = ("http", "inline")
"""The surfaces that answer a request at once."""
AT_MERCHANT = ("stk", "http")
"""The surfaces that the merchant's records and the client's errors are of."""
EVERYWHERE = (*ENDINGS, "c2b", *REFUSALS)

_EXAMPLES = {"error": "spike-arrest", "result": "cancelled"}
_RESULT_FOR_ERROR = "to let an accepted payment fail, write `result: {}` in place of `reply`"
_ERROR_FOR_RESULT = "to refuse the request at once, write `reply: {{error: {}}}`"
_RESULT_AT_CLIENT = (
    "a result comes after the push was accepted: expect it as `payment: {{code: {}}}`"
)
_SURFACE_WORDS = {
    "stk": "the result of a payment",
    "result": "the result of a command",
    "notice": "a result of {}",
    "c2b": "what a merchant answers to a validation",
    "inline": "an answer of {}",
    "http": "an error of the gateway",
}


ANY = "any"
"""Stands for every operation."""


class CodeRow(Protocol):
    """What is used of a row of the catalogue."""

    @property
    def key(self) -> str: ...
    @property
    def code(self) -> str: ...
    @property
    def surface(self) -> str: ...


class Knob(Protocol):
    """What is used of a knob of a profile; `darajasim.core.profile.Knob` is one."""

    @property
    def name(self) -> str: ...
    @property
    def kind(self) -> type: ...
    @property
    def choices(self) -> tuple[object, ...] | None: ...
    def problem(self, value: object) -> str | None: ...


@dataclass(frozen=True)
class Vocabulary:
    """Rows of the catalogue and knobs of a profile."""

    rows: tuple[CodeRow, ...]
    knobs: Mapping[str, Knob]

    def error(self, raw: object, on: str = ANY) -> CodeRow:
        """The refusal that is meant, by key or by a code that only one has.

        Args:
            on: the operation that refuses; codes in its own answers are told apart by it.
        """
        rows = [
            row
            for row in self.rows
            if row.surface == "http" or (row.surface == "inline" and on in (ANY, _home(row)))
        ]
        wanted = _surface("http")
        return self._row(raw, rows, "error", _RESULT_FOR_ERROR, wanted, by_key=REFUSALS)

    def client_error(self, raw: object) -> CodeRow:
        """The error that is expected at the client, by key or by a code that only one has."""
        rows = [row for row in self.rows if row.surface == "http"]
        return self._row(raw, rows, "error", _RESULT_AT_CLIENT, _surface("http"))

    def result(self, raw: object, on: str = ANY, surface: str = "") -> CodeRow:
        """The result that is meant, by key or code.

        Args:
            on: the operation whose result it is; those of surface `notice` belong to one alone.
            surface: that of the operation's results; "" for any.
        """
        rows = [
            row
            for row in self.rows
            if row.surface in ((surface,) if surface else ENDINGS)
            and (row.surface != "notice" or on in (ANY, _home(row)))
        ]
        return self._row(raw, rows, "result", _ERROR_FOR_RESULT, _surface(surface or "stk", on))

    def code_test(self, raw: object, surfaces: Collection[str] = AT_MERCHANT) -> Test:
        """A condition on a code. Literals are keys or codes of these surfaces."""
        rows = [row for row in self.rows if row.surface in surfaces]
        return matching.code_test(raw, lambda found: _code(found, rows))

    def _row(
        self,
        raw: object,
        rows: Sequence[CodeRow],
        noun: str,
        otherwise: str,
        wanted: str,
        *,
        by_key: Collection[str] = (),
    ) -> CodeRow:
        """The row that is meant.

        Args:
            rows: what it may be.
            otherwise: the advice for one that cannot stand here.
            wanted: what can.
            by_key: surfaces whose other rows may be meant too, though only by their keys.
        """
        found = scalars.scalar(raw, f"a key of `darajasim codes`, such as {_EXAMPLES[noun]}")
        if not found.text:
            raise Unfit(_unknown(noun, found, ()))
        others = [row for row in self.rows if row.surface in by_key]
        named = [row for row in (*rows, *others) if found.text == row.key]
        if named:
            return named[0]
        coded = [row for row in rows if found.text == row.code]
        if len(coded) == 1:
            return coded[0]
        if coded:
            raise Unfit(_ambiguous(found, coded))
        elsewhere = self._elsewhere(found, wanted, otherwise, refused=noun == "result")
        raise Unfit(elsewhere or _unknown(noun, found, rows))

    def _elsewhere(
        self, found: Scalar, wanted: str, otherwise: str, *, refused: bool
    ) -> Complaint | None:
        """The complaint about a key or code that exists, but is of another kind.

        Args:
            refused: `otherwise` helps with refusals; else it helps with results.
        """
        for row in self.rows:
            if found.text in (row.key, row.code) and row.surface in _SURFACE_WORDS:
                helps = refused == (row.surface in REFUSALS)
                return Complaint(
                    f"{quoted(found.text)} is {_surface(row.surface, _home(row))}",
                    wanted,
                    described(found),
                    otherwise.format(found.text) if helps else "",
                )
        return None


def _surface(surface: str, operation: str = "") -> str:
    return _SURFACE_WORDS[surface].format(operation)


def _home(row: CodeRow) -> str:
    """The operation that a row belongs to."""
    return str(getattr(row, "operation", ""))


def _code(found: Scalar, rows: Sequence[CodeRow]) -> Test:
    for row in rows:
        if found.text == row.key:
            if row.code:
                return Equals(row.code)
            raise Unfit(
                Complaint(
                    f"{quoted(row.key)} is an answer without a code",
                    "a key or code of `darajasim codes`",
                    described(found),
                    "leave `code` out, or write `code: null`",
                )
            )
    if found.text and any(found.text == row.code for row in rows):
        return Equals(found.text)
    raise Unfit(_unknown("code", found, rows))


def _ambiguous(found: Scalar, rows: Collection[CodeRow]) -> Complaint:
    return Complaint(
        f"code {found.text} has several meanings",
        f"one of the keys {listing(row.key for row in rows)}",
        described(found),
        f"name the meaning, not the code; `darajasim codes {found.text}` explains each",
    )


def _unknown(noun: str, found: Scalar, rows: Iterable[CodeRow]) -> Complaint:
    advice = did_you_mean(found.text, (row.key for row in rows))
    return Complaint(
        f"unknown {noun}",
        "a key or code of `darajasim codes`",
        described(found),
        advice or "`darajasim codes` lists every key and code",
    )


def knob_value(knob: Knob, raw: object) -> bool | int | float | str:
    """The value of a knob, of the knob's own type."""
    expected = _expected(knob)
    found = scalars.scalar(raw, expected)
    value = found.text if knob.kind is str else found.value
    if knob.kind is bool and not isinstance(value, bool):
        return scalars.flag(raw)
    if knob.kind is float and type(value) is int:
        value = float(value)
    if value is None or type(value) is not knob.kind or knob.problem(value):
        options = [str(option) for option in knob.choices or ()]
        raise Unfit(
            Complaint(
                f"this is no value of the knob `{knob.name}`",
                expected,
                described(found),
                did_you_mean(found.text, options),
            )
        )
    return value


def _expected(knob: Knob) -> str:
    if knob.kind is bool:
        return "true or false"
    if knob.choices:
        return listing(map(str, knob.choices))
    noun = "a whole number" if knob.kind is int else "a number"
    low, high = getattr(knob, "low", None), getattr(knob, "high", None)
    return f"{noun} from {low:g} to {high:g}" if low is not None and high is not None else noun


def default_vocabulary(knobs: Mapping[str, Knob] | None = None) -> Vocabulary:
    """The catalogue's rows and, unless others are given, the knobs of `darajasim.core.profile`."""
    from darajasim.core.catalogue import catalogue  # noqa: PLC0415  # reads a file: on first use

    if knobs is None:
        from darajasim.core.profile import KNOBS  # noqa: PLC0415

        knobs = KNOBS
    return Vocabulary(tuple(catalogue().rows), knobs)
