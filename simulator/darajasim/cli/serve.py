"""`darajasim serve`: the fake Daraja in real time, on real sockets."""

from __future__ import annotations

import gc
import logging
import math
import sys
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

import click

from darajasim.cli.listening import listen, run_until_stopped
from darajasim.cli.options import chaos_option, one_line, profile_option
from darajasim.core.chance import fresh_seed
from darajasim.core.profile import Profile

if TYPE_CHECKING:
    from darajasim.core.events import Event
    from darajasim.core.simulator import Simulator
    from darajasim.scenarios.chaos import Chaos

MOST_CHARACTERS = 500
COLLECT_AT = (50_000, 20, 20)
"""When Python looks for garbage in cycles. Here hardly any arises, and what a payment leaves in the
journal and the ledger is meant to stay: at the usual (700, 10, 10) looking for it took a tenth of
the time, and stopped the server for a tenth of a second now and then."""


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option(
    "--port",
    default=8700,
    show_default=True,
    type=click.IntRange(0, 65535),
    help="Port to listen on; 0 picks a free one.",
)
@click.option("--seed", type=int, help="Repeat a run: ids, names and chances follow from it.")
@click.option(
    "--scenario",
    metavar="NAME|FILE",
    help="Lay a scenario: world, rules, profile, answers.",
)
@profile_option
@chaos_option
@click.option(
    "--speed",
    default=1.0,
    show_default=True,
    type=click.FloatRange(0.001, 100_000),
    help="Simulated seconds per real second.",
)
@click.option(
    "--allow-callback-host",
    "allow_hosts",
    multiple=True,
    metavar="HOST",
    help="Also call back to this host, address or network; loopback always. Repeatable.",
)
@click.option(
    "--tls-certificate",
    type=click.Path(exists=True, dir_okay=False),
    help="Serve HTTPS with this certificate (PEM); with --tls-key.",
)
@click.option(
    "--tls-key",
    type=click.Path(exists=True, dir_okay=False),
    help="The private key of --tls-certificate (PEM, without a passphrase).",
)
@click.option(
    "-v/-q",
    "--verbose/--quiet",
    default=None,
    help="Tell what happens as it happens, hints included (default: on a terminal).",
)
@click.pass_context
def serve(  # noqa: PLR0917  # click passes options by name
    ctx: click.Context,
    host: str,
    port: int,
    seed: int | None,
    scenario: str | None,
    profile: Profile,
    chaos: tuple[Chaos, ...],
    speed: float,
    allow_hosts: tuple[str, ...],
    tls_certificate: str | None,
    tls_key: str | None,
    verbose: bool | None,  # noqa: FBT001  # a flag
) -> None:
    """Start the fake Daraja on this machine and keep it up until Ctrl-C."""
    from darajasim.delivery.targets import AllowList  # noqa: PLC0415

    seed = fresh_seed() if seed is None else seed
    if not math.isfinite(speed):  # nan is in every range
        raise click.BadParameter(f"expected a number, found {speed}", param_hint="--speed")
    try:
        AllowList(allow_hosts)
    except ValueError as error:
        raise click.BadParameter(str(error), param_hint="--allow-callback-host") from None
    tls = _tls(tls_certificate, tls_key)
    prepare: Callable[[Simulator], None] | None = None
    if scenario is not None:
        profile, prepare = _scenario(scenario, ctx, profile)
    prepare = _with_chaos(prepare, chaos)
    listener = listen(host, port)
    verbose = sys.stdout.isatty() if verbose is None else verbose
    logging.basicConfig(level=logging.WARNING, format="%(levelname)-7s %(message)s")
    from darajasim.http.server import Settings, run_server  # noqa: PLC0415

    settings = Settings(
        seed=seed,
        profile=profile,
        speed=speed,
        allow_hosts=allow_hosts,
        prepare=prepare,
        listener=_tell if verbose else None,
        tls=tls,
    )
    bound = listener.getsockname()

    def announce() -> None:
        from darajasim.cli.banner import banner  # noqa: PLC0415

        secure = tls is not None
        click.echo(banner(host, bound[1], seed=seed, speed=speed, scenario=scenario, tls=secure))
        sys.stdout.flush()
        gc.freeze()  # what start-up made stays; collections need not walk it again
        gc.set_threshold(*COLLECT_AT)

    run_until_stopped(lambda: run_server(listener, settings, announce))


def _tls(certificate: str | None, key: str | None) -> tuple[str, str] | None:
    """Both files, found to belong together; None without either."""
    if certificate is None and key is None:
        return None
    if certificate is None or key is None:
        missing = "--tls-certificate" if certificate is None else "--tls-key"
        raise click.BadParameter("expected both files or neither", param_hint=missing)
    import ssl  # noqa: PLC0415  # not every start needs it

    try:
        ssl.create_default_context(ssl.Purpose.CLIENT_AUTH).load_cert_chain(
            certificate, key, password=""
        )
    except (ssl.SSLError, OSError) as error:
        raise click.BadParameter(
            f"expected a certificate and its key in PEM, found {certificate} and {key}: {error}",
            param_hint="--tls-certificate",
        ) from None
    return certificate, key


def _tell(event: Event) -> None:
    from darajasim.core.clock import nairobi  # noqa: PLC0415
    from darajasim.harness.story import tell  # noqa: PLC0415

    text = tell(event)
    if text is not None:
        line = one_line(text[:MOST_CHARACTERS])
        click.echo(f"{nairobi(event.at):%H:%M:%S}  {line}", err=True)


def _scenario(
    name: str, ctx: click.Context, profile: Profile
) -> tuple[Profile, Callable[[Simulator], None]]:
    """The scenario's profile, unless the command line names one, and how to lay it over a world."""
    from darajasim.cli.scenario_files import load_or_exit  # noqa: PLC0415
    from darajasim.scenarios.laying import lay  # noqa: PLC0415

    found = load_or_exit((name,))
    if len(found) > 1:
        names = ", ".join(scenario.name for scenario in found)
        raise click.BadParameter(
            f"{name} holds {len(found)} scenarios ({names}); name one", param_hint="--scenario"
        )
    scenario = found[0]
    chosen = scenario.profile
    given = ctx.get_parameter_source("profile") is click.core.ParameterSource.COMMANDLINE

    def prepare(simulator: Simulator) -> None:
        # The profile is every namespace's already; the rest goes the way of POST /_sim/scenarios.
        lay(replace(scenario, profile=None), simulator.default)

    return (profile if given or chosen is None else chosen.profile()), prepare


def _with_chaos(
    lay: Callable[[Simulator], None] | None, chaos: tuple[Chaos, ...]
) -> Callable[[Simulator], None] | None:
    """How to prepare the simulator, and then to let bad hours begin in it."""
    if not chaos:
        return lay

    def prepare(simulator: Simulator) -> None:
        from darajasim.scenarios.chaos import unleash  # noqa: PLC0415  # it is seldom asked for

        if lay is not None:
            lay(simulator)
        for each in chaos:
            unleash(each, simulator.default)

    return prepare
