"""`darajasim resend`: callbacks of a running simulator's journal, sent again."""

from __future__ import annotations

import re

import click

from darajasim.cli.journal import line
from darajasim.cli.remote import Remote, remote_options


@click.command()
@click.argument("numbers", metavar="N[-M]")
@remote_options
def resend(numbers: str, url: str, namespace: str | None) -> None:
    """Send callback N of the journal again, or all from N to M, the same bytes.

    `darajasim journal --kind callback-attempted` lists them.
    """
    found = re.fullmatch(r"([0-9]{1,15})(?:(-)([0-9]{1,15})?)?", numbers)
    if found is None:
        raise click.BadParameter(
            f"expected a number of the journal such as 12, or 12-20, found {numbers!r}",
            param_hint="N[-M]",
        )
    first, dash, last = found.groups()
    asked = {"from": int(first)} if dash else {"number": int(first)}
    if last is not None:
        asked["to"] = int(last)
    answer = Remote(url, namespace).post("callbacks/resend", asked)
    for event in answer["events"]:
        click.echo(line(event))
    click.echo(f"{answer['resent']} sent again")
