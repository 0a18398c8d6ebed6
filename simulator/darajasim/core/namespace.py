"""One world that shares nothing with any other but the way out."""

from __future__ import annotations

from typing import Any, TypeVar, cast

from darajasim.core.chance import Chance
from darajasim.core.clock import Clock
from darajasim.core.command import CommandBook
from darajasim.core.courier import Courier
from darajasim.core.directory import Listing
from darajasim.core.gateway import Gateway
from darajasim.core.identifiers import Identifiers
from darajasim.core.journal import Journal
from darajasim.core.ledger import Ledger
from darajasim.core.profile import Profile
from darajasim.core.pushes import PushBook
from darajasim.core.rule_book import RuleBook
from darajasim.core.timeline import Timeline
from darajasim.core.tokens import TokenBook
from darajasim.core.transactions import TransactionBook
from darajasim.core.world import World

T = TypeVar("T")


class Namespace:
    """World, ledger, journal, rules and timeline of one tenant.

    Args:
        tokens: where its access tokens are listed, so that requests find it.
        consumer_keys: the same for the apps that its world names.
    """

    def __init__(
        self,
        name: str,
        *,
        clock: Clock,
        courier: Courier,
        seed: int | str,
        profile: Profile,
        tokens: Listing,
        consumer_keys: Listing,
    ) -> None:
        self.name = name
        self.clock = clock
        self.courier = courier
        self.profile = profile
        self.chance = Chance(seed).fork(name)
        self.ids = Identifiers(self.chance.fork("identifiers"), profile)
        self.journal = Journal()
        self.ledger = Ledger()
        self.world = World(self.ledger, self.chance.seed, consumer_keys)
        self.rules = RuleBook(chance=self.chance.fork("rules"), now=clock.time)
        self.timeline = Timeline(clock)
        self.tokens = TokenBook(tokens)
        self.gateway = Gateway()
        self.pushes = PushBook()
        self.commands = CommandBook()
        self.transactions = TransactionBook()
        self._books: dict[type[Any], Any] = {}
        self._listings = (tokens, consumer_keys)

    def book(self, kind: type[T]) -> T:
        """What one product keeps in this namespace: its own class, made on first use.

        Registered URLs, invoices, standing orders: a product's state is nobody else's business.
        """
        found = self._books.get(kind)
        if found is None:
            found = self._books[kind] = kind()
        return cast("T", found)

    def withdraw(self) -> None:
        """Let no request find this namespace any more."""
        for listing in self._listings:
            listing.clear()

    async def close(self) -> None:
        """Forget everything that is still due."""
        await self.timeline.close()
