"""In production nothing is answered by plain http, and browsers are told to stay with https."""

import httpx
import pytest

pytestmark = pytest.mark.parametrize("shops", ["sqlite"], indirect=True)
PRODUCTION = {"environment": "production", "base_url": "https://daraja.test", "shortcode": "600111"}
ADDRESSES = [
    ("POST", "stk-push"), ("POST", "query-stk"), ("POST", "callback/token"), ("GET", "info"),
    ("GET", "test"), ("GET", "payments"), ("GET", "pay"), ("GET", "static/pochi.css"),
    ("POST", "b2c-payment"), ("GET", "nowhere"),
]  # fmt: skip


def browser(shop, scheme="http", peer="192.0.2.1"):
    return httpx.AsyncClient(
        transport=httpx.ASGITransport(shop.app, client=(peer, 4711)),
        base_url=f"{scheme}://shop.test{shop.prefix}/",
    )


@pytest.mark.parametrize(("method", "path"), ADDRESSES)
def test_plain_http_is_refused_and_how_to_mend_it_is_said(go, method, path):
    async def scenario(shop):
        async with browser(shop) as http:
            answer = await http.request(method, path, json={})
        assert answer.status_code == 403
        assert "https" in answer.json()["error"]
        assert "MPESA_POCHI_TRUSTED_PROXIES" in answer.json()["details"][0]["problem"]
        assert "strict-transport-security" not in answer.headers
        assert not await shop.payments.callbacks()

    go(scenario, settings=PRODUCTION)


def test_load_balancers_may_ask_by_http(go):
    async def scenario(shop):
        async with browser(shop) as http:
            assert (await http.get("health")).status_code == 200
            assert (await http.get("health/")).status_code == 403

    go(scenario, settings=PRODUCTION)


@pytest.mark.parametrize("path", ["info", "pay", "nowhere", "health"])
def test_every_answer_by_https_tells_browsers_to_stay_there(go, path):
    async def scenario(shop):
        async with browser(shop, "https") as http:
            answer = await http.get(path)
        assert answer.headers["strict-transport-security"] == "max-age=31536000"

    go(scenario, settings=PRODUCTION)


@pytest.mark.parametrize(
    ("peer", "headers", "status"),
    [
        ("10.0.0.7", {"X-Forwarded-Proto": "https"}, 200),
        ("10.0.0.7", {"Forwarded": "for=192.0.2.1;proto=https"}, 200),
        ("10.0.0.7", {"X-Forwarded-Proto": "http"}, 403),
        ("10.0.0.7", {}, 403),
        ("192.0.2.1", {"X-Forwarded-Proto": "https"}, 403),
        ("192.0.2.1", {"Forwarded": "for=192.0.2.1;proto=https"}, 403),
    ],
)
def test_behind_a_proxy_a_trusted_one_tells(go, peer, headers, status):
    async def scenario(shop):
        async with browser(shop, peer=peer) as http:
            assert (await http.get("info", headers=headers)).status_code == status

    go(scenario, settings=PRODUCTION, trusted_proxies=["10.0.0.0/8"])


@pytest.mark.parametrize("options", [{}, {"settings": PRODUCTION, "require_https": False}])
def test_elsewhere_http_will_do(go, options):
    async def scenario(shop):
        for scheme in ("http", "https"):
            async with browser(shop, scheme) as http:
                answer = await http.get("info")
            assert answer.status_code == 200
            assert "strict-transport-security" not in answer.headers

    go(scenario, **options)


def test_it_can_be_required_in_the_sandbox_too(go):
    async def scenario(shop):
        async with browser(shop) as http:
            assert (await http.get("info")).status_code == 403

    go(scenario, require_https=True)
