"""Applications under test, put where callbacks can reach them without a socket."""

from __future__ import annotations

import asyncio
import inspect
from typing import Any

import httpx

Application = Any
"""ASGI, WSGI, or a function that takes an httpx.Request and returns an httpx.Response."""

ACCEPTED = b'{"ResultCode":0,"ResultDesc":"Accepted"}'


def as_asgi(application: Application) -> Application:
    """The application as ASGI. WSGI, and functions, run in a thread: they may call Daraja
    themselves while they answer.
    """
    parameters = _parameters(application)
    if parameters == 3:
        return application
    if parameters == 2:
        return _Threaded(httpx.WSGITransport(app=application).handle_request)
    if parameters == 1:
        return _Threaded(application)
    raise TypeError(
        "expected an ASGI application, a WSGI application, or a function of one httpx.Request; "
        f"found {application!r}"
    )


def _parameters(application: Application) -> int:
    """How many arguments it must be given. What takes any number is asked whether it awaits."""
    called = application
    if not inspect.isroutine(application):
        called = type(application).__call__.__get__(application)
    try:
        found = inspect.signature(called).parameters.values()
    except (TypeError, ValueError):
        return 0
    if any(each.kind is each.VAR_POSITIONAL for each in found):
        return 3 if inspect.iscoroutinefunction(called) else 2
    return sum(each.default is each.empty and each.kind is not each.KEYWORD_ONLY for each in found)


class _Threaded:
    """An ASGI application that answers what blocks."""

    def __init__(self, answer: Any) -> None:
        self._answer = answer

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        message = await receive()
        headers = [(name.decode("latin-1"), value.decode("latin-1"))
                   for name, value in scope["headers"]]  # fmt: skip
        query = scope["query_string"].decode("latin-1")
        host = dict(headers).get("host") or scope["server"][0]
        url = f"{scope['scheme']}://{host}{scope['raw_path'].decode()}" + (
            f"?{query}" if query else ""
        )
        request = httpx.Request(scope["method"], url, headers=headers, content=message["body"])
        status, answered, body = await asyncio.get_running_loop().run_in_executor(
            None, self._ask, request
        )
        await send({"type": "http.response.start", "status": status, "headers": answered})
        await send({"type": "http.response.body", "body": body})

    def _ask(self, request: httpx.Request) -> tuple[int, list[tuple[bytes, bytes]], bytes]:
        response = self._answer(request)
        if response is None:
            response = httpx.Response(200, content=ACCEPTED)
        return response.status_code, response.headers.raw, response.read()


async def inbox(scope: Any, receive: Any, send: Any) -> None:
    """Takes every callback."""
    del scope
    await receive()
    headers = [(b"content-type", b"application/json")]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": ACCEPTED})
