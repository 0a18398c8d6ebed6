"""`/_sim/inbox`: a merchant for those who have none yet, that takes every callback."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from darajasim.core.inbox import Inbox
from darajasim.core.rules import Fault
from darajasim.core.simulator import Simulator
from darajasim.core.wire import MalformedJson, loads
from darajasim.http.control_page import Page, Verb, routes
from darajasim.http.control_request import body_bytes, wanted_name
from darajasim.http.faults import commit
from darajasim.operations import operations
from darajasim.operations.c2b_validation import rejection

RAW_SEND = "darajasim.send"
"""Key of the scope: the server's own `send`, which faults of bytes need."""
_INBOX = Verb(
    "sim_inbox",
    "Takes any callback, for those who have no handler yet; `answers:` of a scenario that is laid "
    "over the namespace say what it answers.",
    {"type": "object"},
    raw={"application/json": {"TransID": "UC25DVAKZN", "OrgAccountBalance": ""}},
    free=True,
)
PAGES = (
    Page("/_sim/inbox", {"POST": _INBOX}),
    Page("/_sim/inbox/{rest:path}", {"POST": replace(_INBOX, name="sim_inbox_below")}),
)
_ENVELOPES = {"Body": "stk", "Result": "result"}


class _Faulty(Response):
    """An answer that never comes: something happens to the connection instead."""

    def __init__(self, fault: Fault) -> None:
        super().__init__()
        self._fault = fault

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await commit(self._fault, scope, receive, scope.get(RAW_SEND, send))


def inbox_routes(simulator: Simulator) -> list[Route]:
    """The pages of the inbox."""

    async def inbox(request: Request) -> object:
        body = _read(await body_bytes(request) or b"")
        namespace = simulator.namespaces.get(wanted_name(request), simulator.default)
        said = namespace.book(Inbox).answer(kind_of(request.url.path, body))
        if said is None:
            return _reply(body)
        if said.after:
            await namespace.clock.sleep(said.after)
        if said.fault is not None:
            return _Faulty(said.fault)
        return Response(said.body, said.status, media_type=said.content_type)

    return routes(PAGES, dict.fromkeys((page.path for page in PAGES), inbox))


def kind_of(path: str, body: Any) -> str:
    """What the journal calls a callback: the last part of its path if that is such a name, else
    what its body looks like; "" when neither says it.
    """
    last = path.rstrip("/").rpartition("/")[2]
    if last in _kinds():
        return last
    if not isinstance(body, dict):
        return ""
    if "TransID" in body:
        return "validation" if _asks(body) else "confirmation"
    return next((kind for key, kind in _ENVELOPES.items() if key in body), "")


@lru_cache(maxsize=1)
def _kinds() -> frozenset[str]:
    """What the journal calls the callbacks of all products."""
    found = (getattr(each, "callbacks", {}) for each in operations().values())
    return frozenset(kind for kinds in found for kind in kinds)


def _asks(body: dict[str, Any]) -> bool:
    """Whether it is a C2B validation: a confirmation tells the balance."""
    return "TransID" in body and body.get("OrgAccountBalance") == ""


def _read(raw: bytes) -> Any:
    try:
        return loads(raw)
    except MalformedJson:
        return None


def _reply(body: Any) -> dict[str, object]:
    """The usual answer: accepted, unless the caller asked for a refusal by its reference."""
    if isinstance(body, dict) and _asks(body):
        row = rejection(str(body.get("BillRefNumber")))
        if row is not None:
            return {"ResultCode": row.code, "ResultDesc": row.text}
    return {"ResultCode": 0, "ResultDesc": "Accepted"}
