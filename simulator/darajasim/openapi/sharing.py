"""What several operations have in common is said once, and pointed to."""

from __future__ import annotations

import json
from collections import Counter
from typing import Any

Responses = dict[str, Any]


def shared_responses(items: list[tuple[str, Responses]]) -> dict[str, Any]:
    """Put `$ref` in the place of responses that several operations have; the responses themselves.

    Args:
        items: operations' names with their responses by status, which are changed. A shared
            response is called after the first that has it: `iot_all_sims-400`.
    """
    texts = [{status: _text(found) for status, found in of.items()} for _name, of in items]
    uses = Counter(text for of in texts for text in of.values())
    names: dict[str, str] = {}
    components: dict[str, Any] = {}
    for (operation, responses), known in zip(items, texts, strict=True):
        for status, text in known.items():
            if uses[text] == 1:
                continue
            if text not in names:
                names[text] = _free(f"{operation}-{status}", components)
                components[names[text]] = responses[status]
            responses[status] = {"$ref": f"#/components/responses/{names[text]}"}
    return components


def _text(response: Any) -> str:
    return json.dumps(response, sort_keys=True)


def _free(name: str, taken: dict[str, Any]) -> str:
    """`name`, or with a number behind it where versions of an operation differ."""
    number, found = 1, name
    while found in taken:
        number += 1
        found = f"{name}-{number}"
    return found
