"""Every request and answer of a scenario as it went over the wire, for who wants to read them.

The journal tells what was decided and when; an exchange has the bytes, and when they went. Secrets
are left out before anything is kept.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from darajasim.core.clock import Clock
from darajasim.core.journal import Journal
from darajasim.harness.memory import ConnectionFaultError, MemoryAnswer, Wire

MOST_EXCHANGES = 2_000
MOST_CHARACTERS = 20_000
"""How much of a body is kept."""
SECRETS = ("Password", "SecurityCredential", "access_token")
HIDDEN = "***"

_SECRET = re.compile(
    rf'("(?:{"|".join(SECRETS)})"\s*:\s*)(?:"(?:[^"\\]|\\.)*"?|[^\s,}}\]"]+)', re.IGNORECASE
)
_SCHEMES = frozenset({"basic", "bearer"})
_BASIC = re.compile(r"basic\s+(.*)", re.IGNORECASE | re.DOTALL)


Place = tuple[int, int]
"""A place among a scenario's events: later ones are greater."""


@dataclass(frozen=True, slots=True)
class Exchange:
    """One request, and its answer if there was one.

    Attributes:
        asked, answered: simulated seconds since the epoch; `answered` is also when the caller gave
            up or the connection broke.
        before, after: its place among the events when it was asked, and when answered: how many
            the journal had seen, and how much had gone over the wires.
        headers: of the request, those that say something, without secrets.
        status: HTTP's; None when no answer came.
        fault: why no answer came, or "".
        hint: what the simulator says to developers in a header.
    """

    method: str
    url: str
    asked: float
    before: Place
    answered: float
    after: Place
    headers: tuple[tuple[str, str], ...]
    body: str
    status: int | None
    answer: str
    fault: str = ""
    hint: str = ""


@dataclass(slots=True)
class Exchanges:
    """The exchanges of one scenario, in the order in which they ended; bounded."""

    clock: Clock
    journal: Journal
    kept: list[Exchange] = field(default_factory=list)
    dropped: int = 0
    _ticks: int = 0

    def keep(self, exchange: Exchange) -> None:
        """Add one, unless there are too many already."""
        if len(self.kept) < MOST_EXCHANGES:
            self.kept.append(exchange)
        else:
            self.dropped += 1

    def place(self) -> Place:
        """Where among the events we are now."""
        self._ticks += 1
        return len(self.journal) + self.journal.dropped, self._ticks


class RecordedWire(Wire):
    """A wire that keeps what went over it."""

    def __init__(self, app: object, exchanges: Exchanges) -> None:
        super().__init__(app)
        self._exchanges = exchanges

    async def call(
        self,
        method: str,
        url: str,
        *,
        headers: Iterable[tuple[bytes, bytes]],
        body: bytes,
        seconds: float | None,
        whole: bool = True,
    ) -> MemoryAnswer:
        """As `Wire.call`."""
        exchanges, sent = self._exchanges, list(headers)
        asked, before = exchanges.clock.time(), exchanges.place()
        answer, fault = None, "the caller gave up"
        try:
            answer = await super().call(
                method, url, headers=sent, body=body, seconds=seconds, whole=whole
            )
        except TimeoutError:
            fault = f"no answer within {seconds or 0:g} s"
            raise
        except ConnectionFaultError as error:
            fault = str(error)
            raise
        else:
            return answer
        finally:
            exchanges.keep(
                Exchange(
                    method=method,
                    url=url,
                    asked=asked,
                    before=before,
                    answered=exchanges.clock.time(),
                    after=exchanges.place(),
                    headers=open_headers(sent),
                    body=open_text(body),
                    status=answer.status if answer else None,
                    answer=open_text(answer.body) if answer else "",
                    fault="" if answer else fault,
                    hint=_hint(answer) if answer else "",
                )
            )


def open_text(body: bytes) -> str:
    """A body as text, without secrets, and cut where it is long."""
    text = body[: 4 * MOST_CHARACTERS].decode("utf-8", "replace")
    text = _SECRET.sub(rf'\1"{HIDDEN}"', text)
    left = len(body) - len(text[:MOST_CHARACTERS].encode())
    return f"{text[:MOST_CHARACTERS]}… ({left} bytes more)" if len(text) > MOST_CHARACTERS else text


def open_headers(headers: Iterable[tuple[bytes, bytes]]) -> tuple[tuple[str, str], ...]:
    """Content type and authorization: the rest is the same for every request."""
    found = []
    for name, value in headers:
        key, text = name.decode("latin-1").lower(), value.decode("latin-1")
        if key == "content-type":
            found.append((key, text))
        elif key == "authorization":
            found.append((key, _who(text)))
    return tuple(found)


def _who(authorization: str) -> str:
    """The scheme, and of a basic authorization the consumer key, which is no secret."""
    scheme = authorization.partition(" ")[0]
    if scheme.lower() not in _SCHEMES:
        return HIDDEN  # it may be the secret itself
    basic = _BASIC.match(authorization)
    if basic is None:
        return f"{scheme} {HIDDEN}"
    try:
        key = base64.b64decode(basic[1], validate=True).decode().partition(":")[0]
    except (binascii.Error, ValueError):
        return f"{scheme} {HIDDEN}"
    return f"{scheme} {key}:{HIDDEN} (in base64)"


def _hint(answer: MemoryAnswer) -> str:
    names = (b"x-darajasim-hint",)
    return next((value.decode("latin-1") for name, value in answer.headers if name in names), "")
