"""The address that a payment's callback comes to, and who may use it.

Every payment has a token of its own in its callback's address, known to Daraja and nobody else. It
says that the callback is authentic, and which payment it speaks of even when the acknowledgement
was lost. Only digests of tokens are kept: who reads the database cannot forge a callback.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from hmac import compare_digest
from ipaddress import ip_network
from urllib.parse import quote, urlsplit, urlunsplit

from mpesa_pochi.callback import check_source
from mpesa_pochi.errors import CallbackRefused, RefusalReason
from mpesa_pochi.secret import Secret


def digest(token: str) -> str:
    """What is kept of a token."""
    return sha256(token.encode("utf-8", "surrogatepass")).hexdigest()


def address(base: str, token: str) -> str:
    """The callback address with a token: `…/callback` → `…/callback/<token>`."""
    parts = urlsplit(base)
    path = f"{parts.path.rstrip('/')}/{quote(token, safe='')}"
    return urlunsplit(parts._replace(path=path))


@dataclass(frozen=True, slots=True)
class Gate:
    """What a callback must bring besides its body.

    Attributes:
        sources: addresses and networks it may come from; None means any.
        shared_digest: of a token that callbacks of every payment may use; None when there is none.
        token_required: whether the address without a token is closed.
        confirm_above: whole shillings; a success of more is believed when a query says the same.
            None when callbacks alone are enough.
    """

    sources: tuple[str, ...] | None = None
    shared_digest: str | None = None
    token_required: bool = False
    confirm_above: int | None = None

    @classmethod
    def configured(
        cls,
        *,
        callback_token: Secret | str | None,
        allowed_sources: Sequence[str] | None,
        require_callback_token: bool,
        confirm_above: int | None = None,
    ) -> "Gate":
        """The gate that the application's arguments describe.

        Raises:
            ValueError: an empty token, a token that no address can carry, a source that is neither
                an address nor a network, or an amount below nothing.
        """
        token = callback_token.reveal() if isinstance(callback_token, Secret) else callback_token
        if token is not None and (not token.strip() or "/" in token):
            raise ValueError("callback_token must be unguessable text without '/', or None")
        sources = None if allowed_sources is None else tuple(allowed_sources)
        for source in sources or ():
            ip_network(source, strict=False)
        if confirm_above is not None and confirm_above < 0:
            raise ValueError(f"expected confirm_above in shillings, or None, found {confirm_above}")
        return cls(
            sources=sources,
            shared_digest=None if token is None else digest(token),
            token_required=require_callback_token or token is not None,
            confirm_above=confirm_above,
        )

    def must_confirm(self, amount: int) -> bool:
        """Whether a query must say too that `amount` shillings came."""
        return self.confirm_above is not None and amount > self.confirm_above

    def check(self, source: str | None, token_digest: str | None, *, is_payments: bool) -> None:
        """Whether a callback may come in.

        Args:
            source: the sender's address.
            token_digest: of the token in the address it came to; None without one.
            is_payments: whether that token is a payment's own.

        Raises:
            CallbackRefused: WRONG_SOURCE or WRONG_TOKEN.
        """
        if self.sources is not None:
            check_source(source, self.sources)
        if is_payments or (token_digest is None and not self.token_required):
            return
        shared = self.shared_digest
        if token_digest is None or shared is None or not compare_digest(token_digest, shared):
            raise CallbackRefused(
                "the address it came to has no token, or a wrong one",
                reason=RefusalReason.WRONG_TOKEN,
            )
