"""One code on one page: what it means, whose move it is, its exact texts, how to get it here."""

import re
import textwrap
from collections.abc import Iterator, Mapping

from darajasim.cli.code_words import SOURCE_WORDS, answer_words, request_words, retry_words
from darajasim.core.catalogue import Row
from darajasim.core.profile import PROFILES
from mpesa_pochi.customer_messages import Language, customer_message

WIDTH = 92
LABEL = 11
NO_BREAK = "\N{NO-BREAK SPACE}"

PLACEHOLDERS: Mapping[str, str] = {
    "{incident}": "two long numbers with a dash between them",
    "{token}": "the token that was sent",
    "{field}": "the name of the field",
    "{shortcode}": "the shortcode",
}


def texts(row: Row) -> Iterator[tuple[str, str]]:
    """Every exact text with the profiles that send it, or the place where it was met."""
    sharing = [profile for profile in PROFILES if profile not in row.variants]
    yield "every profile" if len(sharing) == len(PROFILES) else ", ".join(sharing), row.text
    if row.query_text:
        yield "in a query", row.query_text
    yield from row.variants.items()


def placeholders(row: Row) -> Iterator[tuple[str, str]]:
    """What stands in braces in a row's text, and what it stands for."""
    return ((name, words) for name, words in PLACEHOLDERS.items() if name in row.text)


def scenario_lines(row: Row) -> tuple[str, ...]:
    """What yields this row in a scenario: a rule, an answer of the merchant, or a plain call."""
    if row.surface == "c2b":
        code = f'"{row.code}"' if row.code.isdecimal() else row.code
        body = f"{{ResultCode: {code}, ResultDesc: {row.text}}}"
        return ("answers:", f"  - {{to: validation, body: {body}}}")
    if not row.reproduce:
        return ("steps:", f"  - call: {{operation: {row.operation}}}")
    return ("rules:", f"  - on: {_rule_on(row)}", f"    {_outcome(row)}")


def _rule_on(row: Row) -> str:
    return "stk_query" if row.surface == "stk" and not row.terminal else row.operation


def _outcome(row: Row) -> str:
    if row.surface in ("http", "inline"):
        return f"reply: {{error: {row.key}}}"
    return f"result: {row.key if row.surface == 'stk' else row.code}"


def sheet(row: Row) -> list[str]:
    """The page, line by line; the first line is its heading."""
    lines = [f"{row.code or f'HTTP {row.http_status}'}  {row.key}", ""]
    lines += [*_paragraph("Meaning", row.meaning)]
    if row.customer:
        lines += _paragraph("Customer", row.customer)
    for label, language in (("Tell", Language.ENGLISH), ("", Language.SWAHILI)):
        lines += _paragraph(label, customer_message(row, language))
    lines += _paragraph("Merchant", row.merchant)
    lines += _paragraph("Retry", retry_words(row))
    lines += ["", *_paragraph("Answer", answer_words(row))]
    lines += _texts(row)
    lines += _paragraph("Known", SOURCE_WORDS[row.source])
    lines += ["", *_paragraph("Get it", request_words(row))]
    lines += _paragraph("Naturally", row.how)
    lines += _labelled("Scenario", scenario_lines(row))
    return lines


def _texts(row: Row) -> list[str]:
    named = [(name, text or "(empty)") for name, text in texts(row)]
    width = max(len(name) for name, _text in named)
    lines = [f"{name:<{width}}  {text}" for name, text in named]
    lines += [f"({name} stands for {words})" for name, words in placeholders(row)]
    return _labelled("Text", lines)


def _paragraph(label: str, text: str) -> list[str]:
    """Wrapped text behind its label; what is in backticks can be pasted: it stays whole."""
    whole = re.sub(r"`[^`]*`", lambda quoted: quoted[0].replace(" ", NO_BREAK), text)
    wrapped = textwrap.wrap(whole, WIDTH - LABEL, break_long_words=False, break_on_hyphens=False)
    return _labelled(label, [line.replace(NO_BREAK, " ") for line in wrapped])


def _labelled(label: str, lines: list[str] | tuple[str, ...]) -> list[str]:
    return [f"{label if index == 0 else '':<{LABEL}}{line}" for index, line in enumerate(lines)]
