"""Nothing by plain http in production: an order or a token could be read on the way.

Behind a proxy that ends TLS the application sees http; it learns from a trusted proxy
(`mpesa_pochi.merchant.sources`) how the sender came.
"""

from http import HTTPStatus

from starlette.datastructures import MutableHeaders
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from mpesa_pochi.merchant import answers

STRICT = "max-age=31536000"
"""For a year, browsers that have been here by https come by nothing else."""
_SENTENCE = "expected a request by https, found one by http"
_MEND = (
    "Ask by https. If a proxy ends TLS in front of this application, let it send X-Forwarded-Proto,"
    " and name its address in trusted_proxies (MPESA_POCHI_TRUSTED_PROXIES)."
)


class HttpsOnly:
    """ASGI middleware that refuses what came by plain http, load balancers' questions excepted.

    Args:
        app: what answers.
        required: whether it does anything at all.
        health: the path that is answered by http too.
    """

    def __init__(self, app: ASGIApp, *, required: bool, health: str) -> None:
        self.app = app
        self._required = required
        self._health = health

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or not self._required:
            await self.app(scope, receive, send)
        elif scope["scheme"] == "https":
            await self.app(scope, receive, _strictly(send))
        elif _path(scope) == self._health:
            await self.app(scope, receive, send)
        else:
            refused = answers.Refused(HTTPStatus.FORBIDDEN, _SENTENCE, [("scheme", _MEND)])
            answer = await answers.refused(Request(scope), refused)
            await answer(scope, receive, send)


def _path(scope: Scope) -> str:
    return str(scope["path"]).removeprefix(scope.get("root_path", ""))


def _strictly(send: Send) -> Send:
    async def sent(message: Message) -> None:
        if message["type"] == "http.response.start":
            MutableHeaders(scope=message)["Strict-Transport-Security"] = STRICT
        await send(message)

    return sent
