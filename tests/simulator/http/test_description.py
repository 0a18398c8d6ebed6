"""What the description says of `/_sim/` is what its pages do."""

import json
import re

import pytest
from jsonschema import Draft202012Validator
from openapi_spec_validator import validate
from starlette.routing import Route

from darajasim.http.control import control_app
from darajasim.http.control_index import PAGES
from darajasim.http.description import document, serialised
from darajasim.operations import operations
from support.daraja import daraja, in_virtual_time

VERBS = [(page, method, verb) for page in PAGES for method, verb in page.verbs.items()]
each_verb = pytest.mark.parametrize(
    ("page", "method", "verb"), VERBS, ids=[verb.name for _, _, verb in VERBS]
)
SCENARIO = b"scenario: cancels\nrules: [{on: stk_push, customer: cancel}]\nabout: It cancels.\n"
QUERIES = {
    "sim_journal": "?kind=prompt-sent&limit=3",
    "sim_journal_wait": "?timeout=0&count=1",
    "sim_resend": "",
}
BODIES = {
    "sim_lay_scenario": SCENARIO,
    "sim_clock_go": b'{"advance": "1m30s"}',
    "sim_pay": b'{"phone": "0722000000", "amount": 100, "shortcode": "600984"}',
    "sim_inbox": b"{}",
    "sim_inbox_below": b"{}",
}


def asked(main):
    async def wrapped():
        async with daraja(seed=7) as d:
            return await main(d)

    return in_virtual_time(wrapped())


async def with_something_to_see(d):
    """A payment with its callback, and a scenario; the number of the callback."""
    await d.push()
    await d.simulator.settled()
    await d.request("POST", "/_sim/scenarios", body=SCENARIO)
    found = (await d.request("GET", "/_sim/journal?kind=callback-attempted")).json
    return found["events"][0]["number"]


def path_of(page):
    return page.path.replace("{name}", "cancels").replace("{rest:path}", "any/where")


def test_it_is_openapi_3_1_and_has_both_faces():
    validate(document())
    assert json.loads(serialised()) == json.loads(json.dumps(document()))
    assert set(operations()) < set(document()["paths"])


def test_every_route_is_described_and_every_description_is_a_route():
    async def main(d):
        return {
            (re.sub(r":\w+\}", "}", route.path), method)
            for route in control_app(d.simulator).routes
            if isinstance(route, Route)
            for method in route.methods - {"HEAD"}
        }

    described = {
        (path, method.upper())
        for path, item in document()["paths"].items()
        if path.startswith("/_sim/")
        for method in item.keys() - {"parameters"}
    }
    assert asked(main) == described


def test_every_operation_has_a_name_of_its_own():
    names = [
        found["operationId"]
        for item in document()["paths"].values()
        for method, found in item.items()
        if method != "parameters"
    ]
    assert len(names) == len(set(names))


@each_verb
def test_the_answer_is_as_described(page, method, verb):
    async def main(d):
        number = await with_something_to_see(d)
        body = BODIES.get(verb.name, b"")
        if verb.name == "sim_resend":
            body = json.dumps({"number": number}).encode()
        path = path_of(page) + QUERIES.get(verb.name, "")
        return await d.request(method, path, body=body)

    answer = asked(main)
    assert answer.status == 200, answer.raw
    assert answer.headers["content-type"] == verb.media
    if verb.answer is not None:
        Draft202012Validator(verb.answer).validate(answer.json)
        assert not verb.answer.get("properties") or verb.answer["required"]


@each_verb
def test_what_nobody_reads_is_refused_as_described(page, method, verb):
    async def main(d):
        await with_something_to_see(d)
        return await d.request(method, f"{path_of(page)}?nonsense=1", body=BODIES.get(verb.name))

    answer = asked(main)
    if verb.free:
        assert answer.status == 200
    else:
        assert answer.status == 400
        assert 400 in verb.problems
        assert "nonsense" in answer.json["error"]


@each_verb
def test_every_parameter_is_read(page, method, verb):
    """A value that it cannot have is refused, or finds nothing."""

    async def main(d):
        await with_something_to_see(d)
        answers = {}
        for name in verb.names:
            extra = "&timeout=0" if "timeout" in verb.names and name != "timeout" else ""
            path = f"{path_of(page)}?{name}=%3Fnone{extra}"
            answers[name] = await d.request(method, path, body=BODIES.get(verb.name))
        return answers

    for name, answer in asked(main).items():
        nothing = answer.status == 200 and not (
            answer.json.get("events") or answer.json.get("count")
        )
        assert answer.status in verb.problems or nothing, (name, answer.raw)


@each_verb
def test_bodies_are_read_and_refused_as_described(page, method, verb):
    if verb.body is None:
        return

    async def main(d):
        await with_something_to_see(d)
        path = path_of(page)
        broken = await d.request(method, path, body=b"{")
        unknown = await d.request(method, path, body=b'{"nonsense": 1}')
        wrong = [
            (key, await d.request(method, path, body=json.dumps({key: []}).encode()))
            for key in verb.body
        ]
        return broken, unknown, wrong

    broken, unknown, wrong = asked(main)
    assert broken.status == 400
    assert unknown.status == 422
    assert all(key in unknown.json["error"] for key in verb.body)
    for key, answer in wrong:
        assert answer.status == 422, (key, answer.raw)
    Draft202012Validator({"properties": dict(verb.body), "additionalProperties": False}).validate(
        verb.example
    )


def test_another_namespace_by_the_described_parameter():
    parameter = document()["components"]["parameters"]["SimulatorNamespace"]

    async def main(d):
        return await d.request("POST", f"/_sim/reset?{parameter['name']}=blue")

    assert asked(main).json == {"namespace": "blue", "existed": False}
