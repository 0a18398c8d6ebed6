"""What a field of a request may hold, and what it may not, from the check that Daraja puts it to.

A right value passes the check under every profile, a wrong one under none.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from decimal import Decimal
from functools import cache
from itertools import repeat
from typing import Any

from hypothesis import strategies as st

from darajasim.core.profile import PROFILES, Profile
from darajasim.operations.fields import CALLBACK, MISSING, Field, FieldProblem
from darajasim.strategies.amount import CEILING, amounts
from darajasim.strategies.phone import msisdns
from darajasim.strategies.reference import references

Wrong = tuple[str, Any]
"""What is wrong, in a word or two, and the value; MISSING stands for none."""

FREE_TEXTS = frozenset(
    {"asset_name", "description", "external_reference", "id_number", "invoice_name", "merchant",
     "message", "name", "occasion", "order_name", "partner", "partner_id", "period", "reference",
     "remarks"}
)  # fmt: skip
"""Aliases of texts that are the caller's own."""
DEPENDENT = frozenset(
    {"command", "group", "identifier_type", "operation", "party_b", "rate", "receiver_type",
     "sender_type", "transaction_type"}
)  # fmt: skip
"""Aliases of what must agree with other fields; they stay what the example has."""
LONGEST_TEXT = 40
URLS = (
    CALLBACK,
    "https://shop.example/payments/callback",
    "https://pay.shop.example:8443/m/1/?order=7",
)
BAD_URLS = (
    ("no scheme", "merchant.example/callback"),
    ("not http", "ftp://merchant.example/callback"),
    ("upper-case host", "https://Merchant.example/callback"),
    ("space in it", "https://merchant.example/call back"),
    ("user and password", "https://user:secret@merchant.example/callback"),
    ("no host", "https:///callback"),
    ("placeholder", "https://<your-domain>/callback"),
)
_MOBILE = r"[17]\d{8}"
_LONGEST_WRONG = 3_000
_STRANGE = "abcXYZ .,/-_#é"


@cache
def _profiles() -> tuple[Profile, ...]:
    return tuple(Profile.named(name) for name in PROFILES)


def _passes(field: Field, value: Any, profile: Profile) -> bool:
    # The simulator never sees a float: JSON's fractions arrive as decimals.
    arrived = Decimal(str(value)) if isinstance(value, float) else value
    try:
        field.check(arrived, profile)
    except FieldProblem:
        return False
    return True


def is_right(field: Field, value: Any) -> bool:
    """Whether every profile accepts the value."""
    return all(_passes(field, value, profile) for profile in _profiles())


def is_wrong(field: Field, value: Any) -> bool:
    """Whether every profile refuses the value."""
    return not any(_passes(field, value, profile) for profile in _profiles())


def right_values(field: Field, *, callback_url: str | None = None) -> st.SearchStrategy[Any] | None:
    """Values that are accepted, the example first; None for a field that is best left out."""
    found = _drawn(field, callback_url)
    if found is not None:
        return found.filter(lambda value: is_right(field, value))
    spelt = [value for value in _spellings(field) if is_right(field, value)]
    return st.sampled_from(spelt) if spelt else None


def may_be_left_out(field: Field) -> bool:
    """Whether a request without it is accepted and says the same as ever."""
    return field.example is ... and is_right(field, MISSING)


def _drawn(field: Field, callback_url: str | None) -> st.SearchStrategy[Any] | None:
    schema, alias = field.check.schema, field.alias
    if schema.get("format") == "uri":
        return st.sampled_from(URLS) if callback_url is None else st.just(callback_url)
    if alias == "originator_conversation_id":
        return st.uuids().map(str)  # one that was used before is refused
    if alias in DEPENDENT:
        return None
    if _MOBILE in schema.get("pattern", ""):
        return _as_text_or_number(msisdns(), schema)
    if alias == "amount" and schema.get("minimum") == 1:
        return _as_text_or_number(amounts(max_value=_ceiling()).map(str), schema)
    if "enum" in schema:
        return st.sampled_from(schema["enum"])
    if alias in FREE_TEXTS:
        most = min(schema.get("maxLength", 12), LONGEST_TEXT)
        return references(min_size=schema.get("minLength", 1), max_size=most)
    return None


def _ceiling() -> int:
    return min(CEILING, *(int(profile.amount_ceiling) for profile in _profiles()))


def _as_text_or_number(
    texts: st.SearchStrategy[str], schema: Mapping[str, Any]
) -> st.SearchStrategy[Any]:
    return texts | texts.map(int) if "integer" in schema.get("type", ()) else texts


def _spellings(field: Field) -> Iterator[Any]:
    """The example, and the same as text or as a number where both are taken."""
    example, types = field.example, field.check.schema.get("type", ())
    if example is ...:
        return
    yield example
    if isinstance(example, str) and re.fullmatch(r"[1-9][0-9]{0,14}", example):
        if "integer" in types or "enum" in field.check.schema:
            yield int(example)
    elif isinstance(example, int) and "string" in types:
        yield str(example)


def wrong_values(field: Field) -> st.SearchStrategy[Wrong]:
    """Values that are refused, each with a word for it; nothing when the field takes anything."""
    listed = [wrong for wrong in _candidates(field) if is_wrong(field, wrong[1])]
    schema = field.check.schema
    found: st.SearchStrategy[Wrong] = st.sampled_from(listed) if listed else st.nothing()
    if {"pattern", "enum", "format"} & schema.keys():
        texts = st.text(_STRANGE, min_size=1, max_size=12)
        found |= texts.filter(lambda text: is_wrong(field, text)).map(
            lambda text: ("malformed", text)
        )
    return found


def _candidates(field: Field) -> Iterator[Wrong]:
    schema, example = field.check.schema, field.example
    text = "1" if example is ... or not isinstance(example, str | int) else str(example)
    yield ("missing", MISSING)
    yield ("null", None)
    yield ("empty", "")
    yield ("blank", "   ")
    yield from zip(repeat("wrong type"), (True, [], {}, [text]), strict=False)
    yield from zip(repeat("out of range"), (0, -1, 1.5, "0", "-1", "1.50", 10**16), strict=False)
    if schema.get("minLength", 1) > 1:
        yield ("too short", "x" * (schema["minLength"] - 1))
    most = schema.get("maxLength", _LONGEST_WRONG - 1)
    if "pattern" not in schema and "enum" not in schema and most < _LONGEST_WRONG:
        yield ("too long", "x" * (most + 1))
    if "pattern" in schema:
        yield from (("malformed", value) for value in (f"{text}x", text[:-1], f" {text}"))
        yield from (("malformed", value) for value in (f"{text}00000000", f"+{text}"))
    if "enum" in schema:
        yield from (("not one of them", value) for value in (text.lower(), f"{text}x", "99"))
    if schema.get("format") == "uri":
        yield from BAD_URLS
