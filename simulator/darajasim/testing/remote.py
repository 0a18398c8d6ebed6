"""`DarajaServer`: a namespace of a simulator on a real socket, for applications in any language."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import httpx

from darajasim.core.clock import NAIROBI
from darajasim.core.msisdn import normalise
from darajasim.scenarios.scenario import Scenario
from darajasim.testing import asking, texts
from darajasim.testing.control import Control
from darajasim.testing.errors import DarajaTestError, meant
from darajasim.testing.expecting import Expect
from darajasim.testing.seen import (
    Callback,
    Ending,
    Numbered,
    Payment,
    callbacks_in,
    ending_in,
    events_from,
    ids_of,
    kinds,
)
from darajasim.testing.verdict import Allowed, complaints, timeline

if TYPE_CHECKING:
    from mpesa_pochi import Settings

T = TypeVar("T")

WAIT_SECONDS = 10.0


class DarajaServer:
    """One namespace of a served simulator. What has a past participle for a name is the same,
    awaited: `settle` and `settled`, `advance` and `advanced`, `wait` and `waited`.

    Args:
        base: the simulator's URL.
        namespace: its name.
        line: what requests go out on.
        folders: where scenario files are looked for.
        allowed: what may be left behind at the end.

    Attributes:
        url: the base URL that the application is given; requests to it reach this namespace.
        callback_url: of the simulator's own inbox, which takes every callback.
        control: `/_sim/` of this namespace.
        expect: assertions.
        scenario: the last scenario that was laid, or None.
    """

    def __init__(
        self,
        base: str,
        namespace: str,
        line: httpx.Client,
        *,
        folders: Sequence[Path] = (),
        allowed: Allowed | None = None,
    ) -> None:
        self.base = base
        self.namespace = namespace
        self.url = f"{base}/_ns/{namespace}"
        self.callback_url = f"{base}/_sim/inbox"
        self.control = Control(base, namespace, line)
        self.allowed = allowed or Allowed()
        self.scenario: Scenario | None = None
        self.expect = Expect(self, self.allowed)
        self._folders = tuple(folders)
        self._judged: list[Numbered] | None = None
        self._names = itertools.count(1)

    # ------------------------------------------------------------------------------- the world

    def now(self) -> datetime:
        """What time it is there, in Nairobi."""
        if not self._used():
            self.advance(0)
        return datetime.fromisoformat(self.control.get("clock")["time"]).astimezone(NAIROBI)

    def customer(self, phone: str | int, *, balance: float = 50_000, **more: Any) -> None:
        """Give a customer, as a scenario's `world:` writes one; `balance` in shillings."""
        one = {"phone": normalise(str(phone)), "balance": f"{balance:.2f}", **more}
        self.lay(world={"customers": [one]})

    def balance(self, owner: str | int) -> float:
        """What a customer or a shortcode has, in shillings.

        Raises:
            ValueError: it is neither a phone number nor a shortcode of this world.
        """
        if not self._used():
            self.advance(0)
        found = self._balance(str(owner))
        if found is None:  # whom nobody has mentioned yet is there all the same
            self.lay(world={"customers": [{"phone": normalise(str(owner))}]})
            found = self._balance(str(owner))
        if found is None:
            raise DarajaTestError(f"expected a customer or a shortcode, found {owner}")
        return found

    def _balance(self, owner: str) -> float | None:
        world = self.control.get("world")
        for organisation in world["organisations"]:
            if organisation["shortcode"] == owner:
                return float(organisation["balance_cents"]) / 100
        for customer in world["customers"]:
            if customer["phone"] == normalise(owner):
                return float(customer["balance_cents"]) / 100
        return None

    def load(self, scenario: Scenario | str | Path) -> Scenario:
        """Lay a scenario's world, rules and profile over the namespace, what it includes too."""
        from darajasim.scenarios.one_text import of_file  # noqa: PLC0415  # only for who asks

        found = scenario
        if not isinstance(found, Scenario):
            found = texts.find(found, *self._folders)
        case = found.name.partition("[")[2].removesuffix("]")
        self.control.post("scenarios", of_file(found.path), **({"case": case} if case else {}))
        self.scenario = found
        return found

    def lay(self, **parts: Any) -> None:
        """Lay `world`, `rules` and `profile` over the namespace, written as in a scenario file;
        `world` may be a file.
        """
        name = f"given-{next(self._names)}"
        self.control.post("scenarios", texts.whole(name, *self._folders, **parts))

    def rule(self, on: str, when: Mapping[str, Any] | None = None, **plan: Any) -> None:
        """Add a rule, written as in a scenario file; the first that matches wins."""
        name, rules = f"rule-{next(self._names)}", [texts.rule_text(on, when, plan)]
        self.control.post("scenarios", texts.written(name, rules=rules))

    # ------------------------------------------------------------------------------ the client

    def settings(self, **changes: Any) -> Settings:
        """Settings of a merchant of this Daraja."""
        return asking.settings(self.url, self.callback_url, changes)

    @property
    def environment(self) -> dict[str, str]:
        """The variables that `mpesa_pochi.Settings.from_env` reads."""
        return asking.environment(self.url, self.callback_url)

    # ---------------------------------------------------------------------------- what happens

    def push(self, phone: str | int = "0722000000", amount: int = 100, **fields: Any) -> Payment:
        """Ask a customer for money, over HTTP.

        Raises:
            RefusedError: Daraja said no.
        """
        given = {"callback_url": self.callback_url, "phone": phone, "amount": amount, **fields}
        return self.call("stk_push", **given)

    def call(self, operation: str, **fields: Any) -> Payment:
        """Make any request of Daraja's, of its example and these fields, over HTTP. Callbacks go to
        the inbox.

        Raises:
            RefusedError: Daraja said no.
        """
        return self.control.ask_daraja(operation, fields, self.allowed)

    def pay(
        self, phone: str | int, amount: int, *, shortcode: str = "174379", reference: str = "INV-1"
    ) -> Payment:
        """A customer pays a paybill or a till from the phone, unasked."""
        asked = {"phone": str(phone), "amount": amount, "shortcode": shortcode}
        return Payment(self.control.post("pay", asked | {"reference": reference})["subject"])

    def settle(self, payment: object = None, *, within: float | None = None) -> Ending | None:
        """Let everything happen that is due, at once.

        Args:
            payment: gives how it ended.
            within: simulated seconds.
        """
        asked: dict[str, Any] = {"settle": True}
        if within is not None:
            asked["within"] = within
        found = self.control.post("clock", asked)
        if not found["settled"]:
            raise DarajaTestError(f"{found['due']} things are still due at {found['time']}")
        return None if payment is None else self._ended(payment)

    def advance(self, seconds: float) -> None:
        """Let so much simulated time pass, and what is due in it happen."""
        self.control.post("clock", {"advance": seconds})

    def wait(
        self,
        kind: str = "callback-attempted",
        count: int = 1,
        *,
        timeout: float = WAIT_SECONDS,
        **filters: Any,
    ) -> list[dict[str, Any]]:
        """The events of this kind, once there are `count` of them. Time jumps to what is due.

        Args:
            timeout: real seconds.
            filters: `subject`, `operation`, `after`.
        """
        __tracebackhide__ = True
        if kind not in kinds():
            known = ", ".join(sorted(kinds()))
            raise DarajaTestError(
                f"expected a kind of event ({known}), found {kind!r}{meant(kind, kinds())}"
            )
        asked = {"kind": kind, "count": count, "timeout": timeout, "advance": "true", **filters}
        found = self.control.get("journal/wait", **asked)
        if not found["complete"]:
            raise AssertionError(
                f"expected {count} events {kind} within {timeout:g} s, found {len(found['events'])}"
            )
        events: list[dict[str, Any]] = found["events"]
        return events

    def resend(self, callback: Callback | int) -> None:
        """Send a callback again, byte for byte; returns when it has been answered."""
        number = callback.number if isinstance(callback, Callback) else callback
        self.control.post("callbacks/resend", {"number": number})

    async def settled(
        self, payment: object = None, *, within: float | None = None
    ) -> Ending | None:
        """`settle`, while the event loop goes on."""
        return await _aside(partial(self.settle, payment, within=within))

    async def advanced(self, seconds: float) -> None:
        """`advance`, while the event loop goes on."""
        await _aside(partial(self.advance, seconds))

    async def waited(
        self,
        kind: str = "callback-attempted",
        count: int = 1,
        *,
        timeout: float = WAIT_SECONDS,  # noqa: ASYNC109  # the server's own
        **filters: Any,
    ) -> list[dict[str, Any]]:
        """`wait`, while the event loop goes on."""
        return await _aside(partial(self.wait, kind, count, timeout=timeout, **filters))

    async def resent(self, callback: Callback | int) -> None:
        """`resend`, while the event loop goes on."""
        await _aside(partial(self.resend, callback))

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
        if self._judged is not None:
            return self._judged
        return list(events_from(self.control.journal())) if self._used() else []

    def catch_up(self) -> bool:
        """Let everything that is due happen, unless a loop runs here that an application may need
        for it; whether nothing is due.
        """
        if not self._used():
            return True
        try:
            asyncio.get_running_loop()
        except RuntimeError:
            self.settle()
            return True
        return bool(self.control.get("clock")["due"] == 0)

    def complaints(self) -> list[str]:
        """What the test leaves behind and should not. From then on, nothing new is seen."""
        self._judged = self.happened()
        return complaints(self._judged, self.allowed)

    def close(self) -> None:
        """End the namespace, and free what it holds."""
        self.control.post("reset")

    def _used(self) -> bool:
        return self.control.exists()

    def _ended(self, payment: object) -> Ending:
        ending = ending_in(self.happened(), ids_of(payment))
        if ending is None:
            raise DarajaTestError(
                f"expected that {min(ids_of(payment))} ends, but nothing is due and it has not\n"
                + self.timeline
            )
        return ending


async def _aside(work: Callable[[], T]) -> T:
    """Do blocking work in a thread: on asyncio and on trio."""
    from anyio.to_thread import run_sync  # noqa: PLC0415  # only asynchronous tests need it

    return await run_sync(work)
