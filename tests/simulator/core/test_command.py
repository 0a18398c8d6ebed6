from hypothesis import given
from hypothesis import strategies as st

from darajasim.core.command import Command, CommandBook, CommandOutcome


def command(number):
    return Command("b2c_payment", f"o{number}", f"c{number}", {}, 0.0)


@given(st.integers(1, 20), st.integers(0, 60))
def test_the_newest_commands_are_kept(limit, count):
    book = CommandBook(limit)
    for number in range(count):
        book.add(command(number))
    kept = [f"o{number}" for number in range(max(0, count - limit), count)]
    assert [each.originator_conversation_id for each in book] == kept
    assert all(f"o{number}" in book for number in range(max(0, count - limit), count))
    assert len(book) == len(kept)


def test_a_command_is_in_flight_until_it_has_an_outcome():
    one = command(1)
    assert one.in_flight
    one.outcome = CommandOutcome("0", "done", 1.0, "R1")
    assert not one.in_flight
