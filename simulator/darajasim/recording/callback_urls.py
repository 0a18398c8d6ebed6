"""Callback URLs in requests: led through the recorder, every other byte as it was."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from functools import cache
from urllib.parse import urlsplit

from darajasim.operations import operations
from darajasim.operations.business import BusinessOperation
from darajasim.operations.fields import CALLBACK

_STRING = r'"(?:[^"\\]|\\.)*"'


@cache
def url_fields() -> frozenset[str]:
    """The names of the fields that hold callback URLs, of every operation, in lower case."""
    found = set()
    for operation in operations().values():
        if isinstance(operation, BusinessOperation):
            found |= {name.lower() for name in operation.callbacks.values()}
            found |= {each.name.lower() for each in operation.fields if each.example == CALLBACK}
    return frozenset(found)


def rewritten(body: bytes, place: Callable[[str, str], str]) -> bytes:
    """The body with another URL for each callback URL.

    Args:
        place: gives the new URL for a field and its URL.
    """
    names = "|".join(map(re.escape, sorted(url_fields())))
    pattern = re.compile(rf'("({names})"\s*:\s*)({_STRING})'.encode(), re.IGNORECASE)

    def other(match: re.Match[bytes]) -> bytes:
        try:
            url = json.loads(match[3])
        except ValueError:
            return match[0]
        if not _is_url(url):
            return match[0]
        return match[1] + json.dumps(place(match[2].decode(), url)).encode()

    return pattern.sub(other, body)


def _is_url(text: str) -> bool:
    try:
        parts = urlsplit(text)
        host, _ = parts.hostname, parts.port
    except ValueError:
        return False
    # What a gateway refuses goes on as it is, so that it is refused.
    sound = text.isascii() and text.isprintable() and not re.search(r"[\s<>]", text)
    return parts.scheme in ("http", "https") and bool(host) and sound
