"""A prompt on somebody's phone: when it comes, what is done with it, and how long that takes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from darajasim.core.events import CustomerActed, PromptSent
from darajasim.core.namespace import Namespace
from darajasim.core.rules import Action, CustomerScript

PROMPT_SECONDS = 1.0
"""From acceptance to the prompt (guessed)."""
PROMPT_CHARACTERS = 182
"""What a prompt can show; longer ones fail with 1025 (documented)."""

ACTION_SECONDS = {
    Action.APPROVE: 12.0,
    Action.WRONG_PIN: 12.0,
    Action.CANCEL: 20.0,
    Action.DISMISS: 20.0,
    Action.UNREACHABLE: 13.0,
    Action.BUSY: 4.0,
    Action.IGNORE: 60.0,
    Action.EXPIRE: 60.0,
    Action.PAY_LATE: 60.0,
    Action.PAY_BY_HAND: 20.0,
}
"""From the prompt to its end. Seen (NKAP): paid between 10 and 17 s, cancelled between 13 and 27 s,
unreachable at 14 s; a prompt lives about 60 s."""
ENDS_AS = {Action.PAY_LATE: Action.EXPIRE, Action.PAY_BY_HAND: Action.CANCEL}
"""What these are to the prompt: it is over before the rest of them."""


@dataclass(frozen=True, slots=True)
class Course:
    """What will become of a request that asks somebody.

    Attributes:
        action: what the person does, or None when no prompt reaches them.
        result: the result decided beforehand, or None when the world decides.
        seconds: from the prompt to the result.
    """

    action: Action | None
    result: str | None
    seconds: float


@dataclass(frozen=True, slots=True)
class Conduct:
    """How actions and results belong together in one product.

    Attributes:
        results: the result of what a person does; without one, the world decides.
        actions: what a person must have done for a result; approved, where it does not say.
        not_prompted: results that come without a prompt, `unprompted_seconds` after its time.
    """

    results: Mapping[Action, str]
    actions: Mapping[str, Action]
    not_prompted: frozenset[str]
    unprompted_seconds: float = PROMPT_SECONDS

    def scripted(self, script: CustomerScript) -> Course:
        """The course when a rule scripts the person."""
        does = ENDS_AS.get(script.does, script.does)
        late = script.does is Action.PAY_LATE  # `after` is when the PIN comes, not the end
        seconds = ACTION_SECONDS[does] if script.after is None or late else script.after
        return Course(does, self.results.get(does), seconds)

    def forced(self, result: str | None, after: float | None = None) -> Course:
        """The course to a result; None approves, and lets the world decide.

        Args:
            after: seconds from the prompt to the result (None: the usual time).
        """
        if result in self.not_prompted:
            action, usual = None, self.unprompted_seconds
        else:
            action = self.actions.get(result or "", Action.APPROVE)
            usual = ACTION_SECONDS[action]
        return Course(action, result, usual if after is None else after)


def show(
    namespace: Namespace,
    course: Course,
    *,
    subject: str,
    number: str,
    text: str,
    end: Callable[[], None],
) -> None:
    """Show a prompt, where the course has one, and call `end` when it is over.

    Args:
        number: whose phone shows `text`.
    """
    if course.action is not None:
        namespace.journal.append(PromptSent(namespace.clock.time(), subject, number, text))
    namespace.timeline.after(
        course.seconds, lambda: _over(namespace, course.action, subject, number, end)
    )


def _over(
    namespace: Namespace,
    action: Action | None,
    subject: str,
    number: str,
    end: Callable[[], None],
) -> None:
    if action is not None:
        namespace.journal.append(CustomerActed(namespace.clock.time(), subject, number, action))
    end()
