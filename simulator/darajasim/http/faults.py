"""Faults of the bytes of an answer: reset, silence, a connection closed without a word or in the
middle of one, bytes that are no HTTP.

The server's own transport is reached through uvicorn's private request cycle, here and nowhere
else; a transport in memory offers the same through the `darajasim.fault` extension of its scope.
"""

from __future__ import annotations

import socket
import struct

from starlette.types import Receive, Scope, Send

from darajasim.core.rules import Fault

EXTENSION = "darajasim.fault"
"""Scope extension: an async callable that takes the Fault."""
GARBAGE = b"\x15\x03\x01\x00\x02\x02\x46"
"""What is no HTTP: the alert with which a TLS server answers plain text."""


async def commit(fault: Fault, scope: Scope, receive: Receive, send: Send) -> None:
    """Do `fault` to the connection, and return when it is done or the caller is gone. Of an
    answer that is cut, the first part has been sent.
    """
    extension = (scope.get("extensions") or {}).get(EXTENSION)
    if extension is not None:
        await extension(fault)
        return
    last = GARBAGE if fault is Fault.GARBAGE else b""
    if fault is not Fault.HANG and hang_up(send, reset=fault is Fault.RESET, last=last):
        return
    while (await receive())["type"] != "http.disconnect":
        pass


def hang_up(send: Send, *, reset: bool, last: bytes = b"") -> bool:
    """End the connection without an answer, or the rest of one; False when it is not uvicorn's.

    The cycle is told as well: uvicorn tells only the last of several pipelined requests, and
    complains of an application that does not answer a caller who is there.
    """
    cycle = getattr(send, "__self__", None)
    transport = getattr(cycle, "transport", None)
    if cycle is None or transport is None:
        return False
    if reset:
        _linger_zero(transport.get_extra_info("socket"))
        transport.abort()
    else:
        if last:
            transport.write(last)
        transport.close()
    cycle.disconnected = True
    return True


def _linger_zero(connection: socket.socket | None) -> None:
    """Make the close a reset: RST instead of FIN."""
    if connection is not None:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
