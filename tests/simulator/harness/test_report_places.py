from dataclasses import replace

import pytest

from darajasim.core import events
from darajasim.harness import notes
from darajasim.harness.findings import Finding
from darajasim.harness.report_places import place
from support.played import PAY, played

CALL = "- call: {operation: b2c_payment, as: payout}"


def placed(what, *sections, where="", found=""):
    result = played(*sections)
    number = place(Finding(where, what, "a", found), result)
    return None if number is None else result.events[number]


PAID = ("steps:", PAY, "- query: first", "- settle", "- await: first", "expect: {payment: {}}")
CALLED = ("steps:", CALL, "- settle", "expect: {call: {}}")


@pytest.mark.parametrize(
    ("what", "kind"),
    [
        ("payment first: status", notes.AwaitEnded),
        ("callbacks: sent", events.CallbackAttempted),
        ("callbacks: stk", events.CallbackAttempted),
        ("callbacks: result", events.CallbackAttempted),
        ("outcome: state", notes.AwaitEnded),
        ("query: text", events.RequestAnswered),
        ("requests: stk_push", events.RequestReceived),
        ("balance of 254722000000", events.MoneyMoved),
        ("balance of 174379/utility", events.MoneyMoved),
    ],
)
def test_a_finding_is_where_it_shows(what, kind):
    assert isinstance(placed(what, *PAID), kind)


@pytest.mark.parametrize(
    ("what", "kind"),
    [
        ("call payout: status", events.RequestAnswered),
        ("call payout: answer: ResponseCode", events.RequestAnswered),
        ("call payout: result", events.CallbackAttempted),
        ("call payout: callback: ResultCode", events.CallbackAttempted),
    ],
)
def test_a_finding_about_a_call(what, kind):
    assert isinstance(placed(what, *CALLED), kind)


def test_a_finding_about_the_right_one_of_two_payments():
    two = (
        *PAID[:2],
        PAY.replace("first", "second").replace("0722", "0733"),
        "- settle",
        "expect: {payments: {first: {}}}",
    )
    first, second = (placed(f"payment {name}: status", *two) for name in ("first", "second"))
    assert first.subject != second.subject


def test_the_client_s_error():
    refused = ("rules: [{on: stk_push, reply: {error: internal-error}}]", *PAID[:2], PAID[-1])
    assert isinstance(placed("client: error", *refused), notes.ClientRaised)


def test_a_callback_that_was_withheld():
    never = ("rules: [{on: stk_push, callback: never}]", *PAID[:2], "- settle", PAID[-1])
    assert isinstance(placed("callbacks: sent", *never), events.CallbackWithheld)


def test_a_step_that_could_not_be_done():
    step = placed("settle", *PAID, where="shown.yaml:6")
    assert (step.step, step.where) == ("settle", "shown.yaml:6")


def test_a_law_by_the_payment_that_it_speaks_of():
    result = played(*PAID)
    (payment,) = result.payments
    found = f"{payment.checkout_request_id} was credited twice"
    assert placed("law: credited once", *PAID, found=found).subject == payment.checkout_request_id


@pytest.mark.parametrize(
    "what",
    ["no crash", "journal", "payment nobody: status", "balance of 0", "", "law: a", "call x"],
)
def test_what_belongs_nowhere_belongs_to_the_end(what):
    assert placed(what, *PAID, found="nothing") is None


def test_in_nothing_everything_belongs_to_the_end():
    result = replace(played(*PAID), events=())
    assert place(Finding("", "payment first: status", "a", "b"), result) is None
