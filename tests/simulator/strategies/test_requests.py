"""Whatever the strategies call valid the simulator accepts; what they call wrong it names."""

import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.errors import InvalidArgument

from darajasim.core.catalogue import catalogue
from darajasim.core.profile import PROFILES
from darajasim.operations import named
from darajasim.strategies import requests
from darajasim.strategies.field_values import right_values, wrong_values
from support.daraja import daraja, in_virtual_time
from support.every import every
from support.examples import examples
from support.seen import seen
from support.smallest import smallest

NAMES = sorted(named())
few = settings(
    max_examples=examples(10),
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)


def asked(request, base="observed"):
    """What a simulator of its own answers, and the hint, which in JSON stands for the journal."""

    async def main():
        async with daraja(base=base) as d:
            if request.operation == "oauth":
                return await d.request(request.method, request.target, headers=request.headers)
            body = request.body
            if request.operation == "stk_query" and request.wrong is None:
                pushed = (await d.push()).json["CheckoutRequestID"]
                await d.simulator.settled()
                body = body | {"CheckoutRequestID": pushed}
            return await d.post(request.path, body)

    return in_virtual_time(main())


@pytest.mark.parametrize("name", NAMES)
def test_a_valid_request_is_accepted(name):
    @few
    @given(requests(name), st.sampled_from(PROFILES))
    def check(request, base):
        answer = asked(request, base)
        assert request.valid
        assert answer.status == 200, (answer.json, answer.hint)
        assert "errorCode" not in answer.json

    check()


@pytest.mark.parametrize("name", NAMES)
def test_an_almost_valid_request_is_refused_for_the_field_it_names(name):
    @few
    @given(requests(name, valid="almost"), st.sampled_from(PROFILES))
    def check(request, base):
        answer = asked(request, base)
        row = catalogue().by_key(request.refusal)
        assert answer.status == row.http_status
        assert row.code in answer.raw.decode(), answer
        assert request.wrong in answer.hint
        if name != "oauth":
            assert answer.hint.startswith(f"{request.wrong}: ")

    check()


FIELDS = {
    (name, field.name): field
    for name in NAMES
    for operation in named()[name]
    for field in getattr(operation, "fields", ())
}


@every(FIELDS.values(), name=lambda field: field.name)
def test_every_field_can_be_wrong_and_is_sent_where_it_has_an_example(field):
    assert not wrong_values(field).is_empty
    assert field.example is ... or right_values(field) is not None


def test_one_request_goes_wrong_in_each_of_its_fields():
    (operation,) = named()["stk_push"]
    fields = {field.name for field in operation.fields}
    assert fields <= seen(requests(valid="almost"), lambda request: [request.wrong], fields, 500)


def test_requests_shrink_to_the_example_without_anything_optional():
    found = smallest(requests("b2b_payment"))
    (operation,) = named()["b2b_payment"]
    examples = {field.name: field.example for field in operation.fields}
    varied = {"Amount", "AccountReference", "Remarks"}
    assert found.body.keys() == {name for name, value in examples.items() if value is not ...}
    assert all(found.body[name] == examples[name] for name in found.body.keys() - varied)
    assert (found.body["Amount"], found.body["Remarks"]) == ("1", "0")


def test_an_almost_valid_request_shrinks_to_the_example_but_for_the_one_field():
    found = smallest(
        requests(valid="almost"),
        lambda request: request.wrong == "Timestamp" and request.problem == "null",
    )
    (operation,) = named()["stk_push"]
    kept = {"BusinessShortCode", "Password", "PartyA", "PartyB", "PhoneNumber", "CallBackURL"}
    for field in operation.fields:
        assert field.name not in kept or found.body[field.name] == field.example
    assert (found.body["Amount"], found.body["Timestamp"]) == ("1", None)


def test_fixed_fields_stand_and_are_never_wrong():
    @few
    @given(requests(valid="almost", fields={"Amount": 7, "PhoneNumber": st.just("254722000001")}))
    def check(request):
        assert (request.body["Amount"], request.body["PhoneNumber"]) == (7, "254722000001")
        assert request.wrong not in ("Amount", "PhoneNumber")

    check()


@given(requests("b2c_payment", callback_url="https://shop.example/r"))
def test_a_callback_url_stands_in_every_url(request):
    assert request.body["ResultURL"] == request.body["QueueTimeOutURL"] == "https://shop.example/r"


@given(requests("bills_bulk_invoice"))
def test_what_takes_many_gets_an_array(request):
    assert json.loads(request.raw) == request.body
    assert isinstance(request.body, list)


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ({"operation": "stk_pusch"}, "operation is one of"),
        ({"valid": False}, "valid is one of True, 'almost'"),
        ({"valid": 1}, "valid is one of"),
        ({"fields": {"Amonut": 1}}, "did you mean 'Amount'"),
        ({"callback_url": 1}, "callback_url is text"),
        ({"operation": "oauth", "fields": {"a": 1}}, "oauth has no fields"),
        ({"operation": "imsi_check", "valid": "almost", "fields": {"customerNumber": 1}}, "fixed"),
    ],
)
def test_wrong_arguments_are_refused_at_once(arguments, says):
    with pytest.raises(InvalidArgument, match=says):
        requests(**arguments)
