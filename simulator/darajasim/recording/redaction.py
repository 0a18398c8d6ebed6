"""Stand-ins for everything in a recording that may be somebody's.

What stays is listed (`public.py`); every other value gets a stand-in, the same value the same one
everywhere, so that what matched still matches. A value that is unknown is thereby never kept.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections import Counter
from decimal import Decimal
from typing import Any

from darajasim.core import msisdn
from darajasim.core.wire import MalformedJson, dumps, loads
from darajasim.recording import public

_SHORTCODE_KEYS_WORDS = """
businessshortcode shortcode partya partyb receiverparty organizationshortcode primaryshortcode
receivershortcode identifier receiver
"""
SHORTCODE_KEYS = frozenset(_SHORTCODE_KEYS_WORDS.split())
MOST_CHARACTERS = 400
"""How long a stand-in is at most; the length of what it stands for is kept up to here."""
_PHONE = re.compile(r"(?P<before>\+?254|0|)(?P<number>[17][0-9]{8})", re.ASCII)
_MASKED = re.compile(r"(?P<before>\+?254|0|)[0-9*xX]*[*xX]{2,}[0-9*xX]*", re.ASCII)
_NUMBER = re.compile(r"-?[0-9]+(\.[0-9]{1,4})?", re.ASCII)
_FIRST_PHONE = 254_722_000_100
_FIRST_SHORTCODE = 600_100


class Redactor:
    """Gives stand-ins, and remembers them."""

    def __init__(self) -> None:
        self._given: dict[str, str] = {}
        self._used: set[str] = set()
        self._numbers: dict[str, str] = {}
        self._counts: Counter[str] = Counter()
        self._phones: dict[str, str] = {}
        self._shortcodes: dict[str, str] = {}
        self.sandbox_passkey = public.PASSKEY
        self._passkeys: dict[str, str] = {public.PASSKEY: public.PASSKEY}

    def document(self, node: Any, key: str = "") -> Any:
        """A JSON document with stand-ins, in keys too."""
        if isinstance(node, dict):
            pair = node.get("Name", node.get("Key"))
            said = pair if isinstance(pair, str) and node.keys() <= {"Name", "Key", "Value"} else ""
            return {
                self.key(name): self.key(value)
                if said and name in ("Name", "Key")
                else self.document(value, said if said and name == "Value" else name)
                for name, value in node.items()
            }
        if isinstance(node, list):
            return [self.document(item, key) for item in node]
        if isinstance(node, str):
            return self.value(node, key)
        if isinstance(node, int | Decimal | float) and not isinstance(node, bool):
            return self._number(node, key)
        return node

    def key(self, name: str) -> str:
        """A key of a JSON document."""
        return name if name in public.known_keys() else self._stand_in(name, "key")

    def value(self, text: str, key: str = "") -> str:
        """A text that stands below a key."""
        low = key.lower()
        if not text.strip() or text in self._given:
            return self._given.get(text, text)
        if low == "password":
            return self.password(text)[0]
        known = key in public.known_keys()
        if low in SHORTCODE_KEYS and re.fullmatch(r"[0-9]{5,7}", text):
            return self.shortcode(text)
        if (phone := self._phone(text)) is not None:
            return phone
        if known and (public.stays(text) or public.is_date(text)):
            return text
        if known and low not in public.FREE and _short(text):
            return text
        if text in self._shortcodes:
            return self._shortcodes[text]
        return self._stand_in(text, _label(key) if known else "text")

    def text(self, body: str) -> str:
        """A body that is no JSON: words of Daraja's own stay, everything else becomes x."""
        return re.sub(
            r"[^\s<>/=\"'!?.,:;()&#-]+",
            lambda match: match[0] if match[0] in public.words() else "x" * min(len(match[0]), 40),
            body,
        )

    def body(self, raw: bytes) -> str:
        """Any body, as text."""
        try:
            found = loads(raw)
        except MalformedJson:
            return self.text(raw.decode("utf-8", "replace"))
        if isinstance(found, dict | list):
            return dumps(self.document(found)).decode()
        return self.text(raw.decode("utf-8", "replace"))

    def content_type(self, header: str) -> str:
        """A content type without parameters, when it is an ordinary one."""
        bare = header.partition(";")[0].strip().lower()
        return bare if bare in public.CONTENT_TYPES else "text/plain"

    def path(self, path: str) -> str:
        """A path that no operation has."""
        return "/" + "/".join(
            part if part in ("mpesa", "v1", "v2", "v3", "") else self._stand_in(part, "path")
            for part in path.split("/")[1:]
        )

    def shortcode(self, text: str) -> str:
        """An organisation's number."""
        if text in public.SHORTCODES:
            return text
        if text not in self._shortcodes:
            self._shortcodes[text] = str(_FIRST_SHORTCODE + len(self._shortcodes))
        return self._shortcodes[text]

    def phone(self, number: str) -> str:
        """An MSISDN."""
        if public.phone_stays(number):
            return number
        if number not in self._phones:
            self._phones[number] = str(_FIRST_PHONE + len(self._phones))
        return self._phones[number]

    def password(self, text: str) -> tuple[str, str | None]:
        """A Password of M-Pesa Express, made again of stand-ins, and the passkey's stand-in;
        None when it is not made of shortcode, passkey and timestamp.
        """
        try:
            plain = base64.b64decode(text, validate=True).decode()
        except (binascii.Error, UnicodeDecodeError, ValueError):
            return self._stand_in(text, "password"), None
        found = re.fullmatch(r"([0-9]{5,7}?)(\D.*|.{64})(20[0-9]{12})", plain, re.DOTALL)
        found = found or re.fullmatch(r"([0-9]{6})(.+)(20[0-9]{12})", plain, re.DOTALL)
        if found is None or not public.is_date(found[3]):
            return self._stand_in(text, "password"), None
        passkey = self._passkeys.setdefault(found[2], f"passkey-{len(self._passkeys)}")
        made = f"{self.shortcode(found[1])}{passkey}{found[3]}"
        return base64.b64encode(made.encode()).decode(), passkey

    def app(self, key: str) -> dict[str, str]:
        """A consumer key and its secret."""
        name = self._stand_in(key, "consumer-key")
        return {"key": name, "secret": name.replace("key", "secret", 1)}

    def _phone(self, text: str) -> str | None:
        bare = re.sub(r"[\s().-]", "", text)
        if found := _PHONE.fullmatch(bare):
            stand_in = self.phone(msisdn.normalise(found["number"]))
            return found["before"] + stand_in[3:]
        if _MASKED.fullmatch(bare):
            return "2547*****100"
        return None

    def _number(self, node: Any, key: str) -> Any:
        text = format(node, "f") if isinstance(node, Decimal) else str(node)
        low = key.lower()
        if text in self._numbers:
            return int(self._numbers[text])
        if (phone := self._phone(text)) is not None:
            return int(phone)
        if low in SHORTCODE_KEYS and re.fullmatch(r"[0-9]{5,7}", text):
            return int(self.shortcode(text))
        known = key in public.known_keys()
        if known and (public.is_date(text) or (low not in public.FREE and _short(text))):
            return node
        self._counts["number"] += 1
        self._numbers[text] = str(self._counts["number"])
        return self._counts["number"]

    def _stand_in(self, text: str, label: str) -> str:
        found = self._given.get(text)
        if found is None:
            found = self._given[text] = self._fresh(text, label)
            self._used.add(found)
        return found

    def _fresh(self, text: str, label: str) -> str:
        """A new stand-in, as long as what it stands for where that is possible."""
        self._counts[label] += 1
        number = self._counts[label]
        initials = "".join(word[0] for word in label.split("-"))
        for made in (f"{label}-{number}", f"{initials}{number}"):
            if len(made) <= len(text) and made not in self._used:
                padded = made.ljust(min(len(text), MOST_CHARACTERS), "x")
                return padded if label not in ("key", "path") else made
        while True:
            self._counts["any"] += 1
            made = f"z{self._counts['any']}"
            if made not in self._used:
                return made


def _short(text: str) -> bool:
    """Whether a text is a small number: an amount, a code, a count."""
    return _NUMBER.fullmatch(text) is not None and len(text.lstrip("-").partition(".")[0]) <= 6


def _label(key: str) -> str:
    words = re.findall(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])|[0-9]+", key)
    return "-".join(words).lower() or "text"
