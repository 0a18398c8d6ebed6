"""Whether Daraja answers, as `GET /test` says it, and how seldom it is asked."""

import asyncio

import pytest

from support.market import Market

AWAY = "- {on: oauth, when: {call: [1, 2, 3, 4, 5, 6]}, reply: reset}"


def access(report):
    (found,) = [check for check in report["checks"] if check["name"] == "access"]
    return found["level"], found["found"], found["mend"]


def asked(shop):
    return len(shop.asked_of_daraja("oauth"))


async def look(shop):
    return (await shop.ask("GET", "test")).json


def test_a_token_shows_that_daraja_answers_and_knows_the_app():
    with Market() as shop:
        report = shop.run(look(shop))
        assert access(report) == ("ok", "Daraja answers, and gave an access token", "")
        shop.run(shop.push())
        assert asked(shop) == 1, "the push has the token that the look has brought"


def test_however_many_look_daraja_is_asked_every_half_minute():
    with Market(rules="- {on: oauth, reply: {error: gateway-busy}}") as shop:

        async def scenario():
            await asyncio.gather(*(look(shop) for _ in range(20)))
            first = asked(shop)
            for _ in range(10):
                await look(shop)
            between = asked(shop)
            await shop.wait(31)
            await look(shop)
            return first, between, asked(shop)

        first, between, last = shop.run(scenario())
        assert first == between < last


@pytest.mark.parametrize(
    ("reply", "found", "mend"),
    [
        ("hang", "no answer from Daraja within 5 s", "MPESA_BASE_URL"),
        ("reset", "connection lost", "MPESA_BASE_URL"),
        ("{error: waf-blocked}", "Incapsula", "Stop calling"),
        ("{error: unknown-credentials}", "an empty body", "Compare key and secret"),
    ],
)
def test_what_came_instead_is_a_problem_and_how_to_mend_it(reply, found, mend):
    with Market(rules=f"- {{on: oauth, reply: {reply}}}") as shop:
        report = shop.run(look(shop))
        level, told, advice = access(report)
        assert not report["ready"]
        assert level == "problem"
        assert found in told
        assert mend in advice


def test_it_is_ok_again_when_daraja_is_back():
    with Market(rules=AWAY) as shop:

        async def scenario():
            found = [access(await look(shop))[0]]
            for _ in range(4):
                await shop.wait(31)
                found.append(access(await look(shop))[0])
            return found

        levels = shop.run(scenario())
        assert levels[0] == "problem"
        assert levels[-1] == "ok"
