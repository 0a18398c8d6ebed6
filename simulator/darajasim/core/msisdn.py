"""Kenyan mobile numbers as Daraja writes them: 254 and nine digits, the first of them 7 or 1.

Daraja accepts this one form (documented: "The phone number to receive the STK pin prompt must be a
valid Safaricom mobile number, 2547XXXXXXXX"); people write others, and scenarios may too.
"""

import re

_SUBSCRIBER = re.compile(r"[71][0-9]{8}")
_PREFIXES = ("+254", "254", "0")


def is_msisdn(text: str) -> bool:
    """Whether `text` is 254 followed by nine digits that start with 7 or 1."""
    return text.startswith("254") and _SUBSCRIBER.fullmatch(text[3:]) is not None


def normalise(text: str) -> str:
    """The MSISDN of a number written as 07…, 01…, 7…, 1…, 254… or +254…, without separators.

    Raises:
        ValueError: it is no such number; the message says why.
    """
    subscriber = next((text[len(p) :] for p in _PREFIXES if text.startswith(p)), text)
    if _SUBSCRIBER.fullmatch(subscriber):
        return f"254{subscriber}"
    raise ValueError(_reason(text, subscriber))


def _reason(text: str, subscriber: str) -> str:
    if not text:
        return "it is empty"
    if text.startswith("+") and not text.startswith("+254"):
        return "it does not belong to Kenya, whose numbers start with +254"
    strange = re.search(r"[^0-9]", subscriber)
    if strange:
        return f"it contains {strange.group()!r}; write digits only"
    if subscriber[:1] not in ("7", "1"):
        return "after 0 or 254, a mobile number goes on with 7 or 1"
    surplus = len(subscriber) - 9
    count = f"{abs(surplus)} digit{'' if abs(surplus) == 1 else 's'}"
    return f"it has {count} too {'many' if surplus > 0 else 'few'}"
