import asyncio
import json
import logging

import httpx
import pytest

from mpesa_pochi.clock import NAIROBI
from mpesa_pochi.errors import (
    InvalidRequest,
)

CHECKOUT = "ws_CO_111020261405093708374149"
ORDER = {"phone": "0708 374149", "amount": 100, "reference": "INV-1"}


def body(request):
    return json.loads(request.content)


def push(client, **changes):
    async def scenario():
        async with client() as mpesa:
            return await mpesa.stk_push(**(ORDER | changes))

    return scenario()


def wait(client, **options):
    async def scenario():
        async with client() as mpesa:
            return await mpesa.wait_for_payment(CHECKOUT, **options)

    return scenario()


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
