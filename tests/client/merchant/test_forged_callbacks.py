import pytest

from mpesa_pochi.merchant import Judgement


def test_a_wrong_token_is_forbidden_and_not_applied(go):
    async def scenario(shop):
        await shop.push()
        answer = await shop.call_back(shop.result(), "guessed")
        return answer, await shop.payments.get(1), await shop.payments.callbacks()

    answer, payment, [callback] = go(scenario)
    assert answer.status_code == 403
    assert answer.json() == {"ResultCode": 1, "ResultDesc": "Rejected: wrong-token"}
    assert payment.status == "pending"
    assert not payment.needs_review
    assert (callback.judgement, callback.refusal) == (Judgement.REFUSED, "wrong-token")
    assert callback.checkout_id == payment.checkout_id


def test_a_token_serves_its_own_payment_alone(go):
    async def scenario(shop):
        await shop.push()
        await shop.push()
        answer = await shop.call_back(shop.result(2), "token-1")
        return answer, await shop.payments.list()

    answer, (first, second) = go(scenario)
    assert answer.status_code == 200
    assert (first.status, first.needs_review) == ("pending", True)
    assert (second.status, second.needs_review) == ("pending", False)


@pytest.mark.parametrize(
    ("options", "token", "status"),
    [
        ({"require_callback_token": True}, None, 403),
        ({"require_callback_token": True}, "token-1", 200),
        ({"callback_token": "shared"}, None, 403),
        ({"callback_token": "shared"}, "shared", 200),
        ({"callback_token": "shared"}, "token-1", 200),
        ({"callback_token": "shared"}, "Shared", 403),
        ({"allowed_sources": ["127.0.0.0/8"]}, None, 200),
        ({"allowed_sources": ["196.201.212.69"]}, None, 403),
        ({"allowed_sources": ["196.201.212.69"]}, "token-1", 403),
        ({"allowed_sources": []}, "token-1", 403),
    ],
)
def test_who_may_send_a_callback_is_configurable(go, options, token, status):
    async def scenario(shop):
        await shop.push()
        answer = await shop.call_back(shop.result(), token)
        return answer.status_code, (await shop.payments.get(1)).status

    expected = "success" if status == 200 else "pending"
    assert go(scenario, **options) == (status, expected)


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/callback/token-1", "success"),
        ("/callback/token-1/", "success"),
        ("/callback/configured/token-1", "success"),
        ("/callback/token-1/configured", "pending"),
        ("/callback/", "success"),
        ("/callback", "success"),
    ],
)
def test_the_token_is_the_last_segment(go, path, status):
    async def scenario(shop):
        await shop.push()
        answer = await shop.http.post(f"/api/pochi{path}", content=shop.result())
        return answer.status_code, (await shop.payments.get(1)).status

    assert go(scenario) == (200 if status == "success" else 403, status)


def test_a_configured_address_that_holds_a_token_already_works(go):
    async def scenario(shop):
        await shop.push()
        url = shop.daraja.pushes[0]["CallBackURL"]
        await shop.http.post(url.removeprefix("https://shop.example"), content=shop.result())
        return url, (await shop.payments.get(1)).status

    configured = {"callback_url": "https://shop.example/api/pochi/callback/configured"}
    options = {"settings": configured, "require_callback_token": True}
    url, status = go(scenario, **options)
    assert url.endswith("/callback/configured/token-1")
    assert status == "success"
