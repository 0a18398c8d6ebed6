"""The code blocks of a Markdown document, with what the comment before each says of it.

<!-- not run: the gate runs it -->      shown only, and why
<!-- continues -->                      goes on where the last block of its language ended
<!-- file: shop.py -->                  also written to this file, for the blocks after it
"""

import re
from dataclasses import dataclass
from pathlib import Path

from markdown_it import MarkdownIt

_COMMENT = re.compile(r"<!--\s*(not run|continues|file)(?::\s*(.*?))?\s*-->\s*$", re.DOTALL)
_MARKDOWN = MarkdownIt("commonmark").enable("table")


@dataclass(frozen=True, slots=True)
class Block:
    """Attributes:
    document: the file that it stands in.
    line: the line of its first line of code, from 1.
    language: the first word after the fence; "" without one, or for an indented block.
    reason: why it is not run; "" if it is.
    continues: whether it goes on from the last block of its language.
    file: where it is also written to; "" for nowhere.
    """

    document: Path
    line: int
    language: str
    text: str
    reason: str = ""
    continues: bool = False
    file: str = ""

    @property
    def place(self) -> str:
        return f"{self.document.name}:{self.line}"


def blocks(document: Path) -> list[Block]:
    """Every code block of a document, in its order."""
    found, said = [], {}
    for token in _MARKDOWN.parse(document.read_text(encoding="utf-8")):
        if token.type == "html_block":
            comment = _COMMENT.match(token.content.strip())
            said = {comment[1]: comment[2] or "yes"} if comment else {}
        elif token.type in ("fence", "code_block"):
            fenced = token.type == "fence"
            found.append(
                Block(
                    document,
                    token.map[0] + (2 if fenced else 1),
                    (token.info.split() or [""])[0] if fenced else "",
                    token.content,
                    reason=said.get("not run", ""),
                    continues="continues" in said,
                    file=said.get("file", ""),
                )
            )
            said = {}
        elif token.type not in ("paragraph_close", "list_item_open", "list_item_close"):
            said = {}
    return found
