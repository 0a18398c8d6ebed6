"""docs/flows.md and its drawings, made by playing bundled scenarios."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cache
from importlib.resources import files

from darajasim.harness.report_sequence import rows
from darajasim.harness.report_svg import draw
from darajasim.harness.runner import run_scenario
from darajasim.scenarios import bundled, load_file

FOLDER = "docs/flows"
SEED = 1


@dataclass(frozen=True, slots=True)
class Flow:
    """One drawing: a bundled scenario, and what a reader should see in it."""

    scenario: str
    title: str
    see: str


FLOWS = (
    Flow(
        "paid",
        "A payment",
        "The acknowledgement says only that the prompt is on its way. The callback says how it "
        "ended; the query says the same to those who ask.",
    ),
    Flow(
        "customer-cancels",
        "The customer cancels",
        "Nothing moves. The same code comes when the prompt vanished by itself.",
    ),
    Flow(
        "callback-never",
        "The callback never comes",
        "Daraja sends a callback once. Who relies on it alone never learns of this payment; a "
        "query settles it.",
    ),
    Flow(
        "callback-before-acknowledgement",
        "The callback overtakes the acknowledgement",
        "The id in the callback is one that the merchant has not been told yet. It must be kept, "
        "and applied once the acknowledgement is there.",
    ),
    Flow(
        "acknowledgement-lost",
        "The acknowledgement is lost",
        "The prompt is on the phone, and the merchant knows no id to ask about. Pushing again "
        "could charge twice; the callback says what became of it.",
    ),
    Flow(
        "b2c-paid",
        "A payout",
        "A command is acknowledged at once and carried out later; its end comes to ResultURL.",
    ),
    Flow(
        "c2b-paid",
        "A payment from the phone",
        "Nobody asked for it. M-PESA asks the merchant first, where validation is on, and confirms "
        "the money afterwards.",
    ),
)

INTRODUCTION = """\
# Payment flows

<!-- Made by `python -m darajasim.cli.pages` from bundled scenarios. Edit those, not this. -->

Each drawing is a bundled scenario as it was played: `darajasim run NAME --html page.html` makes one
of any scenario, with every request and answer. Time goes down; long waits are shortened and named.
A dashed arrow never arrived."""


def page() -> str:
    """The whole page, in Markdown."""
    return "\n\n".join([INTRODUCTION, *map(_section, FLOWS)]) + "\n"


def drawing(flow: Flow) -> str:
    """An SVG that needs nothing beside it: no script, no font, no style sheet."""
    (scenario,) = load_file(bundled.files()[flow.scenario])
    happened = [replace(row, body="") for row in rows(run_scenario(scenario, SEED))]
    svg = draw(happened, (), "", f"{flow.title}: the scenario {flow.scenario}")
    svg = svg.replace("<svg ", '<svg xmlns="http://www.w3.org/2000/svg" ', 1)
    svg = svg.replace('role="group"', 'role="img"', 1)
    background = '<rect width="100%" height="100%" fill="var(--paper)"/>'
    begin, end, rest = svg.partition(">")
    return f"{begin}{end}<style>{_style()}</style>{background}{rest}\n"


def _section(flow: Flow) -> str:
    return (
        f"## {flow.title}\n\n{flow.see}\n\n"
        f"![{flow.title}: sequence diagram](flows/{flow.scenario}.svg)\n\n"
        f"`darajasim run {flow.scenario}`"
    )


@cache
def _style() -> str:
    """The rules of the report's style sheet that are about drawings, and its colours."""
    text = (files("darajasim.harness") / "report.css").read_text(encoding="utf-8")
    return "".join(_rules(text.replace("\n", "")))


def _rules(text: str) -> Iterator[str]:
    dark = "@media(prefers-color-scheme:dark)"
    before, _, after = text.partition(dark)
    yield before[: before.index("}") + 1]
    yield dark + after[: after.index("}}") + 2]
    for rule in after.split("}"):
        selector, brace, body = rule.partition("{")
        if brace and selector.startswith("svg"):
            # In a file of its own the drawing is the root, whatever is above it elsewhere.
            yield f"{selector}{{{body}}}"
