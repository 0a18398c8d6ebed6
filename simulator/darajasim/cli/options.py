"""Options that several commands share."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import click

from darajasim.core.profile import KNOBS, PROFILES, Profile


class ProfileOption(click.ParamType[Profile]):
    """`observed`, or with knobs: `legacy,balance_item=false,token_lifetime=60`."""

    name = "profile"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> Profile:
        if isinstance(value, Profile):
            return value
        base, *pairs = str(value).split(",")
        if "=" in base or base.strip() in KNOBS:
            base, pairs = "observed", [base, *pairs]
        knobs: dict[str, object] = {}
        for pair in pairs:
            name, equals, text = pair.partition("=")
            if not equals:
                self.fail(f"expected knob=value, found {pair!r}", param, ctx)
            knobs[name.strip()] = _typed(name.strip(), text.strip())
        try:
            return Profile.named(base.strip(), **knobs)
        except ValueError as error:
            self.fail(str(error), param, ctx)


def _typed(name: str, text: str) -> object:
    """The text as the knob's own type, where it reads as that; the profile judges the rest."""
    kind = KNOBS[name].kind if name in KNOBS else str
    if kind is bool:
        return {"true": True, "false": False}.get(text.lower(), text)
    try:
        return kind(text)
    except ValueError:
        return text


profile_option = click.option(
    "--profile",
    type=ProfileOption(),
    default="observed",
    show_default=True,
    metavar="NAME[,KNOB=VALUE...]",
    help=f"How Daraja behaves: {', '.join(PROFILES)}; single knobs after commas.",
)

output_option = click.option(
    "--output",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Write to this file instead of standard output.",
)


def write_output(content: bytes, output: Path | None) -> None:
    """Write to a file, or to standard output for None.

    Raises:
        click.BadParameter: the file cannot be written.
    """
    if output is None:
        sys.stdout.buffer.write(content)
        return
    try:
        output.write_bytes(content)
    except OSError as error:
        raise click.BadParameter(
            f"cannot write {output}: {error.strerror or error}", param_hint="--output"
        ) from None
