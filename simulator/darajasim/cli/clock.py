"""`darajasim clock`: the time in a running simulator, and going ahead in it."""

from __future__ import annotations

import click

from darajasim.cli.remote import Remote, remote_options


@click.command()
@click.option("--advance", metavar="LENGTH", help="Go so far ahead: 60, 90s, 1m30s, 2h.")
@click.option("--settle", is_flag=True, help="Go ahead until nothing is due.")
@click.option("--set", "moment", metavar="TIME", help='Go to a Nairobi time: "2026-03-02 09:00".')
@remote_options
def clock(
    url: str, namespace: str | None, advance: str | None, moment: str | None, *, settle: bool
) -> None:
    """Show the simulated time of a running simulator, or go ahead in it."""
    asked = {
        key: value
        for key, value in (("advance", advance), ("settle", settle), ("set", moment))
        if value
    }
    if len(asked) > 1:
        raise click.UsageError("expected one of --advance, --settle and --set, found several")
    remote = Remote(url, namespace)
    found = remote.post("clock", asked) if asked else remote.get("clock")
    following = f", the next at {found['next']}" if found["next"] else ""
    click.echo(f"{found['time']}  speed {found['speed']:g}  {found['due']} due{following}")
