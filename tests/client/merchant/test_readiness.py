import json

import pytest

from mpesa_pochi.merchant.limits import Limits
from mpesa_pochi.secret import Secret
from support.certificates import certificate, rsa_key

PUBLIC = "https://sandbox.safaricom.co.ke"


def look(go, **options):
    async def scenario(shop):
        answer = await shop.get("test")
        assert answer.status_code == 200
        return answer.json()

    report = go(scenario, **options)
    return report, {check["name"]: check for check in report["checks"]}


def test_a_sound_configuration_is_ready(go):
    report, checks = look(go, require_callback_token=True)
    assert report["ready"]
    assert {check["level"] for check in checks.values()} == {"ok"}
    assert report["configured"]["passkey"] == "given"
    assert report["configured"]["allowed_sources"] == "any"
    assert report["configured"]["shortcode"] == "174379"


@pytest.mark.parametrize(
    ("settings", "name", "level", "says"),
    [
        ({"callback_url": "https://shop.example/other"}, "callback path", "warning", "proxy"),
        (
            {"callback_url": "http://127.0.0.1/api/pochi/callback", "base_url": PUBLIC},
            "callback host",
            "problem",
            "MPESA_BASE_URL",
        ),
        (
            {"callback_url": "https://Shop.example/api/pochi/callback", "base_url": PUBLIC},
            "callback host",
            "warning",
            "lower case",
        ),
        (
            {"environment": "production", "base_url": ""},
            "shortcode",
            "problem",
            "go-live mail",
        ),
        (
            {"environment": "production", "base_url": "https://daraja.test", "shortcode": "600111"},
            "daraja",
            "warning",
            "Unset MPESA_BASE_URL",
        ),
    ],
)
def test_what_is_wrong_is_said_and_how_to_mend_it(go, settings, name, level, says):
    report, checks = look(go, settings=settings)
    assert checks[name]["level"] == level
    assert says in checks[name]["mend"]
    assert checks[name]["found"]
    assert report["ready"] == (level != "problem")


def test_open_callbacks_are_a_warning(go):
    _, checks = look(go)
    assert checks["callback authenticity"]["level"] == "warning"
    assert "require_callback_token" in checks["callback authenticity"]["mend"]


@pytest.mark.parametrize("options", [{"allowed_sources": ["10.0.0.1"]}, {"callback_token": "s"}])
def test_guarded_callbacks_are_not(go, options):
    _, checks = look(go, **options)
    assert checks["callback authenticity"]["level"] == "ok"


def test_a_database_that_cannot_answer_is_a_problem(go, tmp_path):
    report, checks = look(go, database=f"sqlite:///{tmp_path}/nowhere/pochi.sqlite3")
    assert not report["ready"]
    assert checks["database"]["level"] == "problem"
    assert "sqlite" in checks["database"]["found"]


def test_no_answer_shows_a_secret(go):
    planted = ("planted-passkey", "planted-consumer-key", "planted-consumer-secret", "token-1")

    async def scenario(shop):
        await shop.push()
        answers = [await shop.get("test"), await shop.get("info"), await shop.query()]
        answers.append(await shop.call_back(b"garbage", "url-secret"))
        shop.daraja.push_answers = [shop.daraja.envelope("500.001.1001", "Wrong credentials")]
        answers.append(await shop.push())
        return [answer.text + repr(answer.headers) for answer in answers]

    options = {
        "callback_token": "shared-secret",
        "settings": {"callback_url": "https://shop.example/url-secret/api/pochi/callback"},
    }
    for text in go(scenario, **options):
        for secret in (*planted, "shared-secret", "url-secret"):
            assert secret not in text


def test_info_says_who_and_what(go):
    async def scenario(shop):
        return (await shop.get("info")).json()

    info = go(scenario)
    assert info["shortcode"] == "174379"
    assert info["environment"] == "sandbox"
    assert info["callback"] == "https://shop.example/…"
    assert info["endpoints"]["stk_push"] == "POST /api/pochi/stk-push"
    assert json.dumps(info)


PRODUCTION = {"environment": "production", "base_url": "", "shortcode": "600111"}


@pytest.mark.parametrize(
    ("options", "name", "level", "says"),
    [
        ({"settings": PRODUCTION}, "https", "ok", "required"),
        ({"settings": PRODUCTION, "require_https": False}, "https", "warning", "require_https"),
        ({}, "https", "ok", "not required outside production"),
        ({"settings": PRODUCTION, "limits": None}, "limits", "warning", "flooded"),
        ({"limits": Limits()}, "limits", "ok", "5/minute; 30/hour"),
        ({"trusted_proxies": ["10.0.0.0/8"]}, "proxies", "ok", "1 addresses or networks"),
    ],
)
def test_what_stands_before_requests_is_told(go, options, name, level, says):
    _, checks = look(go, **options)
    assert checks[name]["level"] == level
    assert says in checks[name]["found"] + checks[name]["mend"]


OPERATOR = {
    "initiator": "operator",
    "initiator_password": Secret("planted-password"),
    "certificate": "/nowhere/sandbox.cer",
    "payout_shortcode": "600998",
}


@pytest.mark.parametrize(
    ("settings", "level", "says"),
    [
        ({}, "ok", "nothing can be paid out"),
        (
            {"payout_shortcode": "600998"},
            "warning",
            "MPESA_INITIATOR, MPESA_SECURITY_CREDENTIAL (or MPESA_INITIATOR_PASS",
        ),
        (OPERATOR | {"payout_shortcode": ""}, "warning", "MPESA_PAYOUT_SHORTCODE not set"),
        (OPERATOR | {"certificate": ""}, "warning", "MPESA_CERTIFICATE not set"),
        (OPERATOR, "warning", "cannot be read: No such file or directory"),
        (OPERATOR | {"certificate": "-----BEGIN CERTIFICATE-----\nx"}, "warning", "is damaged"),
        (
            OPERATOR | {"callback_url": "https://shop.example/told"},
            "warning",
            "MPESA_RESULT_URL, MPESA_TIMEOUT_URL not set",
        ),
        (
            OPERATOR | {"security_credential": Secret("A" * 342 + "==")},
            "ok",
            "from 600998 by operator",
        ),
    ],
)
def test_whether_money_can_go_out_is_told(go, settings, level, says):
    report, checks = look(go, settings=settings)
    assert checks["payouts"]["level"] == level
    assert says in checks["payouts"]["found"]
    assert bool(checks["payouts"]["mend"]) == (level == "warning")
    assert "planted-password" not in json.dumps(report)


def test_a_certificate_that_fits_is_ok(go):
    settings = OPERATOR | {"certificate": certificate(rsa_key())}
    _, checks = look(go, settings=settings)
    assert checks["payouts"]["level"] == "ok", checks["payouts"]


@pytest.mark.parametrize(
    ("header", "value", "level"),
    [
        ("X-Forwarded-For", "192.0.2.1", "warning"),
        ("Forwarded", "for=192.0.2.1", "warning"),
        ("Forwarded", "rubbish", "warning"),
        # What the server in front of the application has read itself.
        ("X-Forwarded-For", "192.0.2.1, 127.0.0.1", "ok"),
        ("X-Forwarded-Proto", "https", "ok"),
    ],
)
def test_a_proxy_that_is_not_trusted_is_noticed(go, header, value, level):
    async def scenario(shop):
        answer = await shop.http.get(f"{shop.prefix}/test", headers={header: value})
        return {check["name"]: check for check in answer.json()["checks"]}

    assert go(scenario)["proxies"]["level"] == level
    assert go(scenario, trusted_proxies=["127.0.0.1"])["proxies"]["level"] == "ok"
