"""`darajasim diff`: the same scenarios against two Darajas, and the fields that differ."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from darajasim.cli.options import ProfileOption, report_option
from darajasim.cli.scenario_files import load_or_exit

if TYPE_CHECKING:
    from darajasim.comparing.session import Compared, Daraja

SIMULATOR = "sim"
VERSION = 1
SIDES = ("left", "right")
SETTINGS = ("consumer_key", "consumer_secret", "security_credential")


@click.command(
    epilog="Exit codes: 0 nothing differs, 1 something does, 2 a side, file or option is wrong."
)
@click.argument("scenarios", nargs=-1, metavar="[NAME|FILE|FOLDER]...")
@click.option(
    "--left", default=SIMULATOR, show_default=True, metavar="WHICH", help="`sim`, or a base URL."
)
@click.option("--right", required=True, metavar="WHICH", help="`sim:documented`, or a base URL.")
@click.option("--ignore", multiple=True, metavar="KEY", help="Leave a key out; repeatable.")
@click.option(
    "--patience",
    type=click.FloatRange(0.1, 3_600),
    default=30.0,
    show_default=True,
    help="Seconds to wait for callbacks of a Daraja that is no simulator.",
)
@click.option(
    "--inbox-port",
    type=click.IntRange(0, 65535),
    default=0,
    help="Where callbacks of a base URL are heard; 0 picks a free port.",
)
@click.option(
    "--inbox-url", metavar="URL", help="How a Daraja reaches that port (default: on loopback)."
)
@report_option("--json", help="Also write what differs for programs; - for standard output.")
def diff(  # noqa: PLR0917  # click passes options by name
    scenarios: tuple[str, ...],
    left: str,
    right: str,
    ignore: tuple[str, ...],
    patience: float,
    inbox_port: int,
    inbox_url: str | None,
    json_file: Path | None,
) -> None:
    """Send the requests of scenarios to two Darajas, and list the fields that differ.

    A side is `sim`, `sim:documented`, `sim:observed,balance_item=false`, or the base URL of a
    running Daraja. Ids, receipts, times, names and balances are compared by their types only.
    Whom a base URL is asked as stands in DARAJASIM_LEFT_CONSUMER_KEY, _CONSUMER_SECRET and
    _SECURITY_CREDENTIAL, and in DARAJASIM_RIGHT_… likewise.
    """
    from darajasim.comparing.session import run  # noqa: PLC0415  # the engine
    from darajasim.comparing.side import SideError  # noqa: PLC0415
    from darajasim.scenarios.wording import plural  # noqa: PLC0415

    found = load_or_exit(scenarios)
    sides = [
        _daraja(name, which, port=inbox_port, public=inbox_url, patience=patience)
        for name, which in zip(SIDES, (left, right), strict=True)
    ]
    ignored = frozenset(key.lower() for key in ignore)
    silent = json_file is not None and str(json_file) == "-"
    try:
        compared = run(found, *sides, ignored=ignored, watch=lambda one: _tell(one, err=silent))
    except SideError as error:
        raise click.UsageError(str(error)) from None
    count = sum(len(one.differences) for one in compared)
    of = plural(sum(one.requests for one in compared), "request")
    scenarios_told = plural(len(compared), "scenario")
    click.echo(f"{plural(count, 'difference')} in {of} of {scenarios_told}", err=silent)
    if json_file is not None:
        _write(json_file, compared, left, right)
    sys.exit(1 if count else 0)


def _daraja(name: str, which: str, **options: Any) -> Daraja:
    from darajasim.comparing.session import Daraja  # noqa: PLC0415  # the engine
    from darajasim.comparing.side import Account  # noqa: PLC0415

    base, colon, profile = which.partition(":")
    if base == SIMULATOR:
        wanted = profile if colon else "observed"
        return Daraja(profile=ProfileOption().convert(wanted, None, None))
    if base not in ("http", "https") or not profile.startswith("//") or len(profile) <= 2:
        raise click.BadParameter(
            f"expected `sim`, `sim:documented` or a base URL, found {which!r}",
            param_hint=f"--{name}",
        )
    given = [os.environ.get(f"DARAJASIM_{name.upper()}_{each.upper()}", "") for each in SETTINGS]
    key, secret, credential = given
    account = Account(key or "merchant", secret or "secret", credential)
    return Daraja(base=which.rstrip("/"), account=account, **options)


def _tell(one: Compared, *, err: bool) -> None:
    for each in one.differences:
        place = f"{one.scenario}  {each.step} {each.operation}"
        click.echo(f"{place}  {each.where}: left {each.left}, right {each.right}", err=err)
    for step in one.skipped:
        click.echo(f"{one.scenario}  not compared: {step}", err=True)


def _write(path: Path, compared: list[Compared], left: str, right: str) -> None:
    document = {
        "version": VERSION,
        "left": left,
        "right": right,
        "scenarios": [
            {
                "name": one.scenario,
                "requests": one.requests,
                "differences": [each.as_json() for each in one.differences],
                "skipped": list(one.skipped),
            }
            for one in compared
        ],
    }
    written = json.dumps(document, indent=2, ensure_ascii=False) + "\n"
    if str(path) == "-":
        click.echo(written, nl=False)
        return
    try:
        path.write_text(written, encoding="utf-8", newline="\n")
    except OSError as error:
        raise click.UsageError(f"cannot write {path}: {error.strerror}") from None
