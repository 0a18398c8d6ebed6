from hypothesis import given
from hypothesis import strategies as st

from darajasim.core.push import Outcome, Push
from darajasim.core.pushes import LOOKS, PushBook


def push(number, *, ended=False, stuck=None):
    return Push(
        checkout_request_id=f"ws_CO_{number}",
        merchant_request_id=f"m-{number}",
        shortcode="174379",
        transaction_type="CustomerPayBillOnline",
        amount=1,
        party_b="174379",
        msisdn="254722000000",
        callback_url="http://merchant/cb",
        reference="INV-1",
        description="Shoes",
        accepted_at=float(number),
        stuck=stuck,
        outcome=Outcome("paid", 0.0) if ended else None,
    )


def test_a_push_is_in_flight_until_it_has_an_outcome_or_never_will():
    assert push(1).in_flight
    assert not push(1, ended=True).in_flight
    assert not push(1, stuck="processing").in_flight


def test_pushes_are_found_by_their_id():
    book, first = PushBook(), push(1)
    assert not book
    book.add(first)
    assert book.get("ws_CO_1") is first
    assert book.get("ws_CO_2") is None
    assert (len(book), list(book)) == (1, [first])


@given(st.integers(1, 10), st.lists(st.booleans(), max_size=60))
def test_beyond_the_limit_the_oldest_that_have_ended_go(limit, ended):
    book = PushBook(limit)
    pushes = [push(number, ended=over) for number, over in enumerate(ended)]
    for each in pushes:
        book.add(each)
        assert len(book) <= limit + 2 * sum(kept.in_flight for kept in book) + LOOKS
    assert all(book.get(each.checkout_request_id) is each for each in pushes if each.in_flight)


@given(st.integers(1, 10), st.integers(0, 60))
def test_of_those_that_have_ended_the_newest_are_kept(limit, count):
    book = PushBook(limit)
    for number in range(count):
        book.add(push(number, ended=True))
    assert [int(kept.accepted_at) for kept in book] == list(range(max(0, count - limit), count))


def test_a_stuck_push_counts_as_ended():
    book = PushBook(2)
    for number in range(5):
        book.add(push(number, stuck="processing"))
    assert [int(kept.accepted_at) for kept in book] == [3, 4]


def test_a_crowd_in_flight_is_let_go_once_it_has_ended():
    book = PushBook(10)
    crowd = [push(number) for number in range(100)]
    for each in crowd:
        book.add(each)
    assert len(book) == 100
    for each in crowd:
        each.outcome = Outcome("paid", 0.0)
    for number in range(100, 100 + 90 // (LOOKS - 1)):
        book.add(push(number, ended=True))
    assert len(book) == 10
