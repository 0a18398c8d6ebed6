"""`darajasim openapi`: the description of the face, for other tools."""

from __future__ import annotations

from pathlib import Path

import click

from darajasim.cli.options import output_option, write_output


@click.command()
@output_option
def openapi(output: Path | None) -> None:
    """Print the OpenAPI 3.1 description of Daraja, callbacks included, and of /_sim/."""
    from darajasim.http.description import serialised  # noqa: PLC0415  # imports every operation

    write_output(serialised(), output)
