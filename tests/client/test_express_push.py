"""The push, through the whole client."""

import asyncio
import base64
import dataclasses
import json
from decimal import Decimal

import httpx
import pytest

from mpesa_pochi.answers import RawAnswer, refuses_token
from mpesa_pochi.codes import Retry, catalogue
from mpesa_pochi.errors import (
    DarajaError,
    InvalidRequest,
    PhoneNumberError,
    UnknownOutcome,
    Unreachable,
)
from mpesa_pochi.settings import Environment

CHECKOUT = "ws_CO_111020261405093708374149"
ORDER = {"phone": "0708 374149", "amount": 100, "reference": "INV-1"}


def body(request):
    return json.loads(request.content)


def push(client, **changes):
    async def scenario():
        async with client() as mpesa:
            return await mpesa.stk_push(**(ORDER | changes))

    return scenario()


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


def refuses(row):
    """Whether a row is a refusal that a new token does not help."""
    told = json.dumps({"errorCode": row.code, "errorMessage": row.text}).encode()
    answer = RawAnswer(row.http_status, "application/json", told)
    return row.http_status >= 400 and not refuses_token(answer)


REFUSALS = [row for row in catalogue().rows if row.surface == "http" and row.code and refuses(row)]


@pytest.mark.parametrize("row", REFUSALS, ids=lambda row: row.key)
def test_a_refused_push_is_a_typed_error_and_is_not_sent_again(run, client, daraja, row):
    known = catalogue().answer(status=row.http_status, code=row.code, text=row.text)
    daraja.push = [lambda _: daraja.envelope(row.code, row.text, row.http_status)]
    with pytest.raises(DarajaError) as caught:
        run(push(client))
    assert (caught.value.code, caught.value.key) == (row.code, known.key if known else "")
    if known:
        assert (caught.value.advice, caught.value.retry) == (known.merchant, known.retry)
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
