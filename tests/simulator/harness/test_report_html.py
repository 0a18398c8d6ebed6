"""The page: nothing in it does anything, everything in it can be reached and read."""

import re
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import pytest

from darajasim.harness import report_html_scenario
from darajasim.harness.exchanges import Exchange
from darajasim.harness.findings import Finding
from darajasim.harness.report_html import HtmlReport
from support.hostile import HOSTILE
from support.played import PAY, played
from support.run_events import document, events

PASSES = ("tags: [a, b]", "steps:", PAY, "- settle", "expect: {payment: {status: success}}")
FAILS = (
    "tags: [b, c]",
    "rules: [{on: stk_push, customer: cancel}]",
    "steps:",
    PAY,
    "- settle",
    "expect: {payment: {status: success}, callbacks: {sent: 2}, balance: {0722000000: 1}}",
)
VOID = {"meta", "line", "circle", "rect", "path"}
TAGS = {
    "html", "head", "meta", "title", "style", "body", "a", "span", "header", "h1", "h2", "h3", "p",
    "nav", "ul", "ol", "li", "main", "details", "summary", "div", "strong", "dl", "dt", "dd", "svg",
    "g", "line", "path", "rect", "circle", "text", "pre", "code", "footer",
}  # fmt: skip


class Page(HTMLParser):
    """What a browser would make of it, and that every tag is closed in its turn."""

    def __init__(self, text):
        super().__init__(convert_charrefs=True)
        self.tags, self.ids, self.hrefs, self.texts, self.attributes = [], [], [], [], set()
        self.open = []
        self.feed(text)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.attributes |= {(tag, name) for name, _ in attrs}
        self.ids += [value for name, value in attrs if name == "id"]
        self.hrefs += [value for name, value in attrs if name in ("href", "src", "xlink:href")]
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        assert tag in VOID
        self.handle_starttag(tag, attrs)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.texts.append((self.open[-1] if self.open else "", data))

    def text_of(self, tag):
        return [text for where, text in self.texts if where == tag]


def made(*results, **options):
    return document(HtmlReport(), *results, **options)


@pytest.fixture(scope="module")
def both():
    return made(played(*PASSES), played(*FAILS))


def test_look(snapshot, both):
    assert re.sub(r"darajasim \d+\.\d+\.\S+", "darajasim VERSION", both) == snapshot


def test_it_is_well_formed_and_holds_nothing_but_what_it_shows(both):
    page = Page(both)
    assert set(page.tags) <= TAGS
    assert not {name for _tag, name in page.attributes if name.startswith("on") or name == "style"}
    assert both.startswith('<!doctype html>\n<html lang="en">')


def test_every_link_leads_somewhere_in_the_page(both):
    page = Page(both)
    assert len(page.ids) == len(set(page.ids))
    assert {href.removeprefix("#") for href in page.hrefs} <= set(page.ids)
    assert all(href.startswith("#") for href in page.hrefs)


def test_it_asks_for_nothing_and_forbids_all(both):
    style = re.search(r"<style>(.*?)</style>", both, re.DOTALL)[1]
    assert "url(" not in style
    assert "@import" not in style
    (policy,) = re.findall(r'Content-Security-Policy" content="([^"]*)"', both)
    assert policy.startswith("default-src 'none'; style-src 'sha256-")

    import base64
    import hashlib

    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    assert f"'sha256-{digest}'" in policy


@pytest.mark.parametrize("text", HOSTILE)
def test_whatever_is_in_it_it_is_only_shown(text):
    result = played(*FAILS)
    spoilt = tuple(
        replace(each, body=text, answer=text, hint=text, headers=(("content-type", text),))
        for each in result.exchanges
    )
    finding = Finding(text, text, text, text)
    scenario = replace(result.scenario, name=text, about=text, tags=(text,))
    shown = made(replace(result, exchanges=spoilt, findings=(finding,), scenario=scenario))
    page = Page(shown)
    assert set(page.tags) <= TAGS
    assert all(href.startswith("#") for href in page.hrefs)
    assert not {name for _tag, name in page.attributes if name.startswith("on")}
    assert shown.isprintable() or not re.search(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202e]", shown)
    assert len(Page(shown).ids) == len(set(page.ids))


def test_what_failed_is_open_and_linked_and_what_passed_is_not(both):
    assert '<details class="scenario passed t1 t2" id="s1">' in both
    assert '<details class="scenario failed t2 t3" id="s2" open>' in both
    assert '<nav aria-label="Failures"><h3>Failed</h3><ol><li><a href="#s2">shown</a></li>' in both
    assert 'aria-label="Failures"' not in made(played(*PASSES))


def test_it_can_be_filtered_by_verdict_and_tag(both):
    assert "#only-failed:target~main .passed{display:none}" in both
    assert "#tag-3:target~main .scenario:not(.t3){display:none}" in both
    assert '<a href="#only-failed">Failed (1)</a>' in both
    assert '<a href="#tag-3">c</a>' in both


def test_each_failed_expectation_is_marked_below_its_row(both):
    drawing = both[both.rindex("<svg") : both.rindex("</svg>")]
    order = re.findall(r'<g class="(\w+)[^"]*"><title>([^<]*)', drawing)
    flags = [number for number, (kind, _text) in enumerate(order) if kind == "flag"]
    assert [order[number][1].split(":")[0] for number in flags] == [
        "payment first",
        "callbacks",
        "balance of 254722000000",
    ]
    before_first = order[flags[0] - 1][1]
    assert before_first.startswith("callback stk no. 1: HTTP 200")


def test_every_request_and_answer_is_there(both):
    result = played(*FAILS)
    page = Page(both)
    bodies = "\n".join(page.text_of("pre"))
    for exchange in result.exchanges:
        assert f"{exchange.method} {exchange.url}" in bodies
    assert '"ResponseCode": "0"' in bodies
    assert '"ResultCode": 1032' in bodies


def test_the_same_stands_there_in_words(both):
    words = [text for text in Page(both).text_of("pre") if "scenario   pay first" in text]
    assert len(words) == 2


def test_money_keeps_its_digits_and_a_key_that_stands_twice_stays():
    laid_out = report_html_scenario._laid_out
    assert laid_out('HTTP 200\n\n{"a":1.00,"b":["ŵ"]}') == (
        'HTTP 200\n\n{\n  "a": 1.00,\n  "b": [\n    "ŵ"\n  ]\n}'
    )
    for body in ('h\n\n{"a":1,"a":2}', "h\n\nno json", "h", "h\n\n" + "[" * 3_000, "h\n\n[" * 9):
        assert laid_out(body) == body
    deep = "h\n\n" + "[" * 70 + "]" * 70
    assert laid_out(deep) == deep


def test_a_long_scenario_is_not_drawn_to_its_end(monkeypatch):
    monkeypatch.setattr(report_html_scenario, "MOST_ROWS", 5)
    shown = made(played(*FAILS))
    Page(shown)
    assert re.search(r"Drawn: the first 5 of \d\d rows\.", shown)
    assert shown.count('class="flag"') == 3


def test_it_is_readable_with_400_scenarios():
    passed, failed = played(*PASSES), played(*FAILS)
    shown = made(*[passed] * 150, *[failed] * 250)
    page = Page(shown)
    assert page.tags.count("h2") == 400
    assert "<li>and 50 more</li>" in shown
    assert len(shown) < 16_000_000


def test_two_runs_give_one_page():
    assert made(played(*FAILS, seed=3), seed=3) == made(played(*FAILS, seed=3), seed=3)


def test_a_repeated_run_names_its_seeds():
    report = HtmlReport()
    started, *rest = events(played(*PASSES), seed=3)
    for event in (replace(started, repeat=3), *rest):
        report.take(event)
    assert b"seed 3 to 5" in report.document()


def test_an_exchange_without_an_event_is_shown_all_the_same():
    result = played(*PASSES)
    stray = Exchange("POST", "http://inbox.test/x", result.start, (0, 0), result.start, (0, 1),
                     (), "{}", 200, "{}")  # fmt: skip
    shown = made(replace(result, exchanges=(stray,), events=()))
    assert "POST /x: HTTP 200" in shown


COLOURS = re.compile(r"--(\w+):(#[0-9a-f]{3,6})")


def luminance(colour):
    digits = colour[1:] if len(colour) == 7 else "".join(2 * digit for digit in colour[1:])
    parts = [int(digits[i : i + 2], 16) / 255 for i in (0, 2, 4)]
    parts = [part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2]


@pytest.mark.parametrize("number", [0, 1], ids=["day", "night"])
def test_text_can_be_read_by_day_and_by_night(number):
    """WCAG 2.2, AA: 4.5 to 1."""
    style = Path(report_html_scenario.__file__).with_name("report.css").read_text(encoding="utf-8")
    roots = re.findall(r":root\{([^}]*)\}", style)
    colours = dict(COLOURS.findall(roots[number]))
    for ink, papers in {
        "ink": ("paper", "card", "badcard"),
        "soft": ("paper", "card"),
        "link": ("paper",),
        "good": ("paper", "card"),
        "bad": ("paper", "card", "badcard"),
        "step": ("paper",),
    }.items():
        for paper in papers:
            light, dark = sorted((luminance(colours[ink]), luminance(colours[paper])), reverse=True)
            assert (light + 0.05) / (dark + 0.05) >= 4.5, (ink, paper)
