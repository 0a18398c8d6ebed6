from hypothesis import given
from hypothesis import strategies as st

from darajasim.core.transactions import Party, Transaction, TransactionBook

PARTY = Party("1", "1 - N", "organisation:1/utility", "Utility Account")


def transaction(number, conversation=""):
    return Transaction(
        f"R{number}", "b2c_payment", "reason", PARTY, PARTY, 100, 0.0, 1.0,
        f"o{number}", conversation or f"c{number}",
    )  # fmt: skip


def test_found_by_receipt_and_by_either_conversation_id():
    book = TransactionBook()
    one = transaction(1)
    book.add(one)
    assert book.get("R1") is one
    assert book.of_conversation("o1") is one
    assert book.of_conversation("c1") is one
    assert book.get("R2") is None
    assert book.of_conversation("") is None


@given(st.integers(1, 20), st.integers(0, 60))
def test_the_newest_are_kept_and_nothing_points_at_the_others(limit, count):
    book = TransactionBook(limit)
    for number in range(count):
        book.add(transaction(number))
    kept = range(max(0, count - limit), count)
    assert [found.receipt for found in book] == [f"R{number}" for number in kept]
    for number in range(count):
        assert (book.of_conversation(f"o{number}") is not None) == (number in kept)
        assert (book.get(f"R{number}") is not None) == (number in kept)
    assert len(book) == len(kept)
