"""The yardstick: an ASGI callable that does nothing, on the settings of `darajasim serve`.

It answers a fixed acknowledgement without routing, without reading the body, without a check.
"""

from __future__ import annotations

import asyncio
import gc
import socket
from typing import Any

import uvloop

from darajasim.http.server import AnnouncingServer, server_config

BODY = (
    b'{"MerchantRequestID":"9b2d-4c1e-8f6a-0123456789ab123456",'
    b'"CheckoutRequestID":"ws_CO_111020261405097722000000","ResponseCode":"0",'
    b'"ResponseDescription":"Success. Request accepted for processing",'
    b'"CustomerMessage":"Success. Request accepted for processing"}'
)
HEADERS = [(b"content-length", str(len(BODY)).encode()), (b"content-type", b"application/json")]


async def answer(_scope: Any, _receive: Any, send: Any) -> None:
    """The same answer to everything."""
    await send({"type": "http.response.start", "status": 200, "headers": HEADERS})
    await send({"type": "http.response.body", "body": BODY})


def main() -> None:
    """Serve on a free port and print its URL, until a signal."""
    listener = socket.socket()
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind(("127.0.0.1", 0))
    listener.listen(2048)
    listener.setblocking(False)

    def announce() -> None:
        print(f"http://127.0.0.1:{listener.getsockname()[1]}", flush=True)
        gc.freeze()

    server = AnnouncingServer(server_config(answer), announce)
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(server.serve(sockets=[listener]))


if __name__ == "__main__":
    main()
