"""Answers of the scenario's own callback URLs, from the section `answers:`."""

from darajasim.core.rules import Fault
from darajasim.core.wire import dumps
from darajasim.scenarios.model.answers import AnswerPart
from darajasim.scenarios.scenario import AnswerSpec


def answer(part: AnswerPart) -> AnswerSpec:
    """One answer."""
    usual = AnswerSpec(part.to)
    body, content_type = usual.body, usual.content_type
    if isinstance(part.body, str):
        body, content_type = part.body.encode(), "text/plain"
    elif "body" in part.model_fields_set:
        body = dumps(part.body)
    return AnswerSpec(
        to=part.to,
        calls=part.call or usual.calls,
        status=part.status or usual.status,
        body=body,
        content_type=content_type,
        after=part.after or usual.after,
        fault=Fault(part.fault) if part.fault else None,
    )
