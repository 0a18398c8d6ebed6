"""What a person can write: options, variables, keys; taken from the code, not from documents."""

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import click

from darajasim.cli.main import main
from mpesa_pochi import sealed
from mpesa_pochi.__main__ import main as merchant
from mpesa_pochi.merchant import standalone
from mpesa_pochi.settings import VARIABLES

REPOSITORY = Path(__file__).parents[3]
SOURCES = sorted(
    path for folder in ("simulator", "client") for path in (REPOSITORY / folder).rglob("*.py")
)
PROGRAMS = {"darajasim": main, "python -m mpesa_pochi": merchant}


def commands() -> Iterator[tuple[str, click.Command]]:
    """Every command of ours with its whole name: `darajasim run`."""
    for name, program in PROGRAMS.items():
        yield from _below(name, program)


def _below(name: str, command: click.Command) -> Iterator[tuple[str, click.Command]]:
    yield name, command
    if isinstance(command, click.Group):
        context = click.Context(command)
        for child in command.list_commands(context):
            found = command.get_command(context, child)
            assert found is not None
            yield from _below(f"{name} {child}", found)


def options(command: click.Command) -> set[str]:
    """The options of a command, by each of their names; `--help` is everybody's."""
    return {
        option
        for parameter in command.params
        if isinstance(parameter, click.Option)
        for option in (*parameter.opts, *parameter.secondary_opts)
    }


@cache
def variables() -> frozenset[str]:
    """Every name that our code looks up in the environment."""
    tables = (VARIABLES, standalone.VARIABLES, sealed.VARIABLES)
    found = {name for table in tables for name in table.values()}
    for _, command in commands():
        for parameter in command.params:
            named = parameter.envvar or ()
            found |= {named} if isinstance(named, str) else set(named)
    for path in SOURCES:
        text = path.read_text(encoding="utf-8")
        if "environ" in text or "getenv" in text:
            found |= set(looked_up(ast.parse(text)))
    return frozenset(found)


def looked_up(tree: ast.AST) -> Iterator[str]:
    """Names that a module asks of `os.environ` or `os.getenv` in so many words."""
    for node in ast.walk(tree):
        match node:
            case ast.Call(
                func=ast.Attribute(value=ast.Attribute(attr="environ")), args=[first, *_]
            ):
                name = first
            case ast.Call(func=ast.Attribute(attr="getenv"), args=[first, *_]):
                name = first
            case ast.Subscript(value=ast.Attribute(attr="environ"), slice=name):
                pass
            case ast.Compare(
                left=name, ops=[ast.In() | ast.NotIn()], comparators=[ast.Attribute(attr="environ")]
            ):
                pass
            case _:
                continue
        if isinstance(name, ast.Constant):
            yield str(name.value)


def keys(node: object) -> Iterator[str]:
    """The keys that a JSON Schema knows, at any depth."""
    if isinstance(node, dict):
        properties = node.get("properties", {})
        yield from properties if isinstance(properties, dict) else ()
        for child in node.values():
            yield from keys(child)
    elif isinstance(node, list):
        for child in node:
            yield from keys(child)
