"""Hypothesis strategies for payment integrations; docs/strategies.md shows each of them.

Names are imported when they are first used, so that this package costs nothing and needs no
Hypothesis until then.
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from darajasim.strategies.amount import amounts
    from darajasim.strategies.callback import Callback, Claim
    from darajasim.strategies.confirmation import confirmations
    from darajasim.strategies.forgery import ForgedCallback, forged_callbacks
    from darajasim.strategies.history import History, HistoryPush
    from darajasim.strategies.mutation import MutatedCallback, mutated_callbacks
    from darajasim.strategies.operation_requests import requests
    from darajasim.strategies.payment_history import payment_histories
    from darajasim.strategies.phone import WrittenPhone, msisdns, phone_numbers, written_phones
    from darajasim.strategies.reference import references
    from darajasim.strategies.request import DarajaRequest
    from darajasim.strategies.result import results
    from darajasim.strategies.scenario_text import as_scenario, play
    from darajasim.strategies.stk_callback import stk_callbacks

__all__ = [
    "Callback",
    "Claim",
    "DarajaRequest",
    "ForgedCallback",
    "History",
    "HistoryPush",
    "MutatedCallback",
    "WrittenPhone",
    "amounts",
    "as_scenario",
    "confirmations",
    "forged_callbacks",
    "msisdns",
    "mutated_callbacks",
    "payment_histories",
    "phone_numbers",
    "play",
    "references",
    "requests",
    "results",
    "stk_callbacks",
    "written_phones",
]

_HOME = {
    "Callback": "callback",
    "Claim": "callback",
    "DarajaRequest": "request",
    "ForgedCallback": "forgery",
    "History": "history",
    "HistoryPush": "history",
    "MutatedCallback": "mutation",
    "WrittenPhone": "phone",
    "amounts": "amount",
    "as_scenario": "scenario_text",
    "confirmations": "confirmation",
    "forged_callbacks": "forgery",
    "msisdns": "phone",
    "mutated_callbacks": "mutation",
    "payment_histories": "payment_history",
    "phone_numbers": "phone",
    "play": "scenario_text",
    "references": "reference",
    "requests": "operation_requests",
    "results": "result",
    "stk_callbacks": "stk_callback",
    "written_phones": "phone",
}
"""The module of each name; none is called as a name is, for it would take its place here."""


def __getattr__(name: str) -> object:
    """Import a name of `__all__`.

    Raises:
        ModuleNotFoundError: Hypothesis is not installed.
    """
    if name not in __all__:
        raise AttributeError(f"module 'darajasim.strategies' has no attribute {name!r}")
    try:
        module = import_module(f"darajasim.strategies.{_HOME[name]}")
    except ModuleNotFoundError as error:
        if error.name != "hypothesis":
            raise
        raise ModuleNotFoundError(
            f"darajasim.strategies.{name} needs Hypothesis, which is not installed: "
            "pip install 'darajasim[strategies]'",
            name="hypothesis",
        ) from None
    value: object = getattr(module, name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return __all__
