"""A recorded scenario as the text of its file."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

import yaml

from darajasim.core.clock import nairobi
from darajasim.operations import named
from darajasim.recording.plays import Play, Tokens
from darajasim.recording.redaction import Redactor
from darajasim.recording.scenario_rules import answers, expected, passkeys, rules
from darajasim.recording.scenario_steps import Hole, Steps
from darajasim.recording.transcript import Exchange

PAUSE_SECONDS = 1.0
"""A shorter pause between two calls is not worth a step."""


class _Dumper(yaml.SafeDumper):
    """Texts with `${` escaped, and decimals as written."""

    def ignore_aliases(self, data: Any) -> bool:
        return True

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:  # noqa: FBT001, FBT002  # PyYAML's signature
        super().increase_indent(flow, indentless=False)


_Dumper.add_representer(
    Hole, lambda dumper, hole: dumper.represent_scalar("tag:yaml.org,2002:str", str(hole), "'")
)
_Dumper.add_representer(
    str,
    lambda dumper, text: dumper.represent_scalar(
        "tag:yaml.org,2002:str", text.replace("${", "$${"), '"' if _quoted(text) else None
    ),
)
_Dumper.add_representer(
    Decimal,
    lambda dumper, number: dumper.represent_scalar("tag:yaml.org,2002:float", format(number, "f")),
)


def _quoted(text: str) -> bool:
    return text[:1].isdigit() or "\n" in text or "${" in text


def scenario_text(
    name: str, plays: list[Play], tokens: Tokens, *, profile: str, missing: tuple[str, ...] = ()
) -> str:
    """The file.

    Args:
        missing: sentences about what was not recorded.
    """
    redactor = Redactor()
    steps = Steps(redactor, several_apps=len(tokens.keys) > 1)
    written = list(_steps(plays, steps))
    written += [f"  # {sentence}" for sentence in (*missing, *_unmet(plays))]
    head: dict[str, Any] = {
        "scenario": name,
        "about": "Recorded; every secret, name and phone number is a stand-in.",
        "tags": ["recorded"],
        "profile": profile,
    }
    world: dict[str, Any] = {}
    if plays:
        world["start"] = f"{nairobi(plays[0].began):%Y-%m-%d %H:%M:%S}"
    if organisations := passkeys(plays, redactor):
        world["organisations"] = organisations
    calls = {play.name: expected(play, redactor, steps.sent) for play in plays}
    parts = ["# yaml-language-server: $schema=schema.json\n", _dump(head)]
    for key, value in (
        ("world", world),
        ("rules", rules(plays, redactor)),
        ("answers", answers(plays, redactor)),
    ):
        if value:
            parts.append(_dump({key: value}))
    parts.append("\n".join(["steps:" if plays else "steps: []", *_oauth(tokens), *written]) + "\n")
    if calls:
        parts.append(_dump({"expect": {"calls": calls}}))
    return "\n".join(parts)


def _steps(plays: list[Play], steps: Steps) -> Iterator[str]:
    owed: list[Play] = []
    last = plays[0].began if plays else 0.0
    for play in plays:
        arrived = [each for each in owed if _heard(each) <= play.began]
        if arrived:
            yield "  - settle"
            owed = [each for each in owed if each not in arrived]
        elif play.began - last >= PAUSE_SECONDS:
            yield f"  - wait: {play.began - last:.1f}s"
        last = max(play.ended, play.began)
        yield f"  # {_told(play)}"
        yield from _indented(steps.step(play))
        steps.learn(play)
        if play.heard:
            owed.append(play)
    if plays:
        yield "  - settle"


def _heard(play: Play) -> float:
    return max(each.delivery.asked for each in play.heard)


def _told(play: Play) -> str:
    """An exchange in one line, without anything of the caller's."""
    at = f"{nairobi(play.began):%H:%M:%S.%f}"[:-3]
    told = ", ".join(
        f"{each.kind} callback at {nairobi(each.delivery.asked):%H:%M:%S.%f}"[:-3]
        + f" answered {each.delivery.status or each.delivery.fault}"
        for each in play.heard
    )
    if play.exchange is None:
        return f"{at}  paid from a phone; {told}"
    where = play.operation.path if play.operation else "an unknown path"
    took = (play.ended - play.began) * 1000
    found = play.exchange.status or play.exchange.fault
    by = " by the recorder: upstream failed" if play.exchange.failure else ""
    return f"{at}  {where}: {found}{by} after {took:.0f} ms" + (f"; {told}" if told else "")


def _oauth(tokens: Tokens) -> Iterator[str]:
    (oauth,) = named()["oauth"]
    for exchange in tokens.requests:
        yield f"  # {_moment(exchange)}  {oauth.path}: {exchange.status or exchange.fault}"


def _moment(exchange: Exchange) -> str:
    return f"{nairobi(exchange.asked):%H:%M:%S.%f}"[:-3]


def _unmet(plays: list[Play]) -> Iterator[str]:
    for play in plays:
        for what, why in play.unmet.items():
            shown = " ".join(f"{what} ({why})".split())
            yield f"Not reproduced by the simulator: {play.name}: {shown}"


def _indented(step: Mapping[str, Any]) -> Iterator[str]:
    return iter(_dump({"steps": [step]}).rstrip("\n").split("\n")[1:])


def _dump(value: Any) -> str:
    written = yaml.dump(
        value,
        Dumper=_Dumper,
        sort_keys=False,
        allow_unicode=False,
        width=100_000,
        default_flow_style=None,
    )
    # A key that YAML 1.1 takes for true; in the language it is a word.
    return str(written).replace("\n  - 'on': ", "\n  - on: ")
