"""One of the two Darajas: a simulator in this process."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from darajasim.core import leap
from darajasim.core.profile import Profile
from darajasim.core.simulator import Simulator
from darajasim.harness import inbox
from darajasim.harness.memory import ConnectionFaultError, MemoryCourier, Wire
from darajasim.harness.stage import START
from darajasim.http.app import create_app
from darajasim.scenarios.laying import lay
from darajasim.scenarios.scenario import Scenario

CALL_SECONDS = 60.0
HOST = "daraja.test"


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back. `status` is None, and `fault` says why, when nothing did."""

    status: int | None
    media: str = ""
    body: bytes = b""
    fault: str = ""


@dataclass(frozen=True, slots=True)
class Heard:
    """One callback that arrived."""

    kind: str
    body: bytes


@dataclass(frozen=True, slots=True)
class Account:
    """Whom a side is asked as. A simulator takes any; nothing of this is ever shown.

    Attributes:
        credential: a SecurityCredential in place of the examples'; "" leaves theirs.
    """

    key: str = field(default="merchant", repr=False)
    secret: str = field(default="secret", repr=False)
    credential: str = field(default="", repr=False)


class SideError(Exception):
    """A side cannot be asked: what was expected, what was found."""


class Side(Protocol):
    """A Daraja that can be asked.

    Attributes:
        name: what the report calls it.
        inbox: scheme and host of the URLs that callbacks come to.
        heard: the callbacks that have arrived.
    """

    name: str
    account: Account
    inbox: str
    heard: list[Heard]

    async def send(
        self, method: str, path: str, headers: Mapping[str, str], body: bytes
    ) -> Answer: ...

    async def settle(self, wanted: int | None) -> None:
        """Return when nothing more will come; `wanted` callbacks came to the other side."""

    async def close(self) -> None: ...


class Listening:
    """An ASGI application that hears callbacks, and answers as a scenario says."""

    def __init__(self, scenario: Scenario, heard: list[Heard]) -> None:
        self._inner = inbox.Inbox(scenario.answers)
        self._heard = heard

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        body, more = b"", True
        while more:
            message = await receive()
            body += message.get("body", b"")
            more = message.get("more_body", False)
        self._heard.append(Heard(inbox.kind_of(scope["path"]), body))

        async def again() -> dict[str, Any]:
            return {"type": "http.request", "body": body, "more_body": False}

        await self._inner(scope, again, send)


class SimulatedSide:
    """A simulator of this process, with its own inbox, where time is sent ahead.

    Args:
        profile: stronger than the scenario's.
    """

    inbox = f"http://{inbox.HOST}"

    def __init__(self, name: str, scenario: Scenario, profile: Profile, seed: str) -> None:
        self.name = name
        self.account = Account()
        self.heard: list[Heard] = []
        wires: dict[str, Wire] = {}
        self._simulator = Simulator(
            seed=seed, profile=profile, start=START, courier=MemoryCourier(wires)
        )
        lay(scenario, self._simulator.default)
        self._simulator.default.profile = profile
        self._wire = Wire(create_app(self._simulator))
        wires[inbox.HOST] = self._inbox = Wire(Listening(scenario, self.heard))

    async def send(self, method: str, path: str, headers: Mapping[str, str], body: bytes) -> Answer:
        """Ask in memory."""
        raw = [(name.encode(), value.encode()) for name, value in headers.items()]
        try:
            answer = await self._wire.call(
                method, f"http://{HOST}{path}", headers=raw, body=body, seconds=CALL_SECONDS
            )
        except ConnectionFaultError as error:
            return Answer(None, fault=str(error))
        except TimeoutError:
            return Answer(None, fault="no answer")
        media = next((v.decode() for name, v in answer.headers if name == b"content-type"), "")
        return Answer(answer.status, media, answer.body)

    async def settle(self, wanted: int | None) -> None:  # it knows by itself
        """Go ahead until nothing is due."""
        await leap.settle(self._simulator.default)
        await self._inbox.idle()

    async def close(self) -> None:
        """End what is left."""
        await self._simulator.close()
        await self._wire.close()
        await self._inbox.close()
