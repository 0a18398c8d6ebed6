"""What every page of `/_sim/` shares: namespaces, parameters, bodies, answers, problems."""

from __future__ import annotations

import contextlib
import difflib
import math
from collections.abc import Collection, Mapping
from typing import Any

from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response

from darajasim.core.namespace import Namespace
from darajasim.core.simulator import DEFAULT_NAMESPACE, Simulator
from darajasim.core.wire import MAX_BODY_BYTES, MalformedJson, dumps, loads

NOT_USED = "no namespace of this name has been used"
NAMESPACE = "namespace"


class ProblemError(Exception):
    """What is wrong with a request to `/_sim/`: what was expected, what was found, what to do.

    Args:
        more: further keys of the answer.
    """

    def __init__(self, status: int, message: str, **more: object) -> None:
        super().__init__(message)
        self.status = status
        self.more = more


def json_answer(value: object, status: int = 200) -> Response:
    """JSON, money with all its digits."""
    return Response(dumps(value), status, media_type="application/json")


def wanted_name(request: Request) -> str:
    """The namespace that a request names, by query or header."""
    name = request.query_params.get(NAMESPACE) or request.headers.get("x-darajasim-namespace")
    return name or DEFAULT_NAMESPACE


def used(simulator: Simulator, request: Request) -> Namespace:
    """The namespace that is meant, if it has been used: asking does not make one.

    Raises:
        ProblemError: 404.
    """
    found = simulator.namespaces.get(wanted_name(request))
    if found is None:
        raise ProblemError(404, NOT_USED)
    return found


def made(simulator: Simulator, request: Request) -> Namespace:
    """The namespace that is meant, made if need be."""
    return simulator.namespace(wanted_name(request))


def check_names(request: Request, known: Collection[str]) -> None:
    """Refuse query parameters that nobody reads.

    Raises:
        ProblemError: 400, with the nearest name.
    """
    _check(request.query_params, set(known), 400, "the parameter")


def whole(request: Request, name: str, usual: int, low: int, high: int | None = None) -> int:
    """A whole number of the query.

    Raises:
        ProblemError: 400.
    """
    text = request.query_params.get(name)
    if text is None:
        return usual
    wanted = f"from {low} to {high}" if high is not None else f"of at least {low}"
    problem = ProblemError(
        400, f"expected a whole number {wanted} for `{name}`, found {_cut(text)}"
    )
    try:
        found = int(text)
    except ValueError:
        raise problem from None
    if found < low or (high is not None and found > high):
        raise problem
    return found


def seconds(value: object, name: str, most: float, *, status: int = 422) -> float:
    """A length of time: a number of seconds, or text such as `90s` or `1m30s`.

    Raises:
        ProblemError: it is none, below 0, or more than `most`.
    """
    from darajasim.scenarios import durations  # noqa: PLC0415  # most pages need no scenarios

    found = math.nan
    with contextlib.suppress(ValueError, TypeError, OverflowError):
        if isinstance(value, str) and not value.replace(".", "", 1).isdecimal():
            found = durations.parse(value)
        elif not isinstance(value, bool):
            found = float(value)  # type: ignore[arg-type]  # what is no number raises
    if not 0 <= found <= most:
        wanted = f"0 to {most:g} seconds, as a number or as `90s`, `1m30s`, `2h`"
        raise ProblemError(status, f"expected {wanted} for `{name}`, found {_cut(value)}")
    return found


async def body_bytes(request: Request) -> bytes | None:
    """The body; None for one that is too long, which is not read to its end."""
    read = bytearray()
    with contextlib.suppress(ClientDisconnect):
        async for chunk in request.stream():
            read += chunk
            if len(read) > MAX_BODY_BYTES:
                return None
    return bytes(read)


async def body_object(request: Request, known: Collection[str]) -> dict[str, Any]:
    """The body as a JSON object; none at all is an empty one.

    Raises:
        ProblemError: 400 when it is no JSON object, 422 for a key that nobody reads.
    """
    raw = await body_bytes(request)
    if raw is None:
        raise ProblemError(400, f"expected at most {MAX_BODY_BYTES} bytes of body, found more")
    try:
        found = loads(raw) if raw.strip() else {}
    except MalformedJson as error:
        raise ProblemError(400, f"expected a JSON object, found no JSON: {error}") from None
    if not isinstance(found, dict):
        raise ProblemError(400, f"expected a JSON object, found {_cut(found)}")
    _check(found, set(known), 422, "the key")
    return found


def _check(found: Mapping[str, object], known: set[str], status: int, noun: str) -> None:
    for name in found:
        if name not in known:
            near = difflib.get_close_matches(name, known, n=1)
            meant = f"; did you mean `{near[0]}`?" if near else ""
            names = ", ".join(sorted(known)) or "none"
            raise ProblemError(status, f"expected {names}, found {noun} {_cut(name)}{meant}")


def _cut(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:59]}…"
