"""A Daraja behind a base URL: Safaricom's, or a simulator that is served."""

from __future__ import annotations

import asyncio
import signal
import socket
from collections.abc import Mapping
from typing import Any

import httpx

from darajasim.comparing.side import CALL_SECONDS, Account, Answer, Heard, Listening, SideError
from darajasim.core.chance import fresh_seed
from darajasim.http.server import AnnouncingServer, server_config
from darajasim.scenarios.scenario import Scenario

QUIET_SECONDS = 2.0
NAMESPACE = "x-darajasim-namespace"


class RemoteSide:
    """Asks over HTTP, and hears callbacks on a socket of its own.

    A simulator is known by its `/_sim/health`: there the scenario is laid over a namespace of its
    own, and time is sent ahead. Elsewhere callbacks are waited for in real time.

    Args:
        public: where the Daraja reaches our inbox; None: on loopback, where it listens.
        patience: real seconds to wait for callbacks.
    """

    def __init__(
        self, base: str, account: Account, *, port: int, public: str | None, patience: float
    ) -> None:
        self.name, self.account = base, account
        self.heard: list[Heard] = []
        self._patience = patience
        self._http = httpx.AsyncClient(base_url=base, timeout=CALL_SECONDS, trust_env=False)
        self._listener = socket.create_server(("127.0.0.1", port))
        self._listener.setblocking(False)
        self.inbox = public or f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        self._namespace: str | None = None
        self._server: AnnouncingServer | None = None
        self._serving: asyncio.Task[None] | None = None

    @property
    def simulated(self) -> bool:
        """Whether it has shown itself to be a simulator."""
        return self._namespace is not None

    async def open(self, scenario: Scenario) -> None:
        """Listen for callbacks; lay the scenario, where that can be done.

        Raises:
            SideError: nobody answers, or the simulator does not take the scenario.
        """
        up = asyncio.Event()
        config = server_config(Listening(scenario, self.heard))
        self._server = AnnouncingServer(config, up.set)
        self._serving = asyncio.ensure_future(self._server._serve([self._listener]))  # noqa: SLF001  # serve() would take our signals
        await up.wait()
        try:
            health = await self._http.get("/_sim/health")
        except httpx.HTTPError as error:
            raise SideError(
                f"expected a Daraja at {self.name}, found none: {type(error).__name__}"
            ) from None
        if health.status_code == httpx.codes.OK:
            self._namespace = f"diff-{fresh_seed()}"
            await self._lay(scenario)

    async def send(self, method: str, path: str, headers: Mapping[str, str], body: bytes) -> Answer:
        """Ask over HTTP."""
        own = {} if self._namespace is None else {NAMESPACE: self._namespace}
        try:
            answer = await self._http.request(
                method, path, headers={**headers, **own}, content=body
            )
        except httpx.TimeoutException:
            return Answer(None, fault="no answer")
        except httpx.HTTPError as error:
            return Answer(None, fault=type(error).__name__)
        media = answer.headers.get("content-type", "")
        return Answer(answer.status_code, media, answer.content)

    async def settle(self, wanted: int | None) -> None:
        """As a simulator says, or until so many callbacks have come, or for as long as may be."""
        if self._namespace is not None:
            await self._control("clock", json={"settle": True})
            return
        try:
            async with asyncio.timeout(self._patience):
                while wanted is None or len(self.heard) < wanted:  # noqa: ASYNC110  # nobody tells
                    await asyncio.sleep(0.05)
                await asyncio.sleep(QUIET_SECONDS)  # one more than on the other side would count
        except TimeoutError:
            return

    async def close(self) -> None:
        """Leave nothing behind."""
        try:
            if self._namespace is not None:
                await self._control("reset")
        finally:
            await self._http.aclose()
            if self._server is not None and self._serving is not None:
                self._server.handle_exit(signal.SIGINT, None)
                await self._serving
            self._listener.close()

    async def _lay(self, scenario: Scenario) -> None:
        _base, _bracket, case = scenario.name.removesuffix("]").partition("[")
        content = await asyncio.to_thread(scenario.path.read_bytes)
        await self._control("scenarios", params={"case": case} if case else {}, content=content)

    async def _control(self, page: str, **request: Any) -> None:
        headers = {NAMESPACE: self._namespace or ""}
        answer = await self._http.post(f"/_sim/{page}", headers=headers, **request)
        if answer.is_error:
            raise SideError(f"{self.name}/_sim/{page} answered {answer.status_code}: {answer.text}")
