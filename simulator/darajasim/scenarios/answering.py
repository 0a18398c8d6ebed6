"""Which answer of a scenario's section `answers:` a callback gets."""

from collections import Counter
from collections.abc import Iterable

from darajasim.scenarios.scenario import AnswerSpec
from darajasim.scenarios.vocabulary import ANY


class Answering:
    """The answers of one scenario at work: each counts the callbacks that it speaks of.

    Args:
        answers: the first that matches wins.
    """

    def __init__(self, answers: Iterable[AnswerSpec]) -> None:
        self._answers = tuple(answers)
        self._seen: Counter[AnswerSpec] = Counter()

    def __call__(self, kind: str) -> AnswerSpec | None:
        """The answer to a callback of this kind, or None when the scenario says nothing of it."""
        for answer in self._answers:
            if answer.to in (kind, ANY):
                self._seen[answer] += 1
                if not answer.calls or self._seen[answer] in answer.calls:
                    return answer
        return None
