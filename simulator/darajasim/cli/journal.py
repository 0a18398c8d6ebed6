"""`darajasim journal`: what happened in a running simulator."""

from __future__ import annotations

import contextlib
import json
from typing import Any

import click

from darajasim.cli.options import one_line
from darajasim.cli.remote import Remote, remote_options

PAGE = 1_000
LEFT_OUT = {"kind", "number", "time", "at", "body", "headers", "raw"}
MOST_CHARACTERS = 80


@click.command()
@click.option(
    "--kind", multiple=True, help="Only this kind, such as callback-attempted. Repeatable."
)
@click.option("--subject", multiple=True, help="Only what is about this id. Repeatable.")
@click.option("--operation", multiple=True, help="Only this operation. Repeatable.")
@click.option("--after", type=click.IntRange(0), default=0, help="Only events after this number.")
@click.option("--follow", is_flag=True, help="Go on with what happens, until Ctrl-C.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line.")
@remote_options
def journal(  # noqa: PLR0917  # click passes options by name
    url: str,
    namespace: str | None,
    kind: tuple[str, ...],
    subject: tuple[str, ...],
    operation: tuple[str, ...],
    after: int,
    *,
    follow: bool,
    as_json: bool,
) -> None:
    """List what happened in a running simulator, one event a line."""
    remote = Remote(url, namespace)
    query: dict[str, Any] = {"kind": kind, "subject": subject, "operation": operation}
    while True:
        page = remote.get("journal", {**query, "after": after, "limit": PAGE})
        for event in page["events"]:
            click.echo(json.dumps(event) if as_json else line(event))
            after = event["number"]
        if page["more"]:
            continue
        if not follow:
            return
        with contextlib.suppress(KeyboardInterrupt):
            remote.get("journal/wait", {**query, "after": after, "timeout": 60})
            continue
        return


def line(event: dict[str, Any]) -> str:
    """An event as a person reads it: number, time of day in UTC, kind, and what is short."""
    rest = [
        f"{key}={_short(value)}"
        for key, value in event.items()
        if key not in LEFT_OUT and value not in (None, "") and not isinstance(value, dict | list)
    ]
    return one_line(f"{event['number']:>5}  {event['time'][11:23]}  {event['kind']:<18}  "
                    + " ".join(rest))  # fmt: skip


def _short(value: object) -> str:
    text = str(value)
    return text if len(text) <= MOST_CHARACTERS else f"{text[: MOST_CHARACTERS - 1]}…"
