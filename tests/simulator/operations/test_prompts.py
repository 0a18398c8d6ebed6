import pytest

from darajasim.core.events import CustomerActed, PromptSent
from darajasim.core.rules import Action, CustomerScript
from darajasim.core.simulator import Simulator
from darajasim.operations.prompts import ACTION_SECONDS, Conduct, Course, show
from support.daraja import in_virtual_time

CONDUCT = Conduct(
    results={Action.CANCEL: "no", Action.IGNORE: "silence"},
    actions={"no": Action.CANCEL, "silence": Action.IGNORE},
    not_prompted=frozenset({"unknown number"}),
    unprompted_seconds=2.0,
)


@pytest.mark.parametrize("action", Action)
def test_every_action_has_its_usual_time(action):
    assert CONDUCT.scripted(CustomerScript(action)).seconds == ACTION_SECONDS[action] > 0


@pytest.mark.parametrize("after", [0.0, 7.0])
def test_a_time_that_is_asked_for_is_kept(after):
    assert CONDUCT.scripted(CustomerScript(Action.CANCEL, after)) == Course(
        Action.CANCEL, "no", after
    )
    assert CONDUCT.forced("no", after) == Course(Action.CANCEL, "no", after)
    assert CONDUCT.forced("unknown number", after) == Course(None, "unknown number", after)


@pytest.mark.parametrize(
    ("result", "course"),
    [
        ("silence", Course(Action.IGNORE, "silence", ACTION_SECONDS[Action.IGNORE])),
        ("paid", Course(Action.APPROVE, "paid", ACTION_SECONDS[Action.APPROVE])),
        (None, Course(Action.APPROVE, None, ACTION_SECONDS[Action.APPROVE])),
        ("unknown number", Course(None, "unknown number", 2.0)),
    ],
)
def test_a_result_has_the_action_that_leads_to_it(result, course):
    assert CONDUCT.forced(result) == course


def test_an_action_without_a_result_leaves_it_to_the_world():
    assert CONDUCT.scripted(CustomerScript(Action.WRONG_PIN)).result is None


@pytest.mark.parametrize(
    ("course", "journalled"),
    [
        (Course(Action.CANCEL, "no", 20.0), [(0.0, PromptSent), (20.0, CustomerActed)]),
        (Course(None, "unknown number", 2.0), []),
    ],
)
def test_the_journal_tells_of_a_prompt_only_where_there_is_one(course, journalled):
    async def main():
        namespace = Simulator().default
        began, ended = namespace.clock.time(), []
        show(
            namespace,
            course,
            subject="ws_CO_1",
            number="254722000000",
            text="Pay Ksh1?",
            end=lambda: ended.append(namespace.clock.time() - began),
        )
        await namespace.timeline.idle()
        assert [(event.at - began, type(event)) for event in namespace.journal] == journalled
        assert ended == [course.seconds]

    in_virtual_time(main())
