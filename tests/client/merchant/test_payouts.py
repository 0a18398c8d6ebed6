"""Payouts, refunds and balances of the merchant, on a simulator in virtual time."""

import asyncio
import json

import pytest

from support.market import PHONE, Market

NEVER = "- {on: b2c_payment, callback: never}"
LOST = "- {on: b2c_payment, reply: lost}"


async def paid_in(shop, amount=100):
    answer = await shop.push(amount=amount)
    await shop.wait(60)
    return answer.json["payment_id"]


def held(shop, phone):
    return shop.balance(f"customer:{phone}") // 100


def test_a_payout_is_ordered_and_its_result_settles_it():
    with Market() as shop:

        async def scenario():
            before = held(shop, PHONE)
            ordered = await shop.pay_out(phone="0722000000", amount=250, remarks="Change")
            assert ordered.status == 200
            assert ordered.json["outcome"] == "accepted"
            assert ordered.json["status"] == "pending"
            await shop.wait(60)
            seen = await shop.see("payouts/1")
            assert held(shop, PHONE) == before + 250
            return seen.json

        seen = shop.run(scenario())
        found = seen["payout"]
        assert (found["status"], found["result_code"], found["amount"]) == ("success", "0", 250)
        assert found["receipt"]
        assert found["receiver"].startswith(PHONE)
        whats = [each["what"] for each in seen["timeline"]]
        assert whats[:2] == ["ordered", "accepted by Daraja"]
        assert {"result applied", "success, by result"} == set(whats[2:])


def test_a_pochi_wallet_is_paid_by_its_own_operation():
    with Market() as shop:

        async def scenario():
            await shop.pay_out(phone="0722000002", amount=50, destination="pochi")
            await shop.wait(60)
            return (await shop.see("payouts/1")).json["payout"]

        found = shop.run(scenario())
        assert (found["destination"], found["status"]) == ("pochi", "success")
        asked = [event for event in shop.daraja.journal if event.kind == "request-received"]
        assert any("b2pochi" in event.path for event in asked)
        assert shop.balance("pochi:254722000002") == 5000


def test_a_failed_payout_says_why():
    with Market() as shop:

        async def scenario():
            await shop.pay_out(phone=PHONE, amount=5)
            await shop.wait(60)
            return (await shop.see("payouts/1")).json["payout"]

        found = shop.run(scenario())
        assert found["status"] == "failed"
        assert found["result_code"] == "2"
        assert found["receipt"] is None


def test_only_admins_move_money():
    with Market() as shop:

        async def scenario():
            order = {"phone": PHONE, "amount": 100}
            answers = [
                await shop.ask("POST", "b2c-payment", order),
                await shop.ask("GET", "balance"),
                await shop.ask("GET", "payouts"),
                await shop.ask("GET", "payouts/1"),
            ]
            return [answer.status for answer in answers], await shop.see("payouts")

        statuses, seen = shop.run(scenario())
        assert statuses == [401] * 4
        assert seen.json == {"payouts": [], "more": False}


@pytest.mark.parametrize(
    ("order", "field"),
    [
        ({}, "body"),
        ({"phone": PHONE}, "body"),
        ({"amount": 5}, "body"),
        ({"phone": "07", "amount": 5}, "phone"),
        ({"phone": PHONE, "amount": 0}, "amount"),
        ({"phone": PHONE, "amount": 5, "destination": "bank"}, "destination"),
        ({"phone": PHONE, "amount": 5, "command": "Gift"}, "command"),
        (
            {"phone": PHONE, "amount": 5, "destination": "pochi", "command": "SalaryPayment"},
            "body",
        ),
        ({"phone": PHONE, "amount": 5, "remarks": "x"}, "remarks"),
        ({"phone": PHONE, "amount": 5, "occasion": "a\nb"}, "occasion"),
        ({"phone": PHONE, "amount": 5, "colour": "red"}, "colour"),
        ({"payment_id": 0}, "payment_id"),
    ],
)
def test_a_wrong_order_is_refused_and_nothing_is_written(order, field):
    with Market() as shop:

        async def scenario():
            return await shop.pay_out(**order), await shop.see("payouts")

        refused, seen = shop.run(scenario())
        assert refused.status == 422
        assert field in [each["field"] for each in refused.json["details"]]
        assert seen.json["payouts"] == []


def test_a_refund_goes_to_who_paid_and_never_above_what_was_paid():
    with Market() as shop:

        async def scenario():
            payment = await paid_in(shop)
            first = await shop.pay_out(payment_id=payment, amount=40)
            too_much = await shop.pay_out(payment_id=payment, amount=61)
            rest = await shop.pay_out(payment_id=payment)
            nothing_left = await shop.pay_out(payment_id=payment)
            await shop.wait(60)
            listed = await shop.see(f"payouts?payment_id={payment}")
            return first, too_much, rest, nothing_left, listed

        first, too_much, rest, nothing_left, listed = shop.run(scenario())
        assert (first.json["phone"], first.json["amount"]) == (PHONE, 40)
        assert (too_much.status, rest.status, nothing_left.status) == (409, 200, 409)
        assert "60 of the 100 shillings" in too_much.json["error"]
        assert rest.json["amount"] == 60
        assert [each["status"] for each in listed.json["payouts"]] == ["success", "success"]
        assert held(shop, PHONE) == 100_000


def test_a_failed_refund_can_be_made_again():
    with Market() as shop:

        async def scenario():
            payment = await paid_in(shop)
            await shop.pay_out(payment_id=payment, amount=5)  # M-PESA pays 10 and more
            await shop.wait(60)
            again = await shop.pay_out(payment_id=payment)
            return again.json["amount"]

        assert shop.run(scenario()) == 100


def test_what_was_not_paid_or_is_not_there_is_not_refunded():
    with Market(rules="- {on: stk_push, customer: cancel}") as shop:

        async def scenario():
            payment = await paid_in(shop)
            return (
                await shop.pay_out(payment_id=payment),
                await shop.pay_out(payment_id=77),
                await shop.see("payouts"),
            )

        failed, missing, listed = shop.run(scenario())
        assert (failed.status, missing.status) == (409, 404)
        assert listed.json["payouts"] == []


def test_a_refund_to_somebody_else_is_refused():
    with Market() as shop:

        async def scenario():
            payment = await paid_in(shop)
            return await shop.pay_out(payment_id=payment, phone="0722000001")

        assert shop.run(scenario()).status == 409


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
        assert len(requests_to(shop, "b2c")) == 1


def requests_to(shop, word):
    return [
        event
        for event in shop.daraja.journal
        if event.kind == "request-received" and word in event.path
    ]


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
        assert len(requests_to(shop, "b2c")) == 1


def test_a_queue_timeout_proves_nothing_and_is_asked_about_at_once():
    with Market(rules=NEVER) as shop:

        async def scenario():
            await shop.pay_out(phone=PHONE, amount=100)
            found = (await shop.see("payouts/1")).json["payout"]
            said = {
                "Result": {
                    "ResultCode": 1,
                    "ResultDesc": "It waited too long.",
                    "ConversationID": found["conversation_id"],
                    "OriginatorConversationID": found["originator_conversation_id"],
                }
            }
            told = await shop.ask("POST", "timeout/token-2", said)
            status = (await shop.see("payouts/1")).json["payout"]["status"]
            await shop.wait(20)
            return told.status, status, (await shop.see("payouts/1")).json["payout"]["status"]

        # token-1 is the payout's; a timeout with another token is nobody's.
        told, _, _ = shop.run(scenario())
        assert told == 403
    with Market(rules=NEVER, require_callback_token=False) as shop:

        async def by_ids():
            await shop.pay_out(phone=PHONE, amount=100)
            found = (await shop.see("payouts/1")).json["payout"]
            said = {
                "Result": {
                    "ResultCode": 1,
                    "ResultDesc": "It waited too long.",
                    "ConversationID": found["conversation_id"],
                    "OriginatorConversationID": found["originator_conversation_id"],
                }
            }
            told = await shop.ask("POST", "timeout", said)
            status = (await shop.see("payouts/1")).json["payout"]["status"]
            await shop.wait(20)
            return told.status, status, (await shop.see("payouts/1")).json["payout"]["status"]

        assert shop.run(by_ids()) == (200, "pending", "success")


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


def test_the_same_key_is_the_same_payout():
    with Market() as shop:

        async def scenario():
            order = {"phone": PHONE, "amount": 100}
            first = await shop.pay_out("k-1", **order)
            again = await shop.pay_out("k-1", **order)
            other = await shop.pay_out("k-1", **order | {"amount": 101})
            push = {"phone": "0722000000", "amount": 100}
            elsewhere = await shop.ask("POST", "stk-push", push, [(b"idempotency-key", b"k-1")])
            await shop.wait(60)
            return first, again, other, elsewhere, await shop.see("payouts")

        first, again, other, elsewhere, listed = shop.run(scenario())
        assert again.json == first.json
        assert again.headers["idempotency-replayed"] == "true"
        assert (other.status, elsewhere.status) == (409, 409)
        assert len(listed.json["payouts"]) == 1


def test_a_crash_between_order_and_answer_is_found_out_by_asking():
    with Market() as shop:

        async def scenario():
            ordering = asyncio.create_task(shop.pay_out("k-1", phone=PHONE, amount=100))
            while not requests_to(shop, "b2c"):
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
        assert len(requests_to(shop, "b2c")) == 1


def test_the_balance_is_asked_for_and_waited_for():
    with Market() as shop:

        async def scenario():
            at_once = await shop.see("balance?wait=0")
            waited = await shop.see("balance")
            again = await shop.see("balance?wait=0")
            return at_once, waited, again

        at_once, waited, again = shop.run(scenario())
        assert (at_once.status, at_once.json["status"], at_once.json["accounts"]) == (
            202,
            "pending",
            None,
        )
        assert waited.status == again.status == 200
        accounts = {each["name"]: each for each in waited.json["accounts"]}
        assert accounts["Utility Account"]["available"] == "50000.00"
        assert len(requests_to(shop, "accountbalance")) == 1


def test_a_balance_that_does_not_come_shows_the_last_known():
    rule = "- {on: account_balance, when: {call: 2}, callback: never}"
    with Market(rules=rule) as shop:

        async def scenario():
            await shop.see("balance")
            await shop.wait(60)
            return await shop.see("balance?wait=3")

        answer = shop.run(scenario())
        assert answer.status == 202
        assert answer.json["last_known"]["accounts"]


def test_a_refused_balance_says_why():
    rule = "- {on: account_balance, reply: {error: gateway-busy}}"
    with Market(rules=rule) as shop:
        answer = shop.run(shop.see("balance"))
        assert answer.status >= 500
        assert answer.json["status"] == "failed"
        assert answer.json["error"]


@pytest.mark.parametrize("query", ["wait=x", "wait=31", "wait=-1", "now=1"])
def test_a_wrong_parameter_is_refused(query):
    with Market() as shop:
        assert shop.run(shop.see(f"balance?{query}")).status == 400


def test_without_an_initiator_nothing_is_paid_and_the_answer_names_the_setting():
    with Market(settings={"initiator": ""}) as shop:

        async def scenario():
            return (
                await shop.pay_out(phone=PHONE, amount=100),
                await shop.see("balance"),
                (await shop.see("payouts/1")).json["payout"]["status"],
            )

        paid, asked, status = shop.run(scenario())
        assert (paid.status, asked.status, status) == (503, 503, "failed")
        assert "MPESA_INITIATOR" in paid.json["error"]
        assert "MPESA_INITIATOR" in asked.json["error"]


def test_results_that_could_not_come_back_are_not_ordered():
    url = "http://merchant.test/hooks/express"
    with Market(settings={"callback_url": url}) as shop:

        async def scenario():
            paid = await shop.pay_out(phone=PHONE, amount=100)
            return paid, await shop.see("balance"), await shop.see("payouts")

        paid, asked, listed = shop.run(scenario())
        assert (paid.status, asked.status, listed.json["payouts"]) == (503, 503, [])
        assert "MPESA_RESULT_URL" in paid.json["error"]


def test_an_unknown_payout_is_404():
    with Market() as shop:
        assert shop.run(shop.see("payouts/9")).status == 404
        assert shop.run(shop.see("payouts/99999999999999999999999")).status == 404
