"""The merchant application inside another: its addresses, and its start and end.

A framework runs only the lifespan of the outermost application. The merchant's own makes the
tables, judges callbacks that a crash left unjudged, and closes the database, so somebody has to
run it:

    pochi = create_app(client, Database())
    shop = Starlette(routes=[…, Mount("/", pochi)], lifespan=lifespan(pochi))
    shop = FastAPI(lifespan=lifespan(pochi)); shop.mount("/", pochi)
    shop = Mounted(any_asgi_application, pochi)
"""

import traceback
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from typing import Any

from starlette.applications import Starlette
from starlette.types import ASGIApp, Message, Receive, Scope, Send

State = Mapping[str, Any] | None
Lifespan = Callable[[Any], AbstractAsyncContextManager[State]]


@asynccontextmanager
async def running(merchant: Starlette) -> AsyncIterator[None]:
    """Starts the merchant application, and ends it. For lifespans that do other things too."""
    async with merchant.router.lifespan_context(merchant):
        yield


def lifespan(merchant: Starlette, own: Lifespan | None = None) -> Lifespan:
    """A lifespan for the Starlette or FastAPI application that `merchant` is mounted in.

    Args:
        own: the application's own lifespan, if it has one. It begins after the merchant's and ends
            before it; what it yields is handed on.
    """

    @asynccontextmanager
    async def both(application: Any) -> AsyncIterator[State]:
        async with running(merchant):
            if own is None:
                yield None
            else:
                async with own(application) as state:
                    yield state

    return both


class Mounted:
    """Any ASGI application, with the merchant's addresses in front of it.

    What lies under the merchant's prefix goes to the merchant, everything else to `application`,
    whether that knows lifespans or not.

    Raises:
        ValueError: the merchant has no prefix, so that nothing would be left.
    """

    def __init__(self, application: ASGIApp, merchant: Starlette) -> None:
        self._application, self._merchant = application, merchant
        self._prefix: str = merchant.state.prefix
        if not self._prefix:
            raise ValueError("expected a merchant application with a prefix, found one without")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._live(scope, receive, send)
        elif scope["type"] == "http" and self._is_merchants(scope):
            await self._merchant(scope, receive, send)
        else:
            await self._application(scope, receive, send)

    def _is_merchants(self, scope: Scope) -> bool:
        path = str(scope["path"]).removeprefix(scope.get("root_path", ""))
        return path == self._prefix or path.startswith(f"{self._prefix}/")

    async def _live(self, scope: Scope, receive: Receive, send: Send) -> None:
        asked = await receive()  # lifespan.startup
        last: Message = {"type": "lifespan.shutdown.complete"}
        async with AsyncExitStack() as stack:
            try:
                await stack.enter_async_context(running(self._merchant))
            except BaseException:
                # An exception alone would say that lifespans are not known here.
                failed = {"type": "lifespan.startup.failed", "message": traceback.format_exc()}
                await send(failed)
                raise
            last = await _inner(self._application, scope, asked, receive, send) or last
        await send(last)


async def _inner(
    application: ASGIApp, scope: Scope, asked: Message, receive: Receive, send: Send
) -> Message | None:
    """Runs the application's own lifespan; its last message, which waits until the merchant has
    ended. An application that knows no lifespans raises, or returns without a word.
    """
    first: list[Message] = [asked]
    said: list[Message] = []

    async def replayed() -> Message:
        return first.pop() if first else await receive()

    async def heard(message: Message) -> None:
        said.append(message)
        if message["type"].startswith("lifespan.startup"):
            await send(message)

    try:
        await application(scope, replayed, heard)
    except Exception:
        if said:
            raise
    if not said:
        await send({"type": "lifespan.startup.complete"})
        await receive()  # lifespan.shutdown
    return said[-1] if said and said[-1]["type"].startswith("lifespan.shutdown") else None
