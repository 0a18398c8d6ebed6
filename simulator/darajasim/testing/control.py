"""Asking `/_sim/`, and Daraja itself, over HTTP."""

from __future__ import annotations

import base64
import contextlib
from collections.abc import Mapping
from typing import Any

import httpx

from darajasim.core.wire import dumps, loads
from darajasim.testing import asking
from darajasim.testing.errors import DarajaTestError, RefusedError
from darajasim.testing.seen import Payment, events_from
from darajasim.testing.verdict import Allowed, refusals

ANSWER_SECONDS = 360.0
"""Longer than the longest wait that the control API grants."""
PAGE = 10_000


def open_line() -> httpx.Client:
    """One pool for every test; without TLS, which loopback does not need and which costs 50 ms."""
    return httpx.Client(verify=False, trust_env=False, timeout=ANSWER_SECONDS)  # noqa: S501


class Control:
    """`/_sim/` of one namespace, and its Daraja.

    Args:
        base: the simulator's URL.
        line: what requests go out on.
    """

    def __init__(self, base: str, namespace: str, line: httpx.Client) -> None:
        self._base = base
        self._line = line
        self._namespace = namespace
        self._bearer = ""
        self._exists = False

    def get(self, page: str, **query: Any) -> dict[str, Any]:
        """A page as JSON.

        Raises:
            DarajaTestError: the simulator says what is wrong.
        """
        return self._read("GET", page, b"", query)

    def post(
        self, page: str, body: bytes | Mapping[str, Any] = b"", **query: Any
    ) -> dict[str, Any]:
        """The same, with a body: JSON values, or the bytes themselves."""
        return self._read("POST", page, body if isinstance(body, bytes) else dumps(body), query)

    def exists(self) -> bool:
        """Whether anything has been asked of the namespace yet."""
        self._exists = self._exists or self._ask("GET", "clock", b"", {}).status_code != 404
        return self._exists

    def journal(self) -> list[dict[str, Any]]:
        """Every event that the journal has."""
        events: list[dict[str, Any]] = []
        more = True
        while more:
            after = events[-1]["number"] if events else 0
            page = self.get("journal", after=after, limit=PAGE)
            events += page["events"]
            more = page["more"]
        return events

    def ask_daraja(self, operation: str, fields: Mapping[str, Any], allowed: Allowed) -> Payment:
        """Make a request of Daraja's, with a token of the merchant's.

        Raises:
            RefusedError: Daraja said no; the test knows, so it is no failure later.
        """
        asked = asking.operation_named(operation)
        headers = {
            "authorization": f"Bearer {self._token()}",
            "content-type": "application/json",
            "x-darajasim-namespace": self._namespace,
        }
        body = asking.request_body(asked, fields, f"{self._base}/_sim/inbox")
        answer = self._line.request(
            asked.method, f"{self._base}{asked.path}", headers=headers, content=dumps(body)
        )
        if answer.status_code >= 400:
            happened = list(events_from(self.journal()))
            allowed.numbers.update([number for number, _ in refusals(happened)][-1:])
            raise _refused(operation, answer)
        found = loads(answer.content)
        ids = (found.get(name) for name in ("CheckoutRequestID", "ConversationID"))
        return Payment(next((each for each in ids if each), ""), found)

    def _token(self) -> str:
        if not self._bearer:
            basic = base64.b64encode(f"{asking.KEY}:{asking.SECRET}".encode()).decode()
            answer = self._line.get(
                f"{self._base}/oauth/v1/generate?grant_type=client_credentials",
                headers={
                    "authorization": f"Basic {basic}",
                    "x-darajasim-namespace": self._namespace,
                },
            )
            if answer.status_code != 200:
                raise _refused("oauth", answer)
            self._bearer = answer.json()["access_token"]
        return self._bearer

    def _read(
        self, method: str, page: str, body: bytes, query: Mapping[str, Any]
    ) -> dict[str, Any]:
        answer = self._ask(method, page, body, query)
        found: dict[str, Any] = loads(answer.content)
        if answer.status_code != 200:
            raise DarajaTestError(f"{method} /_sim/{page}: {found.get('error', found)}")
        return found

    def _ask(self, method: str, page: str, body: bytes, query: Mapping[str, Any]) -> httpx.Response:
        return self._line.request(
            method,
            f"{self._base}/_sim/{page}",
            params={"namespace": self._namespace, **query},
            content=body,
        )


def _refused(operation: str, answer: httpx.Response) -> RefusedError:
    hint = answer.headers.get("x-darajasim-hint", "")
    code = ""
    with contextlib.suppress(ValueError, AttributeError):
        code = str(answer.json().get("errorCode", ""))
    said = f"{operation}: HTTP {answer.status_code} {answer.text[:500]}"
    return RefusedError(f"{said} ({hint})" if hint else said, answer.status_code, code)
