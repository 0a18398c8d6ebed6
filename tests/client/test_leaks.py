"""Secrets are planted everywhere, everything goes wrong, and every word of it is read."""

import asyncio
import base64
import json
import logging
import traceback

import httpx
import pytest

from mpesa_pochi import conversation
from mpesa_pochi.errors import PochiError

ORDER = {"phone": "0708374149", "amount": 100, "reference": "INV-1"}
CHECKOUT = "ws_CO_111020261405093708374149"
TOKEN = "planted-access-token"
PASSKEY = "bfb279f9aa9bdbcf158e97dd71a467cd2e0c893059b10f78e6b72ada1ed2c919"
BASIC = base64.b64encode(b"planted-consumer-key:planted-consumer-secret").decode()
PASSWORD = base64.b64encode(f"174379{PASSKEY}20261011120000".encode()).decode()
SECRETS = (
    "planted-access-token",
    "planted-consumer-key",
    "planted-consumer-secret",
    "planted-url-token",
    PASSKEY,
    BASIC,
    PASSWORD,
    PASSWORD[:40],
    "PlantedCredential",
    "planted-result-token",
    "planted-timeout-token",
    "planted-confirm-token",
    "planted-validate-token",
)
SUBSCRIBER = "708374149"


def contents(request):
    return f"{'x' * 150} {request.headers['authorization']} {request.content.decode()}"


def echo(status, wrap):
    """An answer that repeats the whole request, as debugging proxies do."""

    def answer(request):
        return httpx.Response(status, content=wrap(contents(request)).encode())

    return answer


def fault(told):
    return json.dumps({"requestId": told, "errorCode": "401.003.01", "errorMessage": told})


def code(told):
    return json.dumps({"errorCode": told, "errorMessage": "x"})


def soap(told):
    return json.dumps({"Envelope": {"Body": {"Fault": {"faultstring": told}}}})


def result(told):
    return json.dumps({"ResponseCode": "0", "ResultCode": "1032", "ResultDesc": told})


def key(told):
    return json.dumps({told: 1})


def broken(told):
    return json.dumps({"access_token": TOKEN, "expires_in": told})


TROUBLE = [
    *(echo(status, wrap) for status in (200, 400, 500) for wrap in (fault, code, soap, key, str)),
    echo(200, result),
    echo(200, broken),
    lambda request: httpx.ReadError(contents(request)),
    lambda request: httpx.ConnectError(contents(request)),
    httpx.ReadTimeout("slow"),
]

PLACES = ("oauth", "push", "query", "command", "register", "simulate", "qr")
CASES = [(place, trouble) for place in PLACES for trouble in TROUBLE]
PAYOUT = {"phone": "0708374149", "amount": 100, "remarks": "Commission"}
URLS = {
    "confirmation_url": "https://shop.example/confirm/planted-confirm-token",
    "validation_url": "https://shop.example/validate/planted-validate-token",
}
CALLS = (
    ("stk_push", ORDER),
    ("stk_query", {"checkout_request_id": CHECKOUT}),
    ("wait_for_payment", {"checkout_request_id": CHECKOUT, "within": 5}),
    ("b2c", PAYOUT),
    ("b2pochi", PAYOUT),
    ("account_balance", {}),
    ("transaction_status", {"receipt": "UJB5Q7X2KE"}),
    ("reverse", {"receipt": "UJB5Q7X2KE", "amount": 5, "remarks": "Paid twice"}),
    ("c2b_register", URLS),
    ("c2b_simulate", ORDER),
    ("dynamic_qr", {"amount": 5, "reference": "INV-1"}),
)


@pytest.fixture(autouse=True)
def _no_pauses(monkeypatch):
    monkeypatch.setattr(conversation, "CONNECT_PAUSES", (0.0, 0.0))


@pytest.fixture
def payer(client, paying):
    return lambda: client(settings=paying)


def everything(error):
    """All that a log, a debugger or an error tracker could show of it, our local variables too."""
    told = traceback.TracebackException.from_exception(error, capture_locals=True)
    ours = [frame for frame in told.stack if "mpesa_pochi" in frame.filename]
    told.stack[:] = ours
    chained = [error.__cause__, error.__context__]
    return "\n".join(
        [
            *told.format(),
            repr(error),
            str(error),
            repr(vars(error)),
            repr(error.args),
            *(everything(other) for other in chained if other is not None),
        ]
    )


def nothing_planted(text):
    found = [secret for secret in SECRETS if secret in text]
    assert not found, f"{found} in:\n{text}"


async def exercise(mpesa, shown):
    for method, arguments in CALLS:
        try:
            shown.append(repr(await getattr(mpesa, method)(**arguments)))
        except PochiError as error:
            shown.append(everything(error))


@pytest.mark.parametrize("case", CASES, ids=range(len(CASES)))
def test_the_blocking_twin_holds_its_tongue_too(blocking, daraja, caplog, case):
    place, trouble = case
    caplog.set_level(logging.DEBUG, "mpesa_pochi")
    daraja.oauth = [lambda _: daraja.token(TOKEN)]
    setattr(daraja, place, [trouble])
    shown = []
    with blocking() as mpesa:
        line = mpesa._line
        for method, arguments in CALLS:
            try:
                shown.append(repr(getattr(mpesa, method)(**arguments)))
            except PochiError as error:
                shown.append(everything(error))
        shown.append(repr(vars(mpesa)) + repr(vars(line)) + repr(vars(line._tokens)))
        shown.append(repr(vars(line._wire)) + repr(vars(mpesa._desk)))
    nothing_planted("\n".join(shown))
    nothing_planted("".join(record.getMessage() for record in caplog.records))


@pytest.mark.parametrize("case", CASES, ids=range(len(CASES)))
def test_no_error_no_result_and_no_log_line_holds_a_secret(run, payer, daraja, caplog, case):
    place, trouble = case
    caplog.set_level(logging.DEBUG, "mpesa_pochi")
    daraja.oauth = [lambda _: daraja.token(TOKEN)]
    setattr(daraja, place, [trouble])
    shown = []

    async def scenario():
        async with payer() as mpesa:
            shown.append(repr(mpesa) + repr(mpesa.settings) + repr(vars(mpesa)))
            await exercise(mpesa, shown)
            line = mpesa._line
            shown.append(repr(vars(line)) + repr(vars(line._tokens)) + repr(vars(line._wire)))
            shown.append(repr(vars(mpesa._desk)))

    run(scenario())
    nothing_planted("\n".join(shown))
    records = [record for record in caplog.records if record.name.startswith("mpesa_pochi")]
    assert records
    for record in records:
        nothing_planted(record.getMessage() + repr(vars(record)))
        assert SUBSCRIBER not in record.getMessage()


def test_the_whole_log_of_every_library_is_clean_at_debug(run, payer, daraja, caplog):
    caplog.set_level(logging.DEBUG)
    daraja.oauth = [lambda _: daraja.token(TOKEN)]
    daraja.query = [lambda _: daraja.status("4999")]

    async def scenario():
        async with payer() as mpesa:
            await exercise(mpesa, [])

    run(scenario())
    nothing_planted(caplog.text)


def test_over_a_real_socket_the_libraries_stay_clean_too(settings, caplog):
    from dataclasses import replace

    from mpesa_pochi import MpesaPochi

    caplog.set_level(logging.DEBUG)
    answer = json.dumps({"access_token": TOKEN, "expires_in": "3599"}).encode()
    shown = []

    async def serve(reader, writer):
        head = await reader.readuntil(b"\r\n\r\n")
        if head.startswith(b"GET"):
            length = f"Content-Length: {len(answer)}\r\nConnection: close\r\n\r\n"
            writer.write(b"HTTP/1.1 200 OK\r\n" + length.encode() + answer)
            await writer.drain()
        writer.close()
        await asyncio.gather(writer.wait_closed(), return_exceptions=True)

    async def scenario():
        async with await asyncio.start_server(serve, "127.0.0.1", 0) as listening:
            port = listening.sockets[0].getsockname()[1]
            local = replace(settings, base_url=f"http://127.0.0.1:{port}")
            async with MpesaPochi(local) as mpesa:
                try:
                    await mpesa.stk_push(**ORDER)
                except PochiError as error:
                    shown.append(everything(error))

    asyncio.run(scenario())
    assert "outcome unknown" in shown[0]
    nothing_planted("\n".join(shown))
    nothing_planted(caplog.text)
