"""What the recorder passes on, and what it does when there is nobody to pass it on to."""

import asyncio
import json
import socket

from darajasim.recording.callback_urls import rewritten
from darajasim.recording.settling import draft, finished
from darajasim.scenarios.from_text import load_text
from support.recorded import PUSH, recorded


def test_only_callback_urls_are_rewritten():
    body = b'{ "CallBackURL" :  "http:\\/\\/shop/x", "Remarks":"http://shop/x", "ResultURL":"no" }'
    other = rewritten(body, lambda name, url: f"new:{name}:{url}")
    assert other == (
        b'{ "CallBackURL" :  "new:CallBackURL:http://shop/x", '
        b'"Remarks":"http://shop/x", "ResultURL":"no" }'
    )


def test_callbacks_reach_the_true_url_and_its_query(tmp_path):
    async def main():
        async with recorded(tmp_path / "a.yaml") as r:
            await r.login()
            url = f"{r.merchant.base}/cb?order=12"
            await r.post(PUSH, r.push(CallBackURL=url))
            await r.answered(1)
            return r.merchant.received, r.session.transcript

    received, transcript = asyncio.run(main())
    ((path, query, body),) = received
    assert (path, query) == ("/cb", "order=12")
    assert body == transcript.deliveries[0].body
    assert json.loads(body)["Body"]["stkCallback"]["ResultCode"] == 0


def test_two_fields_with_one_url_are_told_apart(tmp_path):
    async def main():
        async with recorded(tmp_path / "a.yaml") as r:
            url = f"{r.merchant.base}/both"
            body = {"ResultURL": url, "QueueTimeOutURL": url}
            await r.post("/mpesa/b2c/v3/paymentrequest", body)
            await r.post("/mpesa/b2c/v3/paymentrequest", body)
            return r.session.transcript

    urls = asyncio.run(main()).urls
    assert [each.name for each in urls] == ["ResultURL", "QueueTimeOutURL"] * 2


def test_an_upstream_that_is_gone_is_a_bad_gateway_and_what_was_recorded_stays(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        nobody = f"http://127.0.0.1:{taken.getsockname()[1]}"

    async def main():
        async with recorded(tmp_path / "a.yaml", upstream=nobody) as r:
            answer = await r.post(PUSH, r.push())
            return answer, r.session.transcript

    answer, transcript = asyncio.run(main())
    assert answer.status_code == 502
    assert answer.json()["fault"]["detail"]["errorcode"] == "recorder"
    text = draft(transcript, "a")
    assert "502 by the recorder: upstream failed" in text
    assert load_text(text.encode())[0].name == "a"
    assert finished(transcript, "a").unmet == ()


def test_a_reset_is_passed_on(tmp_path):
    async def reset(scope, receive, send):
        send.__self__.transport.abort()

    async def main():
        from support.recorded import serving

        async with serving(reset) as base, recorded(tmp_path / "a.yaml", upstream=base) as r:
            try:
                await r.post(PUSH, r.push())
            except Exception as error:  # noqa: BLE001  # any loss of the connection
                return type(error).__name__, r.session.transcript
        raise AssertionError("an answer came")

    name, transcript = asyncio.run(main())
    assert name in ("ReadError", "RemoteProtocolError")
    assert transcript.exchanges[0].fault in ("reset", "empty")
