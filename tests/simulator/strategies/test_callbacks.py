"""What the strategies call valid the client accepts, and reads as it was meant."""

from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis.errors import InvalidArgument

from darajasim.core.catalogue import catalogue
from darajasim.strategies import confirmations, results, stk_callbacks
from mpesa_pochi import (
    ExpectedPayment,
    check_callback,
    parse_callback,
    parse_confirmation,
    parse_result,
)
from support.examples import examples
from support.seen import seen
from support.smallest import smallest

OPERATIONS = (
    "b2c_payment", "b2pochi_payment", "b2b_payment", "tax_remittance", "account_balance",
    "transaction_status", "reversal",
)  # fmt: skip
READ = {"b2b_payment": "b2b", "tax_remittance": "b2b", "account_balance": "balances",
        "transaction_status": "status", "reversal": "reversal"}  # fmt: skip


@given(stk_callbacks())
def test_an_stk_callback_is_read_as_it_was_meant(callback):
    read, claim = parse_callback(callback.raw), callback.claim
    assert (read.code, read.paid) == (claim.code, claim.succeeded)
    assert read.checkout_request_id == claim.checkout_request_id
    assert read.merchant_request_id == claim.merchant_request_id
    assert (read.amount, read.receipt) == (claim.amount, claim.receipt)
    assert (read.phone, read.paid_at) == (claim.phone, claim.paid_at)


@given(
    stk_callbacks(
        phone="254722000001", amount=70, checkout_request_id="ws_CO_1", merchant_request_id="9-9-9"
    )
)
def test_a_callback_can_be_of_a_payment_that_is_known(callback):
    check_callback(
        parse_callback(callback.raw),
        ExpectedPayment(
            amount=70,
            phone="254722000001",
            checkout_request_id="ws_CO_1",
            merchant_request_id="9-9-9",
        ),
    )


@given(results())
def test_a_result_is_read_as_it_was_meant(callback):
    read, claim = parse_result(callback.raw), callback.claim
    assert (read.code, read.succeeded) == (claim.code, claim.succeeded)
    assert read.conversation_id == claim.conversation_id
    assert read.originator_conversation_id == claim.originator_conversation_id
    assert read.transaction_id == claim.receipt
    if claim.amount is not None:
        assert read.parameters.money("TransactionAmount", "Amount") == claim.amount


@pytest.mark.parametrize("operation", OPERATIONS)
def test_a_success_of_every_operation_can_be_reported(operation):
    @settings(max_examples=examples(15))
    @given(results(operation=operation, succeeded=True))
    def check(callback):
        read = parse_result(callback.raw)
        report = getattr(read, READ.get(operation, "payout"))()
        if operation.endswith(("b2c_payment", "pochi_payment")):
            assert report.amount == callback.claim.amount
            assert report.receipt == callback.claim.receipt
            assert report.completed_at == callback.claim.paid_at
        assert report

    check()


@given(confirmations())
def test_a_confirmation_is_read_as_it_was_meant(callback):
    read, claim = parse_confirmation(callback.raw), callback.claim
    assert (read.amount, read.receipt) == (claim.amount, claim.receipt)
    assert (read.shortcode, read.reference) == (claim.shortcode, claim.reference)
    assert read.paid_at == claim.paid_at
    assert read.is_from(claim.phone)


@given(confirmations(phone="254722000001", amount=70, shortcode="600984", reference="PLOT-9"))
def test_a_confirmation_can_be_of_a_payment_that_is_known(callback):
    assert callback.body["TransAmount"] == "70.00"
    assert callback.body["BillRefNumber"] == "PLOT-9"
    assert parse_confirmation(callback.raw).shortcode == "600984"


def test_every_captured_form_of_an_stk_callback_is_found():
    def look(callback):
        fields = callback.body["Body"]["stkCallback"]
        yield ("code", fields["ResultCode"])
        yield type(fields["ResultCode"]).__name__
        yield len(callback.claim.checkout_request_id)
        for place, item in enumerate(fields.get("CallbackMetadata", {}).get("Item", ())):
            yield (item["Name"], type(item.get("Value")).__name__)
            yield (item["Name"], place)

    ended = [row for row in catalogue().rows if row.surface == "stk" and row.terminal]
    codes = {("code", int(row.code) if row.code.isdecimal() else row.code) for row in ended}
    codes |= {"int", "str"}
    assert codes <= seen(stk_callbacks(), look, codes)
    paid = {("Amount", "int"), ("Amount", "Decimal")}
    paid |= {("Balance", "NoneType"), ("Balance", "Decimal"), ("Balance", 2)}
    paid |= {("Amount", place) for place in range(5)}
    assert paid <= seen(stk_callbacks(paid=True), look, paid)


def test_every_captured_form_of_a_result_is_found():
    def look(callback):
        fields = callback.body["Result"]
        yield type(fields["ResultCode"]).__name__
        yield type(fields["ResultType"]).__name__
        for box, item in (("ResultParameters", "ResultParameter"),
                          ("ReferenceData", "ReferenceItem")):  # fmt: skip
            yield (box, type(fields.get(box, {}).get(item)).__name__)
        yield callback.claim.operation

    wanted = {"int", "str", *OPERATIONS}
    for box in ("ResultParameters", "ReferenceData"):
        wanted |= {(box, kind) for kind in ("list", "dict", "NoneType")}
    assert wanted <= seen(results(), look, wanted)


def test_every_captured_form_of_a_confirmation_is_found():
    def look(callback):
        body = callback.body
        yield body["TransactionType"]
        yield ("FirstName", *(name for name in body if name.endswith("Name")))
        yield "*" in body["MSISDN"], len(body["MSISDN"])

    wanted = {"Pay Bill", "Buy Goods", "Customer Merchant Payment"}
    wanted |= {(False, 12), (True, 14), (False, 64), (True, 66)}
    assert wanted <= seen(confirmations(), look, wanted)


def test_callbacks_shrink_to_one_shilling_paid():
    claim = smallest(stk_callbacks()).claim
    assert (claim.code, claim.amount, claim.phone) == ("0", 1, "254722000000")
    claim = smallest(results()).claim
    assert (claim.code, claim.amount, claim.operation) == ("0", 1, "b2c_payment")
    claim = smallest(confirmations()).claim
    assert (claim.amount, claim.phone, claim.reference) == (1, "254722000000", "0")


@given(stk_callbacks(paid=False))
def test_failures_say_nothing_of_money(callback):
    assert b"CallbackMetadata" not in callback.raw
    assert callback.claim.amount is None
    assert callback.headers["Content-Type"].startswith("application/json")


@given(stk_callbacks(paid=True, amount=60))
def test_amounts_keep_their_digits(callback):
    items = callback.body["Body"]["stkCallback"]["CallbackMetadata"]["Item"]
    (amount,) = (item["Value"] for item in items if item["Name"] == "Amount")
    assert str(amount) in ("60", "60.00")
    assert amount == Decimal(60)


@pytest.mark.parametrize(
    ("strategy", "arguments"),
    [
        (stk_callbacks, {"paid": "yes"}),
        (stk_callbacks, {"phone": "0722000000"}),
        (stk_callbacks, {"amount": 0}),
        (stk_callbacks, {"amount": 1.5}),
        (stk_callbacks, {"checkout_request_id": ""}),
        (results, {"operation": "stk_push"}),
        (results, {"succeeded": 1}),
        (results, {"conversation_id": 7}),
        (confirmations, {"shortcode": 600984}),
        (confirmations, {"reference": 7}),
    ],
)
def test_wrong_arguments_are_refused_at_once(strategy, arguments):
    with pytest.raises(InvalidArgument):
        strategy(**arguments)
