"""Any ASGI application with the merchant application in front of it.

    set -a; . ./.env; set +a        # the settings of .env.example
    uvicorn examples.asgi_shop:shop

Django, Quart, Litestar or, as here, a plain callable: what lies under /api/pochi is the merchant's,
everything else the application's.
"""

from typing import Any

from mpesa_pochi import MpesaPochi, Settings
from mpesa_pochi.merchant import Database, create_app
from mpesa_pochi.merchant.mounting import Mounted


async def application(scope: Any, _receive: Any, send: Any) -> None:
    if scope["type"] != "http":
        return
    head = [(b"content-type", b"text/plain")]
    await send({"type": "http.response.start", "status": 200, "headers": head})
    await send({"type": "http.response.body", "body": b"Karibu!"})


pochi = create_app(MpesaPochi(Settings.from_env()), Database(), require_callback_token=True)
shop = Mounted(application, pochi)
