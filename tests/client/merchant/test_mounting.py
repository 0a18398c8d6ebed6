"""The merchant application inside others: whose addresses, and whose start and end."""

from contextlib import asynccontextmanager

import httpx
import pytest
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse
from starlette.routing import Mount, Route

from mpesa_pochi.merchant.mounting import Mounted, lifespan, running


class Noted:
    """A stand-in for a merchant application, or the application around it: notes its life."""

    def __init__(self, notes, name, *, prefix="/api/pochi", fails=False):
        self.notes, self.name, self.fails = notes, name, fails
        home = Route("/{path:path}", self.answer)
        self.app = Starlette(routes=[home], lifespan=self.live)
        self.app.state.prefix = prefix

    @asynccontextmanager
    async def live(self, _):
        if self.fails:
            raise RuntimeError("no database")
        self.notes.append(f"{self.name} begins")
        try:
            yield {"of": self.name}
        finally:
            self.notes.append(f"{self.name} ends")

    async def answer(self, request):
        return PlainTextResponse(self.name)


async def said_by(app, path, **options):
    transport = httpx.ASGITransport(app, **options)
    async with httpx.AsyncClient(transport=transport, base_url="http://shop.test") as browser:
        return (await browser.get(path)).text


async def lived(app):
    """The messages of one life, and what was raised."""
    coming = [{"type": "lifespan.shutdown"}, {"type": "lifespan.startup"}]
    said = []

    async def receive():
        return coming.pop()

    async def send(message):
        said.append(message["type"].removeprefix("lifespan."))

    scope = {"type": "lifespan", "asgi": {"version": "3.0"}, "state": {}}
    try:
        await app(scope, receive, send)
    except RuntimeError as error:
        return said, str(error)
    return said, None


@pytest.fixture
def notes():
    return []


@pytest.fixture
def anyio_backend():
    return "asyncio"


pytestmark = pytest.mark.anyio
BOTH = ["merchant begins", "shop begins", "shop ends", "merchant ends"]


async def test_the_merchant_is_started_before_the_application_and_ended_after_it(notes):
    merchant, shop = Noted(notes, "merchant"), Noted(notes, "shop")
    app = Starlette(
        routes=[Mount("/", merchant.app)], lifespan=lifespan(merchant.app, own=shop.live)
    )
    assert await lived(app) == (["startup.complete", "shutdown.complete"], None)
    assert notes == BOTH


async def test_what_the_applications_own_lifespan_yields_is_handed_on(notes):
    both = lifespan(Noted(notes, "merchant").app, own=Noted(notes, "shop").live)
    async with both(None) as state:
        assert state == {"of": "shop"}


async def test_a_lifespan_can_run_the_merchant_itself(notes):
    async with running(Noted(notes, "merchant").app):
        assert notes == ["merchant begins"]
    assert notes == ["merchant begins", "merchant ends"]


async def test_an_application_that_knows_lifespans_lives_inside_the_merchants(notes):
    app = Mounted(Noted(notes, "shop").app, Noted(notes, "merchant").app)
    assert await lived(app) == (["startup.complete", "shutdown.complete"], None)
    assert notes == BOTH


async def silent(scope, receive, send):
    return


async def refusing(scope, receive, send):
    assert scope["type"] == "http", "only http"


@pytest.mark.parametrize("application", [silent, refusing])
async def test_an_application_that_knows_no_lifespans_does_not_stop_the_merchants(
    notes, application
):
    app = Mounted(application, Noted(notes, "merchant").app)
    assert await lived(app) == (["startup.complete", "shutdown.complete"], None)
    assert notes == ["merchant begins", "merchant ends"]


async def test_a_merchant_that_cannot_start_stops_everything_with_the_reason(notes):
    app = Mounted(Noted(notes, "shop").app, Noted(notes, "merchant", fails=True).app)
    assert await lived(app) == (["startup.failed"], "no database")
    assert notes == []


async def test_an_application_that_cannot_start_ends_the_merchant(notes):
    app = Mounted(Noted(notes, "shop", fails=True).app, Noted(notes, "merchant").app)
    assert await lived(app) == (["startup.failed"], "no database")
    assert notes == ["merchant begins", "merchant ends"]


@pytest.mark.parametrize(
    ("path", "whose"),
    [
        ("/", "shop"), ("/api/pochi/info", "merchant"), ("/api/pochi", "merchant"),
        ("/api/pochi-too", "shop"), ("/else/api/pochi/info", "shop"),
    ],
)  # fmt: skip
async def test_only_what_lies_under_the_prefix_is_the_merchants(notes, path, whose):
    app = Mounted(Noted(notes, "shop").app, Noted(notes, "merchant").app)
    assert await said_by(app, path) == whose


async def test_a_root_path_is_not_part_of_it(notes):
    app = Mounted(Noted(notes, "shop").app, Noted(notes, "merchant").app)
    assert await said_by(app, "/shop/api/pochi/info", root_path="/shop") == "merchant"


def test_without_a_prefix_nothing_would_be_left_for_the_application(notes):
    with pytest.raises(ValueError, match="with a prefix"):
        Mounted(silent, Noted(notes, "merchant", prefix="").app)
