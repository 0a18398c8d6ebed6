"""`darajasim certificate`: what clients of this simulator encrypt SecurityCredential with."""

from __future__ import annotations

from pathlib import Path

import click

from darajasim.cli.options import output_option, write_output


@click.command()
@output_option
def certificate(output: Path | None) -> None:
    """Print the certificate (PEM) that SecurityCredential is encrypted with for this simulator."""
    from darajasim.operations import credentials  # noqa: PLC0415  # imports cryptography

    write_output(credentials.certificate().encode(), output)
