import asyncio
import base64
import dataclasses
import json
import logging
from decimal import Decimal
from itertools import pairwise

import httpx
import pytest

from mpesa_pochi.clock import NAIROBI
from mpesa_pochi.codes import Retry, catalogue
from mpesa_pochi.errors import (
    BadRequest,
    Blocked,
    CredentialsRefused,
    DarajaError,
    InvalidRequest,
    PhoneNumberError,
    ServerFault,
    Throttled,
    TransactionNotFound,
    UnknownOutcome,
    Unreachable,
)
from mpesa_pochi.outcome import PaymentState
from mpesa_pochi.settings import Environment

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


def push(client, **changes):
    async def scenario():
        async with client() as mpesa:
            return await mpesa.stk_push(**(ORDER | changes))

    return scenario()


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


# ------------------------------------------------------------------------------- the push


def test_a_push_is_what_daraja_documents(run, client, daraja):
    accepted = run(push(client, amount=Decimal(100), description="Shoes"))
    assert accepted.checkout_request_id == CHECKOUT
    oauth, sent = daraja.requests
    assert oauth.method == "GET"
    assert oauth.url == "http://daraja.test/oauth/v1/generate?grant_type=client_credentials"
    pair = base64.b64decode(oauth.headers["authorization"].removeprefix("Basic "))
    assert pair == b"planted-consumer-key:planted-consumer-secret"
    assert (sent.method, sent.url.path) == ("POST", "/mpesa/stkpush/v1/processrequest")
    assert sent.headers["authorization"] == "Bearer Qx7LmZ2vB9rTn4KdWc8PyH1sGfJa"
    assert sent.headers["content-type"] == "application/json"
    fields = body(sent)
    assert fields["Timestamp"] == "20261011120000"
    assert base64.b64decode(fields["Password"]).decode().startswith("174379bfb279f9")
    assert base64.b64decode(fields["Password"]).decode().endswith("20261011120000")
    assert (fields["PhoneNumber"], fields["PartyA"]) == ("254708374149", "254708374149")
    assert (fields["Amount"], fields["PartyB"]) == ("100", "174379")
    assert (fields["AccountReference"], fields["TransactionDesc"]) == ("INV-1", "Shoes")
    assert fields["CallBackURL"].endswith("/callback/planted-url-token")


def test_the_defaults_can_be_replaced(run, client, daraja):
    run(
        push(
            client,
            callback_url="http://elsewhere.test/cb",
            transaction_type="CustomerBuyGoodsOnline",
            party_b="600100",
        )
    )
    fields = body(daraja.calls("stkpush")[0])
    assert fields["CallBackURL"] == "http://elsewhere.test/cb"
    assert fields["PartyB"] == "600100"
    assert fields["TransactionDesc"] == "Payment"


def test_the_path_of_the_base_url_is_kept(run, client, daraja, settings):
    named = dataclasses.replace(settings, base_url="http://daraja.test/n/blue/")

    async def scenario():
        async with client(settings=named) as mpesa:
            await mpesa.stk_push(**ORDER)

    run(scenario())
    assert daraja.requests[1].url.path == "/n/blue/mpesa/stkpush/v1/processrequest"


@pytest.mark.parametrize(
    "changes",
    [
        {"amount": 0},
        {"amount": 1.5},
        {"amount": True},
        {"reference": ""},
        {"description": " "},
        {"callback_url": "nonsense"},
        {"callback_url": ""},
        {"party_b": "x"},
    ],
)
def test_what_is_wrong_is_refused_before_the_wire(run, client, daraja, changes):
    with pytest.raises(InvalidRequest):
        run(push(client, **changes))
    assert daraja.requests == []


def test_a_wrong_phone_is_refused_before_the_wire(run, client, daraja):
    with pytest.raises(PhoneNumberError):
        run(push(client, phone="020 2222222"))
    assert daraja.requests == []


def test_production_wants_an_https_callback(run, client, daraja, settings):
    live = dataclasses.replace(
        settings, environment=Environment.PRODUCTION, base_url="https://daraja.test"
    )

    async def scenario():
        async with client(settings=live) as mpesa:
            await mpesa.stk_push(**ORDER, callback_url="http://shop.example/cb")

    with pytest.raises(InvalidRequest, match="https"):
        run(scenario())


@pytest.mark.parametrize(
    "row",
    [
        row
        for row in catalogue().rows
        if row.surface == "http"
        and row.code
        and row.key not in {"in-flight-empty", "invalid-access-token"}
    ],
    ids=lambda row: row.key,
)
def test_a_refused_push_is_a_typed_error_and_is_not_sent_again(run, client, daraja, row):
    daraja.push = [lambda _: daraja.envelope(row.code, row.text, row.http_status)]
    with pytest.raises(DarajaError) as caught:
        run(push(client))
    assert (caught.value.code, caught.value.key) == (row.code, row.key)
    assert (caught.value.advice, caught.value.retry) == (row.merchant, row.retry)
    assert len(daraja.calls("stkpush")) == 1


@pytest.mark.parametrize(
    "reply",
    [
        httpx.ReadError("reset"),
        httpx.ReadTimeout("slow"),
        httpx.WriteError("reset"),
        httpx.RemoteProtocolError("Server disconnected without sending a response."),
        httpx.Response(500, content=b""),
        httpx.Response(502, content=b"<html>bad gateway</html>"),
        httpx.Response(503, content=b"Request unsuccessful. Incapsula incident ID: 1-2"),
        httpx.Response(200, content=b""),
        httpx.Response(200, content=b"<html>Welcome</html>"),
        httpx.Response(200, content=b"[]"),
        httpx.Response(200, content=b'{"ResponseCode": "0"}'),
        httpx.Response(200, content=b"x" * 300_000),
        httpx.Response(302, headers={"location": "http://elsewhere.test"}),
    ],
    ids=lambda reply: repr(reply)[:40],
)
def test_a_push_whose_fate_is_unknown_is_said_to_be_and_never_sent_again(
    run, client, daraja, reply
):
    daraja.push = [reply]
    with pytest.raises(UnknownOutcome) as caught:
        run(push(client))
    assert caught.value.retry is Retry.NEVER
    assert len(daraja.calls("stkpush")) == 1


def test_a_push_that_hangs_is_unknown_after_the_timeout(run, client, daraja):
    daraja.push = [lambda _: asyncio.sleep(1000)]

    async def scenario():
        started = asyncio.get_running_loop().time()
        async with client(timeout=20.0) as mpesa:
            with pytest.raises(UnknownOutcome, match="within 20 s"):
                await mpesa.stk_push(**ORDER)
        return asyncio.get_running_loop().time() - started

    assert run(scenario()) == pytest.approx(20, abs=1)


@pytest.mark.parametrize(
    "error", [httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout], ids=lambda e: e.__name__
)
def test_a_push_that_never_left_is_sent_again(run, client, daraja, error):
    daraja.push = [error("no"), error("no"), daraja.accepted()]
    assert run(push(client)).checkout_request_id == CHECKOUT
    assert len(daraja.calls("stkpush")) == 3


def test_a_push_that_never_leaves_is_unreachable_and_safe_to_repeat(run, client, daraja):
    daraja.push = [httpx.ConnectError("no")]
    with pytest.raises(Unreachable) as caught:
        run(push(client))
    assert not caught.value.sent
    assert caught.value.retry is Retry.NOW


def test_a_push_for_which_no_token_could_be_had_was_not_sent(run, client, daraja):
    daraja.oauth = [httpx.ReadTimeout("slow")]
    with pytest.raises(Unreachable) as caught:
        run(push(client))
    assert caught.value.operation == "oauth"
    assert len(daraja.calls("oauth")) == 3
    assert daraja.calls("stkpush") == []


# ------------------------------------------------------------------------------ the token


def test_a_hundred_calls_share_one_token(run, client, daraja):
    async def scenario():
        async with client() as mpesa:
            await asyncio.gather(*(mpesa.stk_push(**ORDER) for _ in range(100)))

    run(scenario())
    assert len(daraja.calls("oauth")) == 1
    assert len(daraja.calls("stkpush")) == 100


@pytest.mark.parametrize(
    "refusal",
    [
        lambda daraja: daraja.envelope("404.001.03", "Invalid Access Token"),
        lambda daraja: daraja.envelope("401.002.01", "Error Occurred - Invalid Access Token - x"),
        lambda daraja: daraja.envelope("401.003.01", "Invalid API call as no apiproduct match"),
        lambda daraja: daraja.answer(401, b""),
    ],
)
def test_a_token_refused_in_mid_life_is_replaced_once_and_the_call_repeated(
    run, client, daraja, refusal
):
    daraja.oauth = [daraja.token("first-token"), daraja.token("second-token")]
    daraja.push = [refusal(daraja), daraja.accepted()]
    assert run(push(client)).checkout_request_id == CHECKOUT
    assert [call.headers["authorization"] for call in daraja.calls("stkpush")] == [
        "Bearer first-token",
        "Bearer second-token",
    ]
    assert len(daraja.calls("oauth")) == 2


def test_a_token_refused_twice_is_an_error(run, client, daraja):
    daraja.push = [lambda _: daraja.envelope("404.001.03", "Invalid Access Token")]
    with pytest.raises(CredentialsRefused) as caught:
        run(push(client))
    assert caught.value.key == "invalid-access-token"
    assert len(daraja.calls("stkpush")) == 2
    assert len(daraja.calls("oauth")) == 2


def test_after_the_new_token_a_lost_answer_is_still_unknown(run, client, daraja):
    daraja.push = [daraja.envelope("404.001.03", "Invalid Access Token"), httpx.ReadError("lost")]
    with pytest.raises(UnknownOutcome):
        run(push(client))
    assert len(daraja.calls("stkpush")) == 2


def test_fifty_calls_refused_at_once_renew_the_token_once(run, client, daraja):
    issued = iter(range(1, 100))
    daraja.oauth = [lambda _: daraja.token(f"token-{next(issued)}")]

    def judge(request):
        if request.headers["authorization"] == "Bearer token-1":
            return daraja.envelope("404.001.03", "Invalid Access Token")
        return daraja.accepted()

    daraja.push = [judge]

    async def scenario():
        async with client() as mpesa:
            await asyncio.gather(*(mpesa.stk_push(**ORDER) for _ in range(50)))

    run(scenario())
    assert len(daraja.calls("oauth")) == 2


@pytest.mark.parametrize("expires_in", ["3599", 3599])
def test_a_token_is_renewed_before_its_end(run, client, daraja, expires_in):
    daraja.oauth = [lambda _: daraja.token(expires_in=expires_in)]

    async def scenario():
        async with client() as mpesa:
            for pause in (3500, 60, 3500, 60):
                await mpesa.stk_query(CHECKOUT)
                await asyncio.sleep(pause)

    run(scenario())
    assert len(daraja.calls("oauth")) == 2


@pytest.mark.parametrize(
    "trouble",
    [
        lambda daraja: daraja.envelope("500.003.1001", "Internal Server Error"),
        lambda daraja: daraja.answer(502, b"<html>"),
        lambda _: httpx.ReadTimeout("slow"),
        lambda _: httpx.ConnectError("refused"),
    ],
)
def test_a_token_request_is_repeated_through_trouble(run, client, daraja, trouble):
    daraja.oauth = [trouble(daraja), trouble(daraja), daraja.token()]
    assert run(push(client))
    assert len(daraja.calls("oauth")) == 3


@pytest.mark.parametrize(
    "case",
    [
        (lambda daraja: daraja.answer(400, b""), CredentialsRefused, "unknown-credentials"),
        (
            lambda daraja: daraja.envelope("400.008.02", "Invalid grant type passed"),
            CredentialsRefused,
            "invalid-grant-type",
        ),
        (
            lambda daraja: daraja.answer(503, b"Incapsula incident ID: 1-2"),
            Blocked,
            "waf-unavailable",
        ),
        (lambda daraja: daraja.envelope("500.003.02", "Spike Arrest"), Throttled, "spike-arrest"),
    ],
)
def test_a_refused_token_request_is_not_repeated(run, client, daraja, case):
    reply, kind, key = case
    daraja.oauth = [reply(daraja)]
    with pytest.raises(kind) as caught:
        run(push(client))
    assert (caught.value.operation, caught.value.key) == ("oauth", key)
    assert len(daraja.calls("oauth")) == 1


# ------------------------------------------------------------------------------- the query


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


# ----------------------------------------------------------------------------- the waiting


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


# ------------------------------------------------------------------------------- the rest


def test_after_closing_every_call_is_a_typed_error(run, client):
    async def scenario():
        mpesa = client()
        await mpesa.aclose()
        await mpesa.aclose()
        for call in (
            lambda: mpesa.stk_push(**ORDER),
            lambda: mpesa.stk_query(CHECKOUT),
            lambda: mpesa.wait_for_payment(CHECKOUT),
        ):
            with pytest.raises(InvalidRequest, match="closed"):
                await call()

    run(scenario())


def test_the_log_tells_the_story_with_the_phone_masked(run, client, caplog):
    caplog.set_level(logging.INFO, "mpesa_pochi")
    run(push(client))
    run(wait(client))
    said = [record.getMessage() for record in caplog.records if record.name == "mpesa_pochi"]
    assert said == [
        "stk_push 2547*****149 KES 100: accepted as ws_CO_111020261405093******149",
        "payment ws_CO_111020261405093******149: paid 0",
    ]


def test_the_wall_clock_is_read_for_the_timestamp_only(run, client, daraja):
    from datetime import datetime

    readings = []

    def reading():
        readings.append(1)
        return datetime(2030, 1, 2, 3, 4, 5, tzinfo=NAIROBI)

    async def scenario():
        async with client(now=reading) as mpesa:
            await mpesa.stk_push(**ORDER)

    run(scenario())
    assert len(readings) == 1
    assert body(daraja.calls("stkpush")[0])["Timestamp"] == "20300102030405"


def test_over_a_small_asgi_daraja(settings):
    """The same calls through httpx.ASGITransport, as the harness joins client and simulator."""
    from starlette.applications import Starlette
    from starlette.responses import JSONResponse
    from starlette.routing import Route

    async def token(request):
        return JSONResponse({"access_token": "abc", "expires_in": 3599})

    async def accept(request):
        fields = await request.json()
        assert request.headers["authorization"] == "Bearer abc"
        return JSONResponse(
            {
                "MerchantRequestID": "1-2-1",
                "CheckoutRequestID": f"ws_CO_{fields['Timestamp']}",
                "ResponseCode": "0",
            }
        )

    app = Starlette(
        routes=[
            Route("/oauth/v1/generate", token),
            Route("/mpesa/stkpush/v1/processrequest", accept, methods=["POST"]),
        ]
    )

    async def scenario():
        from mpesa_pochi import MpesaPochi

        async with MpesaPochi(settings, transport=httpx.ASGITransport(app)) as mpesa:
            return await mpesa.stk_push(**ORDER)

    assert asyncio.run(scenario()).checkout_request_id.startswith("ws_CO_20")
