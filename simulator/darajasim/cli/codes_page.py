"""docs/codes.md, made from the catalogue."""

import re
from collections.abc import Iterator

from darajasim.cli.code_sheet import placeholders, scenario_lines, texts
from darajasim.cli.code_words import (
    HEADINGS,
    SOURCE_WORDS,
    UNCHANGED,
    answer_words,
    request_words,
    retry_words,
    short_text,
)
from darajasim.core.catalogue import SURFACES, Row, catalogue
from mpesa_pochi.customer_messages import Language, customer_message

INTRODUCTION = """\
# Codes

<!-- Made by `python -m darajasim.cli.pages` from two files: catalogue.toml and
     customer_messages.toml. Edit those, not this. -->

Every code that the fake Daraja can answer with, in the exact words of the real one, and how to get
each of them on demand. `darajasim codes` shows the same in a terminal, and `darajasim codes --json`
gives it to a program.

One code can mean different things in different places, so the rows are sorted by what carries
them.

**M-Pesa Express results** are how a push ended. They arrive as `ResultCode` in the callback, where
numbers are JSON integers and the rest are JSON strings, and in the answer to a query, where all are
strings. With nothing configured, a push to the phone number `2547000NNNNN` ends with result NNNNN.

**Results of commands** are how a payout, a B2B payment, a reversal or a question to M-PESA ended.
They arrive at `ResultURL`. With nothing configured, `RES-<code>` in `Remarks` brings each of them,
`RES-TIMEOUT` a callback to `QueueTimeOutURL` and nothing else, and `RES-LATE` that callback and the
result after it. A payout to `2547000NNNNN` ends with result NNNNN too.

**Results of standing orders and of B2B Express** have callbacks and codes of their own: order for
`2547000NNNNN`, or put `RES-<code>` into `paymentRef`.

**Replies to a C2B validation** come from the merchant. The simulator's own inbox, registered as
`ValidationURL`, replies the code that is sent as `BillRefNumber`.

**Codes in a product's own answer** and **answers** come at once. Answers have the error envelope,
or, without a code, come from a layer in front of Daraja. With nothing configured, `ERR-<key>`
brings each of them: as `AccountReference` of a push, as `CheckoutRequestID` of a query, as the
consumer key of a token request, as `Remarks` of a command. The tables have the field of every other
product, and the natural value where there is one.

The first text is what real traffic shows today, where any was captured. `documented` and `legacy`
are what the profiles of those names send instead; under any other name stands a text that was met
elsewhere. The code is the contract, the text is not: compare codes, show texts."""


def page() -> str:
    """The whole page, in Markdown."""
    rows = catalogue().rows
    parts = [INTRODUCTION]
    for surface in SURFACES:
        some = [row for row in rows if row.surface == surface]
        parts += [f"## {HEADINGS[surface]}", "\n".join(_table(some))]
        parts += ["\n".join(_section(row)) for row in some]
    return "\n\n".join(parts) + "\n"


def _table(rows: list[Row]) -> Iterator[str]:
    yield "| code | key | text | send it again? | get it with |"
    yield "| --- | --- | --- | --- | --- |"
    for row in rows:
        link = f"[{row.key}](#{_anchor(_title(row))})"
        cells = (
            _title(row, named=False),
            link,
            _literal(short_text(row)),
            retry_words(row),
            _magic(row),
        )
        yield f"| {' | '.join(cell.replace('|', '&#124;') for cell in cells)} |"


def _section(row: Row) -> Iterator[str]:
    yield f"### {_title(row)}"
    yield ""
    yield row.meaning
    yield ""
    if row.customer:
        yield f"- **Customer:** {row.customer}"
    yield f"- **Tell the customer:** {customer_message(row, Language.ENGLISH)}"
    yield f"- **In Swahili:** {customer_message(row, Language.SWAHILI)}"
    yield f"- **Merchant:** {row.merchant}"
    yield f"- **Send it again?** {retry_words(row)}"
    yield f"- **Answer:** {answer_words(row)}"
    for name, text in texts(row):
        yield f"- **Text** ({name}): {_literal(text)}"
    for name, words in placeholders(row):
        yield f"  where `{name}` stands for {words}"
    yield f"- **How well it is known:** {SOURCE_WORDS[row.source]}"
    yield f"- **Get it here:** {request_words(row)}"
    yield f"- **Naturally:** {row.how}"
    yield ""
    yield "```yaml"
    yield from scenario_lines(row)
    yield "```"


def _title(row: Row, *, named: bool = True) -> str:
    number = row.code or f"HTTP {row.http_status}"
    return f"{number} {row.key}" if named else number


def _anchor(heading: str) -> str:
    """The anchor that a Markdown renderer gives a heading."""
    return re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")


def _literal(text: str) -> str:
    return f"`{text}`" if text and text != "(empty)" else "(empty)"


def _magic(row: Row) -> str:
    pairs = ", ".join(f'`{name}: "{value}"`' for name, value in row.reproduce.items())
    return pairs or UNCHANGED
