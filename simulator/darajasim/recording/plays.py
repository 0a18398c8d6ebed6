"""A transcript as what a scenario can do again: calls, the callbacks about them, phone payments."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from darajasim.core.wire import MalformedJson, loads
from darajasim.harness.inbox import kind_of
from darajasim.harness.leaves import Leaves, leaves
from darajasim.operations import named, operations
from darajasim.operations.business import BusinessOperation
from darajasim.operations.call import bearer_of
from darajasim.recording.transcript import Delivery, Exchange, Transcript
from darajasim.scenarios.products import products

TOKEN_CODES = ("404.001.03", "400.003.01")
PHONE_KINDS = ("validation", "confirmation")


@dataclass(slots=True, eq=False)
class Heard:
    """A callback, and what kind of callback it was."""

    delivery: Delivery
    kind: str

    @property
    def fields(self) -> Leaves:
        """Its values."""
        return fields_of(self.delivery.body)


@dataclass(slots=True, eq=False)
class Play:
    """One step of the scenario to be, and what came of it.

    Attributes:
        exchange: None for a payment from a phone.
        operation: None for a path that no operation has.
        app: the consumer key that its token was issued to; None: unknown.
        pinned: the answer is written out, because the simulator's own is another.
        after: seconds from the result to its callback; None: not known.
        unmet: expectations that the simulator does not meet, as `answer: Key`.
    """

    name: str
    exchange: Exchange | None
    operation: BusinessOperation | None
    app: str | None = None
    heard: list[Heard] = field(default_factory=list)
    pinned: bool = False
    after: float | None = None
    unmet: dict[str, str] = field(default_factory=dict)

    @property
    def began(self) -> float:
        """When, in seconds since the epoch."""
        return self.exchange.asked if self.exchange else self.heard[0].delivery.asked

    @property
    def ended(self) -> float:
        """When it was answered, as far as that is known."""
        if self.exchange is None:
            return self.began
        return self.exchange.answered or self.exchange.asked

    @property
    def fields(self) -> Leaves:
        """The values of its answer."""
        return fields_of(self.exchange.answer) if self.exchange else {}

    @property
    def bad_token(self) -> bool:
        """Whether it was turned away for its token, before any rule is asked."""
        if self.exchange is None:
            return False
        codes = self.fields.get("errorCode", []) + self.fields.get("responseCode", [])
        return self.exchange.status == 401 or any(code in TOKEN_CODES for code in codes)


@dataclass(slots=True)
class Tokens:
    """What requests for tokens brought: the consumer key of each token."""

    apps: dict[str, str] = field(default_factory=dict, repr=False)
    requests: list[Exchange] = field(default_factory=list, repr=False)

    @property
    def keys(self) -> list[str]:
        """Consumer keys that got a token, in order."""
        return list(dict.fromkeys(self.apps.values()))


def plays(transcript: Transcript) -> tuple[list[Play], Tokens]:
    """What a scenario can do again, in order of time, and the tokens."""
    tokens = Tokens()
    found: list[Play] = []
    (oauth,) = named()["oauth"]
    owners: dict[int, Play] = {}
    for exchange in transcript.exchanges:
        path = bare(exchange.path)
        if path == oauth.path:
            _learn(tokens, exchange)
            continue
        operation = operations().get(path)
        business = operation if isinstance(operation, BusinessOperation) else None
        token = bearer_of(exchange.headers.get("authorization"))
        play = Play(f"call-{len(found) + 1}", exchange, business, tokens.apps.get(token or ""))
        owners[id(exchange)] = play
        found.append(play)
    found += _hear(transcript, owners, found)
    return sorted(found, key=lambda play: play.began), tokens


def _hear(transcript: Transcript, owners: dict[int, Play], calls: list[Play]) -> Iterator[Play]:
    """Give each callback to the play that it is about; what a phone set off is a play itself."""
    payments: dict[str, Play] = {}
    number = 0
    for delivery in transcript.deliveries:
        slot = transcript.urls[delivery.url]
        owner = owners.get(id(slot.exchange))
        operation = owner.operation if owner else None
        if owner is None or operation is None:
            continue
        heard = Heard(delivery, kind_of(f"/{operation.name}/{slot.name}"))
        if heard.kind not in PHONE_KINDS:
            owner.heard.append(heard)
            continue
        about = str(_one(heard.fields, "TransID"))
        play = payments.get(about)
        if play is None:
            play = payments[about] = _simulated(calls, delivery) or Play("", None, None)
            if not play.name:
                number += 1
                play.name = f"phone-{number}"
                play.heard.append(heard)
                yield play
                continue
        play.heard.append(heard)


def _simulated(calls: list[Play], delivery: Delivery) -> Play | None:
    """The simulated payment that has not been heard of yet, if there is one."""
    for play in calls:
        simulated = play.operation is not None and play.operation.name == "c2b_simulate"
        if simulated and not play.heard and play.began <= delivery.asked:
            return play
    return None


def _learn(tokens: Tokens, exchange: Exchange) -> None:
    tokens.requests.append(exchange)
    token = _one(fields_of(exchange.answer), "access_token")
    if isinstance(token, str):
        tokens.apps[token] = consumer_key(exchange)


def consumer_key(exchange: Exchange) -> str:
    """The consumer key of a request for a token; "" without one."""
    scheme, _, rest = exchange.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "basic":
        return ""
    try:
        return base64.b64decode(rest).decode().partition(":")[0]
    except (binascii.Error, ValueError):
        return ""


def bare(path: str) -> str:
    """The path without the namespace of a simulator."""
    if path.startswith("/_ns/"):
        return "/" + path.removeprefix("/_ns/").partition("/")[2]
    return path


def json_of(body: bytes) -> Any:
    """The JSON of a body, or None."""
    try:
        return loads(body)
    except MalformedJson:
        return None


def fields_of(body: bytes) -> Leaves:
    """The values of a body, by key."""
    found = json_of(body)
    return leaves(found) if isinstance(found, dict | list) else {}


def newest(operation: BusinessOperation) -> bool:
    """Whether an operation is the newest version of its product."""
    return products()[operation.name].versions[-1].path == operation.path


def _one(values: Leaves, key: str) -> object:
    return next(iter(values.get(key, ())), None)
