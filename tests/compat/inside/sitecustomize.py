"""Loaded by the interpreter of a driven SDK at start: Safaricom's hosts are the simulator here.

Only this process sees it, and the SDK is not touched: names are resolved, and connections made,
below it. Any other host that is not this machine cannot be found, so that nothing leaves loopback.
"""

import os
import socket

DARAJA = ("sandbox.safaricom.co.ke", "api.safaricom.co.ke")
HERE = ("localhost", "127.0.0.1", "::1")
THERE = ("127.0.0.1", 443)
SIMULATOR = ("127.0.0.1", int(os.environ["COMPAT_PORT"]))

_resolve = socket.getaddrinfo
_connect = socket.socket.connect
_connect_ex = socket.socket.connect_ex


def getaddrinfo(host, *args, **options):
    """As socket's, with this machine for Safaricom's."""
    name = host.decode() if isinstance(host, bytes) else host
    if name in DARAJA:
        return _resolve("127.0.0.1", *args, **options)
    if name is not None and name not in HERE:
        raise socket.gaierror(socket.EAI_NONAME, f"{name} is not this machine")
    return _resolve(host, *args, **options)


def connect(self, address):
    """As socket's, with the simulator's port for that of HTTPS."""
    return _connect(self, SIMULATOR if address == THERE else address)


def connect_ex(self, address):
    """As socket's, with the simulator's port for that of HTTPS."""
    return _connect_ex(self, SIMULATOR if address == THERE else address)


socket.getaddrinfo = getaddrinfo
socket.socket.connect = connect
socket.socket.connect_ex = connect_ex
