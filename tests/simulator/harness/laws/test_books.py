"""Looks at a merchant's books become facts when something has changed."""

from dataclasses import replace

from darajasim.harness.laws.books import BookedPayment, Books, Record
from darajasim.harness.laws.facts import Credited, Linked, Ordered, Stood, Stored

PAYMENT = BookedPayment("7", "254722000000", 10_000, "INV-1", "pending")


def looked(*books):
    record = Record()
    for at, each in enumerate(books):
        record.look(at, each)
    return record


def test_a_payment_from_its_order_to_its_success():
    tied = replace(PAYMENT, subject="ws_1")
    paid = replace(tied, status="success")
    record = looked(*(Books((payment,)) for payment in (PAYMENT, PAYMENT, tied, paid, paid)))
    assert record.facts == [
        Ordered(0, "7", "254722000000", 10_000, "INV-1"),
        Stood(0, "7", "pending"),
        Linked(2, "7", "ws_1"),
        Stood(3, "7", "success"),
        Credited(3, "7", 10_000),
    ]


def test_a_merchant_who_lists_its_credits_is_believed_and_its_status_is_not_one():
    paid = replace(PAYMENT, status="success", credits=(10_000,))
    twice = replace(paid, credits=(10_000, 10_000))
    record = looked(Books((replace(PAYMENT, credits=()),)), Books((paid,)), Books((twice,)))
    given = [fact for fact in record.facts if isinstance(fact, Credited)]
    assert given == [Credited(1, "7", 10_000), Credited(2, "7", 10_000)]


def test_each_stored_callback_once_and_none_for_who_shows_none():
    assert looked(Books((), ["a"]), Books((), ["a", "b"])).facts == [Stored(0, "a"), Stored(1, "b")]
    assert looked(Books()).stores
    assert not looked(Books(callbacks=None)).stores


def test_payments_get_the_names_of_the_scenario():
    record = looked(Books((PAYMENT, replace(PAYMENT, payment="8")), ["a"]))
    named = record.named({"7": "first"})
    assert [getattr(fact, "payment", None) for fact in named] == [
        "payment first",
        "payment first",
        "payment 8",
        "payment 8",
        None,
    ]
