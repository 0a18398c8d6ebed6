"""`darajasim reset`: a world of a running simulator begins afresh."""

from __future__ import annotations

import click

from darajasim.cli.remote import Remote, remote_options


@click.command()
@remote_options
def reset(url: str, namespace: str | None) -> None:
    """Begin a world of a running simulator afresh: journal, balances, rules and clock."""
    found = Remote(url, namespace).post("reset", {})
    done = "begins afresh" if found["existed"] else "had not been used"
    click.echo(f"{found['namespace']} {done}")
