"""What the client must know about its merchant, from the environment or given directly."""

import os
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from enum import StrEnum
from typing import Any, Self

from mpesa_pochi import credential, sealed, weburl
from mpesa_pochi.errors import SettingsError
from mpesa_pochi.secret import Secret


class Environment(StrEnum):
    SANDBOX = "sandbox"
    PRODUCTION = "production"


HOSTS = {
    Environment.SANDBOX: "https://sandbox.safaricom.co.ke",
    Environment.PRODUCTION: "https://api.safaricom.co.ke",
}
"""The two Darajas; their paths are identical (Daraja documentation)."""

VARIABLES = {
    "environment": "MPESA_ENV",
    "shortcode": "MPESA_NUMBER",
    "passkey": "MPESA_PASSKEY",
    "consumer_key": "MPESA_CONSUMER_KEY",
    "consumer_secret": "MPESA_CONSUMER_SECRET",
    "name": "MPESA_POCHI_NAME",
    "callback_url": "MPESA_POCHI_CALLBACK",
    "base_url": "MPESA_BASE_URL",
    "initiator": "MPESA_INITIATOR",
    "initiator_password": "MPESA_INITIATOR_PASSWORD",
    "security_credential": "MPESA_SECURITY_CREDENTIAL",
    "certificate": "MPESA_CERTIFICATE",
    "result_url": "MPESA_RESULT_URL",
    "timeout_url": "MPESA_TIMEOUT_URL",
    "payout_shortcode": "MPESA_PAYOUT_SHORTCODE",
}
_PAYOUTS = {
    "initiator",
    "initiator_password",
    "security_credential",
    "certificate",
    "result_url",
    "timeout_url",
    "payout_shortcode",
}

_NO_SECRET = Secret("")
_MAY_BE_EMPTY = {"base_url", *_PAYOUTS}
_OPTIONAL = {"environment", "name", "base_url", *_PAYOUTS}
_SECRET = (
    "passkey",
    "consumer_key",
    "consumer_secret",
    "initiator_password",
    "security_credential",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """One merchant at one Daraja.

    Attributes:
        environment: `sandbox` or `production`; chooses the host.
        shortcode: the paybill, or the store number of a till: 5 to 7 digits.
        passkey: of the shortcode, from Daraja's go-live mail or the sandbox page.
        consumer_key: of the Daraja app. With the secret it is a password, so it is kept as one.
        consumer_secret: of the Daraja app.
        callback_url: where Daraja reports how a payment ended. Its path may hold a token, so it is
            shown without it. In production: https and a public host.
        name: what customers call the business.
        base_url: another Daraja, such as `http://127.0.0.1:8700`; empty for the environment's own.
            In production: https.
        initiator: the API operator's user name, for payouts, balances, statuses and reversals.
        initiator_password: the operator's password in plain text; `certificate` encrypts it.
        security_credential: the same, encrypted already; used instead if it is given.
        certificate: Daraja's, of the same environment: PEM, or the name of a PEM file, which is
            read when it is first needed.
        result_url: where Daraja reports how a payout, balance, status or reversal ended.
        timeout_url: where Daraja says that such a request waited too long.
        payout_shortcode: what payouts are made from.

    Raises:
        SettingsError: with every mistake at once.
    """

    environment: Environment = Environment.SANDBOX
    shortcode: str
    passkey: Secret
    consumer_key: Secret
    consumer_secret: Secret
    callback_url: str = field(repr=False)
    name: str = "Pochi la Biashara"
    base_url: str = ""
    initiator: str = ""
    initiator_password: Secret = _NO_SECRET
    security_credential: Secret = _NO_SECRET
    certificate: str = ""
    result_url: str = field(default="", repr=False)
    timeout_url: str = field(default="", repr=False)
    payout_shortcode: str = ""

    def __post_init__(self) -> None:
        mistakes = [f"{name} ({VARIABLES[name]}) {why}" for name, why in self._complaints() if why]
        if mistakes:
            raise _error("the settings cannot work", mistakes)
        environment = Environment(self.environment)
        object.__setattr__(self, "environment", environment)
        object.__setattr__(self, "base_url", self.base_url.rstrip("/") or HOSTS[environment])

    @classmethod
    def from_env(cls, environ: Mapping[str, str] | None = None) -> Self:
        """Reads `MPESA_*` from `environ`, or from the process's own environment, and from the
        encrypted file that it names (`mpesa_pochi.sealed`).

        Raises:
            SettingsError: with every mistake in the environment at once.
        """
        found, mistakes = _read(sealed.environment(os.environ if environ is None else environ))
        del environ  # a traceback that shows local variables must show neither
        if mistakes:
            del found
            raise _error("the environment is not complete, or not right", mistakes)
        return cls(**found)

    @property
    def secrets(self) -> tuple[Secret, ...]:
        """All that must never be shown."""
        urls = (self.callback_url, self.result_url, self.timeout_url)
        return (*(getattr(self, name) for name in _SECRET), *map(Secret, urls))

    def _complaints(self) -> Iterable[tuple[str, str]]:
        for name in _SECRET:
            if not isinstance(getattr(self, name), Secret):
                yield name, "must be a Secret, so that it is never shown: Secret('…')"
        yield from _complaints({name: getattr(self, name) for name in VARIABLES})


def _read(source: Mapping[str, str]) -> tuple[dict[str, Any], list[str]]:
    """What the environment gives, secrets wrapped, and every mistake in it."""
    found: dict[str, Any] = {}
    mistakes: list[str] = []
    for name, variable in VARIABLES.items():
        text = source.get(variable, "").strip()
        if text:
            found[name] = Secret(text) if name in _SECRET else text
        elif name not in _OPTIONAL:
            mistakes.append(_missing(variable, source))
    mistakes += [f"{VARIABLES[name]} {why}" for name, why in _complaints(found) if why]
    return found, mistakes


def _complaints(values: Mapping[str, object]) -> Iterable[tuple[str, str]]:
    """Every mistake among the values that are given, as field and the end of a sentence."""
    production = values.get("environment") == Environment.PRODUCTION
    checks: dict[str, Callable[[object], str]] = {
        "environment": _environment,
        "shortcode": _shortcode,
        "passkey": _credential,
        "consumer_key": _consumer_key,
        "consumer_secret": _credential,
        "name": _name,
        "callback_url": lambda url: weburl.complaint(url, https_only=production),
        "base_url": lambda url: weburl.complaint(url, https_only=production, query_allowed=False),
        "initiator": _word,
        "initiator_password": _printable,
        "security_credential": _security_credential,
        "certificate": _certificate,
        "result_url": lambda url: weburl.complaint(url, https_only=production),
        "timeout_url": lambda url: weburl.complaint(url, https_only=production),
        "payout_shortcode": _shortcode,
    }
    for name, value in values.items():
        absent = name in _MAY_BE_EMPTY and value in ("", _NO_SECRET)
        yield name, "" if absent else checks[name](value)


def _environment(value: object) -> str:
    if isinstance(value, str) and value in set(Environment):
        return ""
    return f"must be sandbox or production, not {str(value)[:40]!a}"


def _shortcode(value: object) -> str:
    good = isinstance(value, str) and value.isascii() and value.isdigit() and 5 <= len(value) <= 7
    return "" if good else "must be the 5 to 7 digits of a paybill or store number, as text"


def _credential(value: object) -> str:
    text = value.reveal() if isinstance(value, Secret) else ""
    good = text and text.isprintable() and " " not in text
    return "" if good else "must be printable text without spaces; was it pasted whole?"


def _consumer_key(value: object) -> str:
    if isinstance(value, Secret) and ":" in value.reveal():
        return "must not hold a colon, which ends the key in HTTP Basic authentication"
    return _credential(value)


def _word(value: object) -> str:
    good = isinstance(value, str) and value.isprintable() and " " not in value and len(value) <= 100
    return "" if good else "must be the operator's user name, without spaces"


def _printable(value: object) -> str:
    good = isinstance(value, Secret) and value.reveal().isprintable()
    return "" if good else "must be printable text; was it pasted whole?"


def _security_credential(value: object) -> str:
    text = value.reveal() if isinstance(value, Secret) else ""
    if credential.CREDENTIAL.fullmatch(text):
        return ""
    return (
        "must be 344 characters of base64 without spaces, what encrypting the initiator's"
        " password gives; the password itself belongs into MPESA_INITIATOR_PASSWORD"
    )


def _certificate(value: object) -> str:
    return "" if isinstance(value, str) else "must be PEM, or the name of a PEM file, as text"


def _name(value: object) -> str:
    good = isinstance(value, str) and value.isprintable() and len(value) <= 100
    return "" if good else "must be at most 100 printable characters"


def _missing(variable: str, source: Mapping[str, str]) -> str:
    others = [name for name in source if name.upper().startswith("MPESA") and source[name]]
    near = get_close_matches(variable, set(others) - set(VARIABLES.values()), n=1, cutoff=0.8)
    hint = f"; did {near[0]} mean it?" if near else "; see .env.example"
    return f"{variable} is missing or empty{hint}"


def _error(what: str, mistakes: list[str]) -> SettingsError:
    count = "1 mistake" if len(mistakes) == 1 else f"{len(mistakes)} mistakes"
    return SettingsError(f"{what}, {count}:", mistakes=tuple(mistakes))
