from dataclasses import replace

import pytest

from darajasim.core import events
from darajasim.harness.report_sequence import Lane, Tone, rows
from support.played import PAY, played

STEPS = ("steps:", PAY, "- settle", "expect: {payment: {}}")
MERCHANT, DARAJA, PHONE = Lane.MERCHANT, Lane.DARAJA, Lane.PHONE


def arrows(result):
    return [
        (row.offset, row.source, row.target, row.text.split()[0])
        for row in rows(result)
        if row.source is not row.target
    ]


def row(result, part, number=0):
    return [row for row in rows(result) if part in row.text][number]


def test_a_payment_from_the_step_to_the_callback():
    assert arrows(played(*STEPS)) == [
        (0, MERCHANT, DARAJA, "oauth"),
        (0, DARAJA, MERCHANT, "HTTP"),
        (0, MERCHANT, DARAJA, "stk_push"),
        (0, DARAJA, MERCHANT, "HTTP"),
        (1, DARAJA, PHONE, "254722000000"),
        (13, PHONE, DARAJA, "254722000000:"),
        (15, DARAJA, MERCHANT, "callback"),
        (15, MERCHANT, DARAJA, "callback"),
    ]


def test_the_notes_between_them():
    notes = [row for row in rows(played(*STEPS)) if row.source is row.target]
    assert [(note.source, note.tone, note.text[:14]) for note in notes] == [
        (MERCHANT, Tone.STEP, "pay first: 254"),
        (MERCHANT, Tone.USUAL, "POST /api/poch"),
        (MERCHANT, Tone.USUAL, "POST /api/poch"),
        (MERCHANT, Tone.USUAL, "first: HTTP 20"),
        (MERCHANT, Tone.STEP, "settle"),
        (DARAJA, Tone.USUAL, "100.00 from cu"),
        (DARAJA, Tone.RESULT, "result 0 The s"),
    ]


def test_rows_come_in_the_order_of_time_and_each_event_once():
    for rule in ("[]", "[{on: stk_push, reply: lost}]", "[{on: stk_push, callback: {times: 3}}]"):
        found = rows(played(f"rules: {rule}", *STEPS, seed=3))
        offsets = [row.offset for row in found]
        assert offsets == sorted(offsets)
        numbers = [row.event for row in found if row.event is not None]
        assert len(numbers) == len(set(numbers))


def test_every_event_that_is_told_has_a_row():
    from darajasim.harness.story import tell

    result = played("rules: [{on: stk_push, callback: {times: 2}}]", *STEPS)
    told = {number for number, event in enumerate(result.events) if tell(event) is not None}
    assert {row.event for row in rows(result) if row.event is not None} == told


def test_what_was_sent_with_its_headers():
    result = played(*STEPS)
    assert row(result, "stk_push Phone").body.startswith(
        "POST http://daraja.test/mpesa/stkpush/v1/processrequest\nauthorization: Bearer ***\n"
    )
    assert '\n\n{"MerchantRequestID":' in row(result, "HTTP 200 0 Success").body
    assert '"stkCallback"' in row(result, "callback stk").body
    assert row(result, "shows").body == ""


def test_a_refusal_is_bad_and_its_hint_is_there():
    refused = (
        "steps:",
        "- call: {operation: stk_push, fields: {Amount: no}}",
        "expect: {call: {}}",
    )
    found = row(played(*refused), "HTTP 400")
    assert (found.tone, found.broken) == (Tone.BAD, False)
    assert "\nx-darajasim-hint: Amount: " in found.body


@pytest.mark.parametrize(
    ("reply", "text", "at"),
    [
        ("reset", "connection reset", 0),
        ("lost", "connection reset", 0),
        ("hang", "the caller gave", 30),
    ],
)
def test_an_answer_that_never_came_is_broken(reply, text, at):
    found = row(played(f"rules: [{{on: stk_push, reply: {reply}}}]", *STEPS), text)
    assert (found.offset, found.broken, found.body) == (at, True, "")
    assert (found.source, found.target) == (DARAJA, MERCHANT)


def test_a_slow_answer_arrives_when_it_arrives():
    result = played("rules: [{on: stk_push, reply: {after: 2s}}]", *STEPS)
    assert row(result, "HTTP 200 0 Success").offset == 2


def test_two_callbacks_at_once_are_two():
    result = played("rules: [{on: stk_push, callback: {times: 2, apart: 0s}}]", *STEPS)
    texts = [found.text for found in rows(result) if found.text.startswith("callback")]
    assert sorted(texts)[0::2] == ["callback stk no. 1", "callback stk no. 2"]


def test_without_exchanges_the_journal_is_drawn():
    """Of an application over HTTP nobody has the bytes."""
    result = replace(played(*STEPS), exchanges=())
    assert arrows(result) == [
        (0, MERCHANT, DARAJA, "oauth"),
        (0, DARAJA, MERCHANT, "oauth"),
        (0, MERCHANT, DARAJA, "stk_push"),
        (0, DARAJA, MERCHANT, "stk_push"),
        (1, DARAJA, PHONE, "254722000000"),
        (13, PHONE, DARAJA, "254722000000:"),
        (15, DARAJA, MERCHANT, "stk"),
    ]
    assert '"stkCallback"' in row(result, "stk no. 1").body


def test_a_journal_that_dropped_its_beginning_is_drawn():
    whole = played(*STEPS)
    cut = replace(whole, events=whole.events[5:], dropped=5)
    assert len(rows(cut)) < len(rows(whole))
    assert isinstance(cut.events[rows(cut)[-1].event], events.CallbackAttempted)
