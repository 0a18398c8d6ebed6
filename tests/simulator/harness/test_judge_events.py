"""The course of events: what does not hold, where, and what happened instead."""

import pytest

from darajasim.core.events import CallbackAttempted, MoneyMoved, PromptSent
from darajasim.harness.report_places import place
from support.played import played

STEPS = "steps: [{pay: {phone: 0722000000, amount: 100, as: first}}]"


def judged(events: str):
    return played(STEPS, f"expect:\n  events: {events}")


def only(events: str):
    """The only finding: what, expected, found."""
    (finding,) = judged(events).findings
    return finding.what, finding.expected, finding.found


@pytest.mark.parametrize(
    "events",
    [
        "{order: [request-received stk_push, prompt-sent, money-moved, callback-attempted stk]}",
        "{order: [{event: prompt-sent, after: 1s, within: 1s}]}",
        "{order: [prompt-sent, {event: callback-attempted, of: first, with: {status: 200}}]}",
        "{order: [{event: callback-attempted, with: {error: null, answer: present}}]}",
        '{never: [callback-withheld, {event: request-answered, with: {status: ">= 400"}}]}',
        "{at_most_once: [money-moved, {event: money-moved, of: first}, client-raised]}",
        '{times: {callback-attempted stk: 1, "request-received *": 2, client-raised: 0}}',
        "{order: [merchant-answered first]}",
        "{times: {customer-acted approve: 1, payment-settled 0: 1, payment-settled 1032: 0}}",
    ],
)
def test_what_holds(events):
    assert judged(events).findings == ()


def test_an_event_that_never_happened():
    assert only("{order: [prompt-sent, callback-withheld]}") == (
        "events: order callback-withheld",
        "it happens after prompt-sent at 1.000 s",
        "it never happened",
    )


def test_an_event_that_happened_before():
    assert only("{order: [callback-attempted, prompt-sent]}") == (
        "events: order prompt-sent",
        "it happens after callback-attempted at 15.000 s",
        "it happened before, at 1.000 s, and not again",
    )


def test_an_event_that_came_too_late():
    assert only("{order: [prompt-sent, {event: callback-attempted stk, within: 5s}]}") == (
        "events: order callback-attempted stk",
        "it happens within 5 s after prompt-sent at 1.000 s",
        "it happened at 15.000 s",
    )


def test_the_first_event_is_timed_from_the_beginning():
    assert only("{order: [{event: prompt-sent, after: 3s, within: 4s}]}") == (
        "events: order prompt-sent",
        "it happens at least 3 s within 4 s after the beginning",
        "it happened at 1.000 s",
    )


def test_never_at_most_once_and_times():
    result = judged(
        "{never: [money-moved], at_most_once: [request-answered], times: {prompt-sent: 2}}"
    )
    assert [(finding.what, finding.expected, finding.found) for finding in result.findings] == [
        ("events: never money-moved", "never", "1 time, at 13.000 s"),
        ("events: at most once request-answered", "at most once", "2 times, at 0.000 s, 0.000 s"),
        ("events: times prompt-sent", "2", "1 time, at 1.000 s"),
    ]


def test_the_event_of_another_payment_is_another_event():
    two = (
        "steps: [{pay: {phone: 0722000000, amount: 1, as: first}}, "
        "{pay: {phone: 0733000000, amount: 2, as: second}}]"
    )
    events = "{at_most_once: [{event: money-moved, of: first}, {event: prompt-sent, of: second}]}"
    assert played(two, f"expect: {{events: {events}}}").findings == ()
    (finding,) = played(two, "expect: {events: {at_most_once: [money-moved]}}").findings
    assert finding.found.startswith("2 times")


@pytest.mark.parametrize(
    ("events", "kind"),
    [
        ("{never: [money-moved]}", MoneyMoved),
        ("{order: [prompt-sent, callback-withheld]}", PromptSent),
        ("{times: {callback-attempted: 3}}", CallbackAttempted),
    ],
)
def test_a_finding_stands_at_the_event_that_shows_it(events, kind):
    result = judged(events)
    (finding,) = result.findings
    assert isinstance(result.events[place(finding, result)], kind)
    assert finding.where.startswith("shown.yaml:5:")


def test_what_is_told_for_programs_has_no_number_of_an_event():
    (finding,) = judged("{never: [money-moved]}").findings
    assert set(finding.told()) == {"where", "what", "expected", "found"}
