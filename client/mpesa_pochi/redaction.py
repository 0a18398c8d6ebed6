"""What a log line or an error may say: secrets cut out, subscribers' numbers masked."""

import re
from collections.abc import Iterable

from mpesa_pochi.secret import MASK, Secret

SHORTEST = 6
"""Shorter secrets are left alone: cutting every `k` out of a sentence hides only the sentence."""

_WITH_SUBSCRIBER = re.compile(r"(ws_CO_[0-9]{15,17})[17][0-9]{5}([0-9]{3})")
_SUBSCRIBER = re.compile(r"[17][0-9]{5}([0-9]{3})(?![0-9])")


class Redactor:
    """Cuts known secrets out of text that came from outside.

    Daraja does echo them: `401.003.01 Error Occurred - Invalid Access Token - <token>`.
    """

    __slots__ = ("_secrets",)

    def __init__(self, secrets: Iterable[Secret]) -> None:
        texts = {secret.reveal() for secret in secrets}
        long_enough = [text for text in texts if len(text) >= SHORTEST]
        self._secrets = tuple(Secret(text) for text in sorted(long_enough, key=len, reverse=True))

    def __call__(self, text: str) -> str:
        for secret in self._secrets:
            text = text.replace(secret.reveal(), MASK)
        return text

    def __repr__(self) -> str:
        return f"<Redactor of {len(self._secrets)} secrets>"


def mask_phone(phone: str) -> str:
    """`254722000149` → `2547*****149`; anything that is not twelve digits is masked whole."""
    if len(phone) == 12 and phone.isascii() and phone.isdigit():
        return f"{phone[:4]}*****{phone[-3:]}"
    return "*" * min(len(phone), 12)


def mask_id(checkout_request_id: str) -> str:
    """A CheckoutRequestID without the subscriber's number that ends it since 2022.

    `ws_CO_111020261405093708374149` → `ws_CO_111020261405093******149`.
    """
    return _WITH_SUBSCRIBER.sub(r"\1******\2", checkout_request_id)


def mask_numbers(text: str) -> str:
    """Text from outside with every Kenyan mobile number in it masked, those that end ids too."""
    return _SUBSCRIBER.sub(r"******\1", text)
