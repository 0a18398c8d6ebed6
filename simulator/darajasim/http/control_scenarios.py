"""`/_sim/scenarios`: laying scenarios over a namespace, and taking their rules away."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from starlette.requests import Request
from starlette.routing import Route

from darajasim.core.rules import Rule
from darajasim.core.simulator import Simulator
from darajasim.core.wire import MAX_BODY_BYTES, MalformedJson, loads
from darajasim.http.control_page import (
    NOT_THERE,
    TOO_MANY,
    WRONG_BODY,
    WRONG_QUERY,
    Page,
    Parameter,
    Verb,
    routes,
)
from darajasim.http.control_request import (
    ProblemError,
    body_bytes,
    made,
    used,
)

if TYPE_CHECKING:
    from darajasim.scenarios import Scenario, ScenarioError

HOW = "POST a scenario as YAML, or as JSON; or POST {} with ?name= of a bundled one"


_LAID = {
    "type": "object",
    "properties": {
        "scenario": {"type": "string"},
        "rules": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {
                    "on": {"type": "string"},
                    "where": {"type": "string"},
                    "seen": {"type": "integer", "description": "calls that met its conditions"},
                },
                "required": ["on", "where", "seen"],
            },
        },
    },
    "required": ["scenario", "rules"],
}
_REMOVED = {
    "type": "object",
    "properties": {"removed": {"type": "array", "items": {"type": "string"}}},
    "required": ["removed"],
}
_EXAMPLE = """scenario: cancels
about: The customer cancels.
rules:
  - on: stk_push
    customer: cancel
"""
PAGES = (
    Page(
        "/_sim/scenarios",
        {
            "GET": Verb(
                "sim_scenarios",
                "The scenarios that are laid over the namespace.",
                {
                    "type": "object",
                    "properties": {"scenarios": {"type": "array", "items": _LAID}},
                    "required": ["scenarios"],
                },
                problems=(WRONG_QUERY, NOT_THERE),
            ),
            "POST": Verb(
                "sim_lay_scenario",
                "Lay a scenario over the namespace: its world, profile and rules. Mistakes come "
                "back with their places.",
                _LAID,
                parameters=(
                    Parameter("name", "a bundled scenario, in place of a body"),
                    Parameter("case", "the row of `cases` that is meant"),
                ),
                raw={"application/yaml": _EXAMPLE, "application/json": {}},
                problems=(WRONG_QUERY, NOT_THERE, WRONG_BODY, TOO_MANY),
            ),
            "DELETE": Verb(
                "sim_lift_scenarios",
                "Take the rules of all scenarios away; what they did to the world stays.",
                _REMOVED,
                problems=(WRONG_QUERY, NOT_THERE),
            ),
        },
    ),
    Page(
        "/_sim/scenarios/{name}",
        {
            "GET": Verb("sim_scenario", "One of them.", _LAID, problems=(WRONG_QUERY, NOT_THERE)),
            "DELETE": Verb(
                "sim_lift_scenario",
                "Take the rules of one away.",
                _REMOVED,
                problems=(WRONG_QUERY, NOT_THERE),
            ),
        },
    ),
)


def scenario_routes(simulator: Simulator) -> list[Route]:
    """The pages of the scenarios."""

    async def scenarios(request: Request) -> object:
        # PyYAML and pydantic: only with the first scenario.
        from darajasim.scenarios.laying import laid, lay  # noqa: PLC0415

        if request.method == "POST":
            scenario = await _posted(request)
            namespace = made(simulator, request)
            lay(scenario, namespace)
            return _shown(scenario.name, laid(namespace)[scenario.name])
        namespace = used(simulator, request)
        if request.method == "DELETE":
            return {"removed": [name for name in laid(namespace) if _away(namespace, name)]}
        return {"scenarios": [_shown(*each) for each in laid(namespace).items()]}

    async def scenario(request: Request) -> object:
        from darajasim.scenarios.laying import laid  # noqa: PLC0415

        namespace, name = used(simulator, request), request.path_params["name"]
        rules = laid(namespace).get(name)
        if rules is None:
            there = ", ".join(laid(namespace)) or "none"
            raise ProblemError(404, f"expected the name of a loaded scenario, found {name!r}; "
                               f"loaded: {there}")  # fmt: skip
        if request.method == "DELETE":
            _away(namespace, name)
            return {"removed": [name]}
        return _shown(name, rules)

    return routes(PAGES, {"/_sim/scenarios": scenarios, "/_sim/scenarios/{name}": scenario})


def _away(namespace: Any, name: str) -> bool:
    from darajasim.scenarios.laying import take_away  # noqa: PLC0415

    return take_away(namespace, name)


def _shown(name: str, rules: list[Rule]) -> dict[str, object]:
    shown = [{"on": rule.on, "where": rule.where, "seen": rule.seen} for rule in rules]
    return {"scenario": name, "rules": shown}


async def _posted(request: Request) -> Scenario:
    """The scenario of a request: its body, or the bundled one that it names.

    Raises:
        ProblemError: 400, 404 or 422.
    """
    from darajasim.scenarios import ScenarioError  # noqa: PLC0415
    from darajasim.scenarios.from_text import load_text  # noqa: PLC0415
    from darajasim.scenarios.load import load_file  # noqa: PLC0415

    raw = await body_bytes(request)
    if raw is None:
        raise ProblemError(400, f"expected at most {MAX_BODY_BYTES} bytes of body, found more")
    name = request.query_params.get("name")
    try:
        if name is not None:
            _check_bundled(name, raw)
            found = tuple(load_file(name))
        elif raw.strip():
            found = load_text(raw)
        else:
            raise ProblemError(400, f"expected a scenario, found an empty body: {HOW}")
    except ScenarioError as error:
        raise ProblemError(422, str(error), mistakes=_mistakes(error)) from None
    return _one(found, request.query_params.get("case"))


def _check_bundled(name: str, raw: bytes) -> None:
    """A name is never a path here: who reaches this port reads no files by it."""
    from darajasim.scenarios import bundled_names  # noqa: PLC0415
    from darajasim.scenarios.wording import did_you_mean  # noqa: PLC0415

    try:
        empty = not raw.strip() or loads(raw) == {}
    except MalformedJson:
        empty = False
    if not empty:
        raise ProblemError(400, f"expected either a body or ?name=, found both: {HOW}")
    known = bundled_names()
    if name not in known:
        meant = did_you_mean(name, known)
        raise ProblemError(
            404,
            f"expected the name of a bundled scenario, found {name[:60]!r}; {meant}".rstrip("; "),
        )


def _one(found: tuple[Scenario, ...], case: str | None) -> Scenario:
    if case is not None:
        found = tuple(each for each in found if each.name.endswith(f"[{case}]")) or found
    if len(found) == 1 and (case is None or found[0].name.endswith(f"[{case}]")):
        return found[0]
    names = ", ".join(each.name for each in found[:20])
    wanted = "one scenario" if case is None else f"a case {case[:60]!r}"
    raise ProblemError(422, f"expected {wanted}, found {names}; name a row with ?case=")


def _mistakes(error: ScenarioError) -> list[dict[str, str]]:
    return [
        {
            "where": mistake.where,
            "message": mistake.message,
            "expected": mistake.expected,
            "found": mistake.found,
            "help": mistake.advice,
        }
        for mistake in error.mistakes
    ]
