"""Every way to say no: described where it can happen, and described as it is answered."""

import json
import re

from jsonschema import Draft202012Validator

from darajasim.core.catalogue import catalogue
from darajasim.core.profile import KNOBS
from darajasim.openapi import document
from darajasim.openapi.refusals import possible
from darajasim.operations import operations
from support.commands import B2C, example
from support.daraja import PUSH_PATH, QUERY_PATH, daraja, in_virtual_time
from support.every import every

OAUTH_PATH = "/oauth/v1/generate"
PATHS = sorted(set(operations()) - {OAUTH_PATH})


def resolved(found):
    """What a local `$ref` leads to; anything else as it is."""
    while "$ref" in found:
        found, parts = document(), found["$ref"].removeprefix("#/").split("/")
        for part in parts:
            found = found[part]
    return found


def responses(path, method=None):
    """The described responses of a path by HTTP status."""
    item = document()["paths"][path]
    described = item[method or operations()[path].method.lower()]
    return {int(status): resolved(each) for status, each in described["responses"].items()}


def shown(path):
    """Every example of a refusal: its HTTP status, content type, key, schema and value."""
    for status, response in responses(path).items():
        for kind, content in response.get("content", {}).items():
            for key, each in content.get("examples", {}).items():
                yield status, kind, key, content["schema"], resolved(each)["value"]


def problems(schema, value):
    whole = {**schema, "components": document()["components"]}
    return [error.message for error in Draft202012Validator(whole).iter_errors(value)]


def keys(path):
    return {row.key for row in possible(operations()[path])}


@every(sorted(operations()))
def test_every_example_fits_the_schema_beside_it(path):
    found = list(shown(path))
    assert len(found) > 5
    for _status, _kind, key, schema, value in found:
        assert problems(schema, value) == [], key


@every(sorted(operations()))
def test_every_row_that_may_come_is_shown_under_its_status(path):
    wanted = {
        (row.http_status, row.key)
        for row in possible(operations()[path])
        if (row.text or row.code) and (row.surface == "http" or row.http_status != 200)
    }
    assert wanted <= {(status, key) for status, _kind, key, *_rest in shown(path)}


def test_every_refusal_is_shown_for_some_operation_in_its_exact_words():
    values = {key: value for path in operations() for _s, _k, key, _schema, value in shown(path)}
    rows = [row for row in catalogue().rows if row.surface == "http" and (row.text or row.code)]
    assert len(rows) > 50
    for row in rows:
        value = values[row.key]
        said = value["errorMessage"] if row.code else value
        if isinstance(said, dict):
            assert said == json.loads(row.text)
        else:
            assert re.fullmatch(re.sub(r"\\\{\w+\\\}", ".+", re.escape(row.text)), said), row.key
        assert not row.code or value["errorCode"] == row.code


@every(sorted(operations()))
def test_an_answer_with_a_code_of_nobody_does_not_fit(path):
    """The schemas must be able to find something."""
    for status, kind, key, schema, value in shown(path):
        if kind == "application/json" and status >= 400 and "errorCode" in value:
            assert problems(schema, {**value, "errorCode": "400.999.99"}), key
            assert problems(schema, {**value, "trace": "line 1"}), key


@every(PATHS)
def test_the_operation_answers_what_is_shown(path):
    """Each example is asked for by its magic value; HTTP status, type and shape must be those."""
    operation = operations()[path]
    by_key = {key: part for status, kind, key, *part in shown(path)}

    async def main():
        async with daraja() as d:
            for row in possible(operation):
                anothers = row.surface == "inline" and row.operation != operation.name
                if row.key not in by_key or anothers:  # whose magic value is another's
                    continue
                body = example(path) | {operation.magic_field: f"ERR-{row.key}"}
                answer = await d.post(path, [body] if operation.lists else body)
                described = responses(path)[answer.status]
                kind = answer.headers["content-type"]
                schema, value = by_key[row.key]
                assert kind in described["content"], row.key
                if kind == "application/json":
                    assert problems(schema, json.loads(answer.raw)) == [], row.key
                    assert list(json.loads(answer.raw)) == list(value), row.key

    in_virtual_time(main())


def test_fields_tokens_and_the_gateway_say_which_rows_may_come():
    found = keys(PUSH_PATH)
    assert {"invalid-amount", "invalid-callback-url", "invalid-access-token"} <= found
    assert {"invalid-payload", "method-not-allowed", "resource-not-found"} <= found
    assert {"waf-blocked", "spike-arrest", "quota"} <= found
    assert set(KNOBS["gateway"].choices) - {"up"} <= found


def test_rows_about_the_fields_of_others_do_not():
    assert "invalid-security-credential" not in keys(PUSH_PATH)
    assert "invalid-amount" not in keys(QUERY_PATH)
    assert "c2b-invalid-access-token" not in keys(B2C)
    assert "invalid-result-url" not in keys("/imsi/v1/checkATI")


def test_sisters_share_what_is_about_no_field():
    assert "internal-error" in keys(QUERY_PATH)
    assert "duplicate-originator-conversation-id" in keys("/mpesa/b2pochi/v1/paymentrequest")
    assert "iot-no-records" in keys("/simportal/v1/renameasset")


def test_the_token_endpoint_has_none_of_a_product():
    found = keys(OAUTH_PATH)
    assert {"invalid-grant-type", "unknown-credentials", "waf-blocked"} <= found
    assert not {"invalid-payload", "invalid-access-token", "quota"} & found


def test_bodies_that_are_no_json_have_their_own_types():
    content = responses(B2C)[500]["content"]
    assert set(content) == {"application/json", "text/xml"}
    assert content["text/xml"]["schema"] == {"type": "string"}
    assert set(responses(PUSH_PATH)[403]["content"]) == {"text/html"}


def test_an_empty_body_is_said_to_be_possible():
    assert "may be empty" in responses(OAUTH_PATH)[400]["description"]
