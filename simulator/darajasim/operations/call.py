"""A request and its answer, as an operation sees them: no sockets, no framework."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from darajasim.core.rules import Fault

JSON_TYPE = "application/json"


@dataclass(frozen=True, slots=True)
class Call:
    """One request, its body read but not parsed.

    Attributes:
        headers: lower-case names.
        query: the first value of each query parameter.
        oversized: the body was longer than is read; `raw` is empty.
    """

    method: str
    path: str
    headers: Mapping[str, str]
    query: Mapping[str, str]
    raw: bytes = b""
    oversized: bool = False

    @property
    def bearer(self) -> str | None:
        """The bearer token, or None when the header is missing or of another scheme."""
        return bearer_of(self.headers.get("authorization"))

    @property
    def media_type(self) -> str:
        """The content type without parameters, in lower case."""
        return self.headers.get("content-type", "").partition(";")[0].strip().lower()


def bearer_of(header: str | None) -> str | None:
    """The token of an Authorization header, or None."""
    scheme, _, token = (header or "").strip().partition(" ")
    return token.strip() or None if scheme.lower() == "bearer" else None


class Refusal(Exception):  # noqa: N818  # it is an answer, raised where it is decided
    """A request that is refused with a row of the catalogue.

    Args:
        key: the row.
        hint: what the developer needs to know and the real gateway would not say.
        values: what stands for `{token}` and the like in the row's text.
    """

    def __init__(self, key: str, hint: str = "", **values: str) -> None:
        super().__init__(f"{key}: {hint}")
        self.key = key
        self.hint = hint
        self.values = values


@dataclass(slots=True)
class Answer:
    """What goes back to the caller.

    Attributes:
        body: JSON values, or the bytes themselves when they are not JSON.
        code: errorCode or ResponseCode, for the journal.
        hint: the `x-darajasim-hint` header.
        fault: what happens to the connection instead of the answer, or in the middle of it.
        after: simulated seconds to wait before answering.
        drip: simulated seconds over which the body trickles.
        hold: awaited before answering.
    """

    status: int
    body: Mapping[str, Any] | list[Any] | bytes | None
    content_type: str = JSON_TYPE
    code: str = ""
    message: str = ""
    hint: str | None = None
    fault: Fault | None = None
    after: float = 0.0
    drip: float = 0.0
    hold: Callable[[], Awaitable[object]] | None = field(default=None, repr=False)
    subject: str | None = None
