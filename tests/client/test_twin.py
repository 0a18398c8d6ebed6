"""`MpesaPochiSync`: the same calls, errors and documentation as `MpesaPochi`, and blocking."""

import inspect
import json
import logging
import threading
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise

import httpx
import pytest

from mpesa_pochi import (
    CredentialsRefused,
    InvalidRequest,
    MpesaPochi,
    MpesaPochiSync,
    PaymentState,
    PochiError,
    UnknownOutcome,
    Unreachable,
)

CHECKOUT = "ws_CO_111020261405093708374149"
ORDER = {"phone": "0708 374149", "amount": 100, "reference": "INV-1"}
PAYOUT = {"phone": "0708374149", "amount": 100, "remarks": "Commission"}
URLS = {
    "confirmation_url": "https://shop.example/confirm",
    "validation_url": "https://shop.example/validate",
}
CALLS = {
    "sign_in": {},
    "stk_push": ORDER,
    "stk_query": {"checkout_request_id": CHECKOUT},
    "wait_for_payment": {"checkout_request_id": CHECKOUT, "within": 9},
    "b2c": PAYOUT,
    "b2pochi": PAYOUT,
    "account_balance": {},
    "transaction_status": {"receipt": "UJB5Q7X2KE"},
    "reverse": {"receipt": "UJB5Q7X2KE", "amount": 200, "remarks": "Paid twice"},
    "c2b_register": URLS,
    "c2b_simulate": ORDER,
    "dynamic_qr": {"amount": 250, "reference": "INV-7001"},
}
TROUBLE = {
    "fine": None,
    "a lost answer": lambda _: httpx.ReadError("reset"),
    "no connection": lambda _: httpx.ConnectError("refused"),
    "an empty 200": lambda daraja: daraja.answer(200, b""),
    "an empty 500": lambda daraja: daraja.answer(500, b""),
    "a firewall": lambda daraja: daraja.answer(403, b"Incapsula incident ID: 1-2"),
    "a refused token": lambda daraja: daraja.envelope("401.003.01", "Invalid Access Token"),
    "a wrong field": lambda daraja: daraja.envelope("400.002.02", "Bad Request - Invalid Amount"),
    "a duplicate": lambda daraja: daraja.envelope("500.002.1001", "Duplicate Originator…"),
    "a fault": lambda daraja: daraja.envelope("500.001.1001", "Internal Server Error"),
    "throttling": lambda daraja: daraja.envelope("500.003.02", "System is busy."),
}
LISTS = ("push", "query", "command", "register", "simulate", "qr")


def public(kind):
    return {name for name in vars(kind) if not name.startswith("_")}


def outcome(call):
    try:
        return call()
    except PochiError as error:
        return type(error), str(error), vars(error)


def plan(daraja, reply):
    daraja.requests.clear()
    daraja.oauth = [lambda _: daraja.token()]
    for name in LISTS if reply else ():
        setattr(daraja, name, [lambda _: reply(daraja)])


def wire(daraja):
    return [(request.method, request.url.path, request.content) for request in daraja.requests]


def test_the_methods_are_the_same():
    assert public(MpesaPochi) - {"aclose"} == public(MpesaPochiSync) - {"close"} == set(CALLS)


@pytest.mark.parametrize("method", CALLS)
def test_each_has_the_same_signature_and_documentation(method):
    awaited, blocking = getattr(MpesaPochi, method), getattr(MpesaPochiSync, method)
    assert inspect.iscoroutinefunction(awaited)
    assert not inspect.iscoroutinefunction(blocking)
    assert awaited.__doc__ == blocking.__doc__
    assert "Raises:" in awaited.__doc__ or "`b2c`" in awaited.__doc__
    assert inspect.signature(awaited) == inspect.signature(blocking)
    first, *rest = inspect.signature(awaited).parameters.values()
    assert first.kind is first.POSITIONAL_OR_KEYWORD
    named = rest[1:] if method in {"stk_query", "wait_for_payment"} else rest
    assert all(parameter.kind is parameter.KEYWORD_ONLY for parameter in named)


@pytest.mark.parametrize("trouble", TROUBLE)
@pytest.mark.parametrize("method", CALLS)
def test_each_sends_the_same_and_ends_in_the_same(make, blocking, daraja, method, trouble):
    ids = {"new_id": lambda: "ord-7781-a1"}
    plan(daraja, TROUBLE[trouble])
    awaited = outcome(lambda: make(method, ids, **CALLS[method]))
    sent = wire(daraja)

    plan(daraja, TROUBLE[trouble])
    with blocking(**ids) as mpesa:
        blocked = outcome(lambda: getattr(mpesa, method)(**CALLS[method]))
    assert wire(daraja) == sent
    assert blocked == awaited


def test_waiting_blocks_and_polls_every_three_seconds(blocking, daraja):
    daraja.query = [*(daraja.status("4999") for _ in range(4)), daraja.status("0")]
    with blocking() as mpesa:
        found = mpesa.wait_for_payment(CHECKOUT)
    assert (found.state, found.queries) == (PaymentState.PAID, 5)
    assert [later - earlier for earlier, later in pairwise(daraja.times[1:])] == [3.0] * 4


def test_waiting_ends_in_time_even_through_repeats(blocking, daraja, stopwatch):
    daraja.oauth = [httpx.ReadTimeout("slow")]
    started = stopwatch.now
    with blocking() as mpesa:
        found = mpesa.wait_for_payment(CHECKOUT, every=0.1, within=10)
    assert found.state is PaymentState.UNKNOWN
    assert stopwatch.now - started <= 11


def test_waiting_no_time_still_asks_once(blocking):
    with blocking() as mpesa:
        assert mpesa.wait_for_payment(CHECKOUT, within=0).state is PaymentState.PAID


def test_the_time_for_one_exchange_is_cut_to_what_is_left(blocking, daraja, stopwatch):
    given = []

    def look(request):
        given.append(request.extensions["timeout"]["read"])
        stopwatch.sleep(2)
        return daraja.status("4999")

    daraja.query = [look]
    with blocking(timeout=30.0) as mpesa:
        mpesa.wait_for_payment(CHECKOUT, every=3, within=9)
    assert given == [9.0, 4.0, 1.0]


def test_many_threads_share_one_token(blocking, daraja):
    begun = threading.Barrier(8)

    def push(mpesa):
        begun.wait(10)
        return mpesa.stk_push(**ORDER).checkout_request_id

    with blocking() as mpesa, ThreadPoolExecutor(8) as pool:
        got = [future.result() for future in [pool.submit(push, mpesa) for _ in range(8)]]
    assert set(got) == {CHECKOUT}
    assert len(daraja.calls("oauth")) == 1
    assert len(daraja.calls("stkpush")) == 8


def test_many_threads_refused_at_once_renew_the_token_once(blocking, daraja):
    issued = iter(range(1, 100))
    daraja.oauth = [lambda _: daraja.token(f"token-{next(issued)}")]
    begun = threading.Barrier(8)

    def judge(request):
        if request.headers["authorization"] == "Bearer token-1":
            begun.wait(10)
            return daraja.envelope("404.001.03", "Invalid Access Token")
        return daraja.accepted()

    daraja.push = [judge]
    with blocking() as mpesa, ThreadPoolExecutor(8) as pool:
        mpesa.stk_query(CHECKOUT)
        futures = [pool.submit(lambda: mpesa.stk_push(**ORDER)) for _ in range(8)]
        assert all(future.result() for future in futures)
    assert len(daraja.calls("oauth")) == 2


def test_after_closing_every_call_is_a_typed_error(blocking):
    mpesa = blocking()
    mpesa.close()
    mpesa.close()
    for method, arguments in CALLS.items():
        with pytest.raises(InvalidRequest, match="closed"):
            getattr(mpesa, method)(**arguments)


def test_what_it_says_of_itself_is_who_and_where(blocking):
    with blocking() as mpesa:
        assert repr(mpesa) == "<MpesaPochiSync sandbox 174379 http://daraja.test>"
        assert mpesa.settings.shortcode == "174379"


def test_the_log_is_the_same(blocking, caplog):
    caplog.set_level(logging.INFO, "mpesa_pochi")
    with blocking() as mpesa:
        mpesa.stk_push(**ORDER)
    said = [record.getMessage() for record in caplog.records if record.name == "mpesa_pochi"]
    assert said == ["stk_push 2547*****149 KES 100: accepted as ws_CO_111020261405093******149"]


def test_an_unknown_fate_names_its_id(blocking, daraja):
    daraja.command = [httpx.ReadError("reset")]
    with blocking() as mpesa, pytest.raises(UnknownOutcome) as caught:
        mpesa.b2c(**PAYOUT)
    sent = json.loads(daraja.requests[-1].content)["OriginatorConversationID"]
    assert caught.value.originator_conversation_id == sent


def test_an_interrupted_thread_leaves_the_client_usable(blocking, daraja):
    class Interrupted(BaseException):
        pass

    def interrupt(_):
        raise Interrupted

    daraja.oauth = [interrupt, daraja.token()]
    with blocking() as mpesa:
        with pytest.raises(Interrupted):
            mpesa.stk_push(**ORDER)
        assert mpesa.stk_push(**ORDER).checkout_request_id == CHECKOUT


def test_credentials_that_are_refused_are_told_to_every_thread(blocking, daraja):
    daraja.oauth = [lambda _: daraja.answer(400, b"")]
    with blocking() as mpesa, ThreadPoolExecutor(4) as pool:
        futures = [pool.submit(lambda: mpesa.stk_push(**ORDER)) for _ in range(4)]
        kinds = {type(future.exception()) for future in futures}
    assert kinds == {CredentialsRefused}


def test_no_connection_is_tried_three_times(blocking, daraja, stopwatch):
    daraja.push = [httpx.ConnectError("refused")]
    started = stopwatch.now
    with blocking() as mpesa, pytest.raises(Unreachable):
        mpesa.stk_push(**ORDER)
    assert len(daraja.calls("stkpush")) == 3
    assert stopwatch.now - started == 1.5
