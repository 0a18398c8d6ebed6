"""A client for Safaricom's Daraja, for merchants on Pochi la Biashara, a paybill or a till.

    async with MpesaPochi(Settings.from_env()) as mpesa:
        push = await mpesa.stk_push(phone="0722 000000", amount=100, reference="INV-1")
        outcome = await mpesa.wait_for_payment(push.checkout_request_id)

Names are imported when they are first used: importing the package costs next to nothing.
"""

from importlib import import_module

TYPE_CHECKING = False  # what typing says, without the 10 ms that it takes to say it

if TYPE_CHECKING:
    from mpesa_pochi.callback import (
        ExpectedPayment,
        StkCallback,
        check_callback,
        check_source,
        check_token,
        parse_callback,
    )
    from mpesa_pochi.client import MpesaPochi
    from mpesa_pochi.errors import (
        BadRequest,
        Blocked,
        CallbackRefused,
        CredentialsRefused,
        DarajaError,
        InvalidRequest,
        PhoneNumberError,
        PhoneProblem,
        PochiError,
        RefusalReason,
        ServerFault,
        SettingsError,
        SubscriberBusy,
        Throttled,
        TransactionNotFound,
        UnexpectedAnswer,
        UnknownOutcome,
        Unreachable,
    )
    from mpesa_pochi.outcome import PaymentOutcome, PaymentState, PushStatus
    from mpesa_pochi.phone import normalise
    from mpesa_pochi.push import PushAccepted
    from mpesa_pochi.retry import Retry
    from mpesa_pochi.secret import Secret
    from mpesa_pochi.settings import Environment, Settings

__all__ = [
    "BadRequest",
    "Blocked",
    "CallbackRefused",
    "CredentialsRefused",
    "DarajaError",
    "Environment",
    "ExpectedPayment",
    "InvalidRequest",
    "MpesaPochi",
    "PaymentOutcome",
    "PaymentState",
    "PhoneNumberError",
    "PhoneProblem",
    "PochiError",
    "PushAccepted",
    "PushStatus",
    "RefusalReason",
    "Retry",
    "Secret",
    "ServerFault",
    "Settings",
    "SettingsError",
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
]

_HOMES = {
    "callback": (
        "ExpectedPayment",
        "StkCallback",
        "check_callback",
        "check_source",
        "check_token",
        "parse_callback",
    ),
    "client": ("MpesaPochi",),
    "outcome": ("PaymentOutcome", "PaymentState", "PushStatus"),
    "phone": ("normalise",),
    "push": ("PushAccepted",),
    "secret": ("Secret",),
    "settings": ("Environment", "Settings"),
}
_HOME = {name: home for home, names in _HOMES.items() for name in names}


def __getattr__(name: str) -> object:
    if name not in __all__:
        raise AttributeError(f"module 'mpesa_pochi' has no attribute {name!r}")
    value: object = getattr(import_module(f"mpesa_pochi.{_HOME.get(name, 'errors')}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
