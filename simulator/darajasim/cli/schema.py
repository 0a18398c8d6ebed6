"""`darajasim schema`: the JSON Schemas of what people write and of what programs read."""

from __future__ import annotations

import json

import click


@click.command()
@click.option("--report", "which", flag_value="report", help="Of the report of `run --json`.")
@click.option(
    "--target", "which", flag_value="target", help="Of the target file of `run --target`."
)
def schema(*, which: str | None) -> None:
    """Print the JSON Schema of scenario files, for editors and for other checks."""
    click.echo(schema_text(which or "scenario"), nl=False)


def schema_text(which: str) -> str:
    """The schema of a `scenario`, a `target` or a `report`, laid out to be read."""
    # Each costs an import that the others do not need.
    if which == "report":
        from darajasim.harness.report_schema import report_schema as made  # noqa: PLC0415
    elif which == "target":
        from darajasim.harness.target.schema import target_schema as made  # noqa: PLC0415
    else:
        from darajasim.scenarios import json_schema as made  # noqa: PLC0415
    return json.dumps(made(), indent=2, ensure_ascii=False) + "\n"
