"""Options that several commands share."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from darajasim.core.profile import KNOBS, PROFILES, Profile

if TYPE_CHECKING:
    from darajasim.harness.selection import Matcher
    from darajasim.scenarios.chaos import Chaos

F = TypeVar("F", bound=Callable[..., object])


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


def one_line(text: str) -> str:
    """What others sent may be shown, but must not make lines of its own or steer the terminal."""
    return "".join(char if char.isprintable() else "?" for char in text)


def cores() -> int:
    """How many processors this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


jobs_option = click.option(
    "--jobs",
    type=click.IntRange(1, 64),
    default=cores,
    show_default="one a core",
    help="Processes to use; every report is the same with any number.",
)


class SelectionType(click.ParamType["Matcher"]):
    """An expression of substrings, `and`, `or`, `not` and parentheses."""

    name = "expression"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> Matcher:
        # The engine is not needed for help.
        from darajasim.harness.selection import SelectionError, matcher  # noqa: PLC0415

        if callable(value):
            return value  # type: ignore[no-any-return]  # it has been converted already
        try:
            return matcher(str(value))
        except SelectionError as error:
            self.fail(str(error), param, ctx)


class ChaosType(click.ParamType["Chaos"]):
    """A bundled chaos profile, or the file of one."""

    name = "chaos"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> Chaos:
        from darajasim.scenarios import ScenarioError  # noqa: PLC0415  # not needed for help
        from darajasim.scenarios.chaos_files import chaos  # noqa: PLC0415

        if not isinstance(value, str):
            return value  # type: ignore[no-any-return]  # it has been converted already
        try:
            return replace(chaos(value), given=value)
        except ScenarioError as error:
            self.fail(str(error), param, ctx)


chaos_option = click.option(
    "--chaos",
    type=ChaosType(),
    multiple=True,
    metavar="NAME|FILE",
    help="Bad hours of Daraja that begin at once and end by themselves, such as callback-outage; "
    "repeatable.",
)


def report_option(name: str, *, help: str) -> Callable[[F], F]:  # noqa: A002  # click's own word
    """An option that names the file of a report: `--json` is given as `json_file`."""
    return click.option(
        name,
        f"{name.removeprefix('--')}_file",
        type=click.Path(dir_okay=False, allow_dash=True, path_type=Path),
        metavar="FILE",
        help=help,
    )
