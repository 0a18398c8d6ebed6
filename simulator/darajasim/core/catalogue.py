"""The catalogue of codes: every answer this Daraja can give, its exact texts and how to get it.

The data has one home, `catalogue.toml` in the client's package; the client and the simulator read
it each with a loader of their own, so that one misreading cannot hide in both. The head of that
file says what every field means.
"""

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from types import MappingProxyType
from typing import Any, NamedTuple

from darajasim.core.profile import PROFILES

MAGIC_PREFIX = "ERR-"
"""In a request's magic field, `ERR-<key>` asks for the refusal of that key."""
RESULT_PREFIX = "RES-"
"""In a request's magic field, `RES-<code>` asks for the result of that code."""

HOME_PACKAGE = "mpesa_pochi"
FILE_NAME = "catalogue.toml"


class CatalogueError(ValueError):
    """A mistake in the catalogue's data.

    Attributes:
        row: the row's key, or its number in the file when it has none; "" for the file itself.
        field: the field that is wrong, or "".
    """

    def __init__(self, problem: str, *, row: str = "", field: str = "") -> None:
        place = [
            FILE_NAME,
            *([f"row {row}"] if row else []),
            *([f"field {field}"] if field else []),
        ]
        super().__init__(f"{', '.join(place)}: {problem}")
        self.row = row
        self.field = field


class UnknownKeyError(KeyError):
    """No row has this key."""

    def __str__(self) -> str:
        return str(self.args[0])


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One code on one surface. Fields are those of a `[[code]]` table; "" where it has none."""

    key: str
    code: str
    surface: str
    http_status: int
    text: str
    appears_in: tuple[str, ...]
    meaning: str
    customer: str
    merchant: str
    retry: str
    source: str
    operation: str
    reproduce: Mapping[str, str]
    how: str
    json_type: str = ""
    terminal: bool = True
    query_text: str = ""
    variants: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))

    @property
    def texts(self) -> tuple[str, ...]:
        """Every exact text known for this row, the default first."""
        queried = (self.query_text,) if self.query_text else ()
        return (self.text, *queried, *self.variants.values())

    def text_in(self, style: str, *, query: bool = False) -> str:
        """The exact text in the wording of a profile.

        Args:
            style: `observed`, `documented` or `legacy`; a row that has no text of its own for the
                last two has the observed one.
            query: the text of the STK query rather than of the callback.

        Raises:
            ValueError: another style.
        """
        if style not in PROFILES:
            raise ValueError(f"expected a style ({', '.join(PROFILES)}), found {style!r}")
        found = self.variants.get(style)
        if found is not None:
            return found
        return self.query_text or self.text if query else self.text


class Catalogue:
    """All rows, in the order of the file."""

    def __init__(self, rows: Iterable[Row]) -> None:
        self.rows = tuple(rows)
        self._by_key = {row.key: row for row in self.rows}
        self._by_code: dict[tuple[str, str], list[Row]] = {}
        for row in self.rows:
            self._by_code.setdefault((row.surface, row.code), []).append(row)
        self._results = {
            row.reproduce["PhoneNumber"]: row for row in self.rows if row.surface == "stk"
        }

    def by_key(self, key: str) -> Row:
        """The row with this slug.

        Raises:
            UnknownKeyError: there is none; the message has the nearest names.
        """
        try:
            return self._by_key[key]
        except KeyError:
            near = self.nearest(key)
            hint = f"; nearest: {', '.join(near)}" if near else ""
            raise UnknownKeyError(f"no catalogue row has the key {key!r}{hint}") from None

    def lookup(self, code: str, surface: str | None = None) -> tuple[Row, ...]:
        """Every row of a code, on one surface or on all: one code can have many meanings."""
        return tuple(
            row for row in self.rows if row.code == code and surface in (None, row.surface)
        )

    def find(self, name: str) -> tuple[Row, ...]:
        """The rows that a person means by a key or a code, in any case; none for ""."""
        wanted = name.strip().casefold()
        return tuple(row for row in self.rows if wanted and wanted in _names(row))

    def nearest(self, name: str) -> tuple[str, ...]:
        """Up to three keys or codes that look like `name`, the most alike first."""
        from difflib import get_close_matches  # noqa: PLC0415  # only mistakes need it

        known = (text for row in self.rows for text in (row.key, row.code) if text)
        plain = {text.casefold(): text for text in known}
        close = get_close_matches(name.strip().casefold()[:60], plain, n=3, cutoff=0.6)
        return tuple(plain[found] for found in close)

    def magic_result(self, msisdn: str) -> Row | None:
        """The stk row that this phone number yields, or None."""
        return self._results.get(msisdn)

    def magic_refusal(self, value: str) -> Row | None:
        """The http or inline row that `ERR-<key>` asks for, or None."""
        if not value.startswith(MAGIC_PREFIX):
            return None
        row = self._by_key.get(value.removeprefix(MAGIC_PREFIX))
        return row if row is not None and row.surface in REFUSALS else None

    def coded(self, surface: str, code: str, operation: str | None = None) -> Row:
        """The row of a code on one surface; of one operation, where operations share codes.

        Raises:
            UnknownKeyError: there is none.
        """
        for row in self._by_code.get((surface, code), ()):
            if operation in (None, row.operation):
                return row
        of = f" of {operation}" if operation else ""
        raise UnknownKeyError(f"no catalogue row of surface {surface}{of} has the code {code!r}")


def _names(row: Row) -> tuple[str, str]:
    return row.key.casefold(), row.code.casefold()


SURFACES = ("stk", "result", "notice", "c2b", "inline", "http")
REFUSALS = ("http", "inline")
"""The surfaces whose rows answer a request at once."""
_CODED = ("stk", "result", "notice", "c2b", "inline")


class _Field(NamedTuple):
    """What a field of a row must be. `on`: the surfaces that must have it; others must not."""

    kind: type
    on: tuple[str, ...] = SURFACES
    choices: tuple[str, ...] = ()
    empty: bool = False
    optional: bool = False


RETRIES = ("never", "now", "later", "ask")
SOURCES = ("documented", "seen", "seen-once", "guessed")

_FIELDS: Mapping[str, _Field] = {
    "key": _Field(str),
    "code": _Field(str, empty=True),
    "surface": _Field(str, choices=SURFACES),
    "json_type": _Field(str, on=_CODED, choices=("integer", "string")),
    "http_status": _Field(int),
    "text": _Field(str, empty=True),
    "query_text": _Field(str, on=("stk",), optional=True),
    "variants": _Field(dict, optional=True),
    "appears_in": _Field(list, choices=("callback", "query", "answer", "reply")),
    "terminal": _Field(bool, on=("stk",)),
    "meaning": _Field(str),
    "customer": _Field(str, empty=True),
    "merchant": _Field(str),
    "retry": _Field(str, choices=RETRIES),
    "source": _Field(str, choices=SOURCES),
    "operation": _Field(str),
    "reproduce": _Field(dict, empty=True),
    "how": _Field(str),
}


def parse(source: str) -> Catalogue:
    """Read a catalogue from TOML and check every row.

    Raises:
        CatalogueError: the first mistake, with its row and field.
    """
    try:
        tables = tomllib.loads(source).get("code", [])
    except tomllib.TOMLDecodeError as error:
        raise CatalogueError(f"not TOML: {error}") from None
    if not isinstance(tables, list) or not tables:
        raise CatalogueError("expected [[code]] tables, found none")
    rows = [_row(table, number) for number, table in enumerate(tables, start=1)]
    _refuse_twins(rows)
    return Catalogue(rows)


def _row(table: Any, number: int) -> Row:
    if not isinstance(table, dict):
        raise CatalogueError(f"expected a table, found {table!r}", row=str(number))
    row = str(table.get("key") or number)
    surface = table.get("surface")
    if surface not in SURFACES:
        problem = f"expected {' or '.join(SURFACES)}, found {surface!r}"
        raise CatalogueError(problem, row=row, field="surface")
    for name in table:
        if name not in _FIELDS or surface not in _FIELDS[name].on:
            problem = f"a row of surface {surface} does not have it"
            raise CatalogueError(problem, row=row, field=name)
    for name, wanted in _FIELDS.items():
        problem = _problem(wanted, table[name]) if name in table else _missing(wanted, surface)
        if problem:
            raise CatalogueError(problem, row=row, field=name)
    if surface == "stk" and "PhoneNumber" not in table["reproduce"]:
        problem = "expected the PhoneNumber that yields this result, found none"
        raise CatalogueError(problem, row=row, field="reproduce")
    return Row(**{name: _frozen(value) for name, value in table.items()})


def _missing(wanted: _Field, surface: str) -> str:
    if wanted.optional or surface not in wanted.on:
        return ""
    return f"expected a value ({wanted.kind.__name__}), found none"


def _problem(wanted: _Field, value: Any) -> str:
    """What is wrong with a value, or ""."""
    if type(value) is not wanted.kind:
        return f"expected a value of type {wanted.kind.__name__}, found {value!r}"
    if value in ("", [], {}) and not wanted.empty:
        return "expected a value, found an empty one"
    if isinstance(value, dict) and not all(isinstance(part, str) for part in value.values()):
        return f"expected text under every name, found {value!r}"
    if wanted.choices:
        found = value if isinstance(value, list) else [value]
        wrong = next((item for item in found if item not in wanted.choices), None)
        if wrong is not None:
            return f"expected {' or '.join(wanted.choices)}, found {wrong!r}"
    return ""


def _frozen(value: Any) -> Any:
    if isinstance(value, list):
        return tuple(value)
    return MappingProxyType(value) if isinstance(value, dict) else value


def _refuse_twins(rows: Iterable[Row]) -> None:
    """No two rows share a key or a magic value."""
    keys: set[str] = set()
    magic: dict[tuple[str, frozenset[tuple[str, str]]], str] = {}
    for row in rows:
        if row.key in keys:
            raise CatalogueError(
                "expected a key of its own, found it twice", row=row.key, field="key"
            )
        keys.add(row.key)
        value = (row.operation, frozenset(row.reproduce.items()))
        if value in magic:
            problem = f"expected a magic value of its own, found that of {magic[value]}"
            raise CatalogueError(problem, row=row.key, field="reproduce")
        magic[value] = row.key


@cache
def catalogue() -> Catalogue:
    """The shipped catalogue, read once.

    Raises:
        CatalogueError: the data is missing or wrong.
    """
    spec = find_spec(HOME_PACKAGE)
    folders = list(spec.submodule_search_locations or ()) if spec is not None else []
    path = next(
        (found for folder in folders if (found := Path(folder) / FILE_NAME).is_file()), None
    )
    if path is None:
        raise CatalogueError(
            f"expected it in the package {HOME_PACKAGE}, which darajasim's distribution ships; "
            f"looked in {', '.join(folders) or 'no folder: the package is not installed'}"
        )
    return parse(path.read_text(encoding="utf-8"))


def magic_result(msisdn: str) -> Row | None:
    """The stk row that the phone number 2547000NNNNN yields, or None."""
    return catalogue().magic_result(msisdn)


def magic_refusal(value: str) -> Row | None:
    """The http or inline row that `ERR-<key>` asks for, or None."""
    return catalogue().magic_refusal(value)
