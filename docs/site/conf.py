"""The site: the pages of docs/ as they are, in the order of index.md. Needs no network to read.

sphinx-build -W --keep-going -n -c docs/site docs OUT
"""

import os
import re
from pathlib import Path

from sphinx.application import Sphinx

HERE = Path(__file__).parent
DOCS = HERE.parent
OUTSIDE = {
    "../CONTRIBUTING.md": "site/contributing",
    "../CHANGELOG.md": "site/changelog",
    "../examples/README.md": "site/examples",
}
"""Pages above docs/, and the documents here that stand for them."""

project = "darajasim"
author = "The darajasim developers"
project_copyright = author
extensions = ["myst_parser"]
root_doc = "index"
exclude_patterns = ["site/README.md"]
html_theme = "furo"
html_title = project
html_copy_source = False
html_show_sphinx = False
myst_heading_anchors = 4  # the anchors that GitHub gives
myst_links_external_new_tab = False


def _navigation(text: str) -> str:
    """A toctree for each section of the index, of the pages that it links to."""
    trees = []
    for section in re.split(r"^## ", text, flags=re.MULTILINE)[1:]:
        links = re.findall(r"\]\(([^):]+\.md)\)", section)
        names = [OUTSIDE.get(link, link.removesuffix(".md")) for link in links]
        head = ["```{toctree}", ":hidden:", f":caption: {section.splitlines()[0]}", ""]
        trees.append("\n".join([*head, *names, "```"]))
    return "\n\n".join([text, *trees]) + "\n"


def _moved(page: Path) -> str:
    """A page from above docs/, with its links as they are from here."""

    def link(found: re.Match[str]) -> str:
        return f"]({os.path.relpath(page.parent / found[1], HERE)})"

    return re.sub(r"\]\(([^):#]+)\)", link, page.read_text(encoding="utf-8"))


def _read(_app: Sphinx, name: str, source: list[str]) -> None:
    if name == root_doc:
        source[0] = _navigation(source[0])
    for link, document in OUTSIDE.items():
        if name == document:
            source[0] = _moved((DOCS / link).resolve())
        source[0] = source[0].replace(f"]({link}", f"](/{document}.md")


def setup(app: Sphinx) -> None:
    app.connect("source-read", _read)
