"""Broken scenarios with one mistake each, and the message that a newcomer gets for each.

To write the goldens anew after changing a message, and then read every difference:

    UPDATE_BROKEN_SCENARIOS=1 pytest tests/simulator/scenarios/test_broken_corpus.py
"""

import os
import re
from pathlib import Path

import pytest
import yaml

from darajasim.scenarios import ScenarioError, load_file, yaml_syntax, yaml_tree
from support.every import every

FOLDER = Path(__file__).parent / "broken"
BROKEN = sorted(path.stem for path in FOLDER.glob("*.yaml"))
UPDATE = os.environ.get("UPDATE_BROKEN_SCENARIOS") == "1"


@pytest.fixture(autouse=True)
def in_the_folder(monkeypatch: pytest.MonkeyPatch) -> None:
    """Messages show paths as they are given; goldens must not depend on where the checkout is."""
    monkeypatch.chdir(FOLDER)


@every(BROKEN)
def test_message(name):
    is_as_written(name)


def is_as_written(name):
    with pytest.raises(ScenarioError) as caught:
        load_file(f"{name}.yaml")
    golden = FOLDER / f"{name}.expected"
    shown = f"{caught.value}\n"
    if UPDATE:
        golden.write_text(shown, encoding="utf-8")
    assert shown == golden.read_text(encoding="utf-8")


@every(BROKEN)
def test_one_mistake_brings_one_message(name):
    with pytest.raises(ScenarioError) as caught:
        load_file(f"{name}.yaml")
    (mistake,) = caught.value.mistakes
    assert mistake.place is not None or name == "file-utf16"
    assert mistake.expected or mistake.advice, "says what would be right, or what to do"


@every(BROKEN)
def test_messages_speak_of_scenarios(name):
    """Not of pydantic, nor of the YAML parser's insides; and they fit on a screen."""
    golden = (FOLDER / f"{name}.expected").read_text(encoding="utf-8")
    for jargon in ("pydantic", "Input should", "block mapping", "flow", "scalar", "None"):
        assert jargon not in golden
    assert not re.search(r"(?<!access )(?<!`)\btoken\b", golden), "access tokens are Daraja's"
    assert max(map(len, golden.splitlines())) <= 110
    assert "\x1b" not in golden


def test_the_corpus_is_complete():
    assert len(BROKEN) >= 145
    assert {path.stem for path in FOLDER.glob("*.expected")} == set(BROKEN)


@pytest.mark.parametrize("name", [name for name in BROKEN if name.startswith("yaml-")])
def test_pyyaml_without_libyaml_says_the_same(name, monkeypatch):
    monkeypatch.setattr(yaml_syntax, "LOADER", yaml.SafeLoader)
    monkeypatch.setattr(yaml_tree, "LOADER", yaml.SafeLoader)
    is_as_written(name)
