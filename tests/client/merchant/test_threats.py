"""What docs/security.md promises and no other test holds already."""

import re

import pytest

from mpesa_pochi.merchant import Hooks, admin, gate
from mpesa_pochi.merchant.static_files import packaged

ADMIN = "planted-admin-token"
SECRETS = ("planted-passkey", "planted-consumer-key", "planted-consumer-secret", ADMIN, "planted-s")
on_sqlite = pytest.mark.parametrize("shops", ["sqlite"], indirect=True)


async def see(shop, path, **headers):
    return await shop.http.get(f"{shop.prefix}/{path}", headers=headers)


def test_who_steals_the_database_has_no_token_and_no_secret(go):
    async def scenario(shop):
        await shop.push()
        await shop.push()
        await shop.deliver(1)
        assert (await shop.call_back(shop.result(2, phone=None), "planted-s")).status_code == 400
        await see(shop, "payments", authorization=f"Bearer {ADMIN}")
        stolen = await shop.dump()
        assert "UJB5Q7X201" in stolen
        assert not [secret for secret in (*SECRETS, "token-1", "token-2") if secret in stolen]

    go(scenario, admin_token=ADMIN, callback_token="planted-s")


@on_sqlite
@pytest.mark.parametrize("name", ["callback_url", "CallBackURL", "result_url", "base_url"])
def test_no_order_says_where_anything_is_sent(go, name):
    async def scenario(shop):
        refused = await shop.push(**{name: "http://169.254.169.254/"})
        assert refused.status_code == 422
        assert {item["field"] for item in refused.json()["details"]} == {name}
        await shop.push(metadata={name: "http://169.254.169.254/"})
        await shop.post(
            "stk-push",
            {"phone": "0722000000", "amount": 1, "reference": "I"},
            headers={"Host": "169.254.169.254", "X-Forwarded-Host": "169.254.169.254"},
        )
        for push in shop.daraja.pushes:
            assert push["CallBackURL"].startswith("https://shop.example/api/pochi/callback/")

    go(scenario)


@on_sqlite
def test_no_cookie_opens_the_books_and_no_other_site_reads_them(go):
    async def scenario(shop):
        stolen = {"cookie": f"token={ADMIN}; authorization=Bearer {ADMIN}"}
        for path in ("payments", "payments/1", "payouts", "balance"):
            refused = await see(shop, path, origin="https://evil.example", **stolen)
            assert refused.status_code == 401
        read = await see(
            shop, "payments", origin="https://evil.example", authorization=f"Bearer {ADMIN}"
        )
        page = await see(shop, "admin", origin="https://evil.example")
        for answer in (refused, read, page):
            assert "set-cookie" not in answer.headers
            assert not [name for name in answer.headers if name.startswith("access-control")]

    go(scenario, admin_token=ADMIN)


@on_sqlite
def test_another_sites_form_cannot_order_anything(go):
    async def scenario(shop):
        order = b'{"phone": "0722000000", "amount": 100, "reference": "INV-1"}'
        for kind in ("text/plain", "application/x-www-form-urlencoded", "multipart/form-data", ""):
            for path in ("stk-push", "b2c-payment", "query-stk"):
                answer = await shop.post(
                    path,
                    content=order,
                    headers={"content-type": kind, "authorization": f"Bearer {ADMIN}"},
                )
                assert answer.status_code == 415
        assert not shop.daraja.pushes

    go(scenario, admin_token=ADMIN)


@on_sqlite
@pytest.mark.parametrize("guess", ["p", ADMIN[:-1], ADMIN + "x", "x" * 5000])
def test_tokens_are_compared_by_digests_of_one_length_in_constant_time(go, monkeypatch, guess):
    compared = []

    def compare(left, right):
        compared.append((len(left), len(right)))
        return left == right

    monkeypatch.setattr(admin, "compare_digest", compare)
    monkeypatch.setattr(gate, "compare_digest", compare)

    async def scenario(shop):
        assert (await see(shop, "payments", authorization=f"Bearer {guess}")).status_code == 401
        assert (await shop.call_back(b"{}", guess)).status_code == 403

    go(scenario, admin_token=ADMIN, callback_token="planted-s")
    assert compared == [(32, 32), (64, 64)]


@on_sqlite
def test_the_price_that_was_paid_is_told_to_the_host_which_must_compare_it(go):
    """A browser may ask for any amount; what comes out says what was asked and paid."""
    told = []

    async def scenario(shop):
        await shop.push(amount=1, reference="INV-100-SHILLINGS")
        await shop.deliver(1, amount=1)
        await shop.app.state.worker.work()

    go(scenario, hooks=Hooks(on_success=told.append))
    assert [(payment.amount, payment.reference) for payment in told] == [(1, "INV-100-SHILLINGS")]


def test_no_script_of_ours_makes_markup_or_code_of_texts():
    scripts = [file for name, file in packaged().files.items() if name.endswith(".js")]
    assert scripts
    dangerous = rb"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function\("
    for file in scripts:
        assert not re.search(dangerous, file.content), file.name
