"""The merchant's own balance, asked of a simulator."""

import pytest

from support.market import Market

pytestmark = pytest.mark.usefixtures("both_databases")


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
        assert len(shop.asked_of_daraja("accountbalance")) == 1


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
