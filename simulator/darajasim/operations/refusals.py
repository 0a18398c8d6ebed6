"""How a refusal looks on the wire: the three-key envelope, or what stands in front of it."""

from __future__ import annotations

from collections.abc import Mapping

from darajasim.core.catalogue import Row, catalogue
from darajasim.core.namespace import Namespace
from darajasim.operations.call import JSON_TYPE, Answer, Refusal

PLACEHOLDERS = ("token", "field", "shortcode")
"""What a row's text may have in braces; what nobody gives a value for is left empty."""
INCIDENT = "{incident}"
NONE: Mapping[str, str] = {}


def refuse(namespace: Namespace, refusal: Refusal) -> Answer:
    """The answer for a refusal, with the profile's wording."""
    return from_row(namespace, catalogue().by_key(refusal.key), refusal.hint, refusal.values)


def from_row(
    namespace: Namespace, row: Row, hint: str = "", values: Mapping[str, str] = NONE
) -> Answer:
    """The answer that a catalogue row of surface `http` describes."""
    text = filled(row.text_in(namespace.profile.texts), values)
    if not row.code:
        return _bare(namespace, row, text, hint)
    body = {
        "requestId": namespace.ids.request_id(),
        "errorCode": row.code,
        "errorMessage": text,
    }
    return Answer(row.http_status, body, code=row.code, message=text, hint=hint or None)


def filled(text: str, values: Mapping[str, str]) -> str:
    """A row's text with values for what it has in braces."""
    if "{" in text:
        for name in PLACEHOLDERS:
            text = text.replace(f"{{{name}}}", values.get(name, ""))
    return text


def _bare(namespace: Namespace, row: Row, text: str, hint: str) -> Answer:
    """Answers of the layers in front of Daraja: an empty body, HTML, XML, a fault as JSON."""
    if INCIDENT in text:
        chance = namespace.chance
        incident = f"{chance.between(10**17, 10**18 - 1)}-{chance.between(10**17, 10**18 - 1)}"
        text = text.replace(INCIDENT, incident)
    kind = content_type(text)
    return Answer(row.http_status, text.encode(), kind, message=text[:80], hint=hint or None)


def content_type(text: str) -> str:
    """The content type of an answer that is no error envelope, by its look."""
    if text.startswith("{"):
        return JSON_TYPE
    return "text/xml" if "Envelope" in text[:200] else "text/html"
