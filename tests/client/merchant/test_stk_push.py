import httpx
import pytest

from mpesa_pochi.merchant import PushFate
from mpesa_pochi.merchant.gate import digest


def test_a_payment_runs_end_to_end(go):
    async def scenario(shop):
        pushed = await shop.push(user_id="u-1", metadata={"cart": [1, 2.5]})
        assert (await shop.deliver()).json() == {"ResultCode": 0, "ResultDesc": "Accepted"}
        return pushed, (await shop.query()).json(), shop.daraja.pushes

    pushed, payment, pushes = go(scenario)
    assert pushed.status_code == 200
    assert pushed.json() == {
        "payment_id": 1,
        "status": "pending",
        "result_code": None,
        "result_text": None,
        "receipt": None,
        "amount": 100,
        "phone": "254722000000",
        "checkout_id": "ws_CO_111020261200000000000001",
        "reference": "INV-1",
        "needs_review": False,
        "review_reason": None,
        "user_id": "u-1",
        "metadata": {"cart": [1, 2.5]},
        "created_at": "2026-10-11T09:00:00+00:00",
        "updated_at": "2026-10-11T09:00:00+00:00",
        "outcome": "accepted",
        "customer_message": "Check your phone and enter your M-PESA PIN to pay.",
    }
    assert (payment["status"], payment["receipt"]) == ("success", "UJB5Q7X201")
    assert (payment["result_code"], payment["outcome"]) == ("0", "paid")
    assert pushes[0]["CallBackURL"] == "https://shop.example/api/pochi/callback/token-1"
    assert pushes[0]["PhoneNumber"] == "254722000000"


def test_the_row_is_written_before_the_push_leaves(go):
    async def scenario(shop):
        seen = []

        async def look(_):
            seen.extend(await shop.payments.list())

        shop.daraja.before_answering = look
        await shop.push()
        return seen

    [payment] = go(scenario)
    assert (payment.status, payment.push, payment.checkout_id) == ("pending", "sending", None)
    assert payment.outcome_unknown


def test_the_database_holds_no_token(go):
    async def scenario(shop):
        await shop.push()
        await shop.deliver()
        return await shop.dump()

    dump = go(scenario)
    assert "token-1" not in dump
    assert digest("token-1") in dump


def test_a_lost_acknowledgement_is_an_unknown_outcome_and_nothing_is_sent_again(go):
    async def scenario(shop):
        shop.daraja.push_answers = [httpx.ReadError("reset")]
        pushed = await shop.push()
        queried = await shop.query()
        before = await shop.payments.get(1)
        await shop.deliver()
        return pushed, queried, before, await shop.payments.get(1), shop.daraja

    pushed, queried, before, after, daraja = go(scenario)
    assert pushed.status_code == queried.status_code == 202
    for answer in (pushed.json(), queried.json()):
        assert (answer["outcome"], answer["status"]) == ("unknown", "pending")
        assert answer["retry"] == "never"
        assert "push again" in answer["advice"]
        assert answer["payment_id"] == 1
    assert (before.push, before.checkout_id) == (PushFate.UNKNOWN, None)
    assert (after.status, after.receipt, after.push) == ("success", "UJB5Q7X201", "accepted")
    assert after.checkout_id == daraja.checkout_id(1)
    assert len(daraja.pushes) == 1
    assert daraja.queries == []


def test_a_callback_that_beats_the_loss_of_the_acknowledgement_is_an_answer(go):
    async def scenario(shop):
        shop.daraja.push_answers = [httpx.ReadError("reset")]
        shop.daraja.before_answering = shop.deliver
        return await shop.push(), await shop.payments.get(1)

    pushed, payment = go(scenario)
    assert pushed.status_code == 200
    assert (pushed.json()["outcome"], pushed.json()["status"]) == ("accepted", "success")
    assert payment.push is PushFate.ACCEPTED


def test_an_unclear_answer_that_holds_an_id_can_be_queried(go):
    async def scenario(shop):
        odd = {"CheckoutRequestID": "ws_CO_odd", "MerchantRequestID": "m-odd", "ResponseCode": "7"}
        shop.daraja.push_answers = [httpx.Response(200, json=odd)]
        shop.daraja.results["ws_CO_odd"] = "0"
        pushed = await shop.push()
        unknown = await shop.payments.get(1)
        return pushed, unknown, (await shop.query()).json()

    pushed, unknown, queried = go(scenario)
    assert pushed.status_code == 202
    assert (unknown.push, unknown.checkout_id) == (PushFate.UNKNOWN, "ws_CO_odd")
    assert queried["outcome"] == "paid"


REFUSALS = [
    ("400.002.02", "Bad Request - Invalid Amount", 422),
    ("400.002.02", "Bad Request - Invalid PhoneNumber", 422),
    ("400.002.02", "Bad Request - Invalid CallBackURL", 502),
    ("500.001.1001", "Wrong credentials", 502),
    ("500.001.1001", "Merchant does not exist", 502),
    (
        "500.001.1001",
        "Unable to lock subscriber, a transaction is already in process for the current subscriber",
        409,
    ),
    ("500.003.02", "System is busy. Please try again in few minutes.", 503),
    ("500.003.03", "Quota Violation", 503),
    ("500.003.1001", "Internal Server Error", 502),
    ("599.9", "what nobody has seen", 502),
]


@pytest.mark.parametrize(("code", "text", "status"), REFUSALS)
def test_a_refused_push_fails_the_payment_and_says_what_to_do(go, code, text, status):
    async def scenario(shop):
        http_status = 500 if code.startswith("5") else 400
        shop.daraja.push_answers = [shop.daraja.envelope(code, text, http_status)]
        return await shop.push(), await shop.payments.get(1)

    answer, payment = go(scenario)
    body = answer.json()
    assert answer.status_code == status
    assert (body["code"], body["message"]) == (code, text)
    assert body["advice"]
    assert body["retry"] in {"never", "now", "later", "ask"}
    assert body["payment"]["status"] == "failed"
    assert (payment.status, payment.result_code, payment.result_text) == ("failed", code, text)
    assert (payment.push, payment.settled_by) == (PushFate.REFUSED, "push")
    assert not payment.needs_review


def test_answers_without_a_code_are_known_by_name(go):
    async def scenario(shop):
        html = b"<html>Request unsuccessful. Incapsula incident ID: 123456789012345-6</html>"
        shop.daraja.push_answers = [httpx.Response(403, content=html)]
        return await shop.push(), await shop.payments.get(1)

    answer, payment = go(scenario)
    assert answer.status_code == 503
    assert payment.result_code == "waf-blocked"


def test_a_daraja_that_cannot_be_reached_took_no_money(run, shops):
    async def scenario():
        async with shops() as shop:
            shop.daraja.push_answers = [httpx.ConnectError("refused")] * 3
            return await shop.push(), await shop.payments.get(1)

    answer, payment = run(scenario())
    assert answer.status_code == 503
    assert (answer.json()["code"], answer.json()["retry"]) == ("unreachable", "now")
    assert (payment.status, payment.push) == ("failed", PushFate.UNSENT)


def test_a_push_that_cannot_be_sent_fails_without_daraja(go):
    async def scenario(shop):
        return await shop.push(), await shop.payments.get(1), shop.daraja.pushes

    too_long = {"callback_url": "https://shop.example/" + "x" * 2025}
    answer, payment, pushes = go(scenario, settings=too_long)
    assert answer.status_code == 422
    assert (payment.result_code, payment.push) == ("invalid-request", PushFate.UNSENT)
    assert pushes == []


def test_a_refused_push_that_was_paid_after_all_stays_failed_and_needs_review(go):
    async def scenario(shop):
        shop.daraja.push_answers = [shop.daraja.envelope("500.003.1001", "Internal Server Error")]
        await shop.push()
        answer = await shop.deliver()
        return answer, await shop.payments.get(1), await shop.judgements()

    answer, payment, judgements = go(scenario)
    assert answer.status_code == 200
    assert (payment.status, payment.receipt) == ("failed", None)
    assert payment.needs_review
    assert "UJB5Q7X201" in payment.review_reason
    assert judgements == ["conflict"]


def test_a_paid_push_that_is_then_refused_stays_paid_and_needs_review(go):
    async def scenario(shop):
        shop.daraja.push_answers = [shop.daraja.envelope("500.003.1001", "Internal Server Error")]
        shop.daraja.before_answering = shop.deliver
        return await shop.push(), await shop.payments.get(1)

    answer, payment = go(scenario)
    assert answer.json()["payment"]["status"] == "success"
    assert payment.needs_review


def test_a_fault_in_the_program_is_json_and_leaves_the_payment_unsettled(go, monkeypatch):
    async def scenario(shop):
        async def broken(**_):
            raise RuntimeError("planted")

        monkeypatch.setattr(shop.line, "stk_push", broken)
        async with shop.browser(shop.app, raise_app_exceptions=False) as browser:
            order = {"phone": "0722000000", "amount": 1, "reference": "INV-1"}
            answer = await browser.post("/api/pochi/stk-push", json=order)
        return answer, await shop.payments.get(1)

    answer, payment = go(scenario)
    assert answer.status_code == 500
    assert "planted" not in answer.text
    assert answer.json()["error"]
    assert payment.outcome_unknown


def test_an_acknowledgement_with_another_id_than_the_callbacks_is_for_a_person(go):
    async def scenario(shop):
        async def early(_):
            await shop.call_back(shop.result(checkout_id="ws_CO_other"), "token-1")

        shop.daraja.before_answering = early
        return (await shop.push()).json()

    body = go(scenario)
    assert (body["status"], body["checkout_id"]) == ("success", "ws_CO_other")
    assert body["needs_review"]
    assert "ws_CO_111020261200000000000001" in body["review_reason"]


def test_two_acknowledgements_with_one_id_are_one_payment_and_one_to_review(go):
    async def scenario(shop):
        shop.daraja.push_answers = [shop.daraja.accepted(1), shop.daraja.accepted(1)]
        await shop.push()
        await shop.push()
        return await shop.payments.list()

    first, second = go(scenario)
    assert first.checkout_id
    assert not first.needs_review
    assert second.checkout_id is None
    assert second.needs_review
    assert second.push is PushFate.ACCEPTED
