"""How payouts end: by their results, by queue timeouts, and by asking, on a simulator."""

import asyncio
import json

import pytest

from support.market import PHONE, Market

pytestmark = pytest.mark.usefixtures("both_databases")

NEVER = "- {on: b2c_payment, callback: never}"
LOST = "- {on: b2c_payment, reply: lost}"


def test_a_lost_acknowledgement_is_unknown_and_the_result_settles_it():
    with Market(rules=LOST) as shop:

        async def scenario():
            unknown = await shop.pay_out(phone=PHONE, amount=100)
            await shop.wait(60)
            return unknown, (await shop.see("payouts/1")).json["payout"]

        unknown, found = shop.run(scenario())
        assert unknown.status in (200, 202)
        if unknown.status == 202:
            assert unknown.json["outcome"] == "unknown"
        assert found["status"] == "success"
        assert len(shop.asked_of_daraja("b2c")) == 1


def test_a_result_that_never_comes_is_asked_for():
    with Market(rules=NEVER) as shop:

        async def scenario():
            await shop.pay_out(phone=PHONE, amount=100)
            await shop.wait(600)
            return (await shop.see("payouts/1")).json

        seen = shop.run(scenario())
        assert seen["payout"]["status"] == "success"
        assert seen["payout"]["receipt"]
        assert "success, by status" in [each["what"] for each in seen["timeline"]]
        assert len(shop.asked_of_daraja("b2c")) == 1


def waited_too_long(payout):
    return {
        "Result": {
            "ResultCode": 1,
            "ResultDesc": "It waited too long.",
            "ConversationID": payout["conversation_id"],
            "OriginatorConversationID": payout["originator_conversation_id"],
        }
    }


@pytest.mark.parametrize(
    ("token_required", "path", "said"),
    [
        # token-1 is the payout's; a timeout with another token is nobody's.
        (True, "timeout/token-2", (403, "pending", "pending")),
        (True, "timeout/token-1", (200, "pending", "success")),
        (False, "timeout", (200, "pending", "success")),
    ],
)
def test_a_queue_timeout_proves_nothing_and_is_asked_about_at_once(token_required, path, said):
    with Market(rules=NEVER, require_callback_token=token_required) as shop:

        async def status():
            return (await shop.see("payouts/1")).json["payout"]["status"]

        async def scenario():
            await shop.pay_out(phone=PHONE, amount=100)
            payout = (await shop.see("payouts/1")).json["payout"]
            told = await shop.ask("POST", path, waited_too_long(payout))
            before = await status()
            await shop.wait(20)
            return told.status, before, await status()

        assert shop.run(scenario()) == said


def test_a_result_twice_changes_nothing_more():
    with Market() as shop:

        async def scenario():
            await shop.pay_out(phone=PHONE, amount=100)
            await shop.wait(60)
            before = (await shop.see("payouts/1")).json["payout"]
            answers = [await shop.again(letter) for letter in shop.post.letters * 2]
            after = (await shop.see("payouts/1")).json["payout"]
            results = await shop.payouts.results(payout_id=1)
            return before == after, [a.status for a in answers], [r.judgement for r in results]

        assert shop.run(scenario()) == (True, [200, 200], ["applied", "duplicate", "duplicate"])


def altered(letter, **changes):
    body = json.loads(letter.body)
    body["Result"] |= changes
    return json.dumps(body).encode()


@pytest.mark.parametrize(
    "change",
    [
        {"OriginatorConversationID": "somebody-elses"},
        {"ConversationID": "AG_20260302_somebody_elses"},
        {"ResultParameters": {"ResultParameter": [{"Key": "TransactionAmount", "Value": 99}]}},
    ],
)
def test_a_result_that_contradicts_flags_the_payout(change):
    with Market() as shop:

        async def scenario():
            await shop.pay_out(phone=PHONE, amount=100)
            await shop.wait(60)
            (letter,) = shop.post.letters
            path = letter.url.partition("/api/pochi/")[2]
            answer = await shop.ask("POST", path, altered(letter, **change))
            (seen,) = (await shop.see("payouts?needs_review=true")).json["payouts"]
            return answer.status, seen

        status, seen = shop.run(scenario())
        assert status == 200
        assert seen["status"] == "success"
        assert seen["review_reason"]


@pytest.mark.parametrize(
    ("body", "status"), [(b"", 400), (b"[]", 400), (b"x" * 70_000, 413), (b'{"Result":{}}', 400)]
)
def test_garbage_is_stored_and_refused(body, status):
    with Market(require_callback_token=False) as shop:

        async def scenario():
            answers = [await shop.ask("POST", path, body) for path in ("result", "timeout")]
            return [a.status for a in answers], await shop.payouts.results()

        statuses, stored = shop.run(scenario())
        assert statuses == [status] * 2
        assert [each.judgement for each in stored] == ["refused"] * 2
        assert stored[0].result_data == body[: 64 * 1024]


def test_a_crash_between_order_and_answer_is_found_out_by_asking():
    with Market() as shop:

        async def scenario():
            ordering = asyncio.create_task(shop.pay_out("k-1", phone=PHONE, amount=100))
            while not shop.asked_of_daraja("b2c"):
                await shop.wait(0)
            await shop.kill()
            with pytest.raises(Exception, match="reset"):
                await ordering
            await shop.wait(30)  # the result comes, and nobody listens
            await shop.start()
            replayed = await shop.pay_out("k-1", phone=PHONE, amount=100)
            await shop.wait(600)
            return replayed, (await shop.see("payouts/1")).json["payout"]

        replayed, found = shop.run(scenario())
        assert replayed.status == 409  # it may still be under way
        assert found["status"] == "success"
        assert len(shop.asked_of_daraja("b2c")) == 1
