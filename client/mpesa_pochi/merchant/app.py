"""The application, put together."""

import asyncio
import secrets
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from datetime import datetime
from typing import Any

from starlette.applications import Starlette

from mpesa_pochi import clock
from mpesa_pochi.client import MpesaPochi
from mpesa_pochi.merchant import answers, interface, pages, references
from mpesa_pochi.merchant.admin import Admin, Allows
from mpesa_pochi.merchant.database import Database
from mpesa_pochi.merchant.gate import Gate
from mpesa_pochi.merchant.guards import Guards
from mpesa_pochi.merchant.hooks import Hooks, Postman
from mpesa_pochi.merchant.limits import Limits
from mpesa_pochi.merchant.payments import Payments
from mpesa_pochi.merchant.payouts import Payouts
from mpesa_pochi.merchant.reach import Reach
from mpesa_pochi.merchant.reconciler import Reconciler
from mpesa_pochi.merchant.schedule import Schedule
from mpesa_pochi.merchant.worker import LOOK_EVERY, Worker
from mpesa_pochi.secret import Secret

_NO_HOOKS = Hooks()
_USUAL = Schedule()
_USUAL_LIMITS = Limits()


def create_app(
    client: MpesaPochi,
    database: Database,
    *,
    now: Callable[[], datetime] = clock.now,
    new_token: Callable[[], str] = secrets.token_urlsafe,
    new_reference: Callable[[], str] = references.new_reference,
    callback_token: Secret | str | None = None,
    require_callback_token: bool = False,
    allowed_sources: Sequence[str] | None = None,
    admin_token: Secret | str | None = None,
    admin_allows: Allows | None = None,
    trusted_proxies: Sequence[str] = (),
    require_https: bool | None = None,
    limits: Limits | None = _USUAL_LIMITS,
    hooks: Hooks = _NO_HOOKS,
    confirm_above: int | None = None,
    reconcile: Schedule | None = _USUAL,
    prefix: str = "/api/pochi",
) -> Starlette:
    """The merchant application. `app.state.payments` and `app.state.payouts` are its services, and
    `app.state.worker` is what works in the background while the application runs.

    Args:
        client: the line to Daraja. The caller closes it.
        database: where payments are kept. Its connections are closed when the application stops.
        now: the wall clock; gives aware datetimes.
        new_token: gives the unguessable end of the address that one payment's callback, or one
            result, comes to.
        new_reference: gives the reference of a payment that is given none.
        callback_token: another token that any callback may bring, for senders that cannot know a
            payment's own. With one, `/callback` without a token is closed.
        require_callback_token: closes `/callback` without a token.
        allowed_sources: addresses and networks that callbacks may come from
            (`mpesa_pochi.callback.SAFARICOM_SOURCES`); None means any. The address is the peer's,
            so behind a proxy name that in `trusted_proxies`.
        admin_token: who brings it (`Authorization: Bearer`) may see the payments.
        admin_allows: decides that from the request instead; it may be async.
        trusted_proxies: addresses and networks of the proxies in front of the application. What
            they tell of the sender's address and scheme is believed (`merchant.sources`).
        require_https: whether what comes by plain http is refused; None: in production.
        limits: how often what may be asked; None: as often as anybody likes.
        hooks: what to call when a payment has ended.
        confirm_above: whole shillings. A callback that says that more was paid is believed when
            a query says so too, which the background work asks at once; None believes it.
        reconcile: when payments and payouts that nobody has settled are asked about; None: never,
            not even those that `confirm_above` doubts.
        prefix: the path before `/stk-push` and the others.

    Raises:
        ValueError: a token, source, proxy, limit, amount or prefix that cannot work.

    Mounted under another application, the other's lifespan runs and not this one's:
    `mpesa_pochi.merchant.mounting` joins them. Without it the tables are created at first use, and
    nothing is done in the background: callbacks that a crash left unjudged stay so until
    `app.state.worker.recover()`, hooks and questions wait for `app.state.worker.work()`.
    """
    if prefix and (not prefix.startswith("/") or prefix.endswith("/")):
        raise ValueError(f"expected a prefix such as /api/pochi, or '', found {prefix!r}")
    gate = Gate.configured(
        callback_token=callback_token,
        allowed_sources=allowed_sources,
        require_callback_token=require_callback_token,
        confirm_above=confirm_above,
    )
    admin = Admin.configured(token=admin_token, allows=admin_allows)
    guards = Guards.configured(
        client.settings,
        trusted_proxies=trusted_proxies,
        require_https=require_https,
        limits=limits,
        tokens=(callback_token, admin_token),
        now=now,
    )
    payments = Payments(
        client,
        database,
        gate=gate,
        now=now,
        new_token=new_token,
        new_reference=new_reference,
        schedule=reconcile or _USUAL,
    )
    payouts = Payouts(payments, now=now, new_token=new_token)
    worker = Worker(
        payments,
        payouts,
        reconciler=None if reconcile is None else Reconciler(payments, payouts, now=now),
        postman=Postman(database, hooks, now=now, redact=guards.redact),
        now=now,
        look_every=None if database.inline else LOOK_EVERY,
    )
    payments.wake = worker.wake

    reach = Reach(client, now=now)
    things = {"payments": payments, "payouts": payouts, "admin": admin, "reach": reach}
    return _assembled(prefix, guards, database, worker, things)


def _assembled(
    prefix: str, guards: Guards, database: Database, worker: Worker, things: dict[str, Any]
) -> Starlette:
    app = Starlette(
        routes=[
            *interface.routes(prefix),
            *pages.routes(prefix),
        ],
        exception_handlers=answers.HANDLERS,
        middleware=guards.middleware(prefix),
        lifespan=lambda _: _running(database, worker),
    )
    things |= {"worker": worker, "guards": guards, "limiter": guards.limiter}
    for name, thing in things.items():
        setattr(app.state, name, thing)
    app.state.prefix, app.state.endpoints = prefix, interface.listed(prefix)
    return app


@asynccontextmanager
async def _running(database: Database, worker: Worker) -> AsyncIterator[None]:
    """What is done before the first request, while there are any, and after the last."""
    await database.create_tables()
    await worker.recover()
    work = asyncio.create_task(worker.run())
    try:
        yield
    finally:
        work.cancel()
        with suppress(asyncio.CancelledError):
            await work
        await database.dispose()
