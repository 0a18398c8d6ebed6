"""docs/strategies.md leaves nothing out."""

import inspect
import re
from pathlib import Path

import pytest

from darajasim import strategies
from darajasim.strategies.forgery import LIES
from darajasim.strategies.mutation import CHANGES
from support.every import every

DOCUMENT = (Path(__file__).parents[3] / "docs" / "strategies.md").read_text(encoding="utf-8")
MAKERS = [name for name in strategies.__all__ if name.endswith("s") and name[0].islower()]


@pytest.mark.parametrize("name", MAKERS)
def test_every_strategy_is_described_with_every_argument_and_default(name):
    (row,) = re.findall(rf"^\| `{name}\((.*?)\)` \|", DOCUMENT, re.MULTILINE)
    told = [part for part in row.split(", ") if part]
    defaults = {"changes": "CHANGES", "lies": "LIES"}
    for parameter, said in zip(
        inspect.signature(getattr(strategies, name)).parameters.values(), told, strict=True
    ):
        if parameter.kind is parameter.KEYWORD_ONLY:
            argument, _, default = said.partition("=")
            assert argument == parameter.name
            assert default == defaults.get(argument) or eval(default) == parameter.default  # noqa: S307


@every([*CHANGES, *LIES, *strategies.__all__])
def test_every_word_is_described(word):
    if word not in ("Claim", "HistoryPush"):
        assert word in " ".join(DOCUMENT.split())
