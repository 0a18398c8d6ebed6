"""The URLs that a scenario gives Daraja for its own calls, and what they answer."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from typing import Any

from darajasim.http.faults import EXTENSION
from darajasim.operations.business import BusinessOperation
from darajasim.scenarios.answering import Answering
from darajasim.scenarios.products import products
from darajasim.scenarios.scenario import AnswerSpec
from darajasim.scenarios.vocabulary import ANY

HOST = "inbox.test"
_USUAL = AnswerSpec(ANY)
_WORDS = {
    "validation": "validation",
    "confirmation": "confirmation",
    "timeout": "timeout",
    "result": "result",
}
"""What a field's name says of its callbacks, where the operation does not say it."""


def url(operation: BusinessOperation, field: str) -> str:
    """The URL for a field of a request. Both names are harmless to C2B, which forbids words."""
    return f"http://{HOST}/{operation.name}/{field}"


def kind_of(path: str) -> str:
    """What the journal calls the callbacks that come to a path."""
    _, name, field = (*path.split("/"), "", "")[:3]
    product = products().get(name)
    if product is None:
        return ""
    for version in product.versions:
        for kind, home in version.callbacks.items():
            if home == field:
                return kind
    said = next((kind for word, kind in _WORDS.items() if word in field.lower()), "")
    return said or next(iter(product.kinds), "")


class Inbox:
    """An ASGI application that answers callbacks as a scenario says, and accepts the others.

    Args:
        answers: the first that matches wins.
    """

    def __init__(self, answers: Iterable[AnswerSpec]) -> None:
        self._answering = Answering(answers)

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        answer = self._answering(kind_of(scope["path"])) or _USUAL
        await receive()
        if answer.after:
            await asyncio.sleep(answer.after)
        if answer.fault is not None:
            await scope["extensions"][EXTENSION](answer.fault)
            return
        headers = [(b"content-type", answer.content_type.encode())]
        await send({"type": "http.response.start", "status": answer.status, "headers": headers})
        await send({"type": "http.response.body", "body": answer.body})
