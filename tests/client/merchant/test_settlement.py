from datetime import UTC, datetime

import pytest

from mpesa_pochi.merchant import Database, NoSuchPayment, settlement
from mpesa_pochi.merchant.history import Event, entries_of
from mpesa_pochi.merchant.law import Claim, PushFate, Ruling, Source, Step, decide
from mpesa_pochi.merchant.models import Payment
from mpesa_pochi.merchant.pushes import Order, open_payment
from mpesa_pochi.merchant.settlement import Ids

AT = datetime(2026, 10, 11, 9, 0, 0, tzinfo=UTC)
ORDER = Order(phone="254722000000", amount=1, reference="INV-1")


def paid(receipt):
    return Claim(Source.CALLBACK, paid=True, code="0", text="yes", receipt=receipt)


@pytest.fixture
def database():
    database = Database("sqlite://")
    database.transact(lambda session: open_payment(session, ORDER, "digest", AT))
    yield database
    database.close()


def carry_out(session, ruling, claim):
    assert settlement._Case(session, Payment, 1, claim, AT, {}).carry_out(ruling)


def race(monkeypatch, rival):
    """Lets `rival` settle the payment between another's decision and its update, once."""
    waiting = [rival]

    def outrun(standing, claim):
        ruling = decide(standing, claim)
        if waiting and claim is not rival:
            with_rival = waiting.pop()
            carry_out(outrun.session, decide(standing, with_rival), with_rival)
        return ruling

    monkeypatch.setattr(settlement, "decide", outrun)
    return outrun


@pytest.mark.parametrize(
    ("rival", "mine", "step"),
    [
        (paid("R1"), paid("R1"), Step.NOTHING),
        (paid("R1"), paid("R2"), Step.REVIEW),
        (Claim(Source.QUERY, paid=True, code="0", text="yes"), paid("R1"), Step.COMPLETE),
        (Claim(Source.QUERY, paid=False, code="1032", text="no"), paid("R1"), Step.REVIEW),
    ],
)
def test_who_loses_the_race_is_judged_by_what_it_finds(database, monkeypatch, rival, mine, step):
    outrun = race(monkeypatch, rival)

    def work(session):
        outrun.session = session
        ruling = settlement.settle(session, Payment, 1, mine, AT)
        row = settlement.load(session, Payment, 1)
        return ruling, row.status, row.mpesa_receipt, row.needs_review

    ruling, status, receipt, needs_review = database.transact(work)
    assert ruling.step is step
    assert status == rival.status
    assert receipt == (rival.receipt or (mine.receipt if step is Step.COMPLETE else None))
    assert needs_review == (step is Step.REVIEW)


def test_of_two_receipts_for_a_payment_that_a_query_settled_one_is_booked(database, monkeypatch):
    outrun = race(monkeypatch, paid("R1"))
    queried = Claim(Source.QUERY, paid=True, code="0", text="yes")

    def work(session):
        carry_out(session, Ruling(Step.SETTLE), queried)
        outrun.session = session
        ruling = settlement.settle(session, Payment, 1, paid("R2"), AT)
        row = settlement.load(session, Payment, 1)
        return ruling.step, row.mpesa_receipt, row.needs_review

    assert database.transact(work) == (Step.REVIEW, "R1", True)


def test_a_payment_keeps_its_first_ids(database):
    def work(session):
        first = settlement.tie(session, 1, Ids("ws_1", "m-1"), PushFate.ACCEPTED, AT)
        again = settlement.tie(session, 1, Ids("ws_1", "m-1"), PushFate.ACCEPTED, AT)
        other = settlement.tie(session, 1, Ids("ws_2", "m-2"), PushFate.ACCEPTED, AT)
        return first, again, other, settlement.load(session, Payment, 1).checkout_id

    assert database.transact(work) == ("", "", "this payment's is ws_1", "ws_1")


def test_a_law_that_keeps_losing_is_a_bug(database, monkeypatch):
    monkeypatch.setattr(settlement, "decide", lambda *_: Ruling(Step.SETTLE))

    def work(session):
        settlement.settle(session, Payment, 1, paid("R1"), AT)
        settlement.settle(session, Payment, 1, paid("R1"), AT)

    with pytest.raises(AssertionError):
        database.transact(work)


def test_the_first_reason_for_a_review_stays(database):
    def work(session):
        settlement.flag(session, Payment, 1, "first", AT)
        settlement.flag(session, Payment, 1, "second", AT)
        return settlement.load(session, Payment, 1).review_reason

    assert database.transact(work) == "first"


def test_no_such_payment(database):
    with pytest.raises(NoSuchPayment, match="id 7"):
        database.transact(lambda session: settlement.load(session, Payment, 7))


def test_a_change_is_made_on_its_condition_alone(database):
    def work(session):
        wrong = change(session, Payment.status == "failed", amount=5)
        right = change(session, Payment.status == "pending", amount=7)
        logged = [entry.changes for entry in entries_of(session, Payment, 1)]
        return wrong, right, settlement.load(session, Payment, 1).amount, logged[1:]

    def change(session, only_if, **values):
        return settlement.change(session, Payment, 1, only_if, event=Event.SENT, at=AT, **values)

    assert database.transact(work) == (False, True, 7, [{"amount": 7}])
