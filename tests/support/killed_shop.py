"""A merchant process made to be killed: `python killed_shop.py DATABASE PORT DARAJA TOLD`.

For each line on its standard input it forks a child that serves; so a child is there at once, and
is killed alone. Each hook appends a line to the file TOLD: `success 7`.
"""

import asyncio
import os
import socket
import sys
from datetime import timedelta

import uvicorn

from darajasim.core.organisation import SANDBOX_PASSKEY
from mpesa_pochi import MpesaPochi, Secret, Settings
from mpesa_pochi.merchant import Database, Hooks, Schedule, create_app, outbox

outbox.LEASE = timedelta(seconds=2)
"""What a killed process had in hand is told again so soon, for these hooks take no time."""
SCHEDULE = Schedule(first=timedelta(seconds=1), longest=timedelta(seconds=2))


def hook(event, told):
    async def tell(payment):
        os.write(told, f"{event} {payment.payment_id}\n".encode())

    return tell


async def serve(database, port, daraja, told):
    settings = Settings(
        shortcode="174379",
        passkey=Secret(SANDBOX_PASSKEY),
        consumer_key=Secret("any"),
        consumer_secret=Secret("any"),
        callback_url=f"http://127.0.0.1:{port}/api/pochi/callback",
        base_url=daraja,
    )
    hooks = Hooks(on_success=hook("success", told), on_failure=hook("failed", told))
    async with MpesaPochi(settings) as client:
        app = create_app(
            client,
            Database(database),
            require_callback_token=True,
            hooks=hooks,
            reconcile=SCHEDULE,
            limits=None,
        )
        listener = socket.create_server(("127.0.0.1", int(port)), backlog=256)
        server = uvicorn.Server(uvicorn.Config(app, access_log=False, log_level="error"))
        os.write(sys.stdout.fileno(), b"up\n")
        await server.serve(sockets=[listener])


def main(database, port, daraja, path):
    told = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
    for _ in sys.stdin:
        child = os.fork()
        if child == 0:
            asyncio.run(serve(database, port, daraja, told))
            os._exit(0)
        os.write(sys.stdout.fileno(), f"{child}\n".encode())
        os.waitpid(child, 0)


if __name__ == "__main__":
    main(*sys.argv[1:])
