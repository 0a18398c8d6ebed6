"""Where requests are written: who the merchant is, the wall clock, new ids, the credential."""

from base64 import b64encode
from collections.abc import Callable
from datetime import datetime

from mpesa_pochi import clock, credential, originator
from mpesa_pochi.errors import SettingsError
from mpesa_pochi.password import password, timestamp
from mpesa_pochi.redaction import Redactor
from mpesa_pochi.secret import Secret
from mpesa_pochi.settings import VARIABLES, Environment, Settings


class Desk:
    """What every request of one client is written with. It does no I/O but to read a certificate.

    Args:
        settings: who the merchant is and where Daraja is.
        now: the wall clock.
        new_id: makes the OriginatorConversationID of a payout that is given none.
    """

    def __init__(
        self,
        settings: Settings,
        *,
        now: Callable[[], datetime] = clock.now,
        new_id: Callable[[], str] = originator.new_id,
    ) -> None:
        self.settings = settings
        self.new_id = new_id
        self._now = now
        self._credential: Secret | None = None

    @property
    def https_only(self) -> bool:
        return self.settings.environment is Environment.PRODUCTION

    def signature(self) -> tuple[Secret, str]:
        """The password of M-PESA Express for this moment, and the moment."""
        moment = timestamp(self._now())
        return password(self.settings.shortcode, self.settings.passkey, moment), moment

    def basic(self) -> Secret:
        """What authenticates the request for a token."""
        settings = self.settings
        pair = f"{settings.consumer_key.reveal()}:{settings.consumer_secret.reveal()}"
        return Secret(b64encode(pair.encode()).decode("ascii"))

    def security_credential(self, call: str) -> Secret:
        """The ready-made one, or the initiator's password encrypted: once, for any one may be
        used for many requests (documented).

        Raises:
            SettingsError: there is neither, or the certificate cannot be used.
        """
        settings = self.settings
        if settings.security_credential:
            return settings.security_credential
        if self._credential is None:
            if not settings.initiator_password:
                names = "MPESA_INITIATOR_PASSWORD and MPESA_CERTIFICATE, or"
                raise missing(call, "a security credential", f"{names} MPESA_SECURITY_CREDENTIAL")
            if not settings.certificate:
                raise missing(call, "Daraja's certificate", VARIABLES["certificate"])
            self._credential = credential.security_credential(
                settings.initiator_password, credential.read_certificate(settings.certificate)
            )
        return self._credential

    def setting(self, call: str, name: str, given: str | None = None, argument: str = "") -> str:
        """What the caller gave, or else the setting.

        Raises:
            SettingsError: there is neither; it names the variable to set.
        """
        value: str = getattr(self.settings, name) if given is None else given
        if not value:
            or_give = f", or give {argument}=…" if argument else ""
            raise missing(call, name, f"{VARIABLES[name]}{or_give}")
        return value

    def redactor(self, *more: Secret) -> Redactor:
        return Redactor((*self.settings.secrets, *more))


def missing(call: str, what: str, remedy: str) -> SettingsError:
    return SettingsError(f"{call} needs {what.replace('_', ' ')}: set {remedy}")
