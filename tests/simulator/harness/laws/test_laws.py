"""Each law by itself: what breaks it, in which words, by which events, and what does not."""

import pytest

from darajasim.harness.laws import History, Law, broken
from darajasim.harness.laws.facts import (
    FAILED,
    PENDING,
    SUCCESS,
    Accepted,
    CalledBack,
    Credited,
    Ended,
    Linked,
    Moved,
    Ordered,
    Queried,
    Stood,
    Stored,
)

PHONE = "254722000000"
ORDER = Ordered(0, "first", PHONE, 10_000, "INV-1")
ASKED = Accepted(1, "ws_1", PHONE, 10_000, "INV-1")
LINK = Linked(2, "first", "ws_1")
ENDED = Ended(3, "ws_1", "0", "R1")
MOVED = Moved(3, "R1", 10_000)
CANCELLED = Ended(3, "ws_1", "1032")
CREDIT = Credited(5, "first", 10_000)
OPEN, PAID, NOT_PAID = (
    Stood(0, "first", PENDING),
    Stood(5, "first", SUCCESS),
    Stood(5, "first", FAILED),
)
PUSHED = (ORDER, OPEN, ASKED, LINK)
GOOD = (*PUSHED, ENDED, MOVED)


def said(
    code="0", cents=10_000, *, status=200, receipt="R1", phone=PHONE, body="b", subject="ws_1"
):
    return CalledBack(4, subject, "stk", code, cents, phone, receipt, status, body)


def refused(code="1032", **more):
    return said(code, None, receipt=None, phone=None, **more)


STORED = Stored(4, "b")


def found(*facts, **more):
    return [(each.law, each.sentence, each.events) for each in broken(History(facts, **more))]


@pytest.mark.parametrize(
    "facts",
    [
        (),
        (*GOOD, said(), STORED, PAID, CREDIT),
        (*GOOD, said(), said(), STORED, PAID, CREDIT),  # one copy of two is enough
        (*PUSHED, CANCELLED, refused(), STORED, NOT_PAID),
        GOOD,  # its callback never came and nobody asked
        (*GOOD, said(status=None)),  # it was sent, and nobody answered
        (*GOOD, Queried(4, "ws_1", "0"), PAID, CREDIT),
        (*GOOD, said(cents=100), STORED),  # a lie, and not believed
        (*GOOD, said(cents=100), STORED, Queried(5, "ws_1", "0"), PAID, CREDIT),
        (*GOOD, said(cents=100), said(body="b"), STORED, PAID, CREDIT),
        (*GOOD, said(phone="2547****0000"), STORED, PAID, CREDIT),  # masked
        (*GOOD, Queried(3, "ws_1", "1032"), NOT_PAID, said(), STORED),  # Daraja contradicts itself
        (*PUSHED, CANCELLED, Queried(4, "ws_1", "0"), PAID, CREDIT),  # Daraja's own word
        (*GOOD, Ordered(0, "again", PHONE, 10_000, "INV-1"), Stood(0, "again", PENDING)),
        (*GOOD, said(status=403, code=None), STORED),  # refused: it said nothing
    ],
)
def test_what_keeps_the_laws(facts):
    assert found(*facts) == []


def test_credited_twice():
    other = Credited(6, "first", 10_000)
    assert found(*GOOD, said(), STORED, PAID, CREDIT, other) == [
        (Law.ONCE, "first was credited twice, KES 200.00 in all", (CREDIT, other))
    ]


def test_one_success_credited_to_two_payments():
    link, credit = Linked(5, "second", "ws_1"), Credited(5, "second", 10_000)
    order = Ordered(0, "second", PHONE, 10_000, "INV-1")
    assert found(*GOOD, said(), STORED, PAID, CREDIT, order, link, credit) == [
        (
            Law.ONCE,
            "ws_1 was credited as first and again as second",
            (LINK, CREDIT, link, credit),
        )
    ]


@pytest.mark.parametrize(
    ("facts", "why"),
    [
        ((*PUSHED, CANCELLED), "Daraja ended ws_1 with 1032"),
        ((ORDER, OPEN, ASKED), "the merchant does not know what Daraja calls it"),
        (PUSHED, "ws_1 has not ended"),
        ((ORDER, OPEN, LINK), "Daraja never issued ws_1"),
        ((*PUSHED, ENDED), "Daraja ended ws_1 with 0"),  # its ledger does not know
    ],
)
def test_credited_without_a_success(facts, why):
    sentence = f"first was credited KES 100.00, and no money moved: {why}"
    assert found(*facts, PAID, CREDIT) == [(Law.SUCCESS, sentence, (CREDIT,))]


def test_money_that_was_told_and_never_credited():
    told = said()
    sentence = (
        "the ledger has KES 100.00 for ws_1, the merchant was told of it, and first was never "
        "credited"
    )
    assert found(*GOOD, told, STORED, NOT_PAID) == [
        (Law.SUM, sentence, (ASKED, ENDED, MOVED, told))
    ]
    assert found(*GOOD, told, STORED, NOT_PAID, over=False) == []


def test_money_that_belongs_to_no_payment_and_credit_of_less():
    assert "and no payment got it" in found(ASKED, ENDED, MOVED, said(), STORED)[0][1]
    assert found(ENDED, MOVED, said(), STORED) == []  # nothing that the merchant asked for
    told = said()
    ((_, _, events),) = found(ORDER, LINK, ENDED, MOVED, told, STORED, NOT_PAID)
    assert events == (LINK, ENDED, MOVED, told)
    less = Credited(5, "first", 4_000)
    ((law, sentence, _),) = found(*GOOD, said(), STORED, PAID, less)
    assert law is Law.SUM
    assert sentence.endswith("first was credited KES 40.00")


def test_credit_of_more_than_moved():
    more = Credited(5, "first", 20_000)
    assert found(*GOOD, said(), STORED, PAID, more) == [
        (
            Law.SUM,
            "first was credited KES 200.00; the ledger has KES 100.00 for it",
            (LINK, ENDED, MOVED, more),
        )
    ]


def test_one_order_charged_twice():
    asked = Accepted(2, "ws_2", PHONE, 10_000, "INV-1")
    ended, moved = Ended(4, "ws_2", "0", "R2"), Moved(4, "R2", 10_000)
    ((law, sentence, events),) = found(*GOOD, asked, ended, moved, said(), STORED, PAID, CREDIT)
    assert law is Law.SUM
    assert sentence.startswith(
        "254722000000 was charged 2 times for INV-1, KES 200.00 in the ledger, and ordered "
        "KES 100.00: "
    )
    assert events == (ORDER, ASKED, ENDED, MOVED, asked, ended, moved)


@pytest.mark.parametrize(("one", "other"), [(PAID, NOT_PAID), (NOT_PAID, PAID), (PAID, OPEN)])
def test_a_terminal_state_that_changed(one, other):
    breaches = [each for each in found(*GOOD, one, other) if each[0] is Law.TERMINAL]
    sentence = f"first was {one.status}, and then {other.status}"
    assert breaches == [(Law.TERMINAL, sentence, (one, other))]


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"cents": 100}, "KES 100.00 was ordered, KES 1.00 asked for"),
        ({"phone": "254711000000"}, "254722000000 was to pay, 254711000000 was asked"),
        ({"reference": "INV-2"}, "'INV-1' was ordered, 'INV-2' asked for"),
    ],
)
def test_another_thing_was_asked_of_daraja_than_was_ordered(changes, why):
    values = {"phone": PHONE, "cents": 10_000, "reference": "INV-1"} | changes
    asked = Accepted(1, "ws_1", **values)
    assert found(ORDER, OPEN, LINK, asked) == [
        (Law.AGREE, f"first and ws_1 differ: {why}", (ORDER, LINK, asked))
    ]
    unknown = Ordered(0, "first", values["phone"], values["cents"], "")
    assert found(unknown, OPEN, LINK, asked) == []


def test_another_sum_moved_than_daraja_was_asked_for():
    moved = Moved(3, "R1", 100)
    assert found(*PUSHED, ENDED, moved) == [
        (Law.AGREE, "ws_1 asked for KES 100.00, and KES 1.00 moved", (ASKED, ENDED, moved))
    ]


@pytest.mark.parametrize(
    ("lie", "why"),
    [
        (said(cents=100), "KES 100.00 was ordered, the callback says KES 1.00"),
        (said(phone="254711000000"), f"{PHONE} was to pay, the callback says 254711000000"),
    ],
)
def test_credited_on_a_callback_that_does_not_fit(lie, why):
    sentence = f"first was credited on a callback that does not fit it: {why}"
    assert found(*GOOD, lie, STORED, PAID, CREDIT) == [
        (Law.AGREE, sentence, (ORDER, LINK, lie, CREDIT))
    ]


def test_acknowledged_and_nowhere():
    told = refused()
    sentence = (
        "the stk callback about ws_1 was answered 200, and is nowhere: Daraja does not send it "
        "again"
    )
    assert found(*PUSHED, CANCELLED, told, NOT_PAID) == [(Law.STORED, sentence, (told,))]
    assert found(*PUSHED, CANCELLED, told, NOT_PAID, stores=False) == []


@pytest.mark.parametrize("status", [200, 500])
def test_pending_for_ever(status):
    told = refused(status=status)
    sentence = (
        "first is still pending when all is over, though a callback said that ws_1 ended with "
        f"1032; the merchant answered it {status}"
    )
    assert found(*PUSHED, CANCELLED, told, STORED) == [
        (Law.PENDING, sentence, (OPEN, LINK, CANCELLED, told))
    ]
    assert found(*PUSHED, CANCELLED, told, STORED, over=False) == []


def test_every_fact_can_be_told():
    for fact in (*GOOD, said(), said(code=None), said(status=None), STORED, PAID, CREDIT):
        assert len(fact.told()) > 10
    assert Queried(1, "ws_1", "0").told() == "Daraja answered a query about ws_1 with 0"
