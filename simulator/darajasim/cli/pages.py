"""Pages that are made from the code: `python -m darajasim.cli.pages [--check] [FOLDER]`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path

import click

from darajasim.cli import codes_page, flows_page, profiles_page
from darajasim.cli.schema import schema_text

COMMAND = "python -m darajasim.cli.pages"


def _endpoints() -> str:
    from darajasim.cli import endpoints_page  # noqa: PLC0415  # imports the server

    return endpoints_page.page()


def _coverage() -> str:
    from darajasim.cli import coverage_page  # noqa: PLC0415  # plays every scenario

    return coverage_page.page()


def _merchant() -> str:
    from darajasim.cli import merchant_page  # noqa: PLC0415  # imports the merchant application

    return merchant_page.page()


PAGES: Mapping[str, Callable[[], str]] = {
    "docs/codes.md": codes_page.page,
    "docs/coverage.md": _coverage,
    "docs/endpoints.md": _endpoints,
    "docs/flows.md": flows_page.page,
    **{
        f"{flows_page.FOLDER}/{flow.scenario}.svg": partial(flows_page.drawing, flow)
        for flow in flows_page.FLOWS
    },
    "docs/merchant.md": _merchant,
    "docs/profiles.md": profiles_page.page,
    "docs/report.schema.json": partial(schema_text, "report"),
    "docs/target.schema.json": partial(schema_text, "target"),
    "scenarios/schema.json": partial(schema_text, "scenario"),
}
"""Every generated page by its path in the repository."""


@click.command()
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False), default=Path())
@click.option("--check", is_flag=True, help="Write nothing; exit 1 if a page differs.")
def main(folder: Path, *, check: bool) -> None:
    """Write the generated pages of the repository in FOLDER."""
    stale = []
    for name, make in PAGES.items():
        path, made = folder / name, make()
        if check:
            found = path.read_text(encoding="utf-8") if path.is_file() else ""
            stale += [name] if found != made else []
        else:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(made, encoding="utf-8", newline="\n")
    if stale:
        raise click.ClickException(f"{', '.join(stale)}: not what the code says; run `{COMMAND}`")


if __name__ == "__main__":
    main()
