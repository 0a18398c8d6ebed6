"""Asking Daraja as a merchant does, from inside a test, and the settings of that merchant."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from darajasim.core.initiator import SANDBOX_INITIATOR, SANDBOX_INITIATOR_PASSWORD
from darajasim.core.msisdn import normalise
from darajasim.core.namespace import Namespace
from darajasim.core.organisation import SANDBOX_PASSKEY
from darajasim.core.wire import dumps, loads
from darajasim.operations import named
from darajasim.operations.business import BusinessOperation
from darajasim.operations.call import Answer, Call
from darajasim.operations.fields import CALLBACK
from darajasim.testing.errors import DarajaTestError, RefusedError, meant
from darajasim.testing.seen import Payment
from darajasim.testing.verdict import Allowed, refusals

if TYPE_CHECKING:
    from mpesa_pochi import Settings

KEY, SECRET = "merchant", "secret"
"""The consumer key and secret of the merchant that tests stand for."""
TOKEN = "token-of-the-test-itself"  # noqa: S105  # it opens nothing but a simulator
_PHONES = frozenset({"phone", "party_a", "PhoneNumber", "PartyA"})


def settings(base_url: str, callback_url: str, changes: Mapping[str, Any]) -> Settings:
    """Settings of our client for the sandbox's merchant."""
    from mpesa_pochi import Secret, Settings  # noqa: PLC0415  # most tests bring their own

    given: dict[str, Any] = {
        "shortcode": "174379",
        "passkey": Secret(SANDBOX_PASSKEY),
        "consumer_key": Secret(KEY),
        "consumer_secret": Secret(SECRET),
        "callback_url": callback_url,
        "name": "Duka",
        "base_url": base_url,
    }
    return Settings(**(given | dict(changes)))


def environment(base_url: str, callback_url: str) -> dict[str, str]:
    """The same as variables."""
    return {
        "MPESA_ENV": "sandbox",
        "MPESA_NUMBER": "174379",
        "MPESA_PASSKEY": SANDBOX_PASSKEY,
        "MPESA_CONSUMER_KEY": KEY,
        "MPESA_CONSUMER_SECRET": SECRET,
        "MPESA_POCHI_NAME": "Duka",
        "MPESA_POCHI_CALLBACK": callback_url,
        "MPESA_BASE_URL": base_url,
        "MPESA_INITIATOR": SANDBOX_INITIATOR,
        "MPESA_INITIATOR_PASSWORD": SANDBOX_INITIATOR_PASSWORD,
        "MPESA_PAYOUT_SHORTCODE": "600998",
    }


async def later(
    namespace: Namespace, operation: str, fields: Mapping[str, Any], inbox: str, allowed: Allowed
) -> Payment:
    """`ask`, on the loop that runs this."""
    return ask(namespace, operation, fields, inbox, allowed)


def ask(
    namespace: Namespace, operation: str, fields: Mapping[str, Any], inbox: str, allowed: Allowed
) -> Payment:
    """Make a request without a wire. The loop of the namespace must be running.

    Args:
        inbox: the base URL that callbacks go to.

    Raises:
        RefusedError: Daraja said no; the test knows, so it is no failure later.
    """
    asked = operation_named(operation)
    body = request_body(asked, fields, inbox)
    headers = {"content-type": "application/json", "authorization": f"Bearer {_token(namespace)}"}
    call = Call(asked.method, asked.path, headers, {}, dumps(body))
    before = namespace.journal.dropped + len(namespace.journal)
    answer = asked.respond(namespace, call)
    if answer.status >= 400:
        allowed.numbers.update(number for number, _ in refusals(namespace.journal.numbered(before)))
        raise _refused(operation, answer)
    document = loads(answer.body if isinstance(answer.body, bytes) else dumps(answer.body) or b"{}")
    return Payment(answer.subject or "", document if isinstance(document, dict) else {})


def pay(namespace: Namespace, phone: str, amount: int, shortcode: str, reference: str) -> Payment:
    """A customer pays from the phone."""
    from darajasim.operations.c2b_course import pay_from_phone  # noqa: PLC0415  # rarely used

    subject = pay_from_phone(
        namespace,
        msisdn=normalise(phone),
        shortcode=shortcode,
        amount=amount,
        reference=reference,
    )
    return Payment(subject)


def request_body(asked: BusinessOperation, fields: Mapping[str, Any], inbox: str) -> dict[str, Any]:
    """The operation's example, with these fields by their names in rules or on the wire; None
    leaves one out.

    Args:
        inbox: the base URL that callbacks go to, unless a field says otherwise.

    Raises:
        DarajaTestError: a name that the operation does not have.
    """
    wire = {field.name: field.name for field in asked.fields}
    wire |= {field.alias: field.name for field in asked.fields}
    body = {field.name: field.example for field in asked.fields if field.example is not ...}
    for name, value in body.items():
        if value == CALLBACK:
            body[name] = f"{inbox}/{asked.name}/{name}"
    for name, value in fields.items():
        if name not in wire:
            known = sorted({field.alias for field in asked.fields})
            raise DarajaTestError(
                f"expected a field of {asked.name} ({', '.join(known)}), found {name!r}"
                + meant(name, wire)
            )
        body[wire[name]] = normalise(str(value)) if name in _PHONES and _is_ours(value) else value
    if asked.name == "stk_push" and "PartyA" not in {wire[name] for name in fields}:
        body["PartyA"] = body["PhoneNumber"]
    return {name: value for name, value in body.items() if value is not None}


def _is_ours(value: object) -> bool:
    """Whether it is a Kenyan number in any writing; what is not is sent as it is."""
    try:
        normalise(str(value))
    except ValueError:
        return False
    return True


def operation_named(name: str) -> BusinessOperation:
    """The newest version of an operation.

    Raises:
        DarajaTestError: there is none of that name.
    """
    found = named().get(name, ())
    asked = found[-1] if found else None
    if not isinstance(asked, BusinessOperation):
        known = ", ".join(sorted(named()))
        raise DarajaTestError(
            f"expected an operation ({known}), found {name!r}{meant(name, named())}"
        )
    return asked


def _token(namespace: Namespace) -> str:
    """A token of the merchant's app; where the world names others only, of the first of them."""
    apps = namespace.world.apps
    key = KEY if not apps or KEY in apps else next(iter(apps))
    now = namespace.clock.time()
    namespace.tokens.issue(TOKEN, key, now=now, lifetime=3_599)
    return TOKEN


def _refused(operation: str, answer: Answer) -> RefusedError:
    hint = f" ({answer.hint})" if answer.hint else ""
    said = " ".join(filter(None, (f"HTTP {answer.status}", answer.code, answer.message)))
    return RefusedError(f"{operation}: {said}{hint}", answer.status, answer.code)
