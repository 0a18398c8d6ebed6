"""A client for Safaricom's Daraja, for merchants on Pochi la Biashara, a paybill or a till.

    async with MpesaPochi(Settings.from_env()) as mpesa:
        push = await mpesa.stk_push(phone="0722 000000", amount=100, reference="INV-1")
        outcome = await mpesa.wait_for_payment(push.checkout_request_id)

`MpesaPochiSync` is the same without `await`.

Names are imported when they are first used: importing the package costs next to nothing.
"""

from importlib import import_module

TYPE_CHECKING = False  # what typing says, without the 10 ms that it takes to say it

if TYPE_CHECKING:
    from mpesa_pochi.accepted import C2BAccepted, C2BRegistered, CommandAccepted, QrCode
    from mpesa_pochi.c2b_payment import (
        C2BPayment,
        C2BRejection,
        parse_confirmation,
        parse_validation,
        validation_reply,
    )
    from mpesa_pochi.callback import (
        ExpectedPayment,
        StkCallback,
        check_callback,
        check_source,
        check_token,
        parse_callback,
    )
    from mpesa_pochi.client import MpesaPochi, MpesaPochiSync
    from mpesa_pochi.credential import security_credential
    from mpesa_pochi.errors import (
        BadRequest,
        Blocked,
        CallbackRefused,
        CredentialsRefused,
        DarajaError,
        DuplicateRequest,
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
    from mpesa_pochi.parameters import Parameters
    from mpesa_pochi.phone import normalise
    from mpesa_pochi.push import PushAccepted
    from mpesa_pochi.reports import (
        Account,
        B2BReport,
        Charge,
        Party,
        PayoutReport,
        ReversalReport,
        StatusReport,
    )
    from mpesa_pochi.result import CommandResult, QueueTimeout, parse_result, parse_timeout
    from mpesa_pochi.retry import Retry
    from mpesa_pochi.secret import Secret
    from mpesa_pochi.settings import Environment, Settings

__all__ = [
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

_HOMES = {
    "accepted": ("C2BAccepted", "C2BRegistered", "CommandAccepted", "QrCode"),
    "c2b_payment": (
        "C2BPayment",
        "C2BRejection",
        "parse_confirmation",
        "parse_validation",
        "validation_reply",
    ),
    "callback": (
        "ExpectedPayment",
        "StkCallback",
        "check_callback",
        "check_source",
        "check_token",
        "parse_callback",
    ),
    "client": ("MpesaPochi", "MpesaPochiSync"),
    "credential": ("security_credential",),
    "outcome": ("PaymentOutcome", "PaymentState", "PushStatus"),
    "parameters": ("Parameters",),
    "phone": ("normalise",),
    "push": ("PushAccepted",),
    "reports": (
        "Account",
        "B2BReport",
        "Charge",
        "Party",
        "PayoutReport",
        "ReversalReport",
        "StatusReport",
    ),
    "result": ("CommandResult", "QueueTimeout", "parse_result", "parse_timeout"),
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
