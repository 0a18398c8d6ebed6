"""One world that shares nothing with any other but the clock and the way out."""

from __future__ import annotations

from dataclasses import dataclass

from darajasim.core.chance import Chance
from darajasim.core.clock import Clock
from darajasim.core.courier import Courier
from darajasim.core.directory import Listing
from darajasim.core.identifiers import Identifiers
from darajasim.core.journal import Journal
from darajasim.core.ledger import Ledger
from darajasim.core.profile import Profile
from darajasim.core.pushes import PushBook
from darajasim.core.rules import RuleBook
from darajasim.core.timeline import Timeline
from darajasim.core.tokens import TokenBook
from darajasim.core.world import World

WAF_BLOCK_SECONDS = 60.0
"""How long the firewall stays shut after a burst ("a while", seen: PROBE; 60 is a guess)."""


@dataclass(slots=True)
class Firewall:
    """Counts requests by the second; a burst shuts the door for a minute."""

    second: int = 0
    count: int = 0
    shut_until: float = 0.0

    def blocks(self, now: float, burst: int) -> bool:
        """Whether this request is turned away. `burst` of 0 never blocks."""
        if not burst:
            return False
        if now < self.shut_until:
            return True
        if int(now) != self.second:
            self.second, self.count = int(now), 0
        self.count += 1
        if self.count > burst:
            self.shut_until = now + WAF_BLOCK_SECONDS
            return True
        return False


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
        self.rules = RuleBook()
        self.timeline = Timeline(clock)
        self.tokens = TokenBook(tokens)
        self.firewall = Firewall()
        self.pushes = PushBook()
        self._listings = (tokens, consumer_keys)

    def withdraw(self) -> None:
        """Let no request find this namespace any more."""
        for listing in self._listings:
            listing.clear()

    async def close(self) -> None:
        """Forget everything that is still due."""
        await self.timeline.close()
