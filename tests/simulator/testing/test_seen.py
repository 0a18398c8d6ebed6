"""What a test sees of the journal."""

import dataclasses
import json
from types import SimpleNamespace

import pytest

from darajasim.core.events import CallbackAttempted, PaymentSettled
from darajasim.core.wire import loads
from darajasim.http.control_journal import shown
from darajasim.http.control_request import json_answer
from darajasim.testing.seen import Payment, callbacks_in, ending_in, events_from, ids_of
from support.daraja import daraja, in_virtual_time


def attempt(body, subject="ws_CO_1", status=200):
    return CallbackAttempted(
        5.0, subject, "stk", 1, "http://shop/cb", status, 0.1, "ok", None, json.dumps(body)
    )


PAID = {
    "Body": {
        "stkCallback": {
            "ResultCode": 0,
            "ResultDesc": "Done.",
            "CallbackMetadata": {
                "Item": [
                    {"Name": "Amount", "Value": 100.0},
                    {"Name": "Balance"},
                    {"Name": "MpesaReceiptNumber", "Value": "UJB5Q7X2KE"},
                ]
            },
        }
    }
}


def test_a_callback_tells_its_code_and_its_values():
    (found,) = callbacks_in([(3, attempt(PAID))])
    assert (found.number, found.code, found.text) == (3, "0", "Done.")
    assert found.value("MpesaReceiptNumber") == "UJB5Q7X2KE"
    assert found.value("Balance") is None
    assert found.value("Nothing", "ResultCode") == "0"
    assert found.acknowledged
    assert found.body["Body"]["stkCallback"]["ResultCode"] == 0


def test_a_callback_that_is_no_json_has_no_code():
    event = dataclasses.replace(attempt({}), body="<html>")
    (found,) = callbacks_in([(1, event)])
    assert (found.body, found.code) == (None, None)


@pytest.mark.parametrize(
    "payment",
    [
        "ws_CO_1", Payment("ws_CO_1"), {"CheckoutRequestID": "ws_CO_1", "MerchantRequestID": "m"},
        SimpleNamespace(checkout_request_id="ws_CO_1"), SimpleNamespace(checkout_id="ws_CO_1"),
        {"ConversationID": "ws_CO_1"},
    ],
)  # fmt: skip
def test_a_payment_may_be_given_in_many_ways(payment):
    assert ids_of(payment) == {"ws_CO_1"}
    happened = [
        (1, PaymentSettled(4.0, "ws_CO_1", "0", "Done.", "UJB5Q7X2KE")),
        (2, attempt(PAID)),
        (3, attempt(PAID, "another")),
    ]
    ending = ending_in(happened, ids_of(payment))
    assert ending.paid
    assert [each.number for each in ending.callbacks] == [2]
    assert ending_in(happened[1:], ids_of(payment)) is None


@pytest.mark.parametrize("wrong", [None, 7, {}, SimpleNamespace(), Payment("")])
def test_what_names_no_payment_is_refused(wrong):
    with pytest.raises(TypeError, match="expected a payment, a checkout request id"):
        ids_of(wrong)


def test_events_come_back_from_json_as_they_were():
    async def main():
        async with daraja() as d:
            await d.push()
            await d.push(Amount=0)
            await d.simulator.settled()
            happened = d.namespace.journal.numbered()
            page = [json_answer(shown(*each)).body for each in happened]
            assert list(events_from(map(loads, page))) == happened
            assert {event.kind for _, event in happened} >= {
                "request-received", "token-issued", "money-moved", "callback-attempted",
            }  # fmt: skip

    in_virtual_time(main())


def test_events_of_a_newer_simulator_are_passed_over():
    assert list(events_from([{"kind": "unheard-of", "number": 1}])) == []
