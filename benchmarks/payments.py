"""Accepted pushes per second, all checks on, while callbacks are delivered.

Beside it, in the same run and under the same load: darajasim with its callbacks withheld, a bare
ASGI callable on the same uvicorn settings, and PyPI's daraja-mock.
"""

from __future__ import annotations

import argparse
import asyncio
import statistics
import sys
from collections.abc import Callable, Iterable, Sequence

import report
import uvloop
from contest import Contestant, Finding, Setting, one_round
from servers import Cores, bare, daraja_mock, darajasim, has_daraja_mock, pin, two_cores

SPEED = "100"
"""Simulated seconds per real one: a callback follows its push after 0.15 s."""
ALONE, CROWD, PACED = Setting(3_000, 1), Setting(10_000), Setting(1_500, pace=500.0)
MOCK_ALONE, MOCK_CROWD = Setting(500, 1), Setting(1_500)

BARE, MOCK = "bare ASGI callable", "daraja-mock"
DELIVERED, WITHHELD = "darajasim, callbacks delivered", "darajasim, callbacks withheld"

HEAD = (
    "", "conns", "per s", "lowest", "highest", "p50 ms", "p99 ms", "max ms",
    "load core", "server us", "/ bare", "cpu / bare", "callbacks/s", "lost",
)  # fmt: skip

Rounds = Sequence[dict[str, Contestant]]


def contestants(cores: Cores, mock_python: str | None) -> list[Contestant]:
    """Everything that is measured in one round, each in a fresh process."""
    serve = ("--speed", SPEED, "--seed", "1")
    loss = ("--profile", "observed,callback_loss_rate=1")
    settings = (ALONE, CROWD, PACED)
    found = [
        Contestant(BARE, bare(cores), (ALONE, CROWD), needs_token=False),
        Contestant(DELIVERED, darajasim(cores, *serve), settings, calls_back=True),
        Contestant(WITHHELD, darajasim(cores, *serve, *loss), settings),
    ]
    if mock_python is not None:
        mock = daraja_mock(cores, mock_python)
        found.append(Contestant(MOCK, mock, (MOCK_ALONE, MOCK_CROWD), needs_token=False))
    return found


def print_table(rounds: Rounds) -> None:
    """One row for each contestant and setting: medians over the rounds."""
    rows = [
        _row(rounds, contestant, setting)
        for contestant in rounds[0].values()
        for setting in contestant.settings
    ]
    report.table(HEAD, rows)


def _row(rounds: Rounds, contestant: Contestant, setting: Setting) -> list[str]:
    found = [one[contestant.name].findings[setting] for one in rounds]

    def middle(value: Callable[[Finding], float], form: str) -> str:
        return format(statistics.median(map(value, found)), form)

    rates = [one.sample.rate for one in found]
    row = [contestant.name, str(setting), middle(lambda one: one.sample.rate, ",.0f")]
    row += [f"{min(rates):,.0f}", f"{max(rates):,.0f}"]
    row += [middle(_latency(share), ".2f") for share in (0.5, 0.99, 1)]
    row += [middle(lambda one: one.sample.busy, ".0%"), middle(lambda one: one.cpu or 0, ".0f")]
    if setting.pace is None:
        yardstick = CROWD if setting.connections == CROWD.connections else ALONE
        row += [
            f"{_middle_ratio(rounds, value, (contestant.name, setting), (BARE, yardstick)):.2f}"
            for value in (_rate, _pushes_per_cpu)
        ]
    else:
        row += ["", ""]
    if contestant.calls_back:
        return [
            *row,
            middle(lambda one: one.callback_rate, ",.0f"),
            str(sum(o.lost for o in found)),
        ]
    return [*row, "", ""]


def print_targets(rounds: Rounds) -> int:
    """How the targets were met; how many callbacks were lost, or came twice."""
    crowd = [one[DELIVERED].findings[CROWD] for one in rounds]
    share = statistics.median(one.meanwhile for one in crowd) / CROWD.count
    print(f"\nAt 32 connections {share:.0%} of the callbacks came while pushes were still coming.")
    ours, cpu = (DELIVERED, CROWD), "pushes for one second of the server's processor"
    ratio = _middle_ratio(rounds, _rate, ours, (BARE, CROWD))
    report.target("pushes / bare, 32 connections", ratio, 0.3, at_least=True)
    if MOCK in rounds[0]:
        ratio = _middle_ratio(rounds, _rate, ours, (MOCK, MOCK_CROWD))
        report.target("pushes / daraja-mock, 32 connections", ratio, 4, at_least=True)
        ratio = _middle_ratio(rounds, _pushes_per_cpu, ours, (MOCK, MOCK_CROWD))
        print(f"        the same in {cpu}: {ratio:.3g}")
    for setting, name in ((CROWD, "32 connections"), (PACED, str(PACED))):
        ratio = _middle_ratio(rounds, _latency(0.99), (DELIVERED, setting), (WITHHELD, setting))
        report.target(f"p99 with / without callbacks, {name}", ratio, 3, at_least=False)
    lost, surplus = sum(one.lost for one in crowd), sum(one.surplus for one in crowd)
    payments = f"{len(rounds)} x {CROWD.count:,} payments"
    report.target(f"callbacks lost in {payments}", lost, 0, at_least=False)
    report.target(f"callbacks that came twice in {payments}", surplus, 0, at_least=False)
    return lost + surplus


def _rate(finding: Finding) -> float:
    return finding.sample.rate


def _pushes_per_cpu(finding: Finding) -> float:
    return 1 / finding.cpu if finding.cpu else float("nan")


def _latency(share: float) -> Callable[[Finding], float]:
    return lambda finding: finding.sample.percentile(share)


def _middle_ratio(
    rounds: Rounds,
    value: Callable[[Finding], float],
    one: tuple[str, Setting],
    other: tuple[str, Setting],
) -> float:
    """The median over the rounds of a ratio taken within each."""
    return statistics.median(
        value(at[one[0]].findings[one[1]]) / value(at[other[0]].findings[other[1]]) for at in rounds
    )


def _method(rounds: int, cores: Cores) -> Iterable[str]:
    yield f"{rounds} rounds. In each, every server is started anew, warmed up with 500 pushes, and"
    yield "loaded in turn; who begins moves on by one each round. Medians over the rounds; ratios"
    yield "are taken within a round. Each push is another customer's and has all fields; a callback"
    yield f"follows its push after 0.15 s (--speed {SPEED}). All on 127.0.0.1; {cores}."
    yield "server us: the server's processor time for one push, its callback included; cpu / bare"
    yield "compares that, and suffers less than / bare when other work shares the machine."


def main() -> int:
    """Run the rounds and print what was found; 1 when a callback was lost or came twice."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument(
        "--mock-python",
        default=sys.executable,
        metavar="PYTHON",
        help="an interpreter that has daraja-mock (default: this one)",
    )
    options = parser.parse_args()
    cores = two_cores()
    pin(cores.load)
    mock_python = options.mock_python if has_daraja_mock(options.mock_python) else None
    report.method(*_method(options.rounds, cores))
    if mock_python is None:
        print("daraja-mock is left out: pip install daraja-mock, or --mock-python PYTHON\n")
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        rounds = [
            runner.run(one_round(contestants(cores, mock_python), number))
            for number in range(options.rounds)
        ]
    print_table(rounds)
    return 1 if print_targets(rounds) else 0


if __name__ == "__main__":
    sys.exit(main())
