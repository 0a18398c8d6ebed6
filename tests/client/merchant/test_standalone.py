"""What the environment asks of the application that serves itself."""

import pytest

from mpesa_pochi.callback import SAFARICOM_SOURCES
from mpesa_pochi.merchant.limits import Limits
from mpesa_pochi.merchant.standalone import options
from mpesa_pochi.secret import Secret


def test_nothing_asked_is_the_usual():
    assert options({}) == {
        "admin_token": None,
        "allowed_sources": None,
        "confirm_above": None,
        "trusted_proxies": (),
        "limits": Limits(),
    }


def test_everything_can_be_asked():
    asked = options(
        {
            "MPESA_POCHI_ADMIN_TOKEN": " planted-admin-token ",
            "MPESA_POCHI_ALLOWED_SOURCES": "safaricom, 10.0.0.0/8",
            "MPESA_POCHI_CONFIRM_ABOVE": "5000",
            "MPESA_POCHI_TRUSTED_PROXIES": "127.0.0.1,::1",
            "MPESA_POCHI_PUSHES_PER_PHONE": "2/minute,9/hour",
            "MPESA_POCHI_PUSHES_PER_ADDRESS": "None",
            "MPESA_POCHI_LIMITS_STORAGE": "memory://",
        }
    )
    assert asked["admin_token"] == Secret("planted-admin-token")
    assert asked["allowed_sources"] == (*SAFARICOM_SOURCES, "10.0.0.0/8")
    assert asked["confirm_above"] == 5000
    assert asked["trusted_proxies"] == ("127.0.0.1", "::1")
    assert asked["limits"] == Limits(
        pushes_per_phone="2/minute,9/hour", pushes_per_address=None, storage="memory://"
    )


@pytest.mark.parametrize("shops", ["sqlite"], indirect=True)
def test_the_application_does_as_it_is_asked(go):
    token = "planted-admin-token"
    asked = options(
        {
            "MPESA_POCHI_ADMIN_TOKEN": token,
            "MPESA_POCHI_ALLOWED_SOURCES": "safaricom",
            "MPESA_POCHI_PUSHES_PER_PHONE": "1/minute",
        }
    )

    async def scenario(shop):
        assert [(await shop.push()).status_code for _ in range(2)] == [200, 429]
        assert (await shop.deliver()).status_code == 403
        bearer = {"Authorization": f"Bearer {token}"}
        books = await shop.http.get(f"{shop.prefix}/payments", headers=bearer)
        assert books.status_code == 200

    go(scenario, **asked)
