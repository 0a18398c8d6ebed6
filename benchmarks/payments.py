"""Accepted pushes per second, all checks on, while callbacks are delivered.

Beside it, in the same run and under the same load: a bare ASGI callable on the same uvicorn
settings, darajasim with its callbacks withheld, and PyPI's daraja-mock.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import gc
import itertools
import statistics
import sys
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field

import report
import uvloop
import wire
from load import LoadError, Sample, drive
from receiver import Receiver
from servers import Cores, Server, bare, daraja_mock, darajasim, has_daraja_mock, pin, two_cores

PAYMENTS = 10_000
PACE = 500.0
SPEED = "100"
"""At 100, a callback follows its push after 0.15 s."""

BARE, DELIVERED = "bare ASGI callable", "darajasim, callbacks delivered"
WITHHELD, MOCK = "darajasim, callbacks withheld", "daraja-mock"


@dataclass(frozen=True, slots=True)
class Setting:
    """How one contestant is loaded: `count` requests; 0 connections: paced at PACE."""

    connections: int
    count: int

    @property
    def paced(self) -> bool:
        """Whether requests come at a fixed rate."""
        return self.connections == 0

    def __str__(self) -> str:
        return f"{PACE:g}/s" if self.paced else str(self.connections)


@dataclass(frozen=True, slots=True)
class Finding:
    """One contestant under one setting in one round. `cpu`: the server's seconds, if known."""

    sample: Sample
    cpu: float | None
    callbacks: int = 0
    meanwhile: int = 0
    callback_rate: float = 0.0
    lost: int = 0
    surplus: int = 0


@dataclass(slots=True)
class Contestant:
    """A server to be measured.

    Attributes:
        start: gives the running server.
        settings: how it is loaded, one after the other.
        called_back: whether each push brings a callback.
    """

    name: str
    start: AbstractContextManager[Server]
    settings: Sequence[Setting]
    called_back: bool = False
    findings: dict[Setting, Finding] = field(default_factory=dict)

    async def measure(self) -> None:
        """Start it, warm it up, and measure every setting."""
        numbers = itertools.count()
        with self.start as server:
            async with Receiver() as receiver:
                token = await _token(server) if self.name != BARE else "none"
                pushes = wire.push_requests(token, receiver.url, numbers)
                for setting in (Setting(32, 500), *self.settings):
                    finding = await self._setting(server, receiver, pushes, setting)
                    self.findings[setting] = finding

    async def _setting(
        self, server: Server, receiver: Receiver, pushes: Iterator[bytes], setting: Setting
    ) -> Finding:
        requests = list(itertools.islice(pushes, setting.count))
        receiver.forget()
        cpu = server.cpu_seconds()
        with _no_collection():
            sample = await drive(
                server.port,
                requests,
                count=setting.count,
                connections=setting.connections or 32,
                per_second=PACE if setting.paced else None,
            )
        meanwhile = len(receiver.bodies)
        if self.called_back:
            await receiver.until(setting.count)
        spent = server.cpu_seconds()
        return _finding(
            sample,
            receiver,
            meanwhile=meanwhile,
            expected=setting.count if self.called_back else 0,
            cpu=None if cpu is None or spent is None else spent - cpu,
        )


def _finding(
    sample: Sample, receiver: Receiver, *, meanwhile: int, expected: int, cpu: float | None
) -> Finding:
    came = [wire.checkout_request_id(body) for body in receiver.bodies]
    wanted = {wire.checkout_request_id(body) for body in sample.bodies} if expected else set()
    if len(wanted) != expected:
        raise LoadError(f"expected {expected} checkout request ids, found {len(wanted)}")
    return Finding(
        sample,
        cpu,
        callbacks=len(came),
        meanwhile=meanwhile,
        callback_rate=receiver.rate,
        lost=len(wanted.difference(came)),
        surplus=len(came) - len(wanted.intersection(came)),
    )


@contextlib.contextmanager
def _no_collection() -> Iterator[None]:
    gc.collect()
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


async def _token(server: Server) -> str:
    sample = await drive(server.port, [wire.TOKEN_REQUEST], count=1, connections=1)
    return sample.bodies[0].partition(b'"access_token":')[2].split(b'"')[1].decode()


def contestants(cores: Cores, mock_python: str | None) -> list[Contestant]:
    """Everything that is measured in one round, each in a fresh process."""
    serve = ("--speed", SPEED, "--seed", "1")
    loss = ("--profile", "observed,callback_loss_rate=1")
    alone, crowd, paced = Setting(1, 3_000), Setting(32, PAYMENTS), Setting(0, 1_500)
    found = [
        Contestant(BARE, bare(cores), (alone, crowd)),
        Contestant(DELIVERED, darajasim(cores, *serve), (alone, crowd, paced), called_back=True),
        Contestant(WITHHELD, darajasim(cores, *serve, *loss), (alone, crowd, paced)),
    ]
    if mock_python is not None:
        found.append(
            Contestant(MOCK, daraja_mock(cores, mock_python), (Setting(1, 500), Setting(32, 1_500)))
        )
    return found


Rounds = Sequence[dict[str, Contestant]]


def print_table(rounds: Rounds) -> None:
    """One row for each contestant and setting: medians over the rounds."""
    head = ("", "conns", "per s", "lowest", "highest", "p50 ms", "p99 ms", "max ms", "server us",
            "load core", "/ bare", "callbacks/s", "lost")  # fmt: skip
    rows = []
    for contestant in rounds[0].values():
        for setting in contestant.settings:
            rows.append(_row(rounds, contestant, setting))
    report.table(head, rows)


def _row(rounds: Rounds, contestant: Contestant, setting: Setting) -> list[str]:
    found = [one[contestant.name].findings[setting] for one in rounds]
    rates = [one.sample.rate for one in found]
    row = [contestant.name, str(setting), *(f"{n:,.0f}" for n in (_mid(rates), min(rates), max(rates)))]
    for share in (0.5, 0.99, 1.0):
        row.append(f"{_mid([one.sample.percentile(share) for one in found]):.2f}")
    cpu = [one.cpu / setting.count for one in found if one.cpu is not None]
    row.append(f"{1e6 * _mid(cpu):.0f}" if cpu else "?")
    row.append(f"{_mid([one.sample.busy for one in found]):.0%}")
    ratio = "" if setting.paced else f"{_ratio(rounds, contestant.name, BARE, setting.connections):.2f}"
    row.append(ratio)
    if contestant.called_back:
        row += [f"{_mid([one.callback_rate for one in found]):,.0f}", str(sum(one.lost for one in found))]
    else:
        row += ["", ""]
    return row


def print_targets(rounds: Rounds) -> int:
    """How the targets were met; the number of callbacks that were lost or came twice."""
    crowd, paced = Setting(32, PAYMENTS), Setting(0, 1_500)
    found = [one[DELIVERED].findings[crowd] for one in rounds]
    share = _mid([one.meanwhile / crowd.count for one in found])
    print(f"\nAt 32 connections {share:.0%} of the callbacks arrived while pushes were still coming.")
    report.target("pushes / bare, 32 connections", _ratio(rounds, DELIVERED, BARE, 32), 0.3, at_least=True)
    if MOCK in rounds[0]:
        report.target("pushes / daraja-mock, 32 connections", _ratio(rounds, DELIVERED, MOCK, 32), 4, at_least=True)
    report.target("p99 with / without callbacks, 32 connections", _p99_ratio(rounds, crowd), 3, at_least=False)
    report.target(f"p99 with / without callbacks, {PACE:g}/s", _p99_ratio(rounds, paced), 3, at_least=False)
    wrong = sum(
        finding.lost + finding.surplus
        for one in rounds
        for finding in one[DELIVERED].findings.values()
    )
    report.target(f"callbacks lost or sent twice in {len(rounds)} x {PAYMENTS:,} payments and the rest", wrong, 0, at_least=False)
    return wrong


def _ratio(rounds: Rounds, name: str, other: str, connections: int) -> float:
    def rate(contestant: Contestant) -> float:
        return next(
            finding.sample.rate
            for setting, finding in contestant.findings.items()
            if setting.connections == connections and setting in contestant.settings
        )

    return _mid([rate(one[name]) / rate(one[other]) for one in rounds])


def _p99_ratio(rounds: Rounds, setting: Setting) -> float:
    return _mid(
        [
            one[DELIVERED].findings[setting].sample.percentile(0.99)
            / one[WITHHELD].findings[setting].sample.percentile(0.99)
            for one in rounds
        ]
    )


def _mid(values: Sequence[float]) -> float:
    return statistics.median(values)


async def _one_round(cores: Cores, mock_python: str | None, number: int) -> dict[str, Contestant]:
    found = contestants(cores, mock_python)
    turn = number % len(found)
    for contestant in found[turn:] + found[:turn]:
        await contestant.measure()
    return {contestant.name: contestant for contestant in found}


def main() -> int:
    """Run the rounds and print what was found; 1 when a callback was lost or came twice."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--mock-python", default=sys.executable, metavar="PYTHON",
                        help="an interpreter that has daraja-mock (default: this one)")  # fmt: skip
    options = parser.parse_args()
    cores = two_cores()
    pin(cores.load)
    mock_python = options.mock_python if has_daraja_mock(options.mock_python) else None
    report.method(
        f"{options.rounds} rounds; in each, every server is started anew, warmed up with 500 requests",
        "and loaded in turn, the order moving on by one each round. Medians over the rounds; ratios are",
        "taken within a round. Each push is another customer's; a callback follows 0.15 s after it.",
        f"All on 127.0.0.1; {cores}.",
        "'server us': the server's processor time for one request, its callback included.",
    )
    if mock_python is None:
        print("daraja-mock is left out: pip install daraja-mock, or --mock-python PYTHON\n")
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        rounds = [
            runner.run(_one_round(cores, mock_python, number)) for number in range(options.rounds)
        ]
    print_table(rounds)
    return 1 if print_targets(rounds) else 0


if __name__ == "__main__":
    sys.exit(main())
