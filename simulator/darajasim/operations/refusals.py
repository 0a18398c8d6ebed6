"""How a refusal looks on the wire: the three-key envelope, or what stands in front of it."""

from __future__ import annotations

from darajasim.core.catalogue import Row, catalogue
from darajasim.core.namespace import Namespace
from darajasim.operations.call import Answer, Refusal

INCIDENT = "{incident}"


def refuse(namespace: Namespace, refusal: Refusal) -> Answer:
    """The answer for a refusal, with the profile's wording."""
    return from_row(namespace, catalogue().by_key(refusal.key), refusal.hint)


def from_row(namespace: Namespace, row: Row, hint: str = "") -> Answer:
    """The answer that a catalogue row of surface `http` describes."""
    text = row.text_in(namespace.profile.texts)
    if not row.code:
        return _bare(namespace, row, text, hint)
    body = {
        "requestId": namespace.ids.request_id(),
        "errorCode": row.code,
        "errorMessage": text,
    }
    return Answer(row.http_status, body, code=row.code, message=text, hint=hint or None)


def _bare(namespace: Namespace, row: Row, text: str, hint: str) -> Answer:
    """Answers of the layers in front of Daraja: an empty body, HTML or plain text."""
    if INCIDENT in text:
        chance = namespace.chance
        incident = f"{chance.between(10**17, 10**18 - 1)}-{chance.between(10**17, 10**18 - 1)}"
        text = text.replace(INCIDENT, incident)
    return Answer(row.http_status, text.encode(), "text/html", message=text[:80], hint=hint or None)
