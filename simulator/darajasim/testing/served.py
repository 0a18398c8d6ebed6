"""The process behind `daraja_server`: a simulator on a free port, which ends with its standard
input, so that no killed test run leaves one behind.
"""

from __future__ import annotations

import asyncio
import contextlib
import signal
import socket
import sys
from collections.abc import Callable

from darajasim.core.profile import Profile
from darajasim.http.server import Settings, run_server

ANNOUNCED = "darajasim is at "


class _Lifeline(asyncio.Protocol):
    """Ends the server when nobody holds the other end any more."""

    def connection_lost(self, exc: Exception | None) -> None:
        signal.raise_signal(signal.SIGINT)


async def serve() -> None:
    """Serve until standard input ends. Prints the base URL once requests are answered."""
    listener = socket.create_server(("127.0.0.1", 0), backlog=2048)
    listener.setblocking(False)
    port = listener.getsockname()[1]
    await asyncio.get_running_loop().connect_read_pipe(_Lifeline, sys.stdin)
    await run_server(
        listener,
        Settings(seed=0, profile=Profile()),
        lambda: print(f"{ANNOUNCED}http://127.0.0.1:{port}", flush=True),  # noqa: T201  # who started us reads it
    )


def main() -> None:
    """Serve; the end of standard input, or Ctrl-C, is the usual end."""
    try:
        import uvloop  # noqa: PLC0415  # not on Windows

        factory: Callable[[], asyncio.AbstractEventLoop] = uvloop.new_event_loop
    except ImportError:
        factory = asyncio.new_event_loop
    with contextlib.suppress(KeyboardInterrupt), asyncio.Runner(loop_factory=factory) as runner:
        runner.run(serve())


if __name__ == "__main__":
    main()
