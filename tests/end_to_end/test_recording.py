"""Recorded over real sockets, replayed in virtual time: the same exchange, and nobody's secrets."""

import asyncio
import base64
import hashlib
import json
import random
import urllib.parse

from darajasim.core.customer import SANDBOX_MSISDN
from darajasim.harness.leaves import leaves
from darajasim.harness.runner import run_scenario
from darajasim.recording.plays import plays
from darajasim.recording.session import write
from darajasim.recording.settling import finished, name_of
from darajasim.recording.volatile import is_volatile
from darajasim.scenarios import load_file
from support.recorded import PUSH, QUERY, password, recorded

B2C = "/mpesa/b2c/v3/paymentrequest"


def secrets(count):
    """Made-up secrets of the forms that a session can hold."""
    chance = random.Random(20260302)
    letters = "abcdefghijkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789"
    return iter(["".join(chance.choices(letters, k=12)) for _ in range(count)])


def test_a_recorded_session_replays_identically_and_holds_no_planted_secret(tmp_path):  # noqa: PLR0915  # one session
    out = tmp_path / "session.yaml"
    planted = []

    async def session():
        fresh = secrets(400)

        def plant(form="{}"):
            planted.append(next(fresh))
            return form.format(planted[-1])

        def phone(form="2547{}"):
            digits = f"{31_000_000 + 7919 * len(planted):08d}"
            planted.append(digits)
            return form.format(digits)

        async with recorded(out) as r:
            await r.login(plant(), plant())
            planted.append(r.token)
            for number in range(12):
                number_called = phone()
                body = r.push(
                    PhoneNumber=number_called,
                    PartyA=number_called,
                    CallBackURL=f"{r.merchant.base}/{plant()}?token={plant()}",
                    AccountReference=plant(),
                    TransactionDesc=plant("for {} ") + phone("07{}"),
                    Amount=number + 1,
                )
                r.merchant.answer = json.dumps(
                    {plant(): plant(), "ResultDesc": plant("from {}"), "to": phone("+2547{}")}
                ).encode()
                answer = await r.post(PUSH, body, **{"x-api-key": plant(), "cookie": plant()})
                await r.answered(number + 1)
                query = {k: body[k] for k in ("BusinessShortCode", "Password", "Timestamp")}
                query["CheckoutRequestID"] = answer.json()["CheckoutRequestID"]
                await r.post(f"{QUERY}?{plant()}={plant()}", query)
            # What is refused, in every way, and holds secrets nonetheless.
            await r.post(PUSH, r.push(Password=password(passkey=plant())))
            await r.post(PUSH, r.push(Password=plant()))
            await r.post(PUSH, r.push(Amount=plant()))
            await r.post(PUSH, r.push(PhoneNumber=phone("{}"), Remarks=phone("07{}")))
            await r.post(PUSH, r.push(CallBackURL=plant("not a url {}")))
            await r.post(PUSH, r.push(**{plant(): {plant(): [plant(), int(phone("2547{}"))]}}))
            await r.post(PUSH, plant('{{"broken": "{}"').encode())
            await r.post(PUSH, plant("<xml>{}</xml>").encode(), **{"content-type": plant("a/{}")})
            await r.post(PUSH, json.dumps([plant(), plant()]).encode())
            await r.post(PUSH, r.push(), authorization=plant("Bearer {}"))
            await r.post(PUSH, r.push(), authorization=plant("Digest {}"))
            await r.post(f"/mpesa/{plant()}/{plant()}", {plant(): plant()})
            await r.client.get(f"{PUSH}?{plant()}={plant()}")
            for _ in range(3):
                await r.post(
                    B2C,
                    {
                        "OriginatorConversationID": plant(),
                        "InitiatorName": plant(),
                        "SecurityCredential": base64.b64encode(plant().encode()).decode(),
                        "CommandID": "BusinessPayment",
                        "Amount": 100,
                        "PartyA": "600998",
                        "PartyB": phone(),
                        "Remarks": plant(),
                        "Occassion": plant(),
                        "QueueTimeOutURL": f"{r.merchant.base}/{plant()}",
                        "ResultURL": f"{r.merchant.base}/{plant()}",
                    },
                )
            await r.answered(15)
            urls = {
                "ConfirmationURL": f"{r.merchant.base}/{plant()}",
                "ValidationURL": f"{r.merchant.base}/{plant()}",
            }
            await r.post(
                "/mpesa/c2b/v2/registerurl",
                {"ShortCode": "600998", "ResponseType": "Completed", **urls},
            )
            r.merchant.answer = json.dumps({"ResultCode": "0", "ResultDesc": "Accepted"}).encode()
            for number in range(3):
                await r.post(
                    "/mpesa/c2b/v2/simulate",
                    {
                        "ShortCode": "600998",
                        "CommandID": "CustomerPayBillOnline",
                        "Amount": "5",
                        "Msisdn": phone(),
                        "BillRefNumber": plant(),
                    },
                )
                await r.answered(17 + 2 * number)
        return r.session.transcript

    transcript = asyncio.run(session())
    found = finished(transcript, name_of(out))
    write(out, found.text)

    assert len(set(planted)) >= 200
    written = out.read_bytes().decode()
    for secret in planted:
        for form in forms(secret):
            assert form not in written, (secret, form)
    assert SANDBOX_MSISDN not in written

    (scenario,) = load_file(out)
    result = run_scenario(scenario)
    assert result.passed, [str(finding) for finding in result.findings]
    assert found.unmet == ()
    compare(transcript, result)


def forms(secret):
    """A secret as it may hide: base64 at each of three offsets, hex, quoted, hashed."""
    raw = secret.encode()
    yield secret
    yield raw.hex()
    yield urllib.parse.quote(secret)
    yield secret[::-1]
    for before in range(3):
        padded = b"\0" * before + raw
        whole = padded[: len(padded) // 3 * 3]
        yield base64.b64encode(whole)[4 if before else 0 :].decode()
    for known in (secret, f"2547{secret}"):
        yield hashlib.sha256(known.encode()).hexdigest()


def compare(transcript, result):
    """Exchange by exchange: status, keys, and every value that is neither volatile nor replaced."""
    calls = [play for play in plays(transcript)[0] if play.exchange is not None]
    replayed = [
        each for each in result.exchanges if "daraja.test" in each.url and "/oauth/" not in each.url
    ]
    assert len(calls) == len(replayed)
    compared = 0
    for play, again in zip(calls, replayed, strict=True):
        was = play.exchange
        assert again.status == was.status, play.name
        ours, theirs = play.fields, leaves_of(again.answer)
        assert ours.keys() == theirs.keys(), play.name
        for key, values in ours.items():
            if not is_volatile(key):
                assert list(map(str, values)) == list(map(str, theirs[key])), (play.name, key)
                compared += 1
    callbacks = [each for each in result.exchanges if "inbox.test" in each.url]
    assert len(callbacks) == len(transcript.deliveries)
    for delivery, again in zip(transcript.deliveries, callbacks, strict=True):
        assert again.status == delivery.status
        assert leaves_of(delivery.body).keys() == leaves_of(again.body).keys()
    assert compared > 100


def leaves_of(body):
    try:
        return leaves(json.loads(body))
    except ValueError:
        return {}
