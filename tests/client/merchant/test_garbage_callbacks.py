import json

import pytest

from mpesa_pochi.merchant import Judgement

GARBAGE = [
    b"",
    b"not json",
    b"\xff\xfe\x00",
    b"null",
    b"[]",
    b"0",
    b'"text"',
    b"{}",
    b'{"Body": null}',
    b'{"Body": {}}',
    b'{"Body": {"stkCallback": []}}',
    b'{"Body": {"stkCallback": {}}}',
    b"[" * 60_000,
    b'{"a":' * 10_000 + b"1" + b"}" * 10_000,
    b'{"Body": {"stkCallback": {"ResultCode": NaN}}}',
    b'{"Body": 1, "Body": 2}',
    b"9" * 50_000,
    b"\x00" * 100,
    b"<xml/>",
    b"Body=1&stkCallback=2",
    b'{"Body": {"stkCallback": {"CheckoutRequestID": "\\ud800"}}}',
]


@pytest.mark.parametrize("garbage", GARBAGE, ids=lambda raw: ascii(raw[:24]))
@pytest.mark.parametrize("token", [None, "token-1"])
def test_garbage_is_kept_to_the_byte_and_refused(go, garbage, token):
    async def scenario(shop):
        await shop.push()
        answer = await shop.call_back(garbage, token)
        return answer, await shop.payments.get(1), await shop.payments.callbacks()

    answer, payment, [callback] = go(scenario)
    assert answer.status_code == 400
    assert answer.json()["ResultDesc"].startswith("Rejected: ")
    assert callback.callback_data == garbage
    assert (callback.judgement, callback.checkout_id) == (Judgement.REFUSED, None)
    assert callback.reason
    assert (payment.status, payment.needs_review) == ("pending", False)


MUTATIONS = {
    "boolean code": {"ResultCode": True},
    "list code": {"ResultCode": [0]},
    "code in flight": {"ResultCode": 4999},
    "no code": {"ResultCode": None},
    "endless id": {"CheckoutRequestID": "x" * 5000},
    "number id": {"CheckoutRequestID": 5},
    "NUL in the text": {"ResultDesc": "\0"},
    "no items": {"CallbackMetadata": None},
    "items as text": {"CallbackMetadata": {"Item": "Amount"}},
}


@pytest.mark.parametrize("changes", MUTATIONS.values(), ids=list(MUTATIONS))
def test_an_almost_right_callback_is_refused(go, changes):
    async def scenario(shop):
        await shop.push()
        body = json.loads(shop.result())
        body["Body"]["stkCallback"] |= changes
        answer = await shop.call_back(json.dumps(body).encode())
        return answer.status_code, (await shop.payments.get(1)).status, await shop.judgements()

    assert go(scenario) == (400, "pending", ["refused"])


def test_a_huge_callback_is_cut_at_the_limit_and_refused(go):
    limit = 64 * 1024

    async def scenario(shop):
        await shop.push()
        padding = b" " * (limit - len(shop.result()))
        answers = [
            await shop.call_back(shop.result() + padding + b" "),
            await shop.call_back(b"x" * 5_000_000),
            await shop.call_back(shop.result() + padding),
        ]
        return answers, await shop.payments.callbacks(), await shop.payments.get(1)

    answers, callbacks, payment = go(scenario)
    assert [answer.status_code for answer in answers] == [413, 413, 200]
    assert [callback.truncated for callback in callbacks] == [True, True, False]
    assert {len(callback.callback_data) for callback in callbacks} == {limit}
    assert payment.status == "success"
