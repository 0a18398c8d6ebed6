"""`darajasim codes`: every code, what it means, what to do about it, and how to get it here."""

import json
import sys
from collections.abc import Mapping, Sequence
from typing import Any

import click

from darajasim.cli.code_sheet import sheet
from darajasim.cli.code_words import HEADINGS, magic_text, short_text
from darajasim.core.catalogue import SURFACES, Row, catalogue
from mpesa_pochi.customer_messages import Language, customer_message

FOOTER = "`darajasim codes CODE` explains one: a code or a key. `--json` prints all there is."


@click.command()
@click.argument("code", required=False)
@click.option("--json", "as_json", is_flag=True, help="Print a JSON list of objects.")
@click.option("--surface", type=click.Choice(SURFACES), help="Only the codes of this surface.")
def codes(code: str | None, surface: str | None, *, as_json: bool) -> None:
    r"""List every code, or explain CODE: a result code, an error code, or a key.

    \b
    darajasim codes                  all of them
    darajasim codes 1032             one page
    darajasim codes 500.001.1001     seven meanings share it: seven pages
    darajasim codes 2001             it means different things in different callbacks
    darajasim codes wrong-pin        by key
    darajasim codes --surface result
    """
    rows = _chosen(code, surface)
    if as_json:
        # Bytes, so that the output is UTF-8 whatever the terminal's encoding is.
        click.echo(
            json.dumps([as_object(row) for row in rows], ensure_ascii=False, indent=2).encode()
        )
    elif code is not None:
        click.echo("\n\n".join(_page(row) for row in rows))
    elif stdout_is_terminal():
        _print_rich(rows)
    else:
        click.echo(plain_table(rows))


def stdout_is_terminal() -> bool:
    """Whether a person is looking."""
    return sys.stdout.isatty()


def as_object(row: Row) -> dict[str, Any]:
    """A row as `--json` prints it. What a surface does not have is null."""
    payment = row.surface == "stk"
    return {
        "key": row.key,
        "code": row.code,
        "surface": row.surface,
        "json_type": row.json_type or None,
        "http_status": row.http_status,
        "text": row.text,
        "query_text": row.text_in("observed", query=True) if payment else None,
        "variants": dict(row.variants),
        "appears_in": list(row.appears_in),
        "terminal": row.terminal if payment else None,
        "meaning": row.meaning,
        "customer": row.customer,
        "message": {language.value: customer_message(row, language) for language in Language},
        "merchant": row.merchant,
        "retry": row.retry,
        "source": row.source,
        "operation": row.operation,
        "reproduce": dict(row.reproduce),
        "how": row.how,
    }


def plain_table(rows: Sequence[Row]) -> str:
    """One line a row, in columns, under a heading for each surface."""
    keys = max(len(row.key) for row in rows)
    numbers = max(len(_shown_code(row)) for row in rows)
    magic = max(len(magic_text(row)) for row in rows)
    lines = []
    for surface, some in _by_surface(rows).items():
        lines += [HEADINGS[surface], ""]
        lines += [
            f"{_shown_code(row):<{numbers}}  {row.key:<{keys}}  {magic_text(row):<{magic}}  "
            f"{short_text(row)}"
            for row in some
        ]
        lines.append("")
    return "\n".join([*lines, FOOTER])


def _chosen(code: str | None, surface: str | None) -> tuple[Row, ...]:
    known = catalogue()
    found = known.rows if code is None else known.find(code)
    if not found:
        near = known.nearest(code or "")
        hint = f"did you mean {', '.join(near)}?" if near else "`darajasim codes` lists them all"
        raise click.UsageError(f"no code or key {code!r} in the catalogue; {hint}")
    rows = tuple(row for row in found if surface in (None, row.surface))
    if not rows:
        known_on = " and ".join(dict.fromkeys(row.surface for row in found))
        raise click.UsageError(f"{code} is of surface {known_on}, not {surface}")
    return rows


def _page(row: Row) -> str:
    head, *rest = sheet(row)
    return "\n".join([click.style(head, bold=True), *rest])


def _by_surface(rows: Sequence[Row]) -> Mapping[str, list[Row]]:
    found: dict[str, list[Row]] = {}
    for row in rows:
        found.setdefault(row.surface, []).append(row)
    return found


def _shown_code(row: Row) -> str:
    return row.code or f"HTTP {row.http_status}"


def _print_rich(rows: Sequence[Row]) -> None:
    from rich.box import SIMPLE_HEAD  # noqa: PLC0415  # only a terminal needs it
    from rich.console import Console  # noqa: PLC0415
    from rich.markup import escape  # noqa: PLC0415
    from rich.table import Table  # noqa: PLC0415

    console = Console()
    for surface, some in _by_surface(rows).items():
        table = Table(title=HEADINGS[surface], title_justify="left", box=SIMPLE_HEAD)
        table.add_column("Code", no_wrap=True, style="bold")
        table.add_column("Key", no_wrap=True, style="cyan")
        table.add_column("Text", overflow="fold")
        if console.width >= 110:
            table.add_column("Get it with", overflow="fold")
        for row in some:
            cells = (_shown_code(row), row.key, escape(short_text(row)), escape(magic_text(row)))
            table.add_row(*cells[: len(table.columns)])
        console.print(table)
    console.print(FOOTER, markup=False, highlight=False)
