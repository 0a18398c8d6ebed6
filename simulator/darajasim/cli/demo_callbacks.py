"""`darajasim demo --callbacks`: every form of a callback, and what the validator says of it."""

from __future__ import annotations

from collections import Counter

import click

from darajasim.harness.callback_verdicts import Shown, shown
from darajasim.harness.report_escape import one_line, visible

LONGEST = 1500
"""Characters of a body that are shown."""
WIDTH = 92
_COLOURS = {"accepted": "green", "refused": "red", "without a validator": "yellow"}


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
    colour = _COLOURS[_sort(each)]
    click.echo(f"  → {click.style(one_line(each.told), fg=colour)}")
    if not each.right:
        click.echo(f"  expected {each.expected}, found {each.says}", err=True)


def _sum_up(all_shown: list[Shown]) -> None:
    """A table of all forms, and how many there are of each sort of verdict."""
    width = max(len(each.title) for each in all_shown)
    kinds = max(len(each.kind) for each in all_shown)
    click.echo(f"\n{'form':<{width}}  {'kind':<{kinds}}  verdict")
    for each in all_shown:
        wrong = "" if each.right else f", expected {each.expected}"
        click.echo(f"{each.title:<{width}}  {each.kind:<{kinds}}  {each.says}{wrong}")
    sorts = Counter(map(_sort, all_shown))
    click.echo(f"\n{', '.join(f'{count} {sort}' for sort, count in sorts.items())}")
    wrongs = sum(not each.right for each in all_shown)
    click.echo(f"{len(all_shown)} forms, {wrongs} judged otherwise than they ought to be")


def _sort(each: Shown) -> str:
    """Refused, accepted, or without a validator."""
    word = each.told.partition(" ")[0].strip(",:")
    return word if word in {"accepted", "refused"} else "without a validator"


def _laid_out(body: bytes) -> list[str]:
    """The body as it was sent, and not too much of it."""
    text = body.decode("utf-8", "replace")
    if len(text) > LONGEST:
        text = f"{text[:100].rstrip()}… ({len(body)} bytes)"
    told = visible(text)
    return [told[at : at + WIDTH] for at in range(0, len(told), WIDTH)]
