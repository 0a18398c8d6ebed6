"""docs/profiles.md, made from the knobs."""

from __future__ import annotations

from collections.abc import Iterator

from darajasim.core.profile import KNOBS, PROFILES, Knob

INTRODUCTION = """\
# Profiles and knobs

<!-- Made by `python -m darajasim.cli.pages` from core/profile.py. Edit that, not this. -->

Where Daraja has changed over the years, or its documents and its traffic disagree, a knob decides.
A profile sets all of them:

- `observed` (the default) follows captured traffic;
- `documented` follows the developer portal's pages;
- `legacy` follows the years 2017 to 2019.

Each knob can also be set alone, on the command line or in a scenario:

```console
$ darajasim serve --profile legacy,balance_item=false,token_lifetime=60
```

```yaml
profile: {base: observed, in_flight: error, query_hiccup_rate: 0.2}
```

Rates are drawn from the seed. Times are in seconds, amounts in whole shillings."""


def page() -> str:
    """The whole page, in Markdown."""
    return f"{INTRODUCTION}\n\n{chr(10).join(_table())}\n"


def _table() -> Iterator[str]:
    yield f"| knob | what it decides | values | {' | '.join(PROFILES)} |"
    yield "| --- | --- | --- | --- | --- | --- |"
    for knob in KNOBS.values():
        defaults = " | ".join(f"`{_shown(knob.default[profile])}`" for profile in PROFILES)
        yield f"| `{knob.name}` | {knob.about} | {_values(knob)} | {defaults} |"


def _values(knob: Knob) -> str:
    if knob.choices is not None:
        return ", ".join(f"`{_shown(choice)}`" for choice in knob.choices)
    kind = "whole number" if knob.kind is int else "number"
    return f"{kind}, {knob.low:g} to {knob.high:g}"


def _shown(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
