"""Schemathesis reads the served description and finds nothing that contradicts it."""

import copy
import re

import httpx
import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis.checks import CHECKS

from darajasim.openapi import document
from darajasim.operations import operations
from support.caller import basic
from support.daraja import PUSH_PATH
from support.served import served

EXAMPLES = 8
"""Requests to each operation; tests/end_to_end/test_fuzz.py sends hundreds."""
CHECKED = (
    "status_code_conformance",
    "content_type_conformance",
    "response_schema_conformance",
)
"""Left out, because Daraja contradicts them by design: it answers 5xx to what it refuses, ignores
unknown keys, answers 404 to a bad token, and takes a number where a string is documented."""
BOUNDED = settings(
    max_examples=EXAMPLES,
    deadline=None,
    derandomize=True,
    database=None,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)


@pytest.fixture(scope="module")
def server():
    with served("--seed", "1", "--speed", "20") as running:
        yield running


def read(base):
    """Every described operation, by method and path."""
    api = schemathesis.openapi.from_url(f"{base}/_sim/openapi.json")
    found = [each.ok() for each in api.get_all_operations()]
    return {(each.method.upper(), each.path): each for each in found}


@pytest.fixture(scope="module")
def described(server):
    return read(server.base)


@pytest.fixture(scope="module")
def token(server):
    grant = f"{server.base}/oauth/v1/generate?grant_type=client_credentials"
    return httpx.get(grant, headers={"Authorization": basic()}).json()["access_token"]


def examine(operation, headers) -> set[int]:
    """Send generated requests to an operation, and check each answer; the statuses met."""
    checks = [check for check in CHECKS.get_all() if check.__name__ in CHECKED]
    assert len(checks) == len(CHECKED)
    met = set()

    @BOUNDED
    @given(case=operation.as_strategy())
    def ask(case):
        response = case.call(headers=headers)
        met.add(response.status_code)
        assert not re.search(r"Traceback|File \"", response.text), response.text
        if response.content:
            case.validate_response(response, checks=checks)
        else:  # an empty body has no content type, and no schema to conform to
            assert str(response.status_code) in operation.definition.raw["responses"]

    ask()
    return met


@pytest.mark.parametrize("path", sorted(set(operations()) - {"/oauth/v1/generate"}))
def test_no_answer_contradicts_the_description(described, token, path):
    for (_method, its_path), operation in described.items():
        if its_path == path:
            examine(operation, {"Authorization": f"Bearer {token}"})


def test_the_token_endpoint_does_not_either(described):
    operation = described["GET", "/oauth/v1/generate"]
    assert 200 in examine(operation, {"Authorization": basic()})
    assert 200 not in examine(operation, {})


def test_without_a_token_everything_is_refused_as_described(described):
    daraja = {each: found for each, found in described.items() if each[1] in operations()}
    for (_method, path), operation in list(daraja.items())[::4]:
        if path != "/oauth/v1/generate":
            assert examine(operation, {}) <= {401, 404}, path


def test_the_simulators_own_pages_do_not_contradict_theirs():
    """All but the wait, which would wait; on a server of their own, for they reset and go ahead."""
    with served("--seed", "1") as alone:
        _examine_own(read(alone.base))


def _examine_own(described):
    own = {each for each in described if each[1].startswith("/_sim/")}
    own.remove(("GET", "/_sim/journal/wait"))
    assert len(own) > 15
    for each in sorted(own):
        statuses = examine(described[each], {})
        assert all(status < 500 or status == 503 for status in statuses), each


def test_an_answer_that_is_not_described_is_found(server, token):
    """What finds nothing above does find something when the description is wrong."""
    described = copy.deepcopy(document())
    described["paths"] = {PUSH_PATH: described["paths"][PUSH_PATH]}
    for status in ("400", "500"):
        del described["paths"][PUSH_PATH]["post"]["responses"][status]
    api = schemathesis.openapi.from_dict(described)
    api.config.update(base_url=server.base)
    (operation,) = (each.ok() for each in api.get_all_operations())
    with pytest.raises(BaseExceptionGroup, match="distinct failure"):
        examine(operation, {"Authorization": f"Bearer {token}"})
