"""A scenario's requests, sent to one side."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from darajasim.comparing.side import Account, Answer, Heard, Side
from darajasim.core.journal import Journal
from darajasim.core.wire import MalformedJson, dumps, loads
from darajasim.harness import inbox
from darajasim.harness.called import UnknownValueError, first
from darajasim.harness.caller import example
from darajasim.harness.filling import Filling
from darajasim.harness.leaves import Leaves, leaves, text
from darajasim.operations import named
from darajasim.operations.business import BusinessOperation
from darajasim.scenarios.document import Reference
from darajasim.scenarios.products import products
from darajasim.scenarios.scenario import Scenario
from darajasim.scenarios.steps import (
    Advance,
    Call,
    Example,
    InSequence,
    Pay,
    Raw,
    Settle,
    Step,
    Together,
    Wait,
)

PUSH = "stk_push"
TOKEN = "access token"  # noqa: S105  # the name of a step, unlike any in a file
CREDENTIAL = "SecurityCredential"
_IDS = ("CheckoutRequestID", "ConversationID", "OriginatorConversationID", "responseRefID", "id")
_INBOX = f"http://{inbox.HOST}".encode()


@dataclass(slots=True, eq=False)
class Played:
    """One request, its answer, and the callbacks about it."""

    name: str
    operation: str
    answer: Answer
    heard: list[Heard] = field(default_factory=list)

    @property
    def ids(self) -> set[str]:
        """What callbacks about it name."""
        found = fields_of(self.answer.body)
        return {text(value) for name in _IDS for value in found.get(name, ()) if value}


@dataclass(slots=True, eq=False)
class Play:
    """What came of a scenario on one side.

    Attributes:
        counts: how many callbacks had come after each time that it settled.
        skipped: steps that say nothing of a Daraja, or that could not be sent.
        tokenless: whether there was no access token, and so nothing else was sent.
    """

    played: list[Played] = field(default_factory=list)
    counts: list[int] = field(default_factory=list)
    skipped: list[str] = field(default_factory=list)
    tokenless: bool = False


@dataclass(slots=True)
class _Filling(Filling):
    """Values from answers and callbacks alone: what a Daraja decides by itself nobody sees."""

    play: Play

    def value(self, reference: Reference) -> str:
        """As of `Filling`."""
        for played in self.play.played:
            if played.name != reference.name:
                continue
            key = "TransactionID" if reference.key == "receipt" else reference.key
            told = [fields_of(heard.body) for heard in reversed(played.heard)]
            for fields in (fields_of(played.answer.body), *told):
                if (found := first(fields, key)) is not None:
                    return found
        raise UnknownValueError(f"{reference} is not known")


async def play(scenario: Scenario, side: Side, other: Play | None) -> Play:
    """Send everything that a scenario asks of Daraja.

    Args:
        other: what came of it on the side that was asked before.

    """
    done = Play()
    token = await _token(side, done)
    if token is None:
        done.skipped.append(f"everything on {side.name}: there was no access token")
        done.tokenless = True
        return done
    for step in _flat(scenario.steps):
        if isinstance(step, Settle | Wait | Advance):
            await _settle(side, done, other)
        elif isinstance(step, Call | Pay):
            await _send(side, step, token, done)
        else:
            done.skipped.append(f"{type(step).__name__.lower()} ({step.where})")
    await _settle(side, done, other)
    return done


def _flat(steps: tuple[Step, ...]) -> Iterator[Step]:
    for step in steps:
        if isinstance(step, Together | InSequence):
            yield from _flat(step.steps)
        else:
            yield step


async def _token(side: Side, done: Play) -> str | None:
    (oauth,) = named()["oauth"]
    pair = f"{side.account.key}:{side.account.secret}"
    headers = {"authorization": f"Basic {base64.b64encode(pair.encode()).decode()}"}
    path = f"{oauth.path}?grant_type=client_credentials"
    answer = await side.send(oauth.method, path, headers, b"")
    done.played.append(Played(TOKEN, "oauth", answer))
    return first(fields_of(answer.body), "access_token")


async def _send(side: Side, step: Call | Pay, token: str, done: Play) -> None:
    filling = _Filling(Journal(), {}, {}, done)
    try:
        if isinstance(step, Pay):
            operation = products()[PUSH].version(None)
            method, path, body = operation.method, operation.path, dumps(_push(operation, step))
            headers = {"content-type": "application/json"}
        else:
            operation = products()[step.operation].version(step.path)
            method, path = step.method or operation.method, step.path or operation.path
            body = _body(step, operation, filling, side.account)
            headers = {"content-type": step.content_type or "application/json"}
            if step.bearer is not None:
                token = str(filling.filled(step.bearer.token)) if step.bearer.token else ""
    except UnknownValueError as error:
        done.skipped.append(f"{step.name}: {error}")
        return
    if token:
        headers["authorization"] = f"Bearer {token}"
    sent = body.replace(_INBOX, side.inbox.encode())
    answer = await side.send(method, path, headers, sent)
    done.played.append(Played(step.name, operation.name, answer))


def _push(operation: BusinessOperation, step: Pay) -> dict[str, Any]:
    return example(operation) | {
        "PhoneNumber": step.phone,
        "PartyA": step.phone,
        "Amount": step.amount,
        "AccountReference": step.reference,
        "TransactionDesc": step.description,
    }


def _body(step: Call, operation: BusinessOperation, filling: Filling, account: Account) -> bytes:
    match step.body:
        case Raw(written):
            return str(filling.filled(written)).encode()
        case Example(changes, without):
            body: dict[str, Any] = example(operation)
            if account.credential and CREDENTIAL in body:
                body[CREDENTIAL] = account.credential
            body |= dict(changes)
            return dumps(filling.filled({key: body[key] for key in body if key not in without}))
        case other:
            return dumps(filling.filled(other.body))


async def _settle(side: Side, done: Play, other: Play | None) -> None:
    turn = len(done.counts)
    wanted = other.counts[turn] if other is not None and turn < len(other.counts) else None
    await side.settle(wanted)
    known = {id(heard) for played in done.played for heard in played.heard}
    for heard in side.heard:
        if id(heard) not in known:
            _owner(done, heard).heard.append(heard)
    done.counts.append(len(side.heard))


def _owner(done: Play, heard: Heard) -> Played:
    """The request that a callback is about: by its ids, else the last."""
    said = {text(value) for values in fields_of(heard.body).values() for value in values}
    for played in reversed(done.played):
        if played.ids & said:
            return played
    return done.played[-1]


def fields_of(body: bytes) -> Leaves:
    """The values of a JSON body by key; none of another."""
    try:
        found = loads(body)
    except MalformedJson:
        return {}
    return leaves(found) if isinstance(found, dict | list) else {}
