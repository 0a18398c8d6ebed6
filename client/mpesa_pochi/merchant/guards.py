"""What stands around every request: what proxies tell, https, the limits, what a crash may tell."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from starlette.middleware import Middleware

from mpesa_pochi.merchant.crashes import Crashes
from mpesa_pochi.merchant.limits import NO_LIMITS, Limiter, Limits
from mpesa_pochi.merchant.sources import FromProxy, Proxies
from mpesa_pochi.merchant.spoken import LanguageOfRequest
from mpesa_pochi.merchant.transport import HttpsOnly
from mpesa_pochi.redaction import Redactor
from mpesa_pochi.secret import Secret
from mpesa_pochi.settings import Environment, Settings


@dataclass(frozen=True, slots=True)
class Guards:
    """What a request must pass before it is answered.

    Attributes:
        proxies: who may tell of the sender.
        https: whether plain http is refused.
        limiter: counts what is asked.
        redact: knows the secrets that no log may hold.
    """

    proxies: Proxies
    https: bool
    limiter: Limiter
    redact: Redactor

    @classmethod
    def configured(
        cls,
        settings: Settings,
        *,
        trusted_proxies: Sequence[str],
        require_https: bool | None,
        limits: Limits | None,
        tokens: Iterable[Secret | str | None],
        now: Callable[[], datetime],
    ) -> "Guards":
        """The guards that the application's arguments describe.

        Args:
            tokens: secrets of the application's own, besides those of the settings.

        Raises:
            ValueError: a proxy or a limits storage that cannot work.
        """
        production = settings.environment is Environment.PRODUCTION
        return cls(
            proxies=Proxies.configured(trusted_proxies),
            https=production if require_https is None else require_https,
            limiter=Limiter(limits or NO_LIMITS, now=now),
            redact=Redactor((*settings.secrets, *(_secret(token) for token in tokens if token))),
        )

    def middleware(self, prefix: str) -> list[Middleware]:
        """In the order in which a request passes them."""
        health = f"{prefix}/health"
        return [
            Middleware(Crashes, redact=self.redact),
            Middleware(FromProxy, proxies=self.proxies),
            Middleware(HttpsOnly, required=self.https, health=health),
            Middleware(LanguageOfRequest),
        ]


def _secret(token: Secret | str) -> Secret:
    return token if isinstance(token, Secret) else Secret(token)
