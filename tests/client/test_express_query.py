"""Querying a push, and waiting for it, through the whole client."""

import asyncio
import json
from itertools import pairwise

import httpx
import pytest

from mpesa_pochi.codes import Retry, catalogue
from mpesa_pochi.errors import (
    BadRequest,
    InvalidRequest,
    ServerFault,
    Throttled,
    TransactionNotFound,
)
from mpesa_pochi.outcome import PaymentState

CHECKOUT = "ws_CO_111020261405093708374149"
ORDER = {"phone": "0708 374149", "amount": 100, "reference": "INV-1"}
IN_FLIGHT = [
    lambda daraja: daraja.status("4999", "The transaction is still under processing"),
    lambda daraja: daraja.status("1101"),
    lambda daraja: daraja.envelope("500.001.1001", "The transaction is being processed"),
    lambda daraja: daraja.envelope("500.001.1001", "", 200),
]
PASSING = [
    lambda daraja: daraja.envelope("500.001.1001", "Internal Server Error"),
    lambda daraja: daraja.envelope("500.001.1001", ""),
    lambda daraja: daraja.envelope(
        "500.003.02", "System is busy. Please try again in few minutes."
    ),
    lambda daraja: daraja.envelope("500.003.02", "Error Occurred: Spike Arrest Violation"),
    lambda daraja: daraja.envelope("500.001.1001", "The transaction does not Exist"),
    lambda daraja: daraja.answer(403, b"<html>Incapsula incident ID: 1-2</html>"),
    lambda daraja: daraja.answer(502, b"<html>bad gateway</html>"),
    lambda daraja: daraja.answer(200, b""),
    lambda _: httpx.ReadError("reset"),
    lambda _: httpx.ReadTimeout("slow"),
]


def body(request):
    return json.loads(request.content)


def query(client):
    async def scenario():
        async with client() as mpesa:
            return await mpesa.stk_query(CHECKOUT)

    return scenario()


def wait(client, **options):
    async def scenario():
        async with client() as mpesa:
            return await mpesa.wait_for_payment(CHECKOUT, **options)

    return scenario()


@pytest.mark.parametrize(
    ("code", "state"),
    [("0", PaymentState.PAID), ("1032", PaymentState.FAILED), ("4999", PaymentState.PENDING)],
)
def test_a_query(run, client, daraja, code, state):
    daraja.query = [daraja.status(code, "text")]
    found = run(query(client))
    assert (found.state, found.code, found.text) == (state, code, "text")
    fields = body(daraja.calls("stkpushquery")[0])
    assert sorted(fields) == ["BusinessShortCode", "CheckoutRequestID", "Password", "Timestamp"]
    assert fields["CheckoutRequestID"] == CHECKOUT


@pytest.mark.parametrize("reply", IN_FLIGHT)
def test_every_in_flight_answer_is_pending(run, client, daraja, reply):
    daraja.query = [reply(daraja)]
    assert run(query(client)).state is PaymentState.PENDING


@pytest.mark.parametrize(
    "trouble",
    [
        lambda daraja: daraja.envelope("500.001.1001", "Internal Server Error"),
        lambda daraja: daraja.answer(502, b"<html>"),
        lambda _: httpx.ReadError("reset"),
    ],
)
def test_a_query_is_repeated_through_trouble(run, client, daraja, trouble):
    daraja.query = [trouble(daraja), trouble(daraja), daraja.status("0")]
    assert run(query(client)).state is PaymentState.PAID


def test_trouble_that_stays_is_an_error(run, client, daraja):
    daraja.query = [lambda _: daraja.envelope("500.001.1001", "Internal Server Error")]
    with pytest.raises(ServerFault):
        run(query(client))
    assert len(daraja.calls("stkpushquery")) == 3


@pytest.mark.parametrize(
    ("reply", "kind"),
    [
        (
            lambda daraja: daraja.envelope("500.001.1001", "The transaction does not Exist"),
            TransactionNotFound,
        ),
        (lambda daraja: daraja.envelope("500.003.02", "System is busy."), Throttled),
        (lambda daraja: daraja.envelope("400.002.02", "Bad Request - Invalid X"), BadRequest),
    ],
)
def test_other_refusals_are_not_repeated(run, client, daraja, reply, kind):
    daraja.query = [reply(daraja)]
    with pytest.raises(kind):
        run(query(client))
    assert len(daraja.calls("stkpushquery")) == 1


def test_waiting_polls_every_three_seconds_until_the_payment_is_final(run, client, daraja):
    daraja.query = [*(reply(daraja) for reply in IN_FLIGHT), daraja.status("1037", "No response")]
    outcome = run(wait(client))
    assert (outcome.state, outcome.code, outcome.text) == (
        PaymentState.FAILED,
        "1037",
        "No response",
    )
    assert outcome.queries == 5
    row = catalogue().by_key("no-response")
    assert (outcome.advice, outcome.retry) == (row.merchant, row.retry)
    times = [
        time
        for time, call in zip(daraja.times, daraja.requests, strict=True)
        if "stkpushquery" in call.url.path
    ]
    gaps = [later - earlier for earlier, later in pairwise(times)]
    assert gaps == pytest.approx([3.0] * 4)


@pytest.mark.parametrize(
    "row",
    [row for row in catalogue().rows if row.surface == "stk" and row.terminal],
    ids=lambda row: row.key,
)
def test_waiting_stops_on_each_terminal_code(run, client, daraja, row):
    daraja.query = [daraja.status(row.code, row.text)]
    outcome = run(wait(client))
    assert (outcome.code, outcome.queries, outcome.state.final) == (row.code, 1, True)


@pytest.mark.parametrize("trouble", PASSING)
def test_waiting_survives(run, client, daraja, trouble):
    daraja.query = [trouble(daraja), daraja.status("4999"), trouble(daraja), daraja.status("0")]
    outcome = run(wait(client))
    assert (outcome.state, outcome.queries) == (PaymentState.PAID, 4)


@pytest.mark.parametrize("trouble", PASSING)
def test_when_only_trouble_comes_the_outcome_is_unknown(run, client, daraja, trouble):
    daraja.query = [lambda _: trouble(daraja)]
    outcome = run(wait(client, within=60))
    assert outcome.state is PaymentState.UNKNOWN
    assert outcome.retry is Retry.NEVER


@pytest.mark.parametrize("reply", IN_FLIGHT)
def test_when_the_time_is_up_the_outcome_is_pending(run, client, daraja, reply):
    daraja.query = [lambda _: reply(daraja)]
    outcome = run(wait(client, within=60))
    assert (outcome.state, outcome.queries) == (PaymentState.PENDING, 21)


def test_waiting_ends_in_time_even_if_daraja_hangs(run, client, daraja):
    daraja.query = [lambda _: asyncio.sleep(10_000)]

    async def scenario():
        started = asyncio.get_running_loop().time()
        async with client() as mpesa:
            outcome = await mpesa.wait_for_payment(CHECKOUT, within=40)
        return outcome.state, asyncio.get_running_loop().time() - started

    state, took = run(scenario())
    assert state is PaymentState.UNKNOWN
    assert took <= 41


def test_waiting_no_time_still_asks_once(run, client, daraja):
    assert run(wait(client, within=0)).state is PaymentState.PAID


def test_waiting_without_pause_still_ends(run, client, daraja):
    daraja.query = [lambda _: daraja.status("4999")]
    assert run(wait(client, every=0, within=0.05)).state is PaymentState.PENDING


def test_an_unknown_id_ends_the_waiting_after_some_seconds(run, client, daraja):
    daraja.query = [lambda _: daraja.envelope("500.001.1001", "The transaction does not Exist")]
    outcome = run(wait(client))
    assert (outcome.state, outcome.code) == (PaymentState.UNKNOWN, "500.001.1001")
    assert outcome.queries == 5


def test_refused_credentials_end_the_waiting_as_unknown(run, client, daraja):
    daraja.query = [lambda _: daraja.envelope("500.001.1001", "Wrong credentials")]
    outcome = run(wait(client))
    assert (outcome.state, outcome.queries) == (PaymentState.UNKNOWN, 1)


def test_throttling_slows_the_polling(run, client, daraja):
    daraja.query = [lambda _: daraja.envelope("500.003.02", "System is busy.")]
    assert run(wait(client, within=120)).queries < 10


@pytest.mark.parametrize("options", [{"every": -1}, {"within": float("nan")}, {"within": 1e999}])
def test_durations_are_finite_seconds(run, client, options):
    with pytest.raises(InvalidRequest, match="seconds"):
        run(wait(client, **options))


def test_an_id_that_is_none_is_refused(run, client, daraja):
    async def scenario():
        async with client() as mpesa:
            with pytest.raises(InvalidRequest):
                await mpesa.stk_query("")
            with pytest.raises(InvalidRequest):
                await mpesa.wait_for_payment("two words")

    run(scenario())
    assert daraja.requests == []
