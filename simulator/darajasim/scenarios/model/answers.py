"""The section `answers:`."""

from collections.abc import Iterator
from typing import ClassVar

from darajasim.scenarios.complaint import Complaint
from darajasim.scenarios.model import leaves, words
from darajasim.scenarios.model.part import Part, optional, refuse_together, required
from darajasim.scenarios.nodes import Mapping
from darajasim.scenarios.vocabulary import Vocabulary


class AnswerPart(Part):
    title: ClassVar[str] = "an answer"

    to: words.CallbackKind = required("Which callbacks are answered.", "validation")
    call: leaves.Calls | None = optional("Which of these callbacks, counted from 1.", "2")
    status: leaves.HttpStatus | None = optional("The HTTP status (200).", "503")
    body: leaves.Given | None = optional(
        "The body: JSON, or a text.", "{ResultCode: 0, ResultDesc: Accepted}"
    )
    after: leaves.Seconds | None = optional("How long the answer takes.", "9s")
    fault: words.FaultName | None = optional("What happens to the connection.", "reset")

    @classmethod
    def complaints(cls, node: Mapping, vocabulary: Vocabulary) -> Iterator[Complaint]:  # noqa: ARG003
        yield from refuse_together(node, "fault", "status")
        yield from refuse_together(node, "fault", "body")
