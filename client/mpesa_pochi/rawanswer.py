"""One HTTP answer as it came, and what can be seen in it. Nothing here raises or does I/O."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field

from mpesa_pochi import jsontext

LARGEST = 256 * 1024
"""Bytes of an answer that are read. Daraja's own are under 5 KiB; its firewall's pages under 20."""

Redact = Callable[[str], str]

_WORD = re.compile(r"[\x21-\x7e]{1,100}")


@dataclass(frozen=True, slots=True)
class RawAnswer:
    """One HTTP answer as it came. `complete` is false when there was more than `LARGEST` bytes."""

    status: int
    content_type: str
    body: bytes = field(repr=False)
    complete: bool = True

    @property
    def success(self) -> bool:
        return 200 <= self.status < 300


def value_of(answer: RawAnswer) -> tuple[object, str]:
    """The answer's JSON value, and what is wrong with it if it has none."""
    try:
        return jsontext.read(answer.body, largest=LARGEST), ""
    except jsontext.UnreadableJson as error:
        return None, error.fault.value


def fields_of(answer: RawAnswer) -> dict[str, object]:
    """The answer as an object; without fields when it is none."""
    value = value_of(answer)[0] if answer.complete else None
    return value if isinstance(value, dict) else {}


def word_in(answer: RawAnswer, name: str) -> str | None:
    """A field that holds an identifier: one word of printable ASCII."""
    found = text_of(fields_of(answer).get(name))
    return found if _WORD.fullmatch(found) else None


def is_word(text: str) -> bool:
    return _WORD.fullmatch(text) is not None


def text_of(value: object) -> str:
    """Text, or a whole number as text; everything else says nothing."""
    if isinstance(value, str):
        return value.encode("utf-8", "replace").decode()
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    return ""


def described(answer: RawAnswer, redact: Redact) -> str:
    """What an answer is, in words. Its body is not quoted: it may echo what was sent."""
    if not answer.complete:
        return f"more than {LARGEST} bytes"
    if not answer.body.strip():
        return "an empty body"
    incident = incident_in(answer)
    if incident is not None:
        return f"Incapsula's refusal, incident {incident or 'not named'}"
    head = answer.body[:512].lstrip().lower()
    if head.startswith((b"<!doctype html", b"<html")) or "html" in answer.content_type.lower():
        return f"an HTML page of {len(answer.body)} bytes"
    return _described_json(answer, redact)


def _described_json(answer: RawAnswer, redact: Redact) -> str:
    value, trouble = value_of(answer)
    if trouble:
        return f"text of {len(answer.body)} bytes that is not acceptable JSON ({trouble})"
    if not isinstance(value, dict):
        return f"JSON that is {jsontext.kind(value)}, not an object"
    fault = _soap_fault(value) or gateway_fault(answer)
    if fault:
        return f"a fault as JSON: {redact(fault)[:200]}"
    keys = ", ".join(ascii(redact(key))[1:-1][:40] for key in list(value)[:8]) or "no keys"
    return f"a JSON object with {keys}"


def incident_in(answer: RawAnswer) -> str | None:
    """Incapsula's incident number; empty when it signed without one, None when it did not sign."""
    if b"Incapsula" not in answer.body[:65536]:
        return None
    found = re.search(rb"incident ID: ([0-9]{1,40}-[0-9]{1,40})", answer.body[:65536])
    return found[1].decode("ascii") if found else ""


def gateway_fault(answer: RawAnswer) -> str:
    """The error code of a fault of the gateway, such as `policies.ratelimit.QuotaViolation`."""
    return _deep(fields_of(answer), "fault", "detail", "errorcode")


def _soap_fault(value: object) -> str:
    return _deep(value, "Envelope", "Body", "Fault", "faultstring")


def _deep(value: object, *keys: str) -> str:
    for key in keys:
        value = value.get(key) if isinstance(value, dict) else None
    return text_of(value)
