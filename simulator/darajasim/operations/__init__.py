"""Daraja's products, one module each.

A module that defines OPERATIONS is found by itself. One that defines ON_CUSTOMER_PAYMENT, a
function of namespace and transaction, hears of every payment that a customer made to an
organisation.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable, Iterator, Mapping
from functools import lru_cache
from types import MappingProxyType, ModuleType
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from darajasim.core.namespace import Namespace
    from darajasim.core.transactions import Transaction
    from darajasim.operations.call import Answer, Call


class Operation(Protocol):
    """One path of the Daraja face."""

    @property
    def name(self) -> str:
        """The name that scenarios use: `stk_push`."""

    @property
    def path(self) -> str: ...

    @property
    def method(self) -> str: ...

    @property
    def method_refusal(self) -> str:
        """Catalogue key of the answer to any other method."""

    def respond(self, namespace: Namespace, call: Call) -> Answer: ...


@lru_cache(maxsize=1)
def named() -> Mapping[str, tuple[Operation, ...]]:
    """Every operation by name; versions of one share theirs, the newest path last."""
    found: dict[str, tuple[Operation, ...]] = {}
    for operation in operations().values():
        found[operation.name] = (*found.get(operation.name, ()), operation)
    return MappingProxyType(found)


@lru_cache(maxsize=1)
def operations() -> Mapping[str, Operation]:
    """Every operation by path."""
    found: dict[str, Operation] = {}
    for module in _modules():
        for operation in getattr(module, "OPERATIONS", ()):
            found[operation.path] = operation
    return MappingProxyType(found)


@lru_cache(maxsize=1)
def payment_observers() -> tuple[Callable[[Namespace, Transaction], None], ...]:
    """What hears of customers' payments, in the order of the modules' names."""
    wanted = (getattr(module, "ON_CUSTOMER_PAYMENT", None) for module in _modules())
    return tuple(observer for observer in wanted if observer is not None)


def _modules() -> Iterator[ModuleType]:
    for module in pkgutil.iter_modules(__path__):
        yield importlib.import_module(f"{__name__}.{module.name}")
