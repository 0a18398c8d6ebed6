"""Nothing mutated or forged is ever taken for the payment that it resembles."""

from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.errors import InvalidArgument

from darajasim.strategies import confirmations, forged_callbacks, mutated_callbacks, stk_callbacks
from darajasim.strategies.forgery import LIES
from darajasim.strategies.mutation import CHANGES, HARMLESS
from mpesa_pochi import (
    CallbackRefused,
    ExpectedPayment,
    check_callback,
    parse_callback,
    parse_confirmation,
    parse_result,
)
from support.examples import examples
from support.seen import seen
from support.smallest import smallest

PARSERS = {"stk": parse_callback, "result": parse_result, "confirmation": parse_confirmation}


@pytest.mark.parametrize(
    ("kind", "change"),
    [pair for pair in product(PARSERS, CHANGES) if pair != ("confirmation", "another outcome")],
)
def test_a_change_is_refused_or_read_as_something_else_unless_it_is_harmless(kind, change):
    @settings(max_examples=examples(25))
    @given(mutated_callbacks(kind=kind, changes=[change]))
    def check(mutated):
        original = PARSERS[kind](mutated.original.raw)
        assert mutated.change == change
        assert mutated.harmless == (change in HARMLESS)
        assert change == "reordered keys" or mutated.raw != mutated.original.raw
        try:
            read = PARSERS[kind](mutated.raw)
        except CallbackRefused:
            assert not mutated.harmless
            return
        assert (read == original) == mutated.harmless

    check()


@given(mutated_callbacks(of=stk_callbacks(paid=True, amount=70, phone="254722000001")))
def test_a_mutated_callback_is_never_applied_as_the_payment_that_was_asked_for(mutated):
    original = parse_callback(mutated.original.raw)
    expected = ExpectedPayment(
        amount=70,
        phone="254722000001",
        checkout_request_id=original.checkout_request_id,
        merchant_request_id=original.merchant_request_id,
    )
    try:
        read = parse_callback(mutated.raw)
        check_callback(read, expected)
    except CallbackRefused:
        assert not mutated.harmless
        return
    assert mutated.harmless or not read.paid
    assert not mutated.harmless or read == original


def test_every_change_to_every_vital_field_is_found():
    vital = {"CheckoutRequestID", "MerchantRequestID", "ResultCode", "Amount",
             "MpesaReceiptNumber", "TransactionDate", "PhoneNumber"}  # fmt: skip
    every = {(change, field) for change in ("missing field", "wrong type") for field in vital}

    def look(mutated):
        yield mutated.change
        yield (mutated.change, mutated.field)

    found = seen(mutated_callbacks(of=stk_callbacks(paid=True)), look, {*CHANGES, *every})
    assert {each for each in found if isinstance(each, str)} == set(CHANGES)
    found = {each for each in found if isinstance(each, tuple)}
    for change in ("missing field", "wrong type"):
        assert {field for made, field in found if made == change} == vital


def test_mutations_shrink_to_a_simple_callback_and_a_simple_change():
    truncated = smallest(mutated_callbacks(changes=["truncated"]))
    assert truncated.raw == b""
    more = smallest(mutated_callbacks(changes=["wrong amount"]))
    assert more.original.claim.amount == 1
    assert b'"Value":2.00' in more.raw


def expected(forged):
    return ExpectedPayment(
        amount=forged.payment.amount,
        phone=forged.payment.phone,
        checkout_request_id=forged.payment.checkout_request_id,
        merchant_request_id=forged.payment.merchant_request_id,
        asked_at=forged.asked_at,
        settled_code=forged.settled_code,
    )


@pytest.mark.parametrize("lie", LIES)
def test_a_forged_callback_is_well_formed_and_refused_for_its_lie(lie):
    @given(forged_callbacks(lies=[lie]))
    def check(forged):
        assert forged.lie == lie
        callback = parse_callback(forged.callback.raw)
        assert callback.paid
        with pytest.raises(CallbackRefused):
            check_callback(callback, expected(forged), receipts=forged.receipts)

    check()


@given(forged_callbacks(seamless=True))
def test_nothing_in_a_seamless_forgery_gives_it_away(forged):
    check_callback(parse_callback(forged.callback.raw), expected(forged), receipts=forged.receipts)


def test_a_forgery_shrinks_to_two_shillings_from_an_everyday_number():
    payment = smallest(forged_callbacks()).payment
    assert (payment.amount, payment.phone) == (2, "254722000000")


@pytest.mark.parametrize(
    ("strategy", "arguments"),
    [
        (mutated_callbacks, {"kind": "stk_push"}),
        (mutated_callbacks, {"kind": "confirmation", "changes": ["another outcome"]}),
        (mutated_callbacks, {"of": []}),
        (mutated_callbacks, {"changes": []}),
        (mutated_callbacks, {"changes": "truncated"}),
        (mutated_callbacks, {"changes": ["truncate"]}),
        (mutated_callbacks, {"of": confirmations}),
        (forged_callbacks, {"lies": []}),
        (forged_callbacks, {"lies": ["nothing"]}),
        (forged_callbacks, {"seamless": 1}),
    ],
)
def test_wrong_arguments_are_refused_at_once(strategy, arguments):
    with pytest.raises(InvalidArgument):
        strategy(**arguments)


@given(st.data())
def test_mutations_of_given_callbacks_are_of_those(data):
    of = confirmations(shortcode="600984")
    mutated = data.draw(mutated_callbacks(kind="confirmation", of=of))
    assert mutated.original.claim.shortcode == "600984"
