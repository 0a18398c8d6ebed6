"""For tests of applications that use Daraja: what the fixtures of the pytest plugin are made of.

What is listed in `__all__` is loaded when it is first used.
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from darajasim.harness.virtual_loop import VirtualLoop
    from darajasim.testing.daraja import Daraja
    from darajasim.testing.errors import DarajaTestError
    from darajasim.testing.expecting import Expect
    from darajasim.testing.parametrising import daraja_scenarios
    from darajasim.testing.remote import DarajaServer
    from darajasim.testing.seen import Callback, Ending, Payment

_HOMES = {
    "Callback": "darajasim.testing.seen",
    "Daraja": "darajasim.testing.daraja",
    "DarajaServer": "darajasim.testing.remote",
    "DarajaTestError": "darajasim.testing.errors",
    "Ending": "darajasim.testing.seen",
    "Expect": "darajasim.testing.expecting",
    "Payment": "darajasim.testing.seen",
    "VirtualLoop": "darajasim.harness.virtual_loop",
    "daraja_scenarios": "darajasim.testing.parametrising",
}

__all__ = [
    "Callback",
    "Daraja",
    "DarajaServer",
    "DarajaTestError",
    "Ending",
    "Expect",
    "Payment",
    "VirtualLoop",
    "daraja_scenarios",
]


def __getattr__(name: str) -> object:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_HOMES[name]), name)
