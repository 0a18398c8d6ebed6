"""The simulator: many namespaces, and how a request finds its own.

Their clocks began together; one may be sent ahead without the others.
"""

from __future__ import annotations

import asyncio
from datetime import datetime

from darajasim.core.clock import Clock
from darajasim.core.courier import Courier, NoCourier
from darajasim.core.directory import Directory
from darajasim.core.journal import Listener
from darajasim.core.namespace import Namespace
from darajasim.core.profile import Profile

DEFAULT_NAMESPACE = "default"
MAX_NAMESPACES = 10_000


class TooManyNamespacesError(Exception):
    """More namespaces were asked for than one simulator holds."""


class Simulator:
    """A fake Daraja without its sockets. Create it inside the loop that it will live on.

    Args:
        seed: everything drawn by chance follows from it.
        profile: how new namespaces behave.
        start: the simulated moment it begins (default: the real one).
        speed: simulated seconds per real second.
        courier: what carries callbacks out.
        listener: hears every event of every namespace.
    """

    def __init__(
        self,
        *,
        seed: int | str = 0,
        profile: Profile | None = None,
        start: datetime | None = None,
        speed: float = 1.0,
        courier: Courier | None = None,
        listener: Listener | None = None,
    ) -> None:
        self.seed = seed
        self.profile = profile or Profile()
        self.courier = courier or NoCourier()
        self._listener = listener
        self.clock = Clock(asyncio.get_running_loop(), start=start, speed=speed)
        self.namespaces: dict[str, Namespace] = {}
        self._tokens = Directory()
        self._consumer_keys = Directory()
        self.default = self.namespace(DEFAULT_NAMESPACE)

    def namespace(self, name: str) -> Namespace:
        """The namespace of this name, created on first use.

        Raises:
            TooManyNamespacesError: there are MAX_NAMESPACES already.
        """
        found = self.namespaces.get(name)
        if found is None:
            if len(self.namespaces) >= MAX_NAMESPACES:
                raise TooManyNamespacesError(f"expected at most {MAX_NAMESPACES} namespaces")
            found = Namespace(
                name,
                clock=self.clock.fork(),
                courier=self.courier,
                seed=self.seed,
                profile=self.profile,
                tokens=self._tokens.listing(name),
                consumer_keys=self._consumer_keys.listing(name),
            )
            if self._listener is not None:
                found.journal.listen(self._listener)
            self.namespaces[name] = found
        return found

    def locate(
        self, *, named: str | None, token: str | None, consumer_key: str | None
    ) -> Namespace:
        """The namespace that a request belongs to: the one it names, else the one that issued its
        token or knows its consumer key, else the default.
        """
        if named:
            return self.namespace(named)
        owner = None
        if token is not None:
            owner = self._tokens.find(token)
        if owner is None and consumer_key is not None:
            owner = self._consumer_keys.find(consumer_key)
        return self.default if owner is None else self.namespaces[owner]

    async def reset(self, name: str) -> None:
        """End a namespace; its next use starts afresh. Costs only what it holds."""
        found = self.namespaces.pop(name, None)
        if found is None:
            return
        found.withdraw()
        if name == DEFAULT_NAMESPACE:
            self.default = self.namespace(name)
        await found.close()

    async def settled(self) -> None:
        """Return when nothing is due in any namespace."""
        while busy := [each for each in self.namespaces.values() if each.timeline.due]:
            for namespace in busy:
                await namespace.timeline.idle()

    async def close(self) -> None:
        """End everything."""
        for namespace in tuple(self.namespaces.values()):
            await namespace.close()
