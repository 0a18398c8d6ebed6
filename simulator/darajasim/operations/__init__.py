"""Daraja's products, one module each. A module that defines OPERATIONS is found by itself."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Mapping
from functools import lru_cache
from types import MappingProxyType
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from darajasim.core.namespace import Namespace
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
def operations() -> Mapping[str, Operation]:
    """Every operation by path."""
    found: dict[str, Operation] = {}
    for module in pkgutil.iter_modules(__path__):
        loaded = importlib.import_module(f"{__name__}.{module.name}")
        for operation in getattr(loaded, "OPERATIONS", ()):
            found[operation.path] = operation
    return MappingProxyType(found)
