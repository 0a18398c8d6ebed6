"""A request to Daraja, valid or with one thing wrong."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode


@dataclass(frozen=True, slots=True)
class DarajaRequest:
    """A request as it goes out, but for the host and the access token.

    Attributes:
        operation: the name that scenarios use, `stk_push`.
        path: without a query.
        body: a JSON object, an array of them for the operations that take many, None for a GET.
        query: what stands after the question mark.
        headers: the request's own; a token is yours to add.
        wrong: the field (or header, or parameter) that is wrong; None when all is well.
        problem: what is wrong with it, in a word or two: `missing`, `too long` …
        refusal: key of the catalogue of what Daraja answers, None when it accepts.
    """

    operation: str
    method: str
    path: str
    body: dict[str, Any] | list[dict[str, Any]] | None = None
    query: Mapping[str, str] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    wrong: str | None = None
    problem: str | None = None
    refusal: str | None = None

    @property
    def valid(self) -> bool:
        return self.wrong is None

    @property
    def raw(self) -> bytes:
        """The body as JSON; empty when there is none."""
        return b"" if self.body is None else json.dumps(self.body).encode()

    @property
    def target(self) -> str:
        """Path and query."""
        return f"{self.path}?{urlencode(self.query)}" if self.query else self.path
