import httpx
import pytest

from mpesa_pochi.codes import catalogue
from mpesa_pochi.customer_messages import MessageState, customer_message, state_message

SWAHILI = {"accept-language": "sw-KE, en;q=0.5"}


def of(key, language="en"):
    return customer_message(catalogue().by_key(key), language)


def state(name, language="en"):
    return state_message(MessageState(name), language)


@pytest.mark.parametrize(
    ("headers", "query", "language"),
    [({}, "", "en"), (SWAHILI, "", "sw"), ({}, "?lang=sw", "sw"), (SWAHILI, "?lang=en", "en")],
)
def test_a_push_speaks_the_language_that_was_asked_for(go, headers, query, language):
    async def scenario(shop):
        order = {"phone": "0722000000", "amount": 1, "reference": "INV-1"}
        return await shop.post(f"stk-push{query}", order, headers=headers)

    assert go(scenario).json()["customer_message"] == state("prompted", language)


@pytest.mark.parametrize(
    ("code", "key"),
    [(0, "paid"), (1, "insufficient-funds"), (1032, "cancelled"), (2001, "wrong-pin")],
)
def test_a_settled_payment_says_what_its_code_means(go, code, key):
    async def scenario(shop):
        await shop.push()
        await shop.deliver(1, code)
        return await shop.post("query-stk?lang=sw", {"payment_id": 1})

    assert go(scenario).json()["customer_message"] == of(key, "sw")


def test_a_code_that_nobody_knows_promises_nothing(go):
    async def scenario(shop):
        await shop.push()
        await shop.deliver(1, 424242)
        return await shop.query()

    assert go(scenario).json()["customer_message"] == state("failed")


def test_a_contradicted_failure_asks_to_wait_for_a_person(go):
    async def scenario(shop):
        await shop.push()
        await shop.deliver(1, 1032)
        await shop.deliver(1, 0)
        return await shop.query()

    answer = go(scenario).json()
    assert (answer["status"], answer["needs_review"]) == ("failed", True)
    assert answer["customer_message"] == state("review")


def test_a_contradicted_success_stays_one(go):
    async def scenario(shop):
        await shop.push()
        await shop.deliver(1, 0)
        await shop.deliver(1, 1032)
        return await shop.query()

    answer = go(scenario).json()
    assert (answer["status"], answer["needs_review"]) == ("success", True)
    assert answer["customer_message"] == of("paid")


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        (httpx.ConnectError("refused"), state("unreachable")),
        (httpx.ReadError("reset"), state("unknown")),
    ],
)
def test_a_push_without_an_answer_says_what_is_safe(go, answer, message):
    async def scenario(shop):
        shop.daraja.push_answers = [answer] * 9
        return await shop.push()

    assert go(scenario).json()["customer_message"] == message


@pytest.mark.parametrize(
    ("code", "text", "key"),
    [
        ("500.001.1001", "Wrong credentials", "wrong-credentials"),
        ("400.002.02", "Bad Request - Invalid Remarks", "invalid-remarks"),
        ("500.003.02", "System is busy. Please try again in few minutes.", "gateway-busy"),
    ],
)
def test_a_refused_push_says_what_its_error_means(go, code, text, key):
    async def scenario(shop):
        shop.daraja.push_answers = [shop.daraja.envelope(code, text)] * 9
        return await shop.push()

    answer = go(scenario).json()
    assert answer["payment"]["status"] == "failed"
    assert answer["customer_message"] == answer["payment"]["customer_message"] == of(key)


def test_an_argument_that_never_left_asks_to_check_the_details(go):
    async def scenario(shop):
        return await shop.push(reference="\U0001f6d2" * 64)

    answer = go(scenario).json()
    if "payment" in answer:
        assert answer["customer_message"] == state("refused")


def test_languages_of_requests_at_once_do_not_mix(go):
    import asyncio

    async def scenario(shop):
        wishes = ["sw", "en"] * 4
        orders = [
            shop.post(
                f"stk-push?lang={wish}",
                {"phone": f"07220000{number:02}", "amount": 1, "reference": "INV-1"},
            )
            for number, wish in enumerate(wishes)
        ]
        return wishes, await asyncio.gather(*orders)

    wishes, answers = go(scenario)
    for wish, answer in zip(wishes, answers, strict=True):
        assert answer.json()["customer_message"] == state("prompted", wish)
