from hypothesis import given
from hypothesis import strategies as st

from darajasim.core.events import CustomerActed, RequestReceived, RuleMatched
from darajasim.core.journal import Journal


def event(number, length=0):
    return RequestReceived(float(number), "stk_push", {"number": number}, length)


@given(st.integers(1, 20), st.integers(0, 60))
def test_the_newest_are_kept_and_the_rest_counted(bound, count):
    journal = Journal(max_events=bound)
    for number in range(count):
        journal.append(event(number))
    kept = [found.at for found in journal]
    assert kept == [float(number) for number in range(max(0, count - bound), count)]
    assert journal.dropped == max(0, count - bound)
    assert [number for number, _ in journal.numbered()] == list(
        range(journal.dropped + 1, count + 1)
    )


def test_memory_is_bounded_too():
    journal = Journal(max_bytes=10_000_000)
    for number in range(50):
        journal.append(event(number, length=1_000_000))
    assert len(journal) == 3
    assert journal.dropped == 47


def test_pages_by_number():
    journal = Journal()
    for number in range(10):
        journal.append(event(number))
    assert [number for number, _ in journal.numbered(after=4, limit=3)] == [5, 6, 7]


def test_listeners_hear_later_events_until_they_stop():
    journal, heard = Journal(), []
    journal.append(event(0))
    stop = journal.listen(heard.append)
    journal.append(event(1))
    stop()
    journal.append(event(2))
    assert [found.at for found in heard] == [1.0]


def test_by_type_and_as_json():
    journal = Journal()
    journal.append(RuleMatched(1.0, "stk_push", "a.yaml:3"))
    journal.append(CustomerActed(2.0, "ws_CO_1", "254722000000", "cancel"))
    (acted,) = journal.of(CustomerActed)
    assert acted.as_json() == {
        "kind": "customer-acted",
        "at": 2.0,
        "subject": "ws_CO_1",
        "msisdn": "254722000000",
        "action": "cancel",
    }
