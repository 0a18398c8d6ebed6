"""`darajasim schema`: the JSON Schemas of what people write and of what programs read."""

from __future__ import annotations

import json

import click


@click.command()
@click.option("--report", is_flag=True, help="Of the report of `run --json` instead.")
def schema(*, report: bool) -> None:
    """Print the JSON Schema of scenario files, for editors and for other checks."""
    click.echo(schema_text(report=report), nl=False)


def schema_text(*, report: bool) -> str:
    """The schema, laid out to be read."""
    # Each costs an import that the other does not need.
    if report:
        from darajasim.harness.report_schema import report_schema as made  # noqa: PLC0415
    else:
        from darajasim.scenarios import json_schema as made  # noqa: PLC0415
    return json.dumps(made(), indent=2, ensure_ascii=False) + "\n"
