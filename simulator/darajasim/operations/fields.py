"""Request fields and the checks on them, stated as data in the order the gateway applies them.

A check takes the value that the caller sent and gives back its text, or raises FieldProblem with
a sentence for the developer. Numbers and numeric strings are interchangeable (seen: NKAP).
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from functools import lru_cache
from typing import Any
from urllib.parse import urlsplit

from darajasim.core.profile import Profile

MISSING = object()
CALLBACK = "https://merchant.example/callback"
"""The URL of examples; whoever sends an example puts a real one in its place."""


class FieldProblem(ValueError):  # noqa: N818  # raised and turned into a refusal
    """What is wrong with a value, for the developer."""


SCALAR: Mapping[str, Any] = {"type": ["string", "number"]}


@dataclass(frozen=True, slots=True)
class Check:
    """A check, and the JSON Schema of what it accepts.

    Attributes:
        optional: a field that is missing passes it.
    """

    run: Callable[[Any, Profile], str]
    schema: Mapping[str, Any] = field(default_factory=lambda: SCALAR)
    optional: bool = False

    def __call__(self, value: Any, profile: Profile) -> str:
        return self.run(value, profile)


@dataclass(frozen=True, slots=True)
class Field:
    """One field of a request.

    Attributes:
        name: the key on the wire.
        refusal: catalogue key of the answer when the check fails.
        check: see above.
        alias: the name that scenarios use for it.
        example: a value that is accepted, as the caller would send it; `...` leaves it out of
            examples. URLs of examples are those of RFC 2606 hosts.
        about: what it is, for the API description.
    """

    name: str
    refusal: str
    check: Check
    alias: str
    example: Any = ...
    about: str = ""


def shown(value: object) -> str:
    """A value as a hint shows it: short, on one line."""
    if value is MISSING:
        return "nothing"
    text = repr(value) if isinstance(value, str) else str(value)
    return text if len(text) <= 60 else f"{text[:57]}..."


def scalar(value: Any) -> str | None:
    """The text of a JSON string or number; None for everything else, true and false included."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return None
    if isinstance(value, int | Decimal):
        return str(value)
    return None


def _text(value: Any, _profile: Profile) -> str:
    found = scalar(value)
    if not found:
        raise FieldProblem(f"expected a non-empty string, found {shown(value)}")
    return found


text = Check(_text, {"type": ["string", "number"], "minLength": 1})
"""Any non-empty string, or a number."""


def limited(most: int, least: int = 1) -> Check:
    """A text of `least` to `most` characters that is not blank."""

    def check(value: Any, _profile: Profile) -> str:
        found = scalar(value)
        if found is None or not found.strip() or not least <= len(found) <= most:
            raise FieldProblem(
                f"expected {least} to {most} characters, not all blank, found {shown(value)}"
            )
        return found

    schema = {"type": ["string", "number"], "minLength": least, "maxLength": most}
    return Check(check, schema)


def optional(inner: Check, default: str = "") -> Check:
    """The check of a field that may be missing, null or empty; `default` then stands for it."""

    def check(value: Any, profile: Profile) -> str:
        return default if value is MISSING or value in (None, "") else inner(value, profile)

    return Check(check, inner.schema, optional=True)


def shape(expression: str, wanted: str) -> Check:
    """A string or number whose text matches `expression` entirely."""
    compiled = re.compile(expression, re.ASCII)

    def check(value: Any, _profile: Profile) -> str:
        found = scalar(value)
        if found is None or not compiled.fullmatch(found):
            raise FieldProblem(f"expected {wanted}, found {shown(value)}")
        return found

    return Check(check, {"type": ["string", "integer"], "pattern": f"^(?:{expression})$"})


def one_of(*options: str) -> Check:
    """One of some exact strings."""

    def check(value: Any, _profile: Profile) -> str:
        if value not in options or not isinstance(value, str):
            raise FieldProblem(f"expected {' or '.join(options)}, found {shown(value)}")
        return value

    return Check(check, {"type": "string", "enum": list(options)})


def one_number_of(*options: str) -> Check:
    """One of some codes, written as a string or as a number: `"4"` or `4`."""

    def check(value: Any, _profile: Profile) -> str:
        found = scalar(value)
        if found not in options or found is None:
            raise FieldProblem(f"expected {' or '.join(options)}, found {shown(value)}")
        return found

    return Check(check, {"enum": [*options, *map(int, options)]})


_DIGITS = re.compile(r"\d{1,15}", re.ASCII)


_MONEY = re.compile(r"(?:KE?SH?S?\.? ?)?(\d[\d,]*)(?:\.(\d+))?(?:/[=-])?", re.ASCII | re.IGNORECASE)


def _written(found: str | None) -> str:
    """Advice for an amount that is one, but written as Daraja does not take it."""
    meant = _MONEY.fullmatch((found or "").strip())
    if meant is None:
        return ""
    if meant[2] and meant[2].strip("0"):
        return "; M-PESA takes no cents: round it before you send it"
    whole = meant[1].replace(",", "").lstrip("0")
    return f"; send {whole}, digits alone" if 0 < len(whole) <= 15 else ""


def _amount(value: Any, profile: Profile) -> str:
    found = scalar(value)
    if found is None or not _DIGITS.fullmatch(found) or int(found) < 1:
        raise FieldProblem(
            f"expected whole shillings of at least 1, found {shown(value)}{_written(found)}"
        )
    if int(found) > profile.amount_ceiling:
        raise FieldProblem(f"expected at most {profile.amount_ceiling} shillings, found {found}")
    return str(int(found))


amount = Check(_amount, {"type": ["string", "integer"], "pattern": r"^\d{1,15}$", "minimum": 1})
"""Whole shillings, from 1 to the profile's ceiling for a push."""


def _shillings(value: Any, _profile: Profile) -> str:
    found = scalar(value)
    if found is None or not _DIGITS.fullmatch(found) or int(found) < 1:
        raise FieldProblem(
            f"expected whole shillings of at least 1, found {shown(value)}{_written(found)}"
        )
    return str(int(found))


shillings = Check(_shillings, amount.schema)
"""Whole shillings of at least 1; limits are judged later."""
shortcode = shape(r"\d{5,7}", "a shortcode of 5 to 7 digits")

_MSISDN = re.compile(r"254[17]\d{8}", re.ASCII)
_SPOKEN = re.compile(r"(?:\+?254|0)?([17]\d{8})", re.ASCII)


def _msisdn(value: Any, _profile: Profile) -> str:
    found = scalar(value)
    if found is not None and _MSISDN.fullmatch(found):
        return found
    meant = _SPOKEN.fullmatch(re.sub(r"[\s()-]", "", found or ""))
    advice = f"; send 254{meant[1]}" if meant else ""
    raise FieldProblem(
        f"expected a Kenyan MSISDN as 2547XXXXXXXX or 2541XXXXXXXX, found {shown(value)}{advice}"
    )


msisdn = Check(_msisdn, {"type": ["string", "integer"], "pattern": f"^(?:{_MSISDN.pattern})$"})
"""A phone as Daraja wants it; the problem names it when it is only written in another way."""


def _callback_url(value: Any, profile: Profile) -> str:
    if not isinstance(value, str) or not value:
        raise FieldProblem(f"expected an http(s) URL, found {shown(value)}")
    problem = _url_problem(value) or (
        _public_problem(value) if profile.callback_urls == "public" else None
    )
    if problem:
        raise FieldProblem(f"{problem}: {shown(value)}")
    return value


callback_url = Check(_callback_url, {"type": "string", "format": "uri", "maxLength": 2048})
"""A URL that callbacks may go to.

No look-up and no reachability test at submission; angle brackets and upper-case letters in the host
are refused (seen: UMOJA, NKAP). `http://` and local hosts are accepted unless the knob
`callback_urls` says `public`.
"""


@lru_cache(maxsize=1024)
def _url_problem(url: str) -> str | None:
    if len(url) > 2_048:
        return "expected at most 2048 characters"
    if re.search(r"[\s<>\"{}|\\^`]", url) or not url.isascii() or not url.isprintable():
        return "expected a URL without spaces, brackets or other characters that must be encoded"
    try:
        parts = urlsplit(url)
        host, _port = parts.hostname, parts.port
    except ValueError as error:
        return f"not a URL ({error})"
    if parts.scheme not in ("http", "https"):
        return "expected a URL that starts with https:// (or http:// here)"
    if not host or "@" in parts.netloc:
        return "expected a host, without user name or password"
    if parts.netloc != parts.netloc.lower():
        return "the gateway refuses a host with upper-case letters"
    if not re.fullmatch(
        r"\[[0-9a-f:.]+\]|[a-z0-9_]([a-z0-9._-]*[a-z0-9_])?\.?", _bare_host(parts.netloc)
    ):
        return "expected a host name or address"
    return None


def _bare_host(netloc: str) -> str:
    return re.sub(r":\d*$", "", netloc)


def _public_problem(url: str) -> str | None:
    parts = urlsplit(url)
    host = parts.hostname or ""
    if parts.scheme != "https":
        return "expected https"
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        local = host == "localhost" or host.endswith((".localhost", ".local")) or "." not in host
        return "expected a public host" if local else None
    return None if address.is_global else "expected a public address"
