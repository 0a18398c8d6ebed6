"""Kenyan mobile numbers: any way a person writes one, in; `2547XXXXXXXX` or `2541XXXXXXXX`, out."""

import unicodedata

from mpesa_pochi.errors import PhoneNumberError, PhoneProblem

LONGEST_TEXT = 64
"""Characters. A number with every kind of decoration is under 40."""

_ADVICE = "Write it as 0722 000000, 0110 000000 or +254 722 000000."
_DIGITS = frozenset("0123456789")
_BRACKETS = frozenset("()[]{}")
_DASHES = frozenset("-\u2212")
_LANDLINE_AREAS = frozenset("2456")


def normalise(text: str | int) -> str:
    """The number as M-PESA wants it: 254, then nine digits of which the first is 7 or 1.

    Accepted around the digits: any spaces (also non-breaking ones, and the invisible marks that
    phones put around a copied contact), dashes, dots, brackets, one leading plus. Accepted before
    the nine digits: nothing, `0`, `254`, `+254`, `00254`, Kenya's own `000254`, and any of those
    four with the trunk zero that letterheads print, `+254 (0) 722 …`. Only the digits 0 to 9 count.

    Raises:
        PhoneNumberError: with the reason (`PhoneProblem`), for everything else.
    """
    digits, international = _digits(_text(text))
    national = _national(digits, international=international)
    if len(national) > 9:
        raise _wrong(PhoneProblem.TOO_LONG, text, f"{len(national)} digits after the prefix, not 9")
    if national[:1] in _LANDLINE_AREAS and len(national) >= 7:
        raise _wrong(PhoneProblem.LANDLINE, text, "M-PESA numbers begin with 07 or 01")
    if len(national) < 9:
        raise _wrong(
            PhoneProblem.TOO_SHORT, text, f"{len(national)} digits after the prefix, not 9"
        )
    if national[0] not in "71":
        raise _wrong(PhoneProblem.NOT_MOBILE, text, f"0{national[0]}… is no mobile prefix")
    return f"254{national}"


def _text(text: object) -> str:
    if isinstance(text, bool) or not isinstance(text, str | int):
        kind = type(text).__name__
        raise PhoneNumberError(
            f"a phone number is text or a whole number, not {kind}",
            reason=PhoneProblem.NOT_TEXT,
            advice=_ADVICE,
        )
    if isinstance(text, int):
        if not 0 <= text < 10**15:
            raise PhoneNumberError(
                "as a number, a phone is between 0 and 999999999999999",
                reason=PhoneProblem.STRAY_CHARACTER if text < 0 else PhoneProblem.TOO_LONG,
                advice=_ADVICE,
            )
        return str(text)
    if len(text) > LONGEST_TEXT:
        raise _wrong(PhoneProblem.TOO_LONG, text, f"{len(text)} characters")
    return text


def _digits(text: str) -> tuple[str, bool]:
    """The digits alone, and whether a plus stood before them."""
    digits: list[str] = []
    plus = False
    for character in text:
        if character in _DIGITS:
            digits.append(character)
        elif character == "+" and not digits and not plus:
            plus = True
        elif not _is_decoration(character):
            raise _stray(character, text)
    if not digits:
        raise _wrong(PhoneProblem.EMPTY, text, "there is no digit in it")
    return "".join(digits), plus


def _is_decoration(character: str) -> bool:
    if character == "." or character in _BRACKETS or character in _DASHES:
        return True
    # Zs: spaces. Pd: hyphens and dashes. Cf: direction marks, zero-width spaces and joiners.
    return character.isspace() or unicodedata.category(character) in {"Zs", "Pd", "Cf"}


def _national(digits: str, *, international: bool) -> str:
    """What follows the country code and the trunk zero."""
    if not international and digits.startswith("00"):
        digits, international = digits[3 if digits.startswith("000") else 2 :], True
    if international or (digits.startswith("254") and len(digits) > 9):
        return _after_country_code(digits)
    if digits.startswith("0"):
        return digits[1:]
    if len(digits) > 10:
        raise _wrong(PhoneProblem.FOREIGN, digits, "the country code is not 254")
    return digits


def _after_country_code(digits: str) -> str:
    if not digits.startswith("254"):
        if "254".startswith(digits):
            raise _wrong(PhoneProblem.TOO_SHORT, digits, "nothing follows the country code")
        raise _wrong(PhoneProblem.FOREIGN, digits, "the country code is not 254")
    national = digits[3:]
    return national.removeprefix("0")


def _stray(character: str, text: str) -> PhoneNumberError:
    if character.isnumeric():
        detail = f"{character!a} is not one of 0 to 9"
        return _wrong(PhoneProblem.FOREIGN_DIGITS, text, detail)
    if character.isalpha():
        hint = " (a letter, not the digit 0)" if character in "oO" else ""
        return _wrong(PhoneProblem.LETTERS, text, f"{character!a}{hint}")
    return _wrong(PhoneProblem.STRAY_CHARACTER, text, f"{character!a}")


def _wrong(reason: PhoneProblem, text: str | int, detail: str) -> PhoneNumberError:
    shown = ascii(str(text))
    shown = shown if len(shown) <= 48 else f"{shown[:44]}…"
    return PhoneNumberError(
        f"{shown} is not a Kenyan mobile number, {reason.value}: {detail}",
        reason=reason,
        advice=_ADVICE,
    )
