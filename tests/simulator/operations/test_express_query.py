"""The query of M-Pesa Express: in flight, unknown, hiccups, and what its errors carry."""

import re

import pytest

from darajasim.core.rules import Plan, Reply, Rule
from support.daraja import daraja, in_virtual_time, password

UNKNOWN = "ws_CO_010120260000001799999999"
GATEWAY_ID = r"[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\d{4,8}"


@pytest.mark.parametrize(
    ("knob", "status", "code", "text"),
    [
        ("4999", 200, "4999", "The transaction is still under processing"),
        ("1101", 200, "1101", "The transaction is being processed"),
        ("error", 500, "500.001.1001", "The transaction is being processed"),
        ("empty", 200, "500.001.1001", ""),
    ],
)
def test_in_flight_by_era(knob, status, code, text):
    async def main():
        async with daraja(in_flight=knob) as d:
            id_ = (await d.push()).json["CheckoutRequestID"]
            answer = await d.query(id_)
            assert answer.status == status
            found = answer.json
            assert found.get("ResultCode", found.get("errorCode")) == code
            assert found.get("ResultDesc", found.get("errorMessage")) == text
            if "errorCode" in found:
                assert found["requestId"] == id_
                assert list(found) == ["requestId", "errorCode", "errorMessage"]

    in_virtual_time(main())


@pytest.mark.parametrize(("knob", "shape"), [("checkout", UNKNOWN), ("gateway", GATEWAY_ID)])
def test_an_unknown_id(knob, shape):
    async def main():
        async with daraja(query_error_request_id=knob) as d:
            answer = await d.query(UNKNOWN)
            assert (answer.status, answer.json["errorCode"]) == (500, "500.001.1001")
            assert answer.json["errorMessage"] == "The transaction does not Exist"
            assert re.fullmatch(shape, answer.json["requestId"])

    in_virtual_time(main())


@pytest.mark.parametrize("value", ["", None, 7, "ws_CO_", "nonsense", [], "ws_CO_" + "1" * 100])
def test_a_malformed_id(value):
    async def main():
        async with daraja() as d:
            answer = await d.query(value)
            assert (answer.status, answer.json["errorCode"]) == (400, "400.002.02")
            assert answer.json["errorMessage"] == "Bad Request - Invalid CheckoutRequestID"
            assert re.fullmatch(GATEWAY_ID, answer.json["requestId"])

    in_virtual_time(main())


def test_a_wrong_password_of_a_query():
    async def main():
        async with daraja() as d:
            id_ = (await d.push()).json["CheckoutRequestID"]
            answer = await d.query(id_, Password=password("174378"))
            assert (answer.status, answer.json["errorMessage"]) == (500, "Wrong credentials")

    in_virtual_time(main())


def test_another_shortcodes_payment_is_unknown():
    async def main():
        async with daraja() as d:
            id_ = (await d.push()).json["CheckoutRequestID"]
            other = {"BusinessShortCode": "600100", "Password": password("600100")}
            answer = await d.query(id_, **other)
            assert answer.json["errorMessage"] == "The transaction does not Exist"

    in_virtual_time(main())


def test_hiccups_of_a_known_payment():
    async def main():
        async with daraja(query_hiccup_rate=0.5) as d:
            id_ = (await d.push()).json["CheckoutRequestID"]
            await d.simulator.settled()
            answers = [await d.query(id_) for _ in range(60)]
            assert {answer.status for answer in answers} == {200, 500}
            for answer in answers:
                if answer.status == 500:
                    assert answer.json["errorCode"] == "500.001.1001"

    in_virtual_time(main())


@pytest.mark.parametrize(
    ("base", "spelling"), [("observed", "successsfully"), ("documented", "successfully")]
)
def test_the_typo_by_profile(base, spelling):
    async def main():
        async with daraja(base=base) as d:
            id_ = (await d.push()).json["CheckoutRequestID"]
            await d.simulator.settled()
            text = (await d.query(id_)).json["ResponseDescription"]
            assert text == f"The service request has been accepted {spelling}"

    in_virtual_time(main())


def test_a_rules_error_carries_the_checkout_request_id_too():
    async def main():
        async with daraja() as d:
            id_ = (await d.push()).json["CheckoutRequestID"]
            for key, shape in [("being-processed", id_), ("gateway-busy", GATEWAY_ID)]:
                d.namespace.rules.rules[:] = [Rule("stk_query", plan=Plan(reply=Reply(error=key)))]
                answer = await d.query(id_)
                assert re.fullmatch(shape, answer.json["requestId"])

    in_virtual_time(main())


def test_a_fresh_password_and_timestamp_are_fine():
    async def main():
        async with daraja() as d:
            id_ = (await d.push()).json["CheckoutRequestID"]
            stamp = "20300101000000"
            answer = await d.query(id_, Timestamp=stamp, Password=password(timestamp=stamp))
            assert answer.status == 200

    in_virtual_time(main())
