"""`darajasim`: the commands, each imported only when it is called."""

from __future__ import annotations

import importlib

import click
from click.exceptions import NoSuchCommand

from darajasim import __version__

COMMANDS = {
    "certificate": "Print the certificate for encrypting SecurityCredential.",
    "check": "Validate scenario files without running them.",
    "clock": "The time of a running simulator, and going ahead.",
    "codes": "Every result and error code: what it means and how to get it.",
    "demo": "Play a whole payment flow, showing every request and answer.",
    "diff": "What two Darajas answer differently to the same scenarios.",
    "journal": "What happened in a running simulator.",
    "openapi": "Print the OpenAPI description of the whole face.",
    "pay": "Let a customer of a running simulator pay.",
    "record": "Write a scenario of an application's real session.",
    "resend": "Send callbacks of a running simulator again.",
    "reset": "Begin a running simulator afresh.",
    "run": "Replay scenarios and judge the result.",
    "schema": "The JSON Schema of scenario files, or of a report.",
    "serve": "Start the fake Daraja on this machine.",
}


class LazyGroup(click.Group):
    """A group whose commands live in `darajasim.cli.<name>`."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # click's signature
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        command = getattr(importlib.import_module(f"darajasim.cli.{cmd_name}"), cmd_name)
        assert isinstance(command, click.Command)  # noqa: S101  # each module defines its command
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """As click's, and a slip of the finger is told what it is near to."""
        try:
            return super().resolve_command(ctx, args)
        except NoSuchCommand as error:
            raise NoSuchCommand(error.command_name, possibilities=COMMANDS, ctx=ctx) from None

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))


@click.group(
    cls=LazyGroup,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog="First time? `darajasim serve` prints a curl line that makes a payment.",
)
@click.version_option(__version__, message="darajasim %(version)s")
def main() -> None:
    """A fake Safaricom Daraja that behaves like the real one, and a judge of what meets it."""
