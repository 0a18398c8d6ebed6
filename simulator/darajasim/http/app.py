"""Putting a simulator behind HTTP."""

from __future__ import annotations

from darajasim.core.simulator import Simulator
from darajasim.http.control import control_app
from darajasim.http.face import DarajaFace


def create_app(simulator: Simulator) -> DarajaFace:
    """The ASGI application of a simulator: Daraja, and `/_sim/` beside it."""
    return DarajaFace(simulator, control_app(simulator))
