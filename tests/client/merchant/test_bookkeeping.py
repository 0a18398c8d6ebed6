"""The admin's addresses, and health."""

import pytest
from sqlalchemy.exc import OperationalError

from mpesa_pochi.secret import Secret

TOKEN = "an-admin-token-of-some-length"
ADMIN = {"authorization": f"Bearer {TOKEN}"}


async def see(shop, path, headers=ADMIN):
    return await shop.http.get(f"{shop.prefix}/{path}", headers=headers)


def with_admin(go, scenario, **options):
    return go(scenario, **({"admin_token": TOKEN} | options))


def test_payments_newest_first_page_by_page(go):
    async def scenario(shop):
        for number in range(1, 6):
            await shop.push(reference=f"INV-{number}")
        first = (await see(shop, "payments?limit=2")).json()
        assert [each["reference"] for each in first["payments"]] == ["INV-5", "INV-4"]
        assert first["more"] is True
        rest = (await see(shop, "payments?limit=3&before=4")).json()
        assert [each["payment_id"] for each in rest["payments"]] == [3, 2, 1]
        assert rest["more"] is False

    with_admin(go, scenario)


def test_by_status_and_by_need_of_review(go):
    async def scenario(shop):
        for _ in range(3):
            await shop.push()
        await shop.deliver(1)
        await shop.deliver(2, amount=99)
        paid = (await see(shop, "payments?status=success")).json()["payments"]
        assert [each["payment_id"] for each in paid] == [1]
        flagged = (await see(shop, "payments?needs_review=true")).json()["payments"]
        assert [each["payment_id"] for each in flagged] == [2]
        clear = (await see(shop, "payments?needs_review=false&status=pending")).json()["payments"]
        assert [each["payment_id"] for each in clear] == [3]

    with_admin(go, scenario)


def test_one_payment_with_everything_that_happened(go):
    async def scenario(shop):
        await shop.push()
        shop.later(10)
        await shop.deliver()
        shop.later(5)
        await shop.deliver()
        found = (await see(shop, "payments/1")).json()
        assert found["payment"]["status"] == "success"
        assert [each["what"] for each in found["timeline"]] == [
            "asked for",
            "callback applied",
            "success, by callback",
            "callback duplicate",
        ]
        moments = [each["at"] for each in found["timeline"]]
        assert moments == sorted(moments)
        assert found["timeline"][0]["detail"] == "100 shillings from 254722000000"

    with_admin(go, scenario)


@pytest.mark.parametrize("number", [2, 10**30])
def test_a_payment_that_is_not_there(go, number):
    async def scenario(shop):
        await shop.push()
        return await see(shop, f"payments/{number}")

    assert with_admin(go, scenario).status_code == 404


@pytest.mark.parametrize(
    "query",
    ["limit=0", "limit=201", "limit=x", "before=-1", "status=paid", "needs_review=1", "stauts=x"],
)
def test_what_is_no_query_is_refused_with_its_name(go, query):
    async def scenario(shop):
        return await see(shop, f"payments?{query}")

    refused = with_admin(go, scenario)
    assert refused.status_code == 400
    assert refused.json()["details"][0]["field"] == query.partition("=")[0]


@pytest.mark.parametrize("path", ["payments", "payments/1"])
@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"authorization": f"Basic {TOKEN}"},
        {"authorization": f"Bearer {TOKEN}x"},
        {"authorization": TOKEN},
        {"authorization": "Bearer "},
    ],
)
def test_without_the_token_nothing_is_shown(go, path, headers):
    async def scenario(shop):
        await shop.push()
        return await see(shop, path, headers)

    refused = with_admin(go, scenario)
    assert (refused.status_code, refused.headers["www-authenticate"]) == (401, "Bearer")
    assert "payments" not in refused.json()


def test_while_nobody_is_an_admin_it_says_how_to_become_one(go):
    async def scenario(shop):
        return await see(shop, "payments")

    refused = go(scenario)
    assert refused.status_code == 503
    assert "admin_token" in refused.json()["error"]


@pytest.mark.parametrize("waits", [True, False])
def test_the_host_application_may_decide(go, waits):
    def decided(request):
        return request.headers.get("x-user") == "boss"

    async def asked(request):
        return decided(request)

    async def scenario(shop):
        let_in = await see(shop, "payments", {"x-user": "boss"})
        turned_away = await see(shop, "payments", ADMIN)
        return let_in.status_code, turned_away.status_code

    assert go(scenario, admin_allows=asked if waits else decided) == (200, 403)


@pytest.mark.parametrize(
    "options",
    [
        {"admin_token": "short"},
        {"admin_token": Secret("")},
        {"admin_token": TOKEN, "admin_allows": lambda _: True},
    ],
)
def test_a_guard_that_cannot_be_meant_is_refused_at_once(go, options):
    with pytest.raises(ValueError, match="expected"):
        go(None, **options)


def test_health(go, monkeypatch):
    async def scenario(shop):
        well = await see(shop, "health", {})

        async def gone(*_, **__):
            raise OperationalError("SELECT 1", {}, OSError("gone"))

        monkeypatch.setattr(shop.database, "run", gone)
        return well, await see(shop, "health", {})

    well, ill = go(scenario)
    assert (well.status_code, well.json()["status"]) == (200, "ok")
    assert (ill.status_code, ill.json()["status"]) == (503, "down")
