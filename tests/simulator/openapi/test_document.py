import json
import re

import pytest
from jsonschema import Draft202012Validator
from openapi_spec_validator import validate

from darajasim.openapi import document
from darajasim.operations import operations
from support.commands import B2B, B2C, REVERSAL, command, example
from support.daraja import daraja, in_virtual_time
from support.every import every

PATHS = sorted(set(operations()) - {"/oauth/v1/generate"})


def resolved(schema):
    """A schema that stands alone: references lead into the document."""
    return {**schema, "components": document()["components"]}


def operation(path):
    return document()["paths"][path]["post"]


def test_it_is_openapi_3_1():
    validate(document())
    assert document()["openapi"] == "3.1.0"


def test_every_path_is_described_once():
    assert set(document()["paths"]) == set(operations())
    ids = [
        described["operationId"]
        for item in document()["paths"].values()
        for described in item.values()
    ]
    assert len(ids) == len(set(ids))
    assert all(
        described["summary"] for item in document()["paths"].values() for described in item.values()
    )


@every(PATHS)
def test_every_field_is_described_and_the_example_fits(path):
    body = operation(path)["requestBody"]["content"]["application/json"]
    schema = body["schema"].get("items", body["schema"])
    assert set(schema["properties"]) == {field.name for field in operations()[path].fields}
    Draft202012Validator(body["schema"]).validate(body["example"])


@every(PATHS)
def test_the_answer_to_the_example_is_as_described(path):
    async def main():
        async with daraja() as d:
            body = example(path)
            answer = await d.post(path, [body] if operations()[path].lists else body)
            described = operation(path)["responses"][str(answer.status)]
            if "$ref" in described:
                described = document()["components"]["responses"][described["$ref"].split("/")[-1]]
            schema = described["content"]["application/json"]["schema"]
            Draft202012Validator(resolved(schema)).validate(json.loads(answer.raw))

    in_virtual_time(main())


def callback(path, kind):
    (described,) = operation(path)["callbacks"][kind].values()
    return described["post"]["requestBody"]["content"]["application/json"]["schema"]


@every(PATHS)
def test_callbacks_go_where_a_field_says(path):
    for kind, described in operation(path).get("callbacks", {}).items():
        (expression,) = described
        field = re.fullmatch(r"\{\$request\.body#/(\w+)\}", expression)[1]
        assert field in {each.name for each in operations()[path].fields}
        assert callback(path, kind)


@pytest.mark.parametrize(
    ("path", "changes", "kind"),
    [
        (B2C, {}, "result"),
        (B2C, {"Remarks": "RES-2001"}, "result"),
        (B2C, {"Remarks": "RES-TIMEOUT"}, "timeout"),
        (B2B, {}, "result"),
        (B2B, {"Remarks": "RES-SFC_IC0003"}, "result"),
        (REVERSAL, {}, "result"),
        ("/mpesa/stkpush/v1/processrequest", {}, "stk"),
        ("/mpesa/stkpush/v1/processrequest", {"PhoneNumber": "254700001032"}, "stk"),
        ("/v1/ussdpush/get-msisdn", {}, "b2b_express"),
        ("/v1/ussdpush/get-msisdn", {"paymentRef": "RES-4001"}, "b2b_express"),
        ("/standingorder/v1/createStandingOrderExternal", {}, "ratiba"),
        ("/standingorder/v1/createStandingOrderExternal", {"PartyA": "254700001037"}, "ratiba"),
    ],
)
def test_callbacks_are_as_described(path, changes, kind):
    async def main():
        async with daraja() as d:
            answer = await command(d, path, **changes)
            assert answer.status == 200, answer
            body = json.loads(d.merchant.received[0][2])
            Draft202012Validator(resolved(callback(path, kind))).validate(body)

    in_virtual_time(main())


@pytest.mark.parametrize("kind", ["validation", "confirmation"])
def test_c2b_callbacks_are_as_described(kind):
    async def main():
        async with daraja() as d:
            register = "/mpesa/c2b/v2/registerurl"
            await d.post(register, example(register))
            simulate = "/mpesa/c2b/v2/simulate"
            await d.post(simulate, example(simulate))
            await d.simulator.settled()
            index = {"validation": 0, "confirmation": 1}[kind]
            body = json.loads(d.merchant.received[index][2])
            Draft202012Validator(resolved(callback(register, kind))).validate(body)

    in_virtual_time(main())
