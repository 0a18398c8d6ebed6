"""The journal and the ledger as facts."""

from dataclasses import replace

import pytest

from darajasim.core.events import (
    CallbackAttempted,
    PaymentSettled,
    RequestAnswered,
    RequestReceived,
)
from darajasim.core.ledger import Entry
from darajasim.harness.laws.facts import Accepted, CalledBack, Ended, Moved, Queried
from darajasim.harness.laws.recording import daraja_facts

URL = "http://shop/cb"
PUSH = RequestReceived(
    1.0,
    "stk_push",
    {
        "PhoneNumber": 254722000000,
        "Amount": "100",
        "AccountReference": "INV-1",
        "CallBackURL": URL,
    },
)
ACCEPTED = RequestAnswered(1.0, "stk_push", 200, "0", "ok", subject="ws_1")
ASKED = RequestReceived(2.0, "stk_query", {"CheckoutRequestID": "ws_1"})
ANSWERED = RequestAnswered(2.0, "stk_query", 200, "1032", "cancelled", subject="ws_1")
BODY = (
    '{"Body":{"stkCallback":{"CheckoutRequestID":"ws_1","ResultCode":0,"CallbackMetadata":{"Item":'
    '[{"Name":"Amount","Value":100.00},{"Name":"MpesaReceiptNumber","Value":"R1"},'
    '{"Name":"Balance"},{"Name":"PhoneNumber","Value":254722000000}]}}}}'
)
CALLED = CallbackAttempted(4.0, "ws_1", "stk", 1, URL, 200, 0.1, "ok", None, BODY)


def facts(*events, entries=()):
    return daraja_facts(events, entries, merchants=lambda url: url.startswith("http://shop/"))


def test_an_accepted_push():
    assert facts(PUSH, ACCEPTED) == [Accepted(1.0, "ws_1", "254722000000", 10_000, "INV-1")]


@pytest.mark.parametrize(
    "events",
    [
        (PUSH, replace(ACCEPTED, subject=None, status=400)),
        (replace(PUSH, body={**PUSH.body, "CallBackURL": "http://inbox/"}), ACCEPTED),
        (replace(PUSH, operation="b2c_payment"), replace(ACCEPTED, operation="b2c_payment")),
        (ACCEPTED,),
        (replace(CALLED, url="http://inbox/"),),
    ],
    ids=["refused", "another's", "no push", "no request", "another's callback"],
)
def test_what_is_no_fact_about_the_merchant(events):
    assert facts(*events) == []


def test_what_the_scenario_asked_for_itself_is_no_push_of_the_merchant_s():
    others = {"ws_1"}
    assert daraja_facts((PUSH, ACCEPTED), (), merchants=lambda _: True, others=others) == []


def test_an_end_with_its_entry_in_the_ledger():
    entries = (
        Entry(0.0, "opening", "outside", "customer", 5_000),
        Entry(3.0, "R1", "customer", "shop", 10_000),
        Entry(3.0, "R1", "shop", "m-pesa:charges", 100),
    )
    settled = PaymentSettled(3.0, "ws_1", "0", "ok", "R1")
    assert facts(settled, entries=entries) == [
        Ended(3.0, "ws_1", "0", "R1"),
        Moved(3.0, "R1", 10_000),
    ]
    assert facts(replace(settled, code="1032", receipt=None)) == [Ended(3.0, "ws_1", "1032")]


@pytest.mark.parametrize(
    ("changes", "known"),
    [
        ({}, [Queried(2.0, "ws_1", "1032")]),
        ({"code": "4999"}, []),  # still in flight
        ({"fault": "reset"}, []),
        ({"status": 500, "code": "500.001.1001"}, []),
    ],
)
def test_a_query_is_known_when_it_was_answered_with_an_end(changes, known):
    assert facts(ASKED, replace(ANSWERED, **changes)) == known


def test_a_callback_is_read_from_its_bytes():
    (told,) = facts(CALLED)
    assert told == CalledBack(4.0, "ws_1", "stk", "0", 10_000, "254722000000", "R1", 200, BODY)
    assert told.acknowledged
    (confirmed,) = facts(
        replace(CALLED, callback="confirmation", body='{"TransAmount":"1.00","TransID":"R2"}')
    )
    assert (confirmed.code, confirmed.cents, confirmed.receipt) == ("0", 100, "R2")


@pytest.mark.parametrize("body", ["", "{", "[]", '"x"', '{"ResultCode": null}'])
def test_bytes_that_say_nothing(body):
    (told,) = facts(replace(CALLED, body=body, status=None, error="refused"))
    assert (told.code, told.cents, told.status) == (None, None, None)
    assert not told.acknowledged
