"""The sockets and the loop of the commands that serve."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import Callable, Coroutine
from typing import Any

import click


def run_until_stopped(main: Callable[[], Coroutine[Any, Any, None]]) -> None:
    """Run a server to its end, which Ctrl-C brings."""
    try:
        import uvloop  # noqa: PLC0415

        factory: Callable[[], asyncio.AbstractEventLoop] = uvloop.new_event_loop
    except ImportError:  # Windows
        factory = asyncio.new_event_loop
    # Ctrl-C is how a server is stopped: uvicorn has closed everything and raises it once more.
    with contextlib.suppress(KeyboardInterrupt), asyncio.Runner(loop_factory=factory) as runner:
        runner.run(main())


def _no_address(host: str) -> click.BadParameter:
    return click.BadParameter(
        f"expected an address of this machine, found {host!r}", param_hint="--host"
    )


def listen(host: str, port: int) -> socket.socket:
    """A socket that listens; port 0 picks a free one.

    Raises:
        click.BadParameter: `host` is no address of this machine.
        click.UsageError: the port is taken.
    """
    if not host:
        raise _no_address(host)  # to a socket it would mean every address
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
    except (socket.gaierror, UnicodeError):
        listener.close()
        raise _no_address(host) from None
    except OSError as error:
        listener.close()
        raise click.UsageError(
            f"cannot listen on {host}:{port}: {error.strerror or error}. "
            "Another --port, or --port 0 for a free one?"
        ) from None
    listener.listen(2048)
    listener.setblocking(False)
    return listener
