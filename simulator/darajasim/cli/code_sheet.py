"""One code on one page: what it means, whose move it is, its exact texts, how to get it here."""

import re
import textwrap
from collections.abc import Iterator

from darajasim.core.catalogue import Row
from darajasim.core.profile import PROFILES

QUOTES = '""'
WIDTH = 92
LABEL = 11
NO_BREAK = "\N{NO-BREAK SPACE}"
INCIDENT = "{incident}"

HEADINGS = {
    "stk": "M-Pesa Express results (ResultCode, in the callback and in the query)",
    "http": "Answers to a request (errorCode, or what stands in front of Daraja)",
}

RETRY_WORDS = {
    "never": "no: the same request will not do better",
    "now": "yes, at once",
    "later": "yes, after a pause",
    "ask": "ask the customer first, then push again",
}

SOURCE_WORDS = {
    "documented": "documented by Safaricom; no capture confirms it",
    "seen": "captured in real traffic",
    "seen-once": "from one report that nothing else confirms",
    "guessed": "guessed; the code is known, its text is not",
}

OPERATION_WORDS = {
    "stk_push": "a push",
    "stk_query": "a query",
    "oauth": "a token request",
}


def magic_text(row: Row) -> str:
    """The magic field and value, as `PhoneNumber=254700001032`."""
    return " ".join(f"{name}={value or QUOTES}" for name, value in row.reproduce.items())


def short_text(row: Row, limit: int = 100) -> str:
    """The default text on one line, cut where it is long."""
    if not row.text:
        return "(empty)"
    return row.text if len(row.text) <= limit else f"{row.text[: limit - 1]}…"


def retry_words(row: Row) -> str:
    """Whether to send the same again, in words."""
    if row.key == "paid":
        return "no: it is paid"
    return RETRY_WORDS[row.retry] if row.terminal else "no: it is not over; query again instead"


def answer_words(row: Row) -> str:
    """The HTTP status and what carries the code."""
    if row.surface == "http":
        carried = f'errorCode "{row.code}" (string)' if row.code else "no code, no JSON"
        return f"HTTP {row.http_status}, {carried}"
    query = f'"{row.code}" in the query (HTTP {row.http_status})'
    if "callback" not in row.appears_in:
        return f"ResultCode {query}, never in a callback"
    literal = row.code if row.json_type == "integer" else f'"{row.code}"'
    return f"ResultCode {literal} ({row.json_type}) in the callback, {query}"


def request_words(row: Row) -> str:
    """The request that brings this row, its magic fields as they stand in it."""
    pairs = ", ".join(f'"{name}": "{value}"' for name, value in row.reproduce.items())
    fields = magic_text(row) if row.operation == "oauth" else pairs
    after = "" if row.terminal else ", then a query"
    return f"{OPERATION_WORDS[row.operation]} with {fields}{after}"


def texts(row: Row) -> Iterator[tuple[str, str]]:
    """Every exact text with the profiles that send it, or the place where it was met."""
    sharing = [profile for profile in PROFILES if profile not in row.variants]
    yield "every profile" if len(sharing) == len(PROFILES) else ", ".join(sharing), row.text
    if row.query_text:
        yield "in a query", row.query_text
    yield from row.variants.items()


def scenario_lines(row: Row) -> tuple[str, ...]:
    """The scenario rule that yields this row."""
    outcome = f"result: {row.key}" if row.surface == "stk" else f"reply: {{error: {row.key}}}"
    on = "stk_query" if row.surface == "stk" and not row.terminal else row.operation
    return ("rules:", f"  - on: {on}", f"    {outcome}")


def sheet(row: Row) -> list[str]:
    """The page, line by line; the first line is its heading."""
    lines = [f"{row.code or f'HTTP {row.http_status}'}  {row.key}", ""]
    lines += [*_paragraph("Meaning", row.meaning)]
    if row.customer:
        lines += _paragraph("Customer", row.customer)
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
    if INCIDENT in row.text:
        lines.append(f"({INCIDENT} stands for two long numbers with a dash between them)")
    return _labelled("Text", lines)


def _paragraph(label: str, text: str) -> list[str]:
    """Wrapped text behind its label; what is in backticks can be pasted: it stays whole."""
    whole = re.sub(r"`[^`]*`", lambda quoted: quoted[0].replace(" ", NO_BREAK), text)
    wrapped = textwrap.wrap(whole, WIDTH - LABEL, break_long_words=False, break_on_hyphens=False)
    return _labelled(label, [line.replace(NO_BREAK, " ") for line in wrapped])


def _labelled(label: str, lines: list[str] | tuple[str, ...]) -> list[str]:
    return [f"{label if index == 0 else '':<{LABEL}}{line}" for index, line in enumerate(lines)]
