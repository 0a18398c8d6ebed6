"""Payouts and refunds of the merchant, on a simulator in virtual time."""

import pytest

from support.market import PHONE, Market

pytestmark = pytest.mark.usefixtures("both_databases")


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
        assert shop.asked_of_daraja("b2pochi")
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
