import dataclasses

from darajasim.core import events
from darajasim.core.events import Event
from darajasim.harness import notes
from darajasim.scenarios.happenings import HARNESS, happenings


def kinds(module):
    return {
        each.kind: tuple(item.name for item in dataclasses.fields(each) if item.name != "at")
        for each in vars(module).values()
        if isinstance(each, type) and issubclass(each, Event) and each is not Event
    }


def test_what_the_harness_adds_is_listed_as_it_is():
    assert kinds(notes) == HARNESS


def test_every_kind_of_event_can_be_expected():
    known = {kind: happening.fields for kind, happening in happenings().items()}
    assert known == kinds(events) | kinds(notes)


def test_the_word_behind_a_kind():
    words = {kind: happening.word for kind, happening in happenings().items()}
    assert words["callback-attempted"] == words["callback-withheld"] == "callback"
    assert words["request-received"] == words["client-raised"] == "operation"
    assert words["payment-settled"] == "code"
    assert words["customer-acted"] == "action"
    assert words["money-moved"] is None
