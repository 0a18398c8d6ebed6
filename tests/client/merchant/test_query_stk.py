import httpx
import pytest

ID = "ws_CO_111020261200000000000001"


@pytest.mark.parametrize("name", [{"payment_id": 1}, {"checkout_id": ID}])
@pytest.mark.parametrize(
    ("code", "status", "outcome"),
    [
        ("0", "success", "paid"),
        ("1032", "failed", "failed"),
        ("4999", "pending", "pending"),
        ("77777", "pending", "pending"),
    ],
)
def test_a_query_settles_on_final_codes_alone(go, name, code, status, outcome):
    async def scenario(shop):
        await shop.push()
        shop.daraja.results[ID] = code
        return await shop.post("query-stk", name), await shop.payments.get(1)

    answer, payment = go(scenario)
    body = answer.json()
    assert answer.status_code == 200
    assert (body["status"], body["outcome"], body["receipt"]) == (status, outcome, None)
    assert body["query"]["code"] == code
    assert body["query"]["text"] == f"what a query says of {code}"
    assert payment.status == status
    assert payment.settled_by == ("query" if payment.final else None)


@pytest.mark.parametrize(
    ("code", "text", "status"),
    [
        ("500.001.1001", "The transaction does not Exist", 502),
        ("500.003.02", "System is busy. Please try again in few minutes.", 503),
        ("400.002.02", "Bad Request - Invalid CheckoutRequestID", 502),
        ("500.001.1001", "Wrong credentials", 502),
    ],
)
def test_an_error_changes_nothing_and_shows_how_the_payment_stands(go, code, text, status):
    async def scenario(shop):
        await shop.push()
        before = await shop.payments.get(1)
        shop.daraja.query_answers = [shop.daraja.envelope(code, text)]
        return await shop.query(), before, await shop.payments.get(1)

    answer, before, after = go(scenario)
    body = answer.json()
    assert answer.status_code == status
    assert (body["code"], body["message"]) == (code, text)
    assert (body["payment"]["status"], body["payment"]["payment_id"]) == ("pending", 1)
    assert before == after


def test_a_query_that_never_answers_is_503(run, shops):
    async def scenario():
        async with shops() as shop:
            await shop.push()
            shop.daraja.query_answers = [httpx.ReadError("reset")] * 9
            return await shop.query()

    answer = run(scenario())
    assert answer.status_code == 503
    assert answer.json()["payment"]["status"] == "pending"


def test_a_query_that_says_paid_after_a_failure_flags_the_payment(go):
    async def scenario(shop):
        await shop.push()
        await shop.deliver(code=1037)
        shop.daraja.results[ID] = "0"
        return (await shop.query()).json()

    body = go(scenario)
    assert (body["status"], body["outcome"], body["needs_review"]) == ("failed", "failed", True)
    assert body["query"]["state"] == "paid"
    assert "money may have moved" in body["review_reason"]


def test_a_query_that_says_failed_after_success_flags_the_payment(go):
    async def scenario(shop):
        await shop.push()
        await shop.deliver()
        shop.daraja.results[ID] = "1032"
        return (await shop.query()).json()

    body = go(scenario)
    assert (body["status"], body["receipt"]) == ("success", "UJB5Q7X201")
    assert body["needs_review"]


def test_the_text_of_a_query_may_differ_from_the_callbacks(go):
    async def scenario(shop):
        await shop.push()
        await shop.deliver(code=1037)
        shop.daraja.results[ID] = "1037"
        return (await shop.query()).json()

    body = go(scenario)
    assert (body["result_code"], body["result_text"]) == ("1037", "No.")
    assert body["query"]["text"] == "what a query says of 1037"
    assert not body["needs_review"]


def test_a_payment_that_was_refused_has_nothing_to_ask(go):
    async def scenario(shop):
        shop.daraja.push_answers = [shop.daraja.envelope("400.002.02", "Invalid Amount")]
        await shop.push()
        return await shop.query(), shop.daraja.queries

    answer, queries = go(scenario)
    assert answer.status_code == 200
    assert (answer.json()["outcome"], answer.json()["query"]) == ("failed", None)
    assert queries == []


@pytest.mark.parametrize("name", [{"payment_id": 9}, {"checkout_id": "ws_CO_9"}])
def test_an_unknown_payment_is_404(go, name):
    async def scenario(shop):
        return await shop.post("query-stk", name)

    answer = go(scenario)
    assert answer.status_code == 404
    assert "found none" in answer.json()["error"]


def test_both_names_must_be_of_one_payment(go):
    async def scenario(shop):
        from mpesa_pochi.merchant import NoSuchPayment

        await shop.push()
        assert (await shop.payments.find(payment_id=1, checkout_id=ID)).payment_id == 1
        with pytest.raises(NoSuchPayment):
            await shop.payments.find(payment_id=2, checkout_id=ID)
        with pytest.raises(NoSuchPayment):
            await shop.payments.find()

    go(scenario)


def test_whose_payment_it_is_only_an_admin_sees(go):
    token = "an-admin-token-of-some-length"

    async def scenario(shop):
        await shop.push(user_id="jane", metadata={"cart": [1, 2]})
        bearer = {"authorization": f"Bearer {token}"}
        return [
            await shop.post("query-stk", {"payment_id": 1}, headers=headers)
            for headers in ({}, bearer, {"authorization": "Bearer a-guess-of-some-length"})
        ]

    anybody, admin, guess = go(scenario, admin_token=token)
    shown = [(each.json()["user_id"], each.json()["metadata"]) for each in (anybody, admin)]
    assert shown == [(None, {}), ("jane", {"cart": [1, 2]})]
    assert "254722000000" not in anybody.text
    assert admin.json()["phone"] == "254722000000"
    assert guess.status_code == 401


def test_the_host_application_says_who_sees_it(go):
    async def scenario(shop):
        await shop.push()
        return (await shop.query()).json()["phone"]

    assert go(scenario, admin_allows=lambda _: True) == "254722000000"
    assert "*" in go(scenario, admin_allows=lambda _: False)
