"""Who may see the books: who has the token, or whom the host application lets in."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from hashlib import sha256
from hmac import compare_digest
from http import HTTPStatus
from inspect import isawaitable

from starlette.requests import Request

from mpesa_pochi.merchant.answers import Refused
from mpesa_pochi.merchant.limits import Limiter
from mpesa_pochi.merchant.sources import source_of
from mpesa_pochi.secret import Secret

Allows = Callable[[Request], bool | Awaitable[bool]]
SHORTEST_TOKEN = 16
"""Characters; `python -c "import secrets; print(secrets.token_urlsafe())"` makes one of 43."""
_CHALLENGE = {"WWW-Authenticate": "Bearer"}


@dataclass(frozen=True, slots=True)
class Admin:
    """What a request to the books must bring.

    Attributes:
        digest: SHA-256 of the token; None when there is none.
        allows: asked in place of the token; None when there is no such thing.
    """

    digest: bytes | None = None
    allows: Allows | None = None

    @classmethod
    def configured(cls, *, token: Secret | str | None, allows: Allows | None) -> "Admin":
        """The guard that the application's arguments describe.

        Raises:
            ValueError: both are given, or a token that could be guessed.
        """
        if token is not None and allows is not None:
            raise ValueError("expected admin_token or admin_allows, found both")
        if token is None:
            return cls(allows=allows)
        text = token.reveal() if isinstance(token, Secret) else token
        if len(text) < SHORTEST_TOKEN:
            raise ValueError(
                f"expected an admin_token of at least {SHORTEST_TOKEN} characters, found "
                f"{len(text)}; secrets.token_urlsafe() makes one"
            )
        return cls(digest=_digest(text))

    async def check(self, request: Request) -> None:
        """Let an admin pass.

        Raises:
            Refused: 503 when nobody is an admin, 401 without the token, 429 after too many wrong
                ones, 403 when the host application says no.
        """
        if self.allows is not None:
            answer = self.allows(request)
            if not (await answer if isawaitable(answer) else answer):
                raise Refused(HTTPStatus.FORBIDDEN, "this is for admins")
            return
        if self.digest is None:
            raise Refused(
                HTTPStatus.SERVICE_UNAVAILABLE,
                "nobody may see this yet: pass admin_token or admin_allows to create_app",
            )
        await self._check_token(request, self.digest)

    async def is_admin(self, request: Request) -> bool:
        """Whether an admin asks, at an address that others may ask too.

        Raises:
            Refused: 401 for a wrong token, 429 after too many.
        """
        if self.allows is not None:
            answer = self.allows(request)
            return bool(await answer if isawaitable(answer) else answer)
        if self.digest is None or "authorization" not in request.headers:
            return False
        await self._check_token(request, self.digest)
        return True

    async def _check_token(self, request: Request, digest: bytes) -> None:
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        brought = scheme.lower() == "bearer" and bool(token.strip())
        limiter: Limiter = request.app.state.limiter
        if brought:
            await limiter.guess(source_of(request), wrong=False)
        if not brought or not compare_digest(_digest(token.strip()), digest):
            if brought:
                await limiter.guess(source_of(request), wrong=True)
            raise Refused(
                HTTPStatus.UNAUTHORIZED,
                "expected `Authorization: Bearer` and the admin token",
                headers=_CHALLENGE,
            )


def _digest(token: str) -> bytes:
    return sha256(token.encode("utf-8", "surrogatepass")).digest()
