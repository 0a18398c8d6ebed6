"""The catalogue of Daraja's codes, read from `catalogue.toml`, the one home of what they mean."""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib import resources
from types import MappingProxyType
from typing import Any

from mpesa_pochi.retry import Retry

__all__ = ["Catalogue", "Retry", "Row", "catalogue", "letters", "parse"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One code on one surface. The fields are those of a `[[code]]` table in `catalogue.toml`."""

    key: str
    code: str
    surface: str
    text: str
    http_status: int = 200
    json_type: str = ""
    query_text: str = ""
    variants: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    appears_in: tuple[str, ...] = ()
    terminal: bool = True
    meaning: str = ""
    customer: str = ""
    merchant: str = ""
    retry: Retry = Retry.NEVER
    source: str = ""
    operation: str = ""
    reproduce: Mapping[str, Any] = field(default_factory=lambda: MappingProxyType({}))
    how: str = ""

    @property
    def texts(self) -> tuple[str, ...]:
        """Every exact text known for this row."""
        own = (self.text, self.query_text) if self.query_text else (self.text,)
        return (*own, *self.variants.values())


class Catalogue:
    """Rows by key, and by code and surface."""

    def __init__(self, rows: tuple[Row, ...]) -> None:
        self.rows = rows
        self._by_key = {row.key: row for row in rows}
        self._by_code: dict[tuple[str, str], tuple[Row, ...]] = {}
        for row in rows:
            place = (row.code, row.surface)
            self._by_code[place] = (*self._by_code.get(place, ()), row)

    def by_key(self, key: str) -> Row:
        """The row with this slug.

        Raises:
            KeyError: there is none.
        """
        return self._by_key[key]

    def lookup(self, code: str, surface: str) -> tuple[Row, ...]:
        """Every row of a code. On surface `http` one code can have several meanings."""
        return self._by_code.get((code, surface), ())

    def result(self, code: str, surface: str = "stk") -> Row | None:
        """The row of a result code, as text; `None` when nobody has seen it there.

        One code means different things on different surfaces: `stk` for M-PESA Express, `result`
        for the Result callbacks of payouts, balances, statuses and reversals.
        """
        rows = self.lookup(code, surface)
        return rows[0] if rows else None

    def answer(self, *, status: int, code: str, text: str) -> Row | None:
        """The row of an error envelope, or `None` for one that nobody has seen.

        `500.001.1001` has seven meanings and `400.002.02` one a field, so the text decides; it is
        compared by its letters and digits alone, because real and documented punctuation differ.
        """
        rows = self.lookup(code, "http")
        said = letters(text)
        if not rows:
            token = code.partition(".")[0] == "401" or "invalidaccesstoken" in said
            return self._by_key.get("invalid-access-token") if token else None
        key = _key_by_text(rows, said) or _key_without_text(rows, status)
        return self._by_key.get(key) if key else None


_PHRASES = {
    "transactiondoesnotexist": "transaction-does-not-exist",
    "beingprocessed": "being-processed",
    "wrongcredentials": "wrong-credentials",
    "merchantdoesnotexist": "merchant-does-not-exist",
    "unabletolocksubscriber": "subscriber-lock",
    "systemisbusy": "gateway-busy",
    "spikearrest": "spike-arrest",
    "duplicateoriginator": "duplicate-originator-conversation-id",
    "undermaintenance": "maintenance",
    "currentlyunreachable": "service-unreachable",
    "temporarilyunavailable": "service-unavailable",
    "alreadyregistered": "c2b-urls-registered",
    "duplicatenotification": "c2b-duplicate-notification",
}
"""What tells the meanings of one code apart, when a text is not word for word a known one."""

_LEAST = ("internal-error", "spike-arrest", "server-fault", "system-internal-error")
"""What a code with several meanings means at least, when its text says nothing."""


def letters(text: str) -> str:
    """The letters and digits of a text, by which texts are compared."""
    return "".join(character for character in text.casefold() if character.isalnum())


def _key_by_text(rows: tuple[Row, ...], said: str) -> str:
    if not said:
        return ""
    same = [row.key for row in rows if said in map(letters, row.texts)]
    if same:
        return same[0] if len(same) == 1 else ""  # "Bad Request" alone names no field
    for row in rows:
        if any("{" in text and _pattern(text).fullmatch(said) for text in row.texts):
            return row.key
    keys = {row.key for row in rows}
    return next((key for part, key in _PHRASES.items() if part in said and key in keys), "")


@cache
def _pattern(text: str) -> re.Pattern[str]:
    """What the letters of a text with `{placeholders}` look like."""
    return re.compile(".*".join(letters(part) for part in re.split(r"\{\w+\}", text)))


def _key_without_text(rows: tuple[Row, ...], status: int) -> str:
    """What a code means when its text says nothing: its only meaning, or the least it can mean."""
    if len(rows) == 1:
        return rows[0].key
    keys = {row.key for row in rows}
    if status == 200 and "in-flight-empty" in keys:
        return "in-flight-empty"
    token = next((row.key for row in rows if "{token}" in row.text), "")
    return next((key for key in _LEAST if key in keys), token)


def parse(text: str) -> Catalogue:
    """Reads a catalogue from TOML.

    Raises:
        ValueError: it is not TOML, or two rows share a key.
    """
    rows = tuple(_row(table) for table in tomllib.loads(text)["code"])
    keys = [row.key for row in rows]
    twice = sorted({key for key in keys if keys.count(key) > 1})
    if twice:
        raise ValueError(f"catalogue: each key names one row, but {', '.join(twice)} name several")
    return Catalogue(rows)


def _row(table: dict[str, Any]) -> Row:
    frozen = {
        "retry": Retry(table["retry"]),
        "appears_in": tuple(table.get("appears_in", ())),
        "variants": MappingProxyType(table.get("variants", {})),
        "reproduce": MappingProxyType(table.get("reproduce", {})),
    }
    return Row(**(table | frozen))


@cache
def catalogue() -> Catalogue:
    """The packaged catalogue, read once."""
    home = resources.files("mpesa_pochi").joinpath("catalogue.toml")
    return parse(home.read_text(encoding="utf-8"))
