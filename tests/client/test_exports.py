import subprocess
import sys

import pytest

import mpesa_pochi
from mpesa_pochi import errors
from support.every import every

FROZEN = [
    "Account",
    "B2BReport",
    "BadRequest",
    "Blocked",
    "C2BAccepted",
    "C2BPayment",
    "C2BRegistered",
    "C2BRejection",
    "CallbackRefused",
    "Charge",
    "CommandAccepted",
    "CommandResult",
    "CredentialsRefused",
    "DarajaError",
    "DuplicateRequest",
    "Environment",
    "ExpectedPayment",
    "InvalidRequest",
    "MpesaPochi",
    "MpesaPochiSync",
    "Parameters",
    "Party",
    "PaymentOutcome",
    "PaymentState",
    "PayoutReport",
    "PhoneNumberError",
    "PhoneProblem",
    "PochiError",
    "PushAccepted",
    "PushStatus",
    "QrCode",
    "QueueTimeout",
    "RefusalReason",
    "Retry",
    "ReversalReport",
    "Secret",
    "ServerFault",
    "Settings",
    "SettingsError",
    "StatusReport",
    "StkCallback",
    "SubscriberBusy",
    "Throttled",
    "TransactionNotFound",
    "UnexpectedAnswer",
    "UnknownOutcome",
    "Unreachable",
    "check_callback",
    "check_source",
    "check_token",
    "normalise",
    "parse_callback",
    "parse_confirmation",
    "parse_result",
    "parse_timeout",
    "parse_validation",
    "security_credential",
    "validation_reply",
]


def test_the_public_names_are_these():
    assert mpesa_pochi.__all__ == FROZEN
    assert sorted(mpesa_pochi.__all__) == mpesa_pochi.__all__


@every(FROZEN)
def test_each_name_is_there_and_is_what_it_says(name):
    value = getattr(mpesa_pochi, name)
    assert value.__name__ == name
    assert value is getattr(mpesa_pochi, name)
    assert name in dir(mpesa_pochi)


def test_every_error_is_exported():
    assert set(errors.__all__) <= set(mpesa_pochi.__all__)


def test_other_names_are_attribute_errors():
    with pytest.raises(AttributeError, match="'nonsense'"):
        _ = mpesa_pochi.nonsense


@pytest.mark.parametrize(
    "heavy", ["httpx", "starlette", "sqlalchemy", "pydantic", "asyncio", "tomllib", "json"]
)
def test_importing_the_package_imports_nothing_heavy(heavy):
    code = f"import sys, mpesa_pochi; sys.exit({heavy!r} in sys.modules)"
    assert subprocess.run([sys.executable, "-I", "-c", code], check=False).returncode == 0


def test_no_wall_clock_no_chance_and_no_simulator_outside_the_clock():
    from pathlib import Path

    home = Path(mpesa_pochi.__file__).parent
    banned = ("datetime.now", "time.time", "import random", "uuid", "darajasim")
    for path in home.rglob("*.py"):
        if path.name != "clock.py":
            found = [word for word in banned if word in path.read_text(encoding="utf-8")]
            assert not found, f"{path.relative_to(home)}: {found}"
