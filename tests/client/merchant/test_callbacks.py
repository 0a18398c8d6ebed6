import pytest

from mpesa_pochi.merchant import Judgement

ACCEPTED = {"ResultCode": 0, "ResultDesc": "Accepted"}


def test_a_failed_payment_keeps_the_code_and_has_no_receipt(go):
    async def scenario(shop):
        await shop.push()
        await shop.deliver(code=1032)
        return await shop.payments.get(1)

    payment = go(scenario)
    assert (payment.status, payment.result_code, payment.receipt) == ("failed", "1032", None)
    assert (payment.settled_by, payment.final) == ("callback", True)


@pytest.mark.parametrize("token", [None, "token-1"])
def test_the_same_callback_again_changes_nothing_and_is_accepted(go, token):
    async def scenario(shop):
        await shop.push()
        await shop.call_back(shop.result(), token)
        first = await shop.payments.get(1)
        shop.later(5)
        answers = [await shop.call_back(shop.result(), token) for _ in range(3)]
        return first, await shop.payments.get(1), answers, await shop.judgements()

    first, last, answers, judgements = go(scenario)
    assert first == last
    assert [answer.json() for answer in answers] == [ACCEPTED] * 3
    assert judgements == ["applied", "duplicate", "duplicate", "duplicate"]


@pytest.mark.parametrize("token", [None, "token-1"])
def test_a_callback_before_the_acknowledgement_is_applied_when_it_is_recorded(go, token):
    async def scenario(shop):
        async def early(number):
            answers.append(await shop.call_back(shop.result(number), token))
            answers.append(await shop.call_back(shop.result(number), token))

        answers = []
        shop.daraja.before_answering = early
        pushed = await shop.push()
        return pushed.json(), answers, await shop.judgements()

    pushed, answers, judgements = go(scenario)
    assert [answer.json() for answer in answers] == [ACCEPTED] * 2
    assert (pushed["status"], pushed["receipt"]) == ("success", "UJB5Q7X201")
    assert judgements == ["applied", "duplicate"]


def test_a_callback_for_an_unknown_id_is_kept(go):
    async def scenario(shop):
        answer = await shop.call_back(shop.result(9))
        return answer, await shop.payments.callbacks(), await shop.payments.list()

    answer, [callback], payments = go(scenario)
    assert (answer.status_code, answer.json()) == (200, ACCEPTED)
    assert callback.judgement is Judgement.KEPT
    assert callback.checkout_id.startswith("ws_CO_")
    assert payments == ()


def test_kept_callbacks_are_judged_when_a_payments_own_address_brings_the_id(go):
    async def scenario(shop):
        import httpx

        shop.daraja.push_answers = [httpx.ReadError("reset")]
        await shop.push()
        await shop.call_back(shop.result())
        waiting = await shop.payments.get(1)
        await shop.deliver()
        return waiting, await shop.payments.get(1), await shop.judgements()

    waiting, settled, judgements = go(scenario)
    assert waiting.outcome_unknown
    assert settled.status == "success"
    assert judgements == ["duplicate", "applied"]


CONTRADICTIONS = {
    "wrong-amount": {"amount": 1.00},
    "wrong-phone": {"phone": 254711111111},
    "wrong-merchant-id": {"merchant_id": "ab12-4c3d-9e8f-0a1b2c3d4e5f999"},
    "wrong-checkout-id": {"checkout_id": "ws_CO_111020261200009999999999"},
    "stale": {"date": 20261010120000},
}


@pytest.mark.parametrize(("reason", "changes"), CONTRADICTIONS.items(), ids=list(CONTRADICTIONS))
def test_a_callback_that_contradicts_its_payment_is_stored_and_not_applied(go, reason, changes):
    async def scenario(shop):
        await shop.push()
        answer = await shop.deliver(**changes)
        flagged = await shop.payments.get(1)
        await shop.deliver()
        return answer, flagged, await shop.payments.get(1), await shop.payments.callbacks()

    answer, flagged, settled, callbacks = go(scenario)
    assert answer.json() == ACCEPTED
    assert (flagged.status, flagged.receipt, flagged.needs_review) == ("pending", None, True)
    assert flagged.review_reason
    assert (settled.status, settled.needs_review) == ("success", True)
    assert settled.review_reason == flagged.review_reason
    assert [callback.judgement.value for callback in callbacks] == ["conflict", "applied"]
    assert (callbacks[0].refusal, callbacks[0].payment_id) == (reason, 1)


def test_a_masked_phone_is_no_contradiction(go):
    async def scenario(shop):
        await shop.push()
        await shop.deliver(phone="2547*****000")
        return await shop.payments.get(1)

    assert go(scenario).status == "success"


def test_another_result_after_the_first_never_wins(go):
    async def scenario(shop):
        await shop.push()
        await shop.push()
        await shop.deliver(1)
        await shop.deliver(1, code=1032)
        await shop.deliver(2, code=1032)
        await shop.deliver(2, code=1037)
        await shop.deliver(2)
        return await shop.payments.list(), await shop.judgements()

    (paid, failed), judgements = go(scenario)
    assert (paid.status, paid.receipt, paid.needs_review) == ("success", "UJB5Q7X201", True)
    assert (failed.status, failed.result_code, failed.receipt) == ("failed", "1032", None)
    assert "money may have moved" in failed.review_reason
    assert judgements == ["applied", "conflict", "applied", "duplicate", "conflict"]


def test_a_second_receipt_is_for_a_person(go):
    async def scenario(shop):
        await shop.push()
        await shop.deliver(receipt="AAAAAAAAA1")
        await shop.deliver(receipt="AAAAAAAAA2")
        return await shop.payments.get(1)

    payment = go(scenario)
    assert (payment.receipt, payment.needs_review) == ("AAAAAAAAA1", True)
    assert "AAAAAAAAA2" in payment.review_reason


def test_one_receipt_pays_once(go):
    async def scenario(shop):
        await shop.push()
        await shop.push()
        await shop.deliver(1, receipt="AAAAAAAAA1")
        await shop.deliver(2, receipt="AAAAAAAAA1")
        return await shop.payments.list()

    first, second = go(scenario)
    assert (first.status, first.needs_review) == ("success", False)
    assert (second.status, second.needs_review) == ("pending", True)
    assert "payment 1" in second.review_reason


def test_a_callback_after_a_query_brings_the_receipt_and_credits_nothing_twice(go):
    async def scenario(shop):
        await shop.push()
        shop.daraja.results[shop.daraja.checkout_id(1)] = "0"
        queried = (await shop.query()).json()
        shop.later(20)
        await shop.deliver()
        await shop.deliver()
        return queried, await shop.payments.get(1), await shop.judgements()

    queried, payment, judgements = go(scenario)
    assert (queried["status"], queried["receipt"]) == ("success", None)
    assert (payment.receipt, payment.settled_by) == ("UJB5Q7X201", "query")
    assert (payment.updated_at - payment.settled_at).total_seconds() == 20
    assert judgements == ["completed", "duplicate"]
    assert not payment.needs_review


def test_a_wrong_receipt_does_not_complete_a_payment(go):
    async def scenario(shop):
        await shop.push()
        shop.daraja.results[shop.daraja.checkout_id(1)] = "0"
        await shop.query()
        await shop.deliver(amount=1.00)
        return await shop.payments.get(1)

    payment = go(scenario)
    assert (payment.status, payment.receipt, payment.needs_review) == ("success", None, True)


def test_a_callback_whose_connection_breaks_is_kept_as_far_as_it_came(go):
    async def scenario(shop):
        parts = iter(
            [
                {"type": "http.request", "body": b'{"Body": {"stk', "more_body": True},
                {"type": "http.disconnect"},
            ]
        )
        sent = []

        async def receive():
            return next(parts)

        async def send(message):
            sent.append(message)

        scope = {
            "type": "http",
            "method": "POST",
            "path": "/api/pochi/callback",
            "raw_path": b"/api/pochi/callback",
            "query_string": b"",
            "headers": [],
            "client": None,
            "server": None,
            "scheme": "http",
            "root_path": "",
        }
        await shop.app(scope, receive, send)
        return sent[0]["status"], await shop.payments.callbacks()

    status, [callback] = go(scenario)
    assert status == 400
    assert callback.callback_data == b'{"Body": {"stk'
    assert (callback.refusal, callback.source) == ("not-json", None)


def test_what_a_crash_left_unjudged_is_judged_at_the_next_start(go, monkeypatch):
    from mpesa_pochi.merchant import payments as service

    async def scenario(shop):
        await shop.push()

        def crash(*_):
            raise RuntimeError("planted")

        with monkeypatch.context() as patch:
            patch.setattr(service, "judge", crash)
            with pytest.raises(RuntimeError):
                await shop.deliver()
        unjudged = await shop.judgements(), (await shop.payments.get(1)).status
        async with shop.app.router.lifespan_context(shop.app):
            judged = await shop.judgements(), (await shop.payments.get(1)).status
        return unjudged, judged, await shop.payments.judge_stored()

    unjudged, judged, left = go(scenario)
    assert unjudged == (["received"], "pending")
    assert judged == (["applied"], "success")
    assert left == 0


def test_callbacks_can_be_read_by_payment(go):
    async def scenario(shop):
        await shop.push()
        await shop.push()
        await shop.deliver(2)
        await shop.call_back(b"garbage")
        return [await shop.payments.callbacks(payment_id=number) for number in (1, 2)]

    none, [callback] = go(scenario)
    assert none == ()
    assert (callback.payment_id, callback.source) == (2, "127.0.0.1")
    assert callback.received_at.isoformat() == "2026-10-11T09:00:00+00:00"
