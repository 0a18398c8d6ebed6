"""The application, put together."""

import secrets
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from datetime import datetime

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.routing import Route

from mpesa_pochi import clock
from mpesa_pochi.client import MpesaPochi
from mpesa_pochi.merchant import answers, bookkeeping, endpoints, pages
from mpesa_pochi.merchant.admin import Admin, Allows
from mpesa_pochi.merchant.database import Database
from mpesa_pochi.merchant.gate import Gate
from mpesa_pochi.merchant.payments import Payments
from mpesa_pochi.merchant.spoken import LanguageOfRequest
from mpesa_pochi.secret import Secret


def create_app(
    client: MpesaPochi,
    database: Database,
    *,
    now: Callable[[], datetime] = clock.now,
    new_token: Callable[[], str] = secrets.token_urlsafe,
    callback_token: Secret | str | None = None,
    require_callback_token: bool = False,
    allowed_sources: Sequence[str] | None = None,
    admin_token: Secret | str | None = None,
    admin_allows: Allows | None = None,
    prefix: str = "/api/pochi",
) -> Starlette:
    """The merchant application. `app.state.payments` is its service.

    Args:
        client: the line to Daraja. The caller closes it.
        database: where payments are kept. Its connections are closed when the application stops.
        now: the wall clock; gives aware datetimes.
        new_token: gives the unguessable end of one payment's callback address.
        callback_token: another token that any callback may bring, for senders that cannot know a
            payment's own. With one, `/callback` without a token is closed.
        require_callback_token: closes `/callback` without a token.
        allowed_sources: addresses and networks that callbacks may come from
            (`mpesa_pochi.callback.SAFARICOM_SOURCES`); None means any. The address is the peer's,
            so behind a proxy let the server take it from the proxy (`uvicorn --proxy-headers`).
        admin_token: who brings it (`Authorization: Bearer`) may see the payments.
        admin_allows: decides that from the request instead; it may be async.
        prefix: the path before `/stk-push` and the others.

    Raises:
        ValueError: a token, source or prefix that cannot work.

    Mounted under another application, the other's lifespan runs and not this one's:
    `mpesa_pochi.merchant.mounting` joins them. Without it the tables are created at first use, and
    callbacks that a crash left unjudged stay so until `app.state.payments.judge_stored()`.
    """
    if prefix and (not prefix.startswith("/") or prefix.endswith("/")):
        raise ValueError(f"expected a prefix such as /api/pochi, or '', found {prefix!r}")
    gate = Gate.configured(
        callback_token=callback_token,
        allowed_sources=allowed_sources,
        require_callback_token=require_callback_token,
    )
    admin = Admin.configured(token=admin_token, allows=admin_allows)
    payments = Payments(client, database, gate=gate, now=now, new_token=new_token)

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        await database.create_tables()
        await payments.judge_stored()
        try:
            yield
        finally:
            await database.dispose()

    app = Starlette(
        routes=[
            Route(f"{prefix}/stk-push", endpoints.stk_push, methods=["POST"]),
            Route(f"{prefix}/query-stk", endpoints.query_stk, methods=["POST"]),
            Route(f"{prefix}/callback", endpoints.callback, methods=["POST"]),
            Route(f"{prefix}/callback/{{token:path}}", endpoints.callback, methods=["POST"]),
            Route(f"{prefix}/info", endpoints.info, methods=["GET"]),
            Route(f"{prefix}/test", endpoints.test, methods=["GET"]),
            Route(f"{prefix}/health", bookkeeping.health, methods=["GET"]),
            Route(f"{prefix}/payments", bookkeeping.payments, methods=["GET"]),
            Route(f"{prefix}/payments/{{payment_id:int}}", bookkeeping.payment, methods=["GET"]),
            *pages.routes(prefix),
        ],
        exception_handlers={
            answers.Refused: answers.refused,
            HTTPException: answers.no_such_thing,
            Exception: answers.broken,
        },
        middleware=[Middleware(LanguageOfRequest)],
        lifespan=lifespan,
    )
    app.state.payments = payments
    app.state.admin = admin
    app.state.prefix = prefix
    return app
