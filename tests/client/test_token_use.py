"""How calls come by their token."""

import asyncio

import httpx
import pytest

from mpesa_pochi.errors import (
    Blocked,
    CredentialsRefused,
    Throttled,
    UnknownOutcome,
)

CHECKOUT = "ws_CO_111020261405093708374149"
ORDER = {"phone": "0708 374149", "amount": 100, "reference": "INV-1"}


def push(client, **changes):
    async def scenario():
        async with client() as mpesa:
            return await mpesa.stk_push(**(ORDER | changes))

    return scenario()


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
