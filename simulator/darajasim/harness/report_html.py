"""The report as one page that needs nothing else: no script, no font, no request to anywhere."""

from __future__ import annotations

import base64
import hashlib
from html import escape
from itertools import chain
from pathlib import Path

from darajasim import __version__
from darajasim.harness.report_escape import one_line
from darajasim.harness.report_html_scenario import section
from darajasim.harness.report_text import counts, duration
from darajasim.harness.run_events import RunEnded, RunEvent, RunStarted, ScenarioEnded

_STYLE = Path(__file__).with_name("report.css")
MOST_FAILURES = 200
"""How many failures are listed at the head."""


class HtmlReport:
    """Collects the sections of a page, and the links to them."""

    def __init__(self) -> None:
        self._sections: list[str] = []
        self._failures: list[str] = []
        self._tags: dict[str, int] = {}
        self._head = ""
        self._seeds = ""

    def take(self, event: RunEvent) -> None:
        """Take the next event of the run."""
        match event:
            case RunStarted():
                last = event.seed + event.repeat - 1
                self._seeds = f"seed {event.seed}" + (f" to {last}" if event.repeat > 1 else "")
            case ScenarioEnded():
                self._scenario(event)
            case RunEnded():
                simulated = duration(event.simulated_seconds)
                self._head = f"{counts(event)} · {simulated} simulated · {self._seeds}"

    def _scenario(self, event: ScenarioEnded) -> None:
        for tag in event.result.scenario.tags:
            self._tags.setdefault(tag, len(self._tags) + 1)
        kinds = [f"t{self._tags[tag]}" for tag in event.result.scenario.tags]
        self._sections.append(section(event, kinds))
        if event.failed:
            title = escape(one_line(event.title))
            self._failures.append(f'<li><a href="#s{event.number}">{title}</a></li>')

    def document(self) -> bytes:
        """The page."""
        style = _STYLE.read_text(encoding="utf-8") + "".join(
            f"#tag-{number}:target~main .scenario:not(.t{number}){{display:none}}\n"
            for number in self._tags.values()
        )
        parts = chain(
            _opening(style),
            ['<span id="all"></span><span id="only-failed"></span>'],
            (f'<span id="tag-{number}"></span>' for number in self._tags.values()),
            ["<header><h1>darajasim</h1><p>", escape(self._head), "</p>\n"],
            self._filters(),
            self._list_of_failures(),
            ['</header>\n<main id="scenarios">\n', *self._sections, "</main>\n"],
            [f'<footer class="soft">darajasim {escape(__version__)}. Times are simulated.'],
            ["</footer>\n</body>\n</html>\n"],
        )
        return "".join(parts).encode()

    def _filters(self) -> list[str]:
        total, failed = len(self._sections), len(self._failures)
        links = [
            f'<li><a href="#all">All ({total})</a></li>',
            f'<li><a href="#only-failed">Failed ({failed})</a></li>',
        ]
        links += [
            f'<li><a href="#tag-{number}">{escape(one_line(tag))}</a></li>'
            for tag, number in sorted(self._tags.items())
        ]
        return ['<nav aria-label="Show only"><ul>', *links, "</ul></nav>\n"]

    def _list_of_failures(self) -> list[str]:
        if not self._failures:
            return []
        shown = self._failures[:MOST_FAILURES]
        left = len(self._failures) - len(shown)
        rest = [f"<li>and {left} more</li>"] if left else []
        return ['<nav aria-label="Failures"><h3>Failed</h3><ol>', *shown, *rest, "</ol></nav>\n"]


def _opening(style: str) -> list[str]:
    """The head of the page, which forbids everything but its own style."""
    digest = hashlib.sha256(style.encode()).digest()
    own = f"'sha256-{base64.b64encode(digest).decode()}'"
    policy = f"default-src 'none'; style-src {own}; base-uri 'none'"
    return [
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n',
        f'<meta http-equiv="Content-Security-Policy" content="{policy}; form-action \'none\'">\n',
        '<meta name="viewport" content="width=device-width,initial-scale=1">\n',
        '<meta name="robots" content="noindex">\n<title>darajasim run</title>\n',
        f"<style>{style}</style>\n</head>\n<body>\n",
        '<a class="skip" href="#scenarios">To the scenarios</a>\n',
    ]
