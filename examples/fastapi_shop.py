"""A shop in FastAPI with the merchant application mounted in it.

    set -a; . ./.env; set +a        # the settings of .env.example
    uvicorn examples.fastapi_shop:shop

`POST /api/pochi/stk-push` asks a customer for money; `GET /orders/{reference}` is the shop's own.
"""

from fastapi import FastAPI

from mpesa_pochi import MpesaPochi, Settings
from mpesa_pochi.merchant import Database, create_app
from mpesa_pochi.merchant.mounting import lifespan

pochi = create_app(
    MpesaPochi(Settings.from_env()),
    Database(),  # pochi.sqlite3 in the present folder
    require_callback_token=True,  # every push sends a token of its own
)

# Only the outermost lifespan is run by the server, so it runs the merchant's too. A lifespan of the
# shop's own goes in as `lifespan(pochi, own)`.
shop = FastAPI(lifespan=lifespan(pochi))


@shop.get("/orders/{reference}")
async def order(reference: str) -> dict[str, str]:
    return {"reference": reference}


# After the shop's own routes: what is not theirs is looked for in the merchant.
shop.mount("/", pochi)
