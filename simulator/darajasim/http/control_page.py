"""The pages of `/_sim/` as data: what each takes, what it answers, and what can be wrong.

Requests are checked against this, and the OpenAPI description is made of it, so that neither can
say what the other does not.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from darajasim.core.simulator import TooManyNamespacesError
from darajasim.http.control_request import (
    NAMESPACE,
    ProblemError,
    check_names,
    json_answer,
)

Schema = Mapping[str, Any]
Work = Callable[[Request], Awaitable[object]]

PROBLEM: Schema = {
    "type": "object",
    "properties": {"error": {"type": "string"}},
    "required": ["error"],
}
"""Every refusal says what was expected, what was found and what to do."""
WRONG_QUERY, NOT_THERE, WRONG_BODY, TOO_MANY = 400, 404, 422, 503
REASONS: Mapping[int, str] = {
    WRONG_QUERY: "A parameter or the body cannot be read.",
    NOT_THERE: "What is asked for is not there.",
    WRONG_BODY: "The body says what cannot be done.",
    TOO_MANY: "There are as many namespaces as one simulator holds.",
}


@dataclass(frozen=True, slots=True)
class Parameter:
    """One parameter of a query.

    Attributes:
        many: may be given several times, and any of its values will do.
    """

    name: str
    about: str
    schema: Schema = field(default_factory=lambda: {"type": "string"})
    many: bool = False


@dataclass(frozen=True, slots=True)
class Verb:
    """One method of a page.

    Attributes:
        name: the operationId.
        answer: the JSON Schema of a good answer; None for one that is no JSON.
        media: the content type of the answer.
        body: the schemas of the keys of a JSON body; None: there is none, or it is read as it is.
        raw: content types of a body that is read as it is, with an example of each.
        problems: the statuses of refusals.
        namespaced: whether it is about one namespace.
        free: whether any query parameter may be there.
    """

    name: str
    about: str
    answer: Schema | None
    media: str = "application/json"
    parameters: tuple[Parameter, ...] = ()
    body: Mapping[str, Schema] | None = None
    example: Mapping[str, Any] | None = None
    raw: Mapping[str, Any] | None = None
    problems: tuple[int, ...] = ()
    namespaced: bool = True
    free: bool = False

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the parameters, but the namespace's."""
        return tuple(each.name for each in self.parameters)

    @property
    def keys(self) -> tuple[str, ...]:
        """The keys of the body."""
        return tuple(self.body or ())


@dataclass(frozen=True, slots=True)
class Page:
    """One path, with its methods by name (`GET`)."""

    path: str
    verbs: Mapping[str, Verb]


def routes(pages: Iterable[Page], work: Mapping[str, Work]) -> list[Route]:
    """The routes of pages, each with the work of its path."""
    return [
        Route(page.path, _endpoint(page, work[page.path]), methods=list(page.verbs))
        for page in pages
    ]


def _endpoint(page: Page, work: Work) -> Callable[[Request], Awaitable[Response]]:
    """Checks the names of the query, and writes what the work gives or raises."""
    head = {"HEAD": page.verbs["GET"]} if "GET" in page.verbs else {}
    verbs = {**page.verbs, **head}

    async def endpoint(request: Request) -> Response:
        verb = verbs[request.method]
        own = (NAMESPACE,) if verb.namespaced else ()
        try:
            if not verb.free:
                check_names(request, (*verb.names, *own))
            done = await work(request)
        except ProblemError as problem:
            return json_answer({"error": str(problem), **problem.more}, problem.status)
        except TooManyNamespacesError as error:
            return json_answer({"error": str(error)}, TOO_MANY)
        return done if isinstance(done, Response) else json_answer(done)

    return endpoint
