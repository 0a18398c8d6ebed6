"""Scenarios that come as text instead of as a file, over HTTP or from a test."""

import re
from functools import lru_cache
from pathlib import Path

from darajasim.scenarios.encoding import decode
from darajasim.scenarios.load import load_source
from darajasim.scenarios.scalars import is_slug
from darajasim.scenarios.scenario import Scenario
from darajasim.scenarios.vocabulary import default_vocabulary

UNNAMED = "posted"
"""What a text is called that does not say how."""

_NAME = re.compile(rb"""^\s*\{?\s*["']?scenario["']?\s*:\s*["']?([a-z0-9-]+)""", re.MULTILINE)


@lru_cache(maxsize=64)
def load_text(text: bytes, shown: str = "") -> tuple[Scenario, ...]:
    """The scenarios of one text: one, or one for each row of its `cases:`.

    Args:
        text: YAML or JSON in UTF-8, as it would stand in a file.
        shown: what messages call it (default: the file that it would be).

    Raises:
        ScenarioError: whatever is wrong, all mistakes at once.
    """
    found = _NAME.search(text)
    name = found[1].decode() if found else UNNAMED
    stem = name if is_slug(name) else UNNAMED
    file = f"{stem}.yaml"
    source = decode(text, shown or file)
    return tuple(load_source(source, Path(file), default_vocabulary()))
