"""`GET /test`: what is configured, what is missing or wrong, and how to mend it. Never a secret."""

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any
from urllib.parse import urlsplit

from sqlalchemy.exc import SQLAlchemyError

from mpesa_pochi import credential, weburl
from mpesa_pochi.errors import SettingsError
from mpesa_pochi.merchant import addresses, outbox
from mpesa_pochi.merchant.guards import Guards
from mpesa_pochi.merchant.payments import Payments
from mpesa_pochi.merchant.reach import Reach
from mpesa_pochi.settings import HOSTS, VARIABLES, Environment, Settings

SANDBOX_SHORTCODE = "174379"
"""The public test paybill of the sandbox."""


class Level(StrEnum):
    OK = "ok"
    WARNING = "warning"
    PROBLEM = "problem"


@dataclass(frozen=True, slots=True)
class Check:
    """One thing looked at: what was found, and how to mend it when it is not `ok`."""

    name: str
    level: Level
    found: str
    mend: str = ""


class Readiness:
    """Looks at the configuration, at the database, and at whether Daraja lets us in."""

    def __init__(
        self, payments: Payments, guards: Guards, reach: Reach, *, prefix: str, unheard: bool
    ) -> None:
        """`unheard` says that a proxy that is not trusted told of other hops."""
        self._payments = payments
        self._reach = reach
        self._guards = guards
        self._unheard = unheard
        self._settings = payments.client.settings
        self._prefix = prefix

    async def report(self) -> dict[str, Any]:
        """`{ready, configured, checks: [{name, level, found, mend}]}`."""
        checks = [*self._checks(), await self._access(), await self._database()]
        if checks[-1].level is Level.OK:
            checks.append(await self._hooks())
        return {
            "ready": all(check.level is not Level.PROBLEM for check in checks),
            "configured": self._configured(),
            "checks": [asdict(check) for check in checks],
        }

    def _configured(self) -> dict[str, str]:
        settings = self._settings
        gate = self._payments.gate
        return {
            "name": settings.name,
            "environment": settings.environment.value,
            "shortcode": settings.shortcode,
            "daraja": settings.base_url,
            "callback": weburl.shown(settings.callback_url),
            "passkey": _given(settings.passkey),
            "consumer_key": _given(settings.consumer_key),
            "consumer_secret": _given(settings.consumer_secret),
            "callback_token": _given(gate.shared_digest),
            "allowed_sources": "any" if gate.sources is None else f"{len(gate.sources)} entries",
        }

    def _checks(self) -> Iterator[Check]:
        yield self._credentials()
        yield self._daraja()
        yield self._shortcode()
        yield self._callback_path()
        yield self._callback_host()
        yield self._gate()
        yield self._https()
        yield self._proxies()
        yield self._limits()
        yield self._payouts()

    def _credentials(self) -> Check:
        settings = self._settings
        variables = {
            "MPESA_PASSKEY": settings.passkey,
            "MPESA_CONSUMER_KEY": settings.consumer_key,
            "MPESA_CONSUMER_SECRET": settings.consumer_secret,
        }
        missing = [name for name, secret in variables.items() if not secret]
        if missing:
            names = ", ".join(missing)
            return Check("credentials", Level.PROBLEM, f"{names} not set", f"Set {names}.")
        return Check("credentials", Level.OK, "all given; whether the passkey fits, a push says")

    async def _access(self) -> Check:
        trouble = await self._reach.trouble()
        if trouble is None:
            return Check("access", Level.OK, "Daraja answers, and gave an access token")
        mend = trouble.advice or "Look at MPESA_BASE_URL, then at MPESA_CONSUMER_KEY."
        return Check("access", Level.PROBLEM, trouble.message, mend)

    def _daraja(self) -> Check:
        settings = self._settings
        usual = HOSTS[settings.environment]
        if settings.base_url == usual:
            return Check("daraja", Level.OK, usual)
        level = Level.WARNING if settings.environment is Environment.PRODUCTION else Level.OK
        return Check(
            "daraja",
            level,
            f"{settings.base_url}, which is not Safaricom's {settings.environment.value}",
            "" if level is Level.OK else "Unset MPESA_BASE_URL to charge real customers.",
        )

    def _shortcode(self) -> Check:
        settings = self._settings
        production = settings.environment is Environment.PRODUCTION
        if production and settings.shortcode == SANDBOX_SHORTCODE:
            return Check(
                "shortcode",
                Level.PROBLEM,
                f"{SANDBOX_SHORTCODE} is the sandbox's test paybill",
                "Set MPESA_NUMBER and MPESA_PASSKEY to your own, from the go-live mail.",
            )
        return Check("shortcode", Level.OK, settings.shortcode)

    def _callback_path(self) -> Check:
        expected = f"{self._prefix}/callback"
        path = urlsplit(self._settings.callback_url).path
        if path.endswith(expected) or f"{expected}/" in path:
            return Check("callback path", Level.OK, f"…{expected}")
        return Check(
            "callback path",
            Level.WARNING,
            f"MPESA_POCHI_CALLBACK does not end with {expected}, where callbacks arrive",
            f"Let it end with {expected}, or make sure that a proxy rewrites it.",
        )

    def _callback_host(self) -> Check:
        settings = self._settings
        parts = urlsplit(settings.callback_url)
        real = settings.base_url in HOSTS.values()
        complaint = weburl.complaint(settings.callback_url, https_only=real)
        if complaint:
            return Check(
                "callback host",
                Level.PROBLEM,
                f"Daraja cannot reach it: MPESA_POCHI_CALLBACK {complaint}",
                "Set MPESA_POCHI_CALLBACK to a public https address, or point MPESA_BASE_URL at "
                "the simulator.",
            )
        if real and parts.netloc != parts.netloc.lower():
            return Check(
                "callback host",
                Level.WARNING,
                "it has upper-case letters, which Daraja has refused",
                "Write the host of MPESA_POCHI_CALLBACK in lower case.",
            )
        return Check("callback host", Level.OK, f"{parts.scheme}://{parts.hostname}")

    def _gate(self) -> Check:
        gate = self._payments.gate
        if gate.token_required:
            return Check("callback authenticity", Level.OK, "every callback must bring a token")
        if gate.sources is not None:
            found = f"any of {len(gate.sources)} addresses or networks may send callbacks"
            return Check("callback authenticity", Level.OK, found)
        return Check(
            "callback authenticity",
            Level.WARNING,
            "callbacks without a token are taken from anyone who knows a payment's two Daraja ids",
            "Pass require_callback_token=True to create_app: every push sends its own token.",
        )

    def _https(self) -> Check:
        if self._guards.https:
            return Check("https", Level.OK, "required; this request came by it")
        if self._settings.environment is Environment.PRODUCTION:
            mend = "Leave require_https out, so that production requires it."
            return Check("https", Level.WARNING, "plain http is answered in production", mend)
        return Check("https", Level.OK, "not required outside production")

    def _proxies(self) -> Check:
        networks = self._guards.proxies.networks
        if self._unheard:
            return Check(
                "proxies",
                Level.WARNING,
                "this request came through a proxy that is not trusted: all who come through it "
                "count as one address, the proxy's",
                "Name the proxy's address in trusted_proxies (MPESA_POCHI_TRUSTED_PROXIES).",
            )
        count = f"{len(networks)} addresses or networks are trusted" if networks else "none trusted"
        return Check("proxies", Level.OK, count)

    def _limits(self) -> Check:
        limits = self._guards.limiter.limits
        if limits.given:
            where = "each process by itself" if limits.storage is None else "all processes together"
            told = "; ".join(f"{name} {text}" for name, text in limits.given.items())
            return Check("limits", Level.OK, f"{told}; counted by {where}")
        if self._settings.environment is Environment.PRODUCTION:
            mend = "Leave limits out for the usual ones: nobody should be flooded with prompts."
            return Check("limits", Level.WARNING, "none", mend)
        return Check("limits", Level.OK, "none")

    def _payouts(self) -> Check:
        """Whether money can go out. It need not."""
        settings = self._settings
        begun = (
            settings.initiator,
            settings.initiator_password,
            settings.security_credential,
            settings.payout_shortcode,
        )
        if not any(begun):
            return Check("payouts", Level.OK, "not configured: nothing can be paid out or refunded")
        missing = list(_missing_for_payouts(settings))
        if missing:
            names = ", ".join(missing)
            mend = f"Set {names}; or unset the others, if nothing is to be paid out."
            return Check("payouts", Level.WARNING, f"{names} not set: payouts are refused", mend)
        try:
            if not settings.security_credential:
                certificate = credential.read_certificate(settings.certificate)
                credential.security_credential(settings.initiator_password, certificate)
        except SettingsError as error:
            mend = "Set MPESA_CERTIFICATE to the certificate of this environment, from Daraja."
            return Check("payouts", Level.WARNING, f"payouts are refused: {error}", mend)
        found = f"from {settings.payout_shortcode} by {settings.initiator}"
        return Check("payouts", Level.OK, f"{found}; whether Daraja takes them, a payout says")

    async def _database(self) -> Check:
        try:
            await self._payments.database.ping()
        except (SQLAlchemyError, OSError) as error:
            return Check(
                "database",
                Level.PROBLEM,
                f"{self._payments.database.kind} cannot answer: {type(error).__name__}",
                "Check the database URL, that the server runs or the file's folder exists, and "
                "the permissions.",
            )
        return Check("database", Level.OK, self._payments.database.kind)

    async def _hooks(self) -> Check:
        found = await self._payments.database.run(outbox.waiting, reads=True)
        told = f"payments and payouts whose end waits to be told: {found.count}"
        if found.last_error is None:
            return Check("hooks", Level.OK, told)
        return Check(
            "hooks",
            Level.WARNING,
            f"{told}; a hook raised {found.last_error.partition(':')[0]}",
            "Look into the log for what the hook raised; it is called again until it returns.",
        )


def _missing_for_payouts(settings: Settings) -> Iterator[str]:
    if not settings.payout_shortcode:
        yield VARIABLES["payout_shortcode"]
    if not settings.initiator:
        yield VARIABLES["initiator"]
    password, certificate = VARIABLES["initiator_password"], VARIABLES["certificate"]
    if not (settings.security_credential or settings.initiator_password):
        yield f"{VARIABLES['security_credential']} (or {password} and {certificate})"
    elif not (settings.security_credential or settings.certificate):
        yield certificate
    if addresses.result(settings) is None:
        yield VARIABLES["result_url"]
    if addresses.timeout(settings) is None:
        yield VARIABLES["timeout_url"]


def _given(value: object) -> str:
    return "given" if value else "not set"
