"""What a syntax error of the YAML parser means, and what to do about it.

The parser says "did not find expected key"; a person needs to hear of an indentation, a missing
quote or a tab. Each explanation looks at the parser's words and at the line itself.
"""

import re
from collections.abc import Callable
from typing import Any

import yaml

from darajasim.scenarios.errors import Mistake
from darajasim.scenarios.source import Place, Source
from darajasim.scenarios.wording import quoted, short

LOADER: type = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
"""libyaml's parser where PyYAML was built with it, five times as fast as the one in Python."""

_PLACEHOLDER = re.compile(r"\$\{[^{}]*\}")
_FIRST_WORD = re.compile(r"[^\s,\]}]+")
_RUN_ON = re.compile(r"(?<=\s)[A-Za-z_]+$")
_OPEN_REGEX = re.compile(r"[:,\[]\s*(/[^/]*)$")
_COMPARISON = re.compile(r"[<>=!]=?\s*[^\s,\]}]*")


class _Trouble:
    """A parser's complaint, with the lines around it at hand."""

    def __init__(self, error: yaml.MarkedYAMLError, source: Source) -> None:
        self.source = source
        self.problem = error.problem or ""
        self.context = error.context or ""
        self.place = place_of(error.problem_mark or error.context_mark)
        self.start = place_of(error.context_mark) if error.context_mark else self.place

    @property
    def line(self) -> str:
        return self.source.line(self.place.line)

    @property
    def before(self) -> str:
        """The line up to the place."""
        return self.line[: self.place.column - 1]

    @property
    def rest(self) -> str:
        """The line from the place on."""
        return self.line[self.place.column - 1 :]

    @property
    def begins_line(self) -> bool:
        return not self.before.strip(" -")

    def above(self) -> tuple[int, str]:
        """Number and text of the line before that says something."""
        for number in range(self.place.line - 1, 0, -1):
            text = self.source.line(number).split(" #")[0].strip()
            if text and not text.startswith("#"):
                return number, text
        return 0, ""

    def mistake(self, message: str, place: Place | None = None, **details: str) -> Mistake:
        inside = self.source.clamped(place or self.place)
        return Mistake(self.source.path, message, inside, self.source, **details)


def explain(error: yaml.YAMLError, source: Source) -> Mistake:
    """The mistake behind a parser's error."""
    if not isinstance(error, yaml.MarkedYAMLError):
        return Mistake(source.path, f"this is not YAML: {short(str(error))}")
    trouble = _Trouble(error, source)
    for part, explanation in _EXPLANATIONS:
        if part in trouble.problem or part in trouble.context:
            found = explanation(trouble)
            if found is not None:
                return found
    return trouble.mistake(
        "this is not YAML",
        found=trouble.problem,
        advice="look for a missing quote, bracket, colon or indentation here or just above",
    )


def place_of(mark: Any) -> Place:
    """The place of one of the parser's marks, which count from 0."""
    return Place(mark.line + 1, mark.column + 1) if mark else Place(1, 1)


def _placeholder(trouble: _Trouble) -> Mistake | None:
    offset = trouble.place.column - 2
    found = _PLACEHOLDER.match(trouble.line, max(0, offset))
    if offset < 0 or not found:
        return None
    return trouble.mistake(
        f"{quoted(found.group())} must be in quotes inside {{ }} or [ ]",
        Place(trouble.place.line, offset + 1, len(found.group())),
        expected=f'`"{short(found.group())}"`',
        found=quoted(found.group()),
        advice="with quotes the value still keeps its type: a number stays a number",
    )


def _regex(trouble: _Trouble) -> Mistake | None:
    match = _OPEN_REGEX.search(trouble.before)
    if not match or trouble.rest[:1] not in ("[", "{", "]", "}", ","):
        return None
    start = match.start(1)
    written = trouble.line[start : trouble.line.rfind("/") + 1]
    return trouble.mistake(
        "a regular expression with brackets or commas must be in quotes",
        Place(trouble.place.line, start + 1, len(written)),
        expected=f"`'{short(written)}'`",
        found=quoted(written),
    )


def _character(trouble: _Trouble) -> Mistake:
    indentation = re.match(r"\s*", trouble.line)
    if trouble.rest.startswith("\t") or (indentation and "\t" in indentation.group()):
        column = trouble.line.index("\t") + 1
        return trouble.mistake(
            "a tab indents this line",
            Place(trouble.place.line, column),
            expected="spaces",
            found="a tab",
            advice="replace the tab by two spaces for each level",
        )
    if trouble.rest.startswith(">"):
        return _comparison(trouble, trouble.place)
    return trouble.mistake(
        f"a value that begins with {trouble.rest[:1]} must be in quotes",
        expected=f'`"{_word(trouble.rest)}"`',
        found=quoted(_word(trouble.rest)),
    )


def _block_scalar(trouble: _Trouble) -> Mistake:
    start = trouble.source.after(trouble.start)
    if start.startswith(">"):
        return _comparison(trouble, trouble.start)
    return trouble.mistake(
        f"a value that begins with {start[:1]} must be in quotes",
        trouble.start,
        expected=f'`"{_word(start)}"`',
        found=quoted(_word(start)),
    )


def _comparison(trouble: _Trouble, place: Place) -> Mistake:
    match = _COMPARISON.match(trouble.source.after(place))
    written = match.group() if match else ">"
    return trouble.mistake(
        "a comparison must be in quotes",
        Place(place.line, place.column, len(written)),
        expected=f'`"{short(written)}"`',
        found=quoted(written),
    )


def _word(text: str) -> str:
    match = _FIRST_WORD.match(text)
    return short(match.group()) if match else text[:1]


def _colon(trouble: _Trouble) -> Mistake:
    key, colon, _ = trouble.before.partition(": ")
    if colon:
        value = trouble.line.partition(": ")[2].strip()
        shown = "…" if any(mark in value for mark in "{[\"'") else short(value)
        return trouble.mistake(
            "this value contains a colon, so that it must be in quotes",
            expected=f'`{short(key.strip())}: "{shown}"`',
            found="a second colon on the line",
            advice="put the whole value in quotes, or a comma or line end before the next key",
        )
    number, above = trouble.above()
    if not re.search(r":( |$)", above):
        return _no_colon(trouble, number)
    return trouble.mistake(
        "this line is indented deeper than the one above allows",
        Place(trouble.place.line, len(trouble.line) - len(trouble.line.lstrip()) + 1),
        expected=f"the indentation of line {number}, whose value is complete",
        advice=f"line this key up with the key of line {number}, "
        "or move the value of that line below it",
    )


def _no_colon(trouble: _Trouble, number: int) -> Mistake:
    line = trouble.source.line(number)
    written = line.strip()
    place = Place(number, len(line) - len(line.lstrip()) + 1, max(1, len(written)))
    key, *value = written.removeprefix("- ").split(maxsplit=1) or ["key"]
    return trouble.mistake(
        "a colon is missing on this line",
        place,
        expected=f"`{short(key)}: {short(' '.join(value)) or '…'}`",
        found=quoted(written),
    )


def _simple_key(trouble: _Trouble) -> Mistake:
    return _no_colon(trouble, trouble.start.line)


def _quote(trouble: _Trouble) -> Mistake:
    opening = trouble.source.after(trouble.start)[:1]
    return trouble.mistake(
        "this quote is never closed",
        trouble.start,
        expected=f"a second {opening} where the text ends",
        found="the end of the file",
    )


def _escape(trouble: _Trouble) -> Mistake:
    backslash = trouble.place.column - (0 if trouble.rest.startswith("\\") else 1)
    place = Place(trouble.place.line, max(1, backslash), 2)
    return trouble.mistake(
        "this escape means nothing in double quotes",
        place,
        expected='\\n, \\t, \\\\ or \\"',
        found=short(trouble.source.after(place)[:2]),
        advice="use single quotes: there a backslash is only a backslash",
    )


def _after_quote(trouble: _Trouble) -> Mistake | None:
    if not re.search(r"""["']\s*$""", trouble.before) or not trouble.rest.strip():
        return None
    quote = trouble.before.rstrip()[-1]
    twice = "''" if quote == "'" else '\\"'
    return trouble.mistake(
        "the text goes on after its closing quote",
        expected="a comma or the end of the line",
        found=quoted(trouble.rest),
        advice=f"a {quote} within the text is written {twice}",
    )


def _flow(trouble: _Trouble) -> Mistake:
    bracket = trouble.source.after(trouble.start)[:1]
    closing = "}" if bracket == "{" else "]"
    if trouble.place.line != trouble.start.line or not trouble.rest.strip():
        return trouble.mistake(
            f"this {bracket} is never closed",
            trouble.start,
            expected=f"{closing} after the last entry",
            found=f"line {trouble.place.line} goes on without it",
        )
    run_on = _RUN_ON.search(trouble.before)
    if run_on and trouble.rest.startswith(":"):
        return trouble.mistake(
            f"a comma is missing before `{run_on.group()}`",
            Place(trouble.place.line, run_on.start() + 1, len(run_on.group())),
            expected=f"`, {run_on.group()}: …`",
            advice="inside { } a comma stands before each further entry",
        )
    return trouble.mistake(
        f"a comma or {closing} is missing here",
        expected=f", or {closing}",
        found=quoted(trouble.rest),
        advice="put a comma before each further entry; "
        "a text with , : [ ] { or } in it must be in quotes",
    )


def _no_value(trouble: _Trouble) -> Mistake:
    opened = _innermost_open(trouble.source)
    if opened and not trouble.rest.strip() and not trouble.source.after_line(trouble.place.line):
        bracket = trouble.source.after(opened)[:1]
        return trouble.mistake(
            f"this {bracket} is never closed",
            opened,
            expected=f"{'}' if bracket == '{' else ']'} after the last entry",
            found="the end of the file",
        )
    return trouble.mistake(
        "a value is missing here",
        expected="a value before the comma or bracket",
        found=quoted(trouble.rest) if trouble.rest.strip() else "the end of the line",
        advice="add the value, or delete the comma",
    )


def _innermost_open(source: Source) -> Place | None:
    """The last bracket of the text that is opened and not closed."""
    opened: list[Place] = []
    try:
        for token in yaml.scan(source.text, Loader=LOADER):
            if isinstance(token, yaml.FlowMappingStartToken | yaml.FlowSequenceStartToken):
                opened.append(place_of(token.start_mark))
            elif isinstance(token, yaml.FlowMappingEndToken | yaml.FlowSequenceEndToken):
                opened = opened[:-1]
    except yaml.YAMLError:
        pass
    return opened[-1] if opened else None


def _block(trouble: _Trouble) -> Mistake:
    if trouble.rest[:1] in ("}", "]"):
        return trouble.mistake(
            f"this {trouble.rest[0]} closes nothing", advice="delete it, or add what opens it"
        )
    if trouble.begins_line:
        item = "'-'" in trouble.problem
        return trouble.mistake(
            "this line belongs to a list, but does not begin with `- `"
            if item
            else "this line does not line up with its block",
            expected=f"{'`- `' if item else 'a key'} in column {trouble.start.column}, "
            f"as on line {trouble.start.line}",
            found=f"column {trouble.place.column}",
            advice="the keys of one block begin in the same column; what belongs to a key is "
            "indented deeper than the key",
        )
    return trouble.mistake(
        "the value ended before this",
        expected="the end of the line",
        found=quoted(trouble.rest),
        advice="a text with special characters must be in quotes",
    )


def _item(trouble: _Trouble) -> Mistake:
    return trouble.mistake(
        "a list cannot begin on the line of its key",
        expected="the first `- ` on a line of its own",
        found=quoted(trouble.rest),
        advice="move it to the next line, indented, or write the list as [a, b]",
    )


def _star(trouble: _Trouble) -> Mistake:
    start = trouble.source.after(trouble.start)
    return trouble.mistake(
        f"a value that begins with {start[:1]} must be in quotes",
        trouble.start,
        expected=f'`"{_word(start)}"`',
        found=quoted(_word(start)),
    )


def _directive(trouble: _Trouble) -> Mistake:
    return trouble.mistake(
        "a line cannot begin with %",
        trouble.start,
        found=quoted(trouble.source.line(trouble.start.line)),
        advice="delete the line, or begin it with # if it is a remark",
    )


_EXPLANATIONS: tuple[tuple[str, Callable[[_Trouble], Mistake | None]], ...] = (
    ("expected ','", _placeholder),
    ("expected ','", _regex),
    ("expected ','", _after_quote),
    ("expected key", _after_quote),
    ("<block end>", _after_quote),
    ("cannot start any token", _character),
    ("block scalar", _block_scalar),
    ("mapping values are not allowed", _colon),
    ("escape", _escape),
    ("quoted scalar", _quote),
    ("expected ','", _flow),
    ("flow node", _no_value),
    ("entries are not allowed", _item),
    ("expected ':'", _simple_key),
    ("expected key", _block),
    ("'-' indicator", _block),
    ("<block end>", _block),
    ("alias", _star),
    ("anchor", _star),
    ("tag", _star),
    ("directive", _directive),
)
"""Words of the parser (libyaml's and PyYAML's own differ a little), and who explains them."""
