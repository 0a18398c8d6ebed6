"""`Daraja`: a fake Daraja for one test, in the test's own process and in virtual time."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from darajasim.core import leap
from darajasim.core.customer import CustomerSpec
from darajasim.core.msisdn import normalise
from darajasim.core.namespace import Namespace
from darajasim.core.organisation import Purse
from darajasim.core.world import World, WorldOverlay
from darajasim.scenarios.laying import lay
from darajasim.scenarios.scenario import Scenario
from darajasim.testing import asking, texts
from darajasim.testing.errors import DarajaTestError
from darajasim.testing.expecting import Expect
from darajasim.testing.ground import (
    DARAJA_HOST,
    INBOX_HOST,
    AsyncTransport,
    Ground,
    SyncTransport,
)
from darajasim.testing.mounting import Application
from darajasim.testing.seen import (
    Callback,
    Ending,
    Numbered,
    Payment,
    callbacks_in,
    ending_in,
    ids_of,
)
from darajasim.testing.verdict import Allowed, complaints, timeline

if TYPE_CHECKING:
    from mpesa_pochi import MpesaPochi, MpesaPochiSync, Settings


class Daraja:
    """One fake Daraja. It is made when it is first used: inside an asynchronous test on the test's
    loop, else on a loop of its own in virtual time.

    Args:
        seed: ids, names and chances follow from it.
        folders: where scenario files are looked for.
        asynchronous: the test is a coroutine; nothing may be asked before its loop runs.
        allowed: what may be left behind at the end.

    Attributes:
        base_url: for applications; any other host leads to Daraja as well.
        callback_url: of an inbox that takes every callback.
        transport: for an `httpx.AsyncClient`; `sync_transport` for an `httpx.Client`.
        expect: assertions.
        scenario: the last scenario that was laid, or None.
    """

    base_url = f"http://{DARAJA_HOST}"
    callback_url = f"http://{INBOX_HOST}/callback"

    def __init__(
        self,
        *,
        seed: str = "daraja",
        folders: Sequence[Path] = (),
        asynchronous: bool = False,
        allowed: Allowed | None = None,
    ) -> None:
        self._seed = seed
        self._folders = tuple(folders)
        self._asynchronous = asynchronous
        self._ground: Ground | None = None
        self._before: list[Callable[[Ground], object]] = []
        self._names = itertools.count(1)
        self.allowed = allowed or Allowed()
        self.scenario: Scenario | None = None
        self.transport = AsyncTransport(self._stand)
        self.sync_transport = SyncTransport(self._stand)
        self.expect = Expect(self, self.allowed)

    # ------------------------------------------------------------------------------- the world

    @property
    def namespace(self) -> Namespace:
        """The simulator's own view: journal, ledger, rules, profile."""
        return self._stand().namespace

    @property
    def world(self) -> World:
        """Customers, organisations, apps, initiators."""
        return self.namespace.world

    def now(self) -> datetime:
        """What time it is there, in Nairobi."""
        return self.namespace.clock.now()

    def customer(self, phone: str | int, *, balance: float = 50_000, **more: Any) -> None:
        """Give a customer.

        Args:
            balance: in shillings.
            more: `name`, `pin`, `state`, `limits`, `pochi`, as `CustomerSpec` has them.
        """
        spec = CustomerSpec(normalise(str(phone)), balance_cents=round(balance * 100), **more)
        overlay = WorldOverlay(customers=(spec,))
        self._prepare(lambda ground: ground.namespace.world.lay(overlay))

    def balance(self, owner: str | int, purse: str = "") -> float:
        """What a customer or a shortcode has, in shillings.

        Args:
            purse: of an organisation: utility, working, merchant, charges; by default the one that
                customers pay into.
        """
        world, ledger = self.world, self.namespace.ledger
        text = str(owner)
        organisation = world.organisation(text)
        if organisation is None:
            return ledger.balance(world.customer(normalise(text)).account) / 100
        account = organisation.purse(Purse(purse)) if purse else organisation.account
        return ledger.balance(account) / 100

    def load(self, scenario: Scenario | str | Path) -> Scenario:
        """Lay a scenario's world, rules and profile over the namespace: a compiled one, the name of
        a bundled one, or a file.
        """
        found = scenario
        if not isinstance(found, Scenario):
            found = texts.find(found, *self._folders)
        self._lay(found)
        self.scenario = found
        return found

    def lay(self, **parts: Any) -> None:
        """Lay `world`, `rules` and `profile` over the namespace, written as in a scenario file;
        `world` may be a file.
        """
        number = next(self._names)
        self._lay(texts.of_values(f"given-{number}", f"given {number}", *self._folders, **parts))

    def rule(self, on: str, when: Mapping[str, Any] | None = None, **plan: Any) -> None:
        """Add a rule, written as in a scenario file; the first that matches wins.

            daraja.rule("stk_push", {"phone": "0722000000"}, customer="cancel")
            daraja.rule("stk_push", {"call": 1}, reply={"error": "gateway-busy"})

        Raises:
            ScenarioError: it has mistakes.
        """
        number = next(self._names)
        rules = [texts.rule_text(on, when, plan)]
        self._lay(texts.of_values(f"rule-{number}", f"rule {number}", rules=rules))

    def mount(self, application: Application, host: str = "merchant.test") -> str:
        """Let callbacks to this host reach an application: ASGI, WSGI, or a function of one
        `httpx.Request`. Gives its base URL.
        """
        self._prepare(lambda ground: ground.mount(host, application))
        return f"http://{host}"

    # ------------------------------------------------------------------------------ the client

    def settings(self, **changes: Any) -> Settings:
        """Settings of a merchant of this Daraja: the paybill 174379."""
        return asking.settings(self.base_url, self.callback_url, changes)

    def client(self, **changes: Any) -> MpesaPochi:
        """Our client, on this Daraja; `changes` are of its settings."""
        from mpesa_pochi import MpesaPochi  # noqa: PLC0415  # most tests bring their own

        return MpesaPochi(self.settings(**changes), transport=self.transport, now=self.now)

    def sync_client(self, **changes: Any) -> MpesaPochiSync:
        """The same, blocking."""
        from mpesa_pochi import MpesaPochiSync  # noqa: PLC0415  # the same

        return MpesaPochiSync(self.settings(**changes), transport=self.sync_transport, now=self.now)

    # ---------------------------------------------------------------------------- what happens

    def push(self, phone: str | int = "0722000000", amount: int = 100, **fields: Any) -> Payment:
        """Ask a customer for money, as an application would. Its callback goes to the inbox, unless
        `callback_url` says otherwise.

        Args:
            fields: further fields, by their names in rules (`reference`) or on the wire.

        Raises:
            RefusedError: Daraja said no.
        """
        given = {"callback_url": self.callback_url, "phone": phone, "amount": amount, **fields}
        return self.call("stk_push", **given)

    def call(self, operation: str, **fields: Any) -> Payment:
        """Make any request of Daraja's, of its example and these fields. Callbacks go to the inbox.
        Only the answer is given: a rule's delays and faults of bytes are for clients to meet.

        Raises:
            RefusedError: Daraja said no.
        """
        ground = self._stand()
        asked = (ground.namespace, operation, fields, f"http://{INBOX_HOST}", self.allowed)
        if ground.ours:
            return ground.run(asking.later(*asked))
        return asking.ask(*asked)

    def pay(
        self, phone: str | int, amount: int, *, shortcode: str = "174379", reference: str = "INV-1"
    ) -> Payment:
        """A customer pays a paybill or a till from the phone, unasked."""
        return asking.pay(self.namespace, str(phone), amount, shortcode, reference)

    def settle(
        self, payment: object = None, *, within: float = leap.SETTLE_SECONDS
    ) -> Ending | None:
        """Let everything happen that is due: prompts, customers, results, callbacks.

        Args:
            payment: gives how it ended; see `ids_of` for what can be given.
            within: simulated seconds.

        Raises:
            DarajaTestError: it does not end; or the test is asynchronous, and awaits `settled()`.
        """
        ground = self._stand()
        ground.run(ground.settle(within))
        return self._ended(payment)

    async def settled(
        self, payment: object = None, *, within: float = leap.SETTLE_SECONDS
    ) -> Ending | None:
        """The same, awaited. Time jumps; what the application itself sleeps does not."""
        await self._stand().settle(within)
        return self._ended(payment)

    def advance(self, seconds: float) -> None:
        """Let so much simulated time pass, and what is due in it happen."""
        ground = self._stand()
        ground.run(leap.advance(ground.namespace, seconds))

    async def advanced(self, seconds: float) -> None:
        """The same, awaited."""
        await leap.advance(self.namespace, seconds)

    # ---------------------------------------------------------------------------- what is seen

    @property
    def callbacks(self) -> list[Callback]:
        """Every delivery of a callback so far, in order."""
        return callbacks_in(self.happened())

    @property
    def timeline(self) -> str:
        """What happened so far, as a person reads it."""
        return timeline(self.happened())

    def happened(self) -> list[Numbered]:
        """The journal so far, with numbers."""
        return [] if self._ground is None else self._ground.namespace.journal.numbered()

    def catch_up(self) -> bool:
        """In a synchronous test, let everything that is due happen; whether nothing is due."""
        if self._ground is None:
            return True
        if self._ground.ours and not self._ground.loop.is_running():
            self.settle()
        return not self._ground.namespace.timeline.due

    def complaints(self) -> list[str]:
        """What the test leaves behind and should not."""
        return complaints(self.happened(), self.allowed)

    def close(self) -> None:
        """End it. What is still due never happens."""
        if self._ground is not None:
            self._ground.close()

    # -------------------------------------------------------------------------------- the rest

    def _stand(self) -> Ground:
        if self._ground is None:
            ground = Ground(self._seed)
            if self._asynchronous and ground.ours:
                ground.close()
                raise DarajaTestError(
                    "the test is asynchronous, and its event loop does not run yet: use `daraja` "
                    "in the test itself or in an async fixture; `rule`, `load`, `customer` and "
                    "`mount` can be used anywhere"
                )
            self._ground = ground
            for prepare in self._before:
                prepare(ground)
        return self._ground

    def _prepare(self, what: Callable[[Ground], object]) -> None:
        """Now, or as soon as there is a ground."""
        if self._ground is None:
            self._before.append(what)
        else:
            what(self._ground)

    def _lay(self, scenario: Scenario) -> None:
        self._prepare(lambda ground: lay(scenario, ground.namespace))

    def _ended(self, payment: object) -> Ending | None:
        if payment is None:
            return None
        ending = ending_in(self.happened(), ids_of(payment))
        if ending is None:
            raise DarajaTestError(
                f"expected that {min(ids_of(payment))} ends, but nothing is due and it has not\n"
                + self.timeline
            )
        return ending

    @cached_property
    def environment(self) -> dict[str, str]:
        """The variables that `mpesa_pochi.Settings.from_env` reads."""
        return asking.environment(self.base_url, self.callback_url)
