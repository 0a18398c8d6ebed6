import dataclasses
import traceback
from pathlib import Path

import pytest

from mpesa_pochi import sealed
from mpesa_pochi.__main__ import DATABASE_VARIABLE
from mpesa_pochi.errors import SettingsError
from mpesa_pochi.merchant import standalone
from mpesa_pochi.secret import Secret
from mpesa_pochi.settings import VARIABLES, Environment, Settings

GOOD = {
    "MPESA_NUMBER": "174379",
    "MPESA_PASSKEY": "planted-passkey",
    "MPESA_CONSUMER_KEY": "planted-consumer-key",
    "MPESA_CONSUMER_SECRET": "planted-consumer-secret",
    "MPESA_POCHI_CALLBACK": "https://shop.example/callback/planted-url-token",
}


def mistakes(**changes):
    with pytest.raises(SettingsError) as caught:
        Settings.from_env(GOOD | changes)
    return caught.value.mistakes


def test_the_environment_gives_everything():
    settings = Settings.from_env(
        GOOD
        | {
            "MPESA_ENV": "production",
            "MPESA_POCHI_NAME": "Mama Njeri",
            "MPESA_BASE_URL": "https://daraja.example/sim/",
        }
    )
    assert settings.environment is Environment.PRODUCTION
    assert settings.shortcode == "174379"
    assert settings.passkey == Secret("planted-passkey")
    assert settings.consumer_key == Secret("planted-consumer-key")
    assert settings.consumer_secret == Secret("planted-consumer-secret")
    assert settings.callback_url == GOOD["MPESA_POCHI_CALLBACK"]
    assert settings.name == "Mama Njeri"
    assert settings.base_url == "https://daraja.example/sim"


def test_what_payouts_need_may_be_absent():
    settings = Settings.from_env(GOOD)
    assert not settings.initiator_password
    assert not settings.security_credential
    assert (settings.initiator, settings.certificate, settings.payout_shortcode) == ("", "", "")
    assert (settings.result_url, settings.timeout_url) == ("", "")


def test_what_payouts_need_is_read_and_kept_secret():
    credential = f"{'A' * 342}=="
    settings = Settings.from_env(
        GOOD
        | {
            "MPESA_INITIATOR": "testapi",
            "MPESA_INITIATOR_PASSWORD": "planted password",
            "MPESA_SECURITY_CREDENTIAL": credential,
            "MPESA_CERTIFICATE": "daraja.pem",
            "MPESA_RESULT_URL": "https://shop.example/result/planted-result-token",
            "MPESA_TIMEOUT_URL": "https://shop.example/timeout/planted-timeout-token",
            "MPESA_PAYOUT_SHORTCODE": "600998",
        }
    )
    assert settings.initiator == "testapi"
    assert settings.initiator_password == Secret("planted password")
    assert settings.security_credential == Secret(credential)
    assert settings.certificate == "daraja.pem"
    assert settings.result_url.endswith("planted-result-token")
    assert settings.payout_shortcode == "600998"
    assert "planted" not in repr(settings)
    assert credential not in repr(settings)
    told = {secret.reveal() for secret in settings.secrets}
    assert {settings.result_url, settings.timeout_url, "planted password", credential} <= told


def test_in_production_results_need_https():
    found = mistakes(MPESA_ENV="production", MPESA_RESULT_URL="http://shop.example/result")
    assert [mistake.split()[0] for mistake in found] == ["MPESA_RESULT_URL"]


@pytest.mark.parametrize(
    ("environment", "host"),
    [
        ("", "https://sandbox.safaricom.co.ke"),
        ("sandbox", "https://sandbox.safaricom.co.ke"),
        ("production", "https://api.safaricom.co.ke"),
    ],
)
def test_the_environment_chooses_the_host(environment, host):
    assert Settings.from_env(GOOD | {"MPESA_ENV": environment}).base_url == host


def test_values_are_stripped():
    assert Settings.from_env(GOOD | {"MPESA_NUMBER": " 174379\n"}).shortcode == "174379"


def test_the_process_environment_is_the_default(monkeypatch):
    for variable in VARIABLES.values():
        monkeypatch.delenv(variable, raising=False)
    for name, value in GOOD.items():
        monkeypatch.setenv(name, value)
    assert Settings.from_env() == Settings.from_env(GOOD)


def test_all_mistakes_come_at_once():
    with pytest.raises(SettingsError) as caught:
        Settings.from_env({"MPESA_ENV": "live", "MPESA_NUMBER": "0722000000"})
    text = str(caught.value)
    assert "6 mistakes" in text
    for variable in ("MPESA_ENV", *GOOD):
        assert f"- {variable} " in text


@pytest.mark.parametrize(
    ("variable", "value", "says"),
    [
        ("MPESA_ENV", "live", "sandbox or production, not 'live'"),
        ("MPESA_NUMBER", "1743", "5 to 7 digits"),
        ("MPESA_NUMBER", "١٧٤٣٧٩", "5 to 7 digits"),
        ("MPESA_PASSKEY", "two words", "without spaces"),
        ("MPESA_CONSUMER_KEY", "key:secret", "colon"),
        ("MPESA_CONSUMER_SECRET", "a\x00b", "printable"),
        ("MPESA_POCHI_CALLBACK", "shop.example", "https://"),
        ("MPESA_POCHI_NAME", "a" * 101, "100"),
        ("MPESA_BASE_URL", "http://127.0.0.1:8700?x=1", "query"),
        ("MPESA_INITIATOR", "two words", "user name"),
        ("MPESA_INITIATOR_PASSWORD", "a\x00b", "printable"),
        ("MPESA_SECURITY_CREDENTIAL", "Safaricom999!*!", "MPESA_INITIATOR_PASSWORD"),
        ("MPESA_SECURITY_CREDENTIAL", f"{'A' * 341} ==", "344 characters"),
        ("MPESA_RESULT_URL", "shop.example", "https://"),
        ("MPESA_TIMEOUT_URL", "shop.example", "https://"),
        ("MPESA_PAYOUT_SHORTCODE", "6009", "5 to 7 digits"),
    ],
)
def test_each_mistake_names_its_variable(variable, value, says):
    (mistake,) = mistakes(**{variable: value})
    assert mistake.startswith(f"{variable} ")
    assert says in mistake


def test_production_requires_https():
    found = mistakes(
        MPESA_ENV="production",
        MPESA_POCHI_CALLBACK="http://shop.example/callback",
        MPESA_BASE_URL="http://127.0.0.1:8700",
    )
    assert [mistake.split()[0] for mistake in found] == ["MPESA_POCHI_CALLBACK", "MPESA_BASE_URL"]
    assert (
        "public"
        in mistakes(MPESA_ENV="production", MPESA_POCHI_CALLBACK="https://localhost/callback")[0]
    )


def test_a_misspelt_variable_is_pointed_out():
    environ = dict(GOOD)
    environ["MPESA_PASS_KEY"] = environ.pop("MPESA_PASSKEY")
    with pytest.raises(SettingsError, match="did MPESA_PASS_KEY mean it"):
        Settings.from_env(environ)


def test_given_directly_the_same_checks_hold(settings):
    with pytest.raises(SettingsError, match=r"shortcode \(MPESA_NUMBER\) must be"):
        dataclasses.replace(settings, shortcode="")
    with pytest.raises(SettingsError, match=r"passkey \(MPESA_PASSKEY\) must be a Secret"):
        dataclasses.replace(settings, passkey="planted-passkey")
    assert dataclasses.replace(settings, environment="sandbox").environment is Environment.SANDBOX


def test_settings_cannot_be_changed(settings):
    with pytest.raises(dataclasses.FrozenInstanceError):
        settings.shortcode = "600000"


@pytest.mark.parametrize("variable", ["MPESA_ENV", "MPESA_NUMBER", "MPESA_CONSUMER_KEY"])
def test_nothing_planted_is_shown(variable):
    settings = Settings.from_env(GOOD)
    assert "planted" not in repr(settings) + str(settings)
    with pytest.raises(SettingsError) as caught:
        Settings.from_env(GOOD | {variable: "planted:wrong value" if "KEY" in variable else "x"})
    shown = "".join(
        traceback.TracebackException.from_exception(
            caught.value, capture_locals=True, limit=-1
        ).format()
    )
    assert "planted" not in shown


def test_the_example_file_is_complete_and_right():
    path = Path(__file__).parents[2] / ".env.example"
    lines = [line.strip() for line in path.read_text(encoding="utf-8").splitlines()]
    pairs = dict(
        line.lstrip("#").split("=", 1) for line in lines if "MPESA_" in line and "=" in line
    )
    known = {**VARIABLES, **standalone.VARIABLES, **sealed.VARIABLES}
    assert set(pairs) == {*known.values(), DATABASE_VARIABLE}
    # There is no encrypted file here that could be read.
    plain = {name: text for name, text in pairs.items() if name not in sealed.VARIABLES.values()}
    assert Settings.from_env(plain).environment is Environment.SANDBOX
