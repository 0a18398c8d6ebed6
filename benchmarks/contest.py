"""Contestants: servers that take the same pushes, each measured under several settings."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import itertools
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field

import wire
from load import LoadError, Sample, drive
from receiver import Receiver
from servers import Server

WARM_UP = 500


@dataclass(frozen=True, slots=True)
class Setting:
    """How a contestant is loaded.

    Attributes:
        count: how many pushes.
        connections: how many are open.
        pace: pushes per second; None: each connection sends as soon as it was answered.
    """

    count: int
    connections: int = 32
    pace: float | None = None

    def __str__(self) -> str:
        return str(self.connections) if self.pace is None else f"{self.pace:g}/s"


@dataclass(frozen=True, slots=True)
class Finding:
    """What one setting gave in one round.

    Attributes:
        cpu: microseconds of the server's processor time for one push, its callback included; None
            where the system does not tell.
        meanwhile: callbacks that came before the last push was answered.
        callback_rate: callbacks per second at the receiver, from the first to the last.
        lost: pushes without a callback.
        surplus: callbacks beyond one for each push.
    """

    sample: Sample
    cpu: float | None
    meanwhile: int
    callback_rate: float
    lost: int
    surplus: int


@dataclass(slots=True)
class Contestant:
    """A server to be measured.

    Attributes:
        start: gives the running server.
        settings: how it is loaded, one after the other.
        needs_token: whether a push without a token of its own would be refused.
        calls_back: whether each push brings a callback.
    """

    name: str
    start: AbstractContextManager[Server]
    settings: Sequence[Setting]
    needs_token: bool = True
    calls_back: bool = False
    findings: dict[Setting, Finding] = field(default_factory=dict)

    async def measure(self) -> None:
        """Start it, warm it up, and load it in every setting."""
        with self.start as server:
            async with Receiver() as receiver:
                token = await _token(server) if self.needs_token else "none"
                pushes = wire.push_requests(token, receiver.url, itertools.count())
                await self._load(server, receiver, pushes, Setting(WARM_UP))
                for setting in self.settings:
                    finding = await self._load(server, receiver, pushes, setting)
                    self.findings[setting] = finding

    async def _load(
        self, server: Server, receiver: Receiver, pushes: Iterator[bytes], setting: Setting
    ) -> Finding:
        requests = list(itertools.islice(pushes, setting.count))
        receiver.forget()
        before = server.cpu_seconds()
        with _no_collection():
            sample = await drive(
                server.port,
                requests,
                count=setting.count,
                connections=setting.connections,
                per_second=setting.pace,
            )
        meanwhile = len(receiver.bodies)
        if self.calls_back:
            await receiver.until(setting.count)
        after = server.cpu_seconds()
        lost, surplus = _missed(sample, receiver) if self.calls_back else (0, 0)
        cpu = None if before is None or after is None else 1e6 * (after - before) / setting.count
        return Finding(sample, cpu, meanwhile, receiver.rate, lost, surplus)


def _missed(sample: Sample, receiver: Receiver) -> tuple[int, int]:
    """Pushes that were not called back, and callbacks beyond one for each push.

    Raises:
        LoadError: two pushes have one checkout request id.
    """
    pushed = {wire.checkout_request_id(body) for body in sample.bodies}
    if len(pushed) != len(sample.bodies):
        raise LoadError(f"{len(sample.bodies)} pushes have {len(pushed)} checkout request ids")
    came = [wire.checkout_request_id(body) for body in receiver.bodies]
    answered = pushed.intersection(came)
    return len(pushed) - len(answered), len(came) - len(answered)


@contextlib.contextmanager
def _no_collection() -> Iterator[None]:
    """This process must not stop for garbage while it measures."""
    gc.collect()
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


async def _token(server: Server) -> str:
    sample = await drive(server.port, [wire.TOKEN_REQUEST], count=1, connections=1)
    return sample.bodies[0].partition(b'"access_token":')[2].split(b'"')[1].decode()


async def one_round(contestants: Sequence[Contestant], first: int) -> dict[str, Contestant]:
    """Measure every contestant, beginning with number `first`; all by name, in their own order."""
    turn = first % len(contestants)
    for contestant in (*contestants[turn:], *contestants[:turn]):
        await contestant.measure()
        await asyncio.sleep(0.1)
    return {contestant.name: contestant for contestant in contestants}
