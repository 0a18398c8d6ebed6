"""Console blocks: their commands, and whether what was printed is what is shown.

`…` stands for anything within a line, and alone on a line for any lines.
"""

import re
from difflib import unified_diff

ANY = "…"


def matches(shown: str, printed: str) -> bool:
    """Whether a command that printed `printed` is shown as `shown`."""
    pattern = "".join(map(_pattern, _lines(shown)))
    return re.fullmatch(pattern, "".join(f"{line}\n" for line in _lines(printed))) is not None


def difference(shown: str, printed: str) -> str:
    """The two, line by line, for a person."""
    return "\n".join(unified_diff(_lines(shown), _lines(printed), "shown", "printed", lineterm=""))


def commands(text: str) -> list[tuple[str, str]]:
    """The commands of a console block, each with the output that is shown after it. A command goes
    on in the next line after a backslash.
    """
    found: list[tuple[str, str]] = []
    for line in text.splitlines():
        if line.startswith("$ "):
            found.append((line[2:], ""))
            continue
        assert found, f"expected a console block to begin with `$ `, found {line!r}"
        command, output = found[-1]
        goes_on = command.endswith("\\") and not output
        found[-1] = (f"{command}\n{line}", "") if goes_on else (command, f"{output}{line}\n")
    return found


def _pattern(line: str) -> str:
    if line.strip() == ANY:
        return r"(?:[^\n]*\n)*?"
    return re.escape(line).replace(re.escape(ANY), r"[^\n]*?") + r"\n"


def _lines(text: str) -> list[str]:
    # A column is as wide as what stands in it, such as a port: that it is there is what counts.
    return [re.sub(r"(?<=\S)   *", "  ", line.rstrip()) for line in text.strip("\n").splitlines()]
