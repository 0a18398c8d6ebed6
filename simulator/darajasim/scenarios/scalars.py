"""What single values of a scenario may be. Each reader returns the value or raises `Unfit`."""

import re
from collections.abc import Callable, Mapping
from datetime import datetime

from darajasim.core import msisdn
from darajasim.core.clock import NAIROBI
from darajasim.scenarios import durations
from darajasim.scenarios.complaint import Complaint, Unfit
from darajasim.scenarios.nodes import Scalar, described
from darajasim.scenarios.wording import did_you_mean, listing, quoted

Reader = Callable[[object], object]

NO_VALUE = "a value is missing"
"""What is wrong with a key that nothing follows; whoever knows the key names it."""

_SLUG = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
_MONEY = re.compile(r"[0-9]{1,12}(?:\.[0-9]{2})?")
_SHILLINGS = re.compile(r"[0-9]{1,12}")
_WHOLE = re.compile(r"-?[0-9]{1,18}")
_SHARE = re.compile(r"[0-9]+(\.[0-9]+)?")
_MOMENT = re.compile(r"(20[0-9]{2}-[0-9]{2}-[0-9]{2})(?:[ T]([0-9]{2}:[0-9]{2}(?::[0-9]{2})?))?")
SHORTCODE = re.compile(r"[0-9]{5,7}")
_PIN = re.compile(r"[0-9]{4}")


def scalar(raw: object, expected: str) -> Scalar:
    """The scalar, when `raw` is one that says something."""
    if isinstance(raw, Scalar):
        if raw.unknown:
            raise Unfit
        if not raw.is_null:
            return raw
    message = NO_VALUE if _is_nothing(raw) else "this is not a single value"
    raise Unfit(Complaint(message, expected, described(raw)))


def _is_nothing(raw: object) -> bool:
    return isinstance(raw, Scalar) and raw.is_null


def text(raw: object) -> str:
    """Any text, a number as it is written."""
    found = scalar(raw, "a text")
    if not found.text.strip():
        raise Unfit(Complaint("the text is empty", "a text", described(found)))
    return found.text


def any_text(raw: object) -> str:
    """Any text, an empty one too."""
    return scalar(raw, 'a text ("" for an empty one)').text


def sentence(raw: object) -> str:
    """A text whose line breaks do not matter."""
    return " ".join(text(raw).split())


def slug(raw: object) -> str:
    """Lower-case letters, digits and single hyphens."""
    found = scalar(raw, "a name such as customer-cancels")
    if is_slug(found.text):
        return found.text
    fixed = "-".join(re.findall(r"[a-z0-9]+", found.text.lower()))
    raise Unfit(
        Complaint(
            "this is not a valid name",
            "lower-case letters, digits and single hyphens, such as customer-cancels",
            described(found),
            f"did you mean {quoted(fixed)}?" if fixed else "",
        )
    )


def is_slug(written: str) -> bool:
    """Whether a text is lower-case letters, digits and single hyphens."""
    return _SLUG.fullmatch(written) is not None


def choice(
    noun: str, *options: str, meant: Mapping[str, str] | None = None
) -> Callable[[object], str]:
    """One of a few words. `meant` has words that people write in place of one of them."""
    synonyms = meant or {}

    def read(raw: object) -> str:
        found = scalar(raw, listing(options))
        if found.text in options:
            return found.text
        raise Unfit(
            Complaint(
                f"unknown {noun}",
                listing(options),
                described(found),
                f"did you mean `{synonyms[found.text]}`?"
                if found.text in synonyms
                else did_you_mean(found.text, options),
            )
        )

    return read


def flag(raw: object) -> bool:
    """`true` or `false`, without quotes."""
    found = scalar(raw, "true or false")
    if isinstance(found.value, bool):
        return found.value
    meant = {"yes": "true", "on": "true", "no": "false", "off": "false"}.get(found.text.lower())
    meant = meant or (found.text.lower() if found.text.lower() in ("true", "false") else None)
    advice = f"write {meant}, without quotes" if meant else ""
    raise Unfit(
        Complaint("this is neither true nor false", "true or false", described(found), advice)
    )


def whole(low: int, high: int, expected: str = "") -> Callable[[object], int]:
    """A whole number from `low` to `high`."""
    expected = expected or f"a whole number from {low} to {high}"

    def read(raw: object) -> int:
        found = scalar(raw, expected)
        if not _WHOLE.fullmatch(found.text):
            raise Unfit(Complaint("this is not a whole number", expected, described(found)))
        number = int(found.text)
        if not low <= number <= high:
            size = "small" if number < low else "large"
            raise Unfit(Complaint(f"this number is too {size}", expected, described(found)))
        return number

    return read


def share(raw: object) -> float:
    """A probability above 0, up to 1."""
    expected = "a share above 0 and up to 1, such as 0.3"
    found = scalar(raw, expected)
    if not _SHARE.fullmatch(found.text):
        percent = re.fullmatch(r"([1-9][0-9]?|100) ?%", found.text)
        advice = f"write {int(percent[1]) / 100:g}" if percent else ""
        message = "this is not a share"
        raise Unfit(Complaint(message, expected, described(found), advice))
    number = float(found.text)
    if not 0 < number <= 1:
        size = "small" if number <= 0 else "large"
        raise Unfit(Complaint(f"this number is too {size}", expected, described(found)))
    return number


def spread(raw: object) -> float:
    """How wide a distribution is: a number from 0 to 5."""
    expected = "a number from 0 to 5, such as 0.6"
    found = scalar(raw, expected)
    if not _SHARE.fullmatch(found.text) or float(found.text) > 5:
        raise Unfit(Complaint("this is no width of a distribution", expected, described(found)))
    return float(found.text)


def calls(raw: object) -> frozenset[int]:
    """Which calls, counted from 1: a number or a list of numbers."""
    read = whole(1, 1_000_000, "1 for the first matching call, 2 for the second, or a list")
    if not isinstance(raw, list):
        return frozenset({read(raw)})
    if not raw:
        raise Unfit(Complaint("the list is empty", "at least one number", "[]"))
    complaints: list[Complaint] = []
    numbers: set[int] = set()
    for index, item in enumerate(raw):
        try:
            numbers.add(read(item))
        except Unfit as unfit:
            complaints += below(unfit, index)
    if complaints:
        raise Unfit(*complaints)
    return frozenset(numbers)


def below(unfit: Unfit, *steps: str | int) -> list[Complaint]:
    """The complaints about an item, as complaints about the list or mapping it stands in."""
    return [
        Complaint(c.message, c.expected, c.found, c.advice, (*steps, *c.at), c.on_key)
        for c in unfit.complaints
    ]


def phone(raw: object) -> str:
    """A Kenyan mobile number, as MSISDN."""
    found = scalar(raw, "a phone number such as 0722000000")
    try:
        return msisdn.normalise(found.text)
    except ValueError as reason:
        raise Unfit(
            Complaint(
                "this is not a Kenyan mobile number",
                "07… or 01… with ten digits, or 2547… or 2541… with twelve",
                f"{described(found)}: {reason}",
                _dialable(found.text),
            )
        ) from None


def _dialable(written: str) -> str:
    """The number without what people put between digits, if that makes it right."""
    digits = re.sub(r"[\s().-]", "", written)
    try:
        msisdn.normalise(digits)
    except ValueError:
        return ""
    return f"write {digits}"


def cents(raw: object) -> int:
    """An amount of money in shillings, as cents."""
    expected = "shillings, whole or with two decimals, such as 100 or 99.50"
    found = scalar(raw, expected)
    if not _MONEY.fullmatch(found.text):
        raise Unfit(
            Complaint(
                "this is not an amount of money", expected, described(found), _sum(found.text)
            )
        )
    whole_part, _, fraction = found.text.partition(".")
    return int(whole_part) * 100 + int(fraction or 0)


def signed_cents(raw: object) -> int:
    """The same, perhaps below zero."""
    if isinstance(raw, Scalar) and raw.text.startswith("-") and _MONEY.fullmatch(raw.text[1:]):
        return -cents(Scalar(raw.text[1:], raw.text[1:], raw.place))
    return cents(raw)


def shillings(raw: object) -> int:
    """An amount that a customer is asked for: whole shillings."""
    expected = "whole shillings, such as 100"
    found = scalar(raw, expected)
    if _SHILLINGS.fullmatch(found.text):
        return int(found.text)
    advice = _sum(found.text)
    if _MONEY.fullmatch(found.text):
        advice = "M-Pesa Express takes no cents"
    raise Unfit(
        Complaint("this is not an amount in whole shillings", expected, described(found), advice)
    )


def _sum(written: str) -> str:
    """The amount without grouping, currency or a missing decimal, if that makes it right."""
    bare = re.sub(r"(?i)kes|ksh\.?|sh\.?|[\s,_]|/[-=]$", "", written)
    if re.fullmatch(r"[0-9]{1,12}\.[0-9]", bare):
        bare += "0"
    return f"write {bare}" if _MONEY.fullmatch(bare) and bare != written else ""


def seconds(raw: object) -> float:
    """A duration, in seconds."""
    expected = "a duration such as 5s, 200ms or 1m30s"
    found = scalar(raw, expected)
    try:
        return durations.parse(found.text)
    except ValueError as error:
        meant = str(error)
        unit_missing = meant == f"{found.text}s"
        message = "this duration has no unit" if unit_missing else "this is not a duration"
        advice = f"did you mean {meant}?" if meant else "units: ms, s, m, h and d, long ones first"
        raise Unfit(Complaint(message, expected, described(found), advice)) from None


def moment(raw: object) -> float:
    """A Nairobi date and time, as seconds since the epoch."""
    expected = 'a Nairobi date and time such as "2026-03-02 09:00:00"'
    found = scalar(raw, expected)
    complaint = Complaint("this is not a date and time", expected, described(found))
    match = _MOMENT.fullmatch(found.text)
    if not match:
        raise Unfit(complaint)
    try:
        naive = datetime.fromisoformat(f"{match[1]}T{match[2] or '00:00'}")
    except ValueError:
        raise Unfit(complaint) from None
    return naive.replace(tzinfo=NAIROBI).timestamp()


def shortcode(raw: object) -> str:
    """An organisation's number: five to seven digits."""
    return _digits(raw, SHORTCODE, "a shortcode", "five to seven digits, such as 174379")


def pin(raw: object) -> str:
    """A PIN: four digits."""
    return _digits(raw, _PIN, "a PIN", "four digits, such as 1234")


def _digits(raw: object, form: re.Pattern[str], noun: str, expected: str) -> str:
    found = scalar(raw, expected)
    if form.fullmatch(found.text):
        return found.text
    raise Unfit(Complaint(f"this is not {noun}", expected, described(found)))
