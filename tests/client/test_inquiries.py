"""Balances, statuses and reversals, through the whole client."""

import json
from dataclasses import replace
from decimal import Decimal

import httpx
import pytest

from mpesa_pochi import InvalidRequest, ServerFault, UnexpectedAnswer, UnknownOutcome, Unreachable

CONVERSATION = "AG_20261011_0100100305k2v9q8t1zx"
ORIGINATOR = "51c2-4d77-b0a4-9e8f7a6b5c4d1607"
CREDENTIAL = f"{'PlantedCredential' * 20}AB=="
COMMON = {
    "Initiator": "testapi",
    "SecurityCredential": CREDENTIAL,
    "QueueTimeOutURL": "https://shop.example/timeout/planted-timeout-token",
    "ResultURL": "https://shop.example/result/planted-result-token",
}
CALLS = {
    "account_balance": {},
    "transaction_status": {"receipt": "UJB5Q7X2KE"},
    "reverse": {"receipt": "UJB5Q7X2KE", "amount": 200, "remarks": "Paid twice"},
}
every = pytest.mark.parametrize("method", CALLS)
harmless = pytest.mark.parametrize("method", ["account_balance", "transaction_status"])


def sent(daraja):
    (request,) = daraja.requests[1:]
    return request.url.path, json.loads(request.content)


@every
def test_an_acceptance_has_the_ids_that_the_result_will_have(make, method):
    accepted = make(method, **CALLS[method])
    assert accepted.conversation_id == CONVERSATION
    assert accepted.originator_conversation_id == ORIGINATOR


def test_a_balance_is_what_daraja_documents(make, daraja):
    make("account_balance")
    assert sent(daraja) == (
        "/mpesa/accountbalance/v1/query",
        COMMON
        | {
            "CommandID": "AccountBalance",
            "PartyA": "600998",
            "IdentifierType": "4",
            "Remarks": "Balance",
        },
    )


def test_a_status_is_what_daraja_documents(make, daraja):
    make("transaction_status", receipt="UJB5Q7X2KE", occasion="audit")
    assert sent(daraja) == (
        "/mpesa/transactionstatus/v1/query",
        COMMON
        | {
            "CommandID": "TransactionStatusQuery",
            "TransactionID": "UJB5Q7X2KE",
            "PartyA": "600998",
            "IdentifierType": "4",
            "Remarks": "Status",
            "Occasion": "audit",
        },
    )


def test_a_status_can_be_asked_by_the_payouts_own_id(make, daraja):
    make("transaction_status", original_conversation_id="ord-7781-a1")
    fields = sent(daraja)[1]
    assert (fields["TransactionID"], fields["OriginalConversationID"]) == ("", "ord-7781-a1")


def test_a_status_needs_an_id(make, daraja):
    with pytest.raises(InvalidRequest, match="receipt or original_conversation_id"):
        make("transaction_status")
    assert daraja.requests == []


def test_the_party_of_a_status_may_be_a_phone(make, daraja):
    make("transaction_status", receipt="UJB5Q7X2KE", identifier_type="1", party="0722 000000")
    fields = sent(daraja)[1]
    assert (fields["PartyA"], fields["IdentifierType"]) == ("254722000000", "1")


def test_a_reversal_is_what_daraja_documents(make, daraja):
    make("reverse", **CALLS["reverse"])
    assert sent(daraja) == (
        "/mpesa/reversal/v1/request",
        COMMON
        | {
            "CommandID": "TransactionReversal",
            "TransactionID": "UJB5Q7X2KE",
            "Amount": "200",
            "ReceiverParty": "174379",
            "RecieverIdentifierType": "11",
            "Remarks": "Paid twice",
            "Occasion": "",
        },
    )


@pytest.mark.parametrize(
    ("amount", "written"),
    [(200, "200"), (Decimal(200), "200"), (Decimal("200.00"), "200"), (Decimal("1.5"), "1.50")],
)
def test_a_reversal_is_to_the_cent(make, daraja, amount, written):
    make("reverse", **CALLS["reverse"] | {"amount": amount})
    assert sent(daraja)[1]["Amount"] == written


def test_without_a_shortcode_that_pays_the_other_one_is_asked_about(make, daraja, paying):
    make("account_balance", {"settings": replace(paying, payout_shortcode="")})
    assert sent(daraja)[1]["PartyA"] == "174379"


@pytest.mark.parametrize(
    ("method", "changes"),
    [
        ("account_balance", {"identifier_type": "1"}),
        ("account_balance", {"identifier_type": 4}),
        ("account_balance", {"shortcode": "12"}),
        ("account_balance", {"remarks": ""}),
        ("transaction_status", {"receipt": "two words"}),
        ("transaction_status", {"identifier_type": "11"}),
        ("transaction_status", {"identifier_type": "1"}),
        ("transaction_status", {"identifier_type": "1", "party": "020 2222222"}),
        ("transaction_status", {"party": "x"}),
        ("transaction_status", {"result_url": ""}),
        ("reverse", {"receipt": ""}),
        ("reverse", {"amount": 0}),
        ("reverse", {"amount": 1.0}),
        ("reverse", {"amount": True}),
        ("reverse", {"amount": Decimal("0.001")}),
        ("reverse", {"amount": Decimal("NaN")}),
        ("reverse", {"amount": 10**9}),
        ("reverse", {"remarks": "x"}),
        ("reverse", {"shortcode": ""}),
    ],
)
def test_what_is_wrong_is_refused_before_the_wire(make, daraja, method, changes):
    from mpesa_pochi import PochiError

    with pytest.raises(PochiError):
        make(method, **CALLS[method] | changes)
    assert daraja.requests == []


@harmless
@pytest.mark.parametrize(
    "trouble",
    [
        lambda daraja: daraja.envelope("500.002.1001", "System internal error."),
        lambda daraja: daraja.answer(502, b"<html>"),
        lambda _: httpx.ReadError("reset"),
    ],
)
def test_what_changes_nothing_is_asked_again_through_trouble(make, daraja, method, trouble):
    daraja.command = [trouble(daraja), trouble(daraja), daraja.taken]
    assert make(method, **CALLS[method])
    daraja.command = [lambda _: trouble(daraja)]
    with pytest.raises((ServerFault, Unreachable)):
        make(method, **CALLS[method])


@harmless
def test_an_answer_that_says_nothing_is_unexpected_and_no_unknown_outcome(make, daraja, method):
    daraja.command = [lambda request: daraja.taken(request, ResponseCode="7", ConversationID="")]
    with pytest.raises(UnexpectedAnswer, match="7 Accept the service request"):
        make(method, **CALLS[method])


@pytest.mark.parametrize(
    "reply",
    [
        lambda _: httpx.ReadError("reset"),
        lambda daraja: daraja.answer(200, b""),
        lambda daraja: daraja.answer(502, b""),
    ],
)
def test_a_reversal_moves_money_and_is_sent_once(make, daraja, reply):
    daraja.command = [reply(daraja)]
    with pytest.raises(UnknownOutcome) as caught:
        make("reverse", **CALLS["reverse"])
    assert len(daraja.requests) == 2
    assert caught.value.operation == "reversal"
    assert caught.value.originator_conversation_id is None
    assert "push" not in str(caught.value)
