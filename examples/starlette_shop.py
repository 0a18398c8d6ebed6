"""A shop in Starlette with the merchant application mounted in it.

    set -a; . ./.env; set +a        # the settings of .env.example
    uvicorn examples.starlette_shop:shop

`POST /api/pochi/stk-push` asks a customer for money; `GET /` is the shop's own.
"""

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Mount, Route

from mpesa_pochi import MpesaPochi, Settings
from mpesa_pochi.merchant import Database, create_app
from mpesa_pochi.merchant.mounting import lifespan

pochi = create_app(
    MpesaPochi(Settings.from_env()),
    Database(),  # pochi.sqlite3 in the present folder
    require_callback_token=True,  # every push sends a token of its own
)


async def home(_request: Request) -> PlainTextResponse:
    return PlainTextResponse("Karibu!")


shop = Starlette(
    # The merchant comes last: what is not the shop's own is looked for there.
    routes=[Route("/", home), Mount("/", pochi)],
    # Only the outermost lifespan is run by the server, so it runs the merchant's too.
    lifespan=lifespan(pochi),
)
