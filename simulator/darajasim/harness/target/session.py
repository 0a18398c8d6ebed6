"""A run against one application: Daraja on a socket, the application beside it, one at a time."""

from __future__ import annotations

import asyncio
import signal
import socket
import sys
import threading
from collections.abc import Generator, Iterator, Sequence
from contextlib import contextmanager, suppress
from tempfile import TemporaryDirectory, mkdtemp
from types import FrameType

import httpx
from starlette.types import ASGIApp, Receive, Scope, Send

from darajasim.core.chance import Chance, fresh_seed
from darajasim.core.organisation import SANDBOX_PASSKEY
from darajasim.delivery.courier import HttpCourier
from darajasim.harness.findings import Finding
from darajasim.harness.runner import Play, Run, ScenarioResult
from darajasim.harness.target.asking import ANSWER_WITHIN, Site
from darajasim.harness.target.fit import (
    USUAL_KEY,
    USUAL_SECRET,
    USUAL_SHORTCODE,
    fitted,
    misfit,
    needs_fresh,
)
from darajasim.harness.target.loading import Target
from darajasim.harness.target.merchant import TargetMerchant
from darajasim.harness.target.model import DarajaPart, PatiencePart
from darajasim.harness.target.placeholders import filled
from darajasim.harness.target.process import Application, ApplicationError, free_port
from darajasim.harness.target.stage import set_target_stage
from darajasim.http.server import AnnouncingServer, server_config
from darajasim.scenarios.finding import shown
from darajasim.scenarios.scenario import Scenario

SCENARIO_WITHIN = 120.0
"""Real seconds that one scenario may take."""


class DoorClosedError(Exception):
    """Daraja's port is taken."""


class _Server(AnnouncingServer):
    """A server beside others' work: signals are not its business."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


class _Door:
    """Daraja's socket, behind which each scenario has a simulator of its own."""

    def __init__(self) -> None:
        self._app: ASGIApp | None = None

    def open(self, app: ASGIApp) -> None:
        """Let requests from now on go to `app`."""
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if self._app is not None:
            await self._app(scope, receive, send)
            return
        start = {"type": "http.response.start", "status": 503, "headers": []}
        await send(start)
        await send({"type": "http.response.body", "body": b"no scenario has begun"})


def run_on_target(plays: Sequence[Play], target: Target) -> Generator[ScenarioResult, None, None]:
    """Play scenarios against the application, one after another. Closing it ends the application.

    Raises:
        DoorClosedError: Daraja's port is taken.
    """
    with _terminating(), asyncio.Runner() as runner:
        session = runner.run(_opened(target))
        try:
            for scenario, seed in plays:
                reason = misfit(scenario, target)
                if reason is not None:
                    yield Run(scenario, seed).skipped(reason)
                else:
                    yield runner.run(session.play(scenario, seed))
        finally:
            try:
                runner.run(session.close())
            finally:
                session.end_now()


async def _opened(target: Target) -> Session:
    session = Session(target)
    try:
        await session.open()
    except BaseException:
        await session.close()
        raise
    return session


class Session:
    """What lives as long as a run: Daraja's socket, the application, the way to it."""

    def __init__(self, target: Target) -> None:
        self._target = target
        self._daraja = target.file.daraja or DarajaPart()
        self._patience = target.file.patience or PatiencePart()
        self._door = _Door()
        self._courier = HttpCourier()
        self._server: _Server | None = None
        self._serving: asyncio.Task[None] | None = None
        self._socket: socket.socket | None = None
        self._application: Application | None = None
        within = ANSWER_WITHIN if self._patience.answer is None else self._patience.answer
        self._http = httpx.AsyncClient(
            trust_env=False,
            timeout=within + 1,
            limits=httpx.Limits(max_keepalive_connections=0),
        )
        self._site: Site | None = None
        self._played = 0
        self._tokens: dict[str, str] = {}
        self._values: dict[str, str | int] = {}
        self._scratch = TemporaryDirectory(prefix="darajasim-")

    async def open(self) -> None:
        """Begin to listen, and get the application ready to be started.

        Raises:
            DoorClosedError: Daraja's port is taken.
        """
        port = self._daraja.port or 0
        self._socket = socket.socket()
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            self._socket.bind(("127.0.0.1", port))
        except OSError as error:
            raise DoorClosedError(f"cannot listen on 127.0.0.1:{port}: {error.strerror}") from None
        up = asyncio.Event()
        self._server = _Server(server_config(self._door), up.set)
        self._serving = asyncio.ensure_future(self._server.serve(sockets=[self._socket]))
        await up.wait()
        self._site = self._settle_down(f"http://127.0.0.1:{self._socket.getsockname()[1]}")

    def _settle_down(self, daraja: str) -> Site:
        file = self._target.file
        own = {"app.port": free_port() if file.start is not None else 0}
        base = filled(file.url, own)
        callback_base = filled(file.callback_base or file.url, own)
        self._values = {
            **own,
            "daraja.url": daraja,
            "app.url": base,
            "callback.base": callback_base,
            "consumer.key": self._daraja.consumer_key or USUAL_KEY,
            "consumer.secret": self._daraja.consumer_secret or USUAL_SECRET,
            "shortcode": self._daraja.shortcode or USUAL_SHORTCODE,
            "passkey": self._daraja.passkey or SANDBOX_PASSKEY,
            "scratch": self._new_folder(),
        }
        if file.start is not None:
            self._application = Application(self._target, file.start, base, self._values)
        stamp = Chance(fresh_seed()).alphanumeric(10)
        return Site(self._target, self._http, base, callback_base, stamp, self._application)

    def _new_folder(self) -> str:
        return mkdtemp(dir=self._scratch.name)

    async def play(self, scenario: Scenario, seed: int) -> ScenarioResult:
        """Play and judge one scenario."""
        if self._site is None:
            raise RuntimeError("expected an open session")
        scenario, left_out = fitted(scenario, self._target)
        run = Run(
            scenario,
            seed if scenario.seed is None else scenario.seed,
            left_out=left_out,
            target=shown(self._target.path),
        )
        try:
            await self._ready_for(scenario)
        except ApplicationError as error:
            run.findings.append(
                Finding("", "application", "an application that starts and is ready", str(error))
            )
            run.hopeless = True
            return run.result()
        within = SCENARIO_WITHIN if self._patience.scenario is None else self._patience.scenario
        stage = set_target_stage(
            scenario,
            f"{run.seed}/{scenario.name}",
            site=self._site,
            number=self._played,
            courier=self._courier,
            tokens=self._tokens,
            open_door=self._door.open,
        )
        self._played += 1
        try:
            async with asyncio.timeout(within):
                await run.play(stage)
        except TimeoutError:
            expected = f"a scenario that ends within {within:g} s of real time"
            found = run.stage.unsettled if run.stage is not None else "nothing has happened"
            run.findings.append(Finding(scenario.where, "patience", expected, found))
        if run.stage is not None and isinstance(run.stage.merchant, TargetMerchant):
            run.findings += [
                Finding("", "application", "answers as the target file describes them", complaint)
                for complaint in run.stage.merchant.complaints
            ]
        return run.result()

    async def _ready_for(self, scenario: Scenario) -> None:
        """Start the application where it does not run, or is to begin afresh."""
        application, start = self._application, self._target.file.start
        if application is None or start is None:
            return
        if application.running and not start.fresh and not needs_fresh(scenario):
            return
        await application.stop()
        self._tokens.clear()
        self._values["scratch"] = self._new_folder()
        application.settle(self._values)
        await application.start()

    async def close(self) -> None:
        """End the application and stop to listen."""
        if self._application is not None:
            await self._application.stop()
        await self._http.aclose()
        if self._server is not None and self._serving is not None:
            self._server.should_exit = True
            with suppress(asyncio.CancelledError):
                await self._serving
        if self._socket is not None:
            self._socket.close()
        self._courier.close()
        self._scratch.cleanup()

    def end_now(self) -> None:
        """Leave nothing of the application behind, whatever else went wrong."""
        if self._application is not None:
            self._application.end_now()


@contextmanager
def _terminating() -> Iterator[None]:
    """A request to terminate ends the run as Ctrl-C does, the application with it."""

    def end(_number: int, _frame: FrameType | None) -> None:
        sys.exit(128 + signal.SIGTERM)

    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGTERM, end)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)
