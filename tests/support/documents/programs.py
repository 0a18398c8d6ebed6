"""The Python that documents show."""

import ast
import asyncio
import inspect
from types import CodeType
from typing import Any
from unittest import mock

from support.documents.blocks import Block


def wants_fixtures(block: Block) -> bool:
    """Whether a block is for pytest: a test of it has arguments that nothing else gives."""
    return any(
        isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and (
            (node.name.startswith("test_") and node.args.args and not _is_given(node))
            or any("fixture" in ast.unparse(decorator) for decorator in node.decorator_list)
        )
        for node in ast.parse(block.text).body
    )


def _is_given(node: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    return any(ast.unparse(decorator).startswith("given(") for decorator in node.decorator_list)


_sleep = asyncio.sleep


async def _hastily(seconds: float) -> None:
    """The simulator's time is a hundred times as fast, so nobody need wait as long for it."""
    await _sleep(seconds / 100)


def run(block: Block, names: dict[str, Any]) -> None:
    """Run a block in `names`, which stay for the next one; then the tests that it defines."""
    tree = ast.parse(block.text)
    ast.increment_lineno(tree, block.line - 1)
    before = dict(names)
    code: CodeType = compile(tree, block.document, "exec", ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)
    waits = eval(code, names)  # noqa: S307  # what our own documents say
    if inspect.iscoroutine(waits):
        with mock.patch("asyncio.sleep", _hastily):
            asyncio.run(waits)
    for name, value in names.items():
        if name.startswith("test_") and before.get(name) is not value:
            value()
