"""`darajasim demo --callbacks`: every form of a callback, and what the validator says of it."""

from __future__ import annotations

from collections import Counter

import click

from darajasim.harness.callback_verdicts import Shown, shown
from darajasim.harness.report_escape import one_line, visible

LONGEST = 1500
"""Characters of a body that are shown."""
WIDTH = 92


def show(seed: int) -> bool:
    """Print all forms. Says whether the validator said of each what it ought to."""
    group, all_shown = "", list(shown(seed))
    for each in all_shown:
        if each.group != group:
            group = each.group
            click.echo(f"\n{click.style(group, bold=True)}")
        _print(each)
    _sum_up(all_shown)
    return all(each.right for each in all_shown)


def _print(each: Shown) -> None:
    click.echo(f"\n  {click.style(each.title, fg='cyan')} ({each.kind})")
    for line in _laid_out(each.body):
        click.echo(f"    {line}")
    colour = "red" if each.told.startswith("refused") else "green"
    click.echo(f"  → {click.style(one_line(each.told), fg=colour)}")
    if not each.right:
        click.echo(f"  expected {each.expected}, found {each.says}", err=True)


def _sum_up(all_shown: list[Shown]) -> None:
    verdicts = Counter(each.says for each in all_shown)
    width = max(map(len, verdicts))
    click.echo(f"\n{'verdict':<{width}}  forms")
    for says, count in sorted(verdicts.items(), key=lambda pair: (pair[0].isupper(), pair[0])):
        click.echo(f"{says:<{width}}  {count:>5}")
    wrong = sum(not each.right for each in all_shown)
    click.echo(f"{len(all_shown)} forms, {wrong} judged otherwise than they ought to be")


def _laid_out(body: bytes) -> list[str]:
    """The body as it was sent, and not too much of it."""
    text = body.decode("utf-8", "replace")
    if len(text) > LONGEST:
        text = f"{text[:100].rstrip()}… ({len(body)} bytes)"
    told = visible(text)
    return [told[at : at + WIDTH] for at in range(0, len(told), WIDTH)]
