"""Payment histories as scenario files, and played."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import TYPE_CHECKING

from darajasim.strategies.history import Ask, History, HistoryPush, Move, Pause

if TYPE_CHECKING:
    from darajasim.harness.runner import ScenarioResult
    from darajasim.scenarios.scenario import Scenario

NAME = "history"
ABOUT = "A payment history that was generated."


def as_scenario(history: History, *, name: str = NAME, about: str = ABOUT) -> str:
    """The history as the text of a scenario file, which `darajasim run` plays.

    It expects of each payment its amount; the money laws are judged in any case. Add to `expect`
    what your code should have done.

    Args:
        name: of the file, without `.yaml`: lower-case letters, digits, hyphens.
        about: one sentence.

    Raises:
        ScenarioError: the name or the sentence is none.
    """
    text = "\n".join(_lines(history, name, about)) + "\n"
    _loaded(text)
    return text


def play(history: History, *, seed: int = 1) -> ScenarioResult:
    """What becomes of a history, with the bundled merchant, in virtual time.

    Args:
        seed: where all chance begins.
    """
    from darajasim.harness.runner import run_scenario  # noqa: PLC0415  # brings the merchant

    return run_scenario(_loaded(as_scenario(history)), seed)


def _loaded(text: str) -> Scenario:
    from darajasim.scenarios.from_text import load_text  # noqa: PLC0415  # brings YAML

    (scenario,) = load_text(text.encode())
    return scenario


def _lines(history: History, name: str, about: str) -> Iterator[str]:
    yield f"scenario: {name}"
    yield f"about: {json.dumps(about, ensure_ascii=False)}"
    yield "tags: [generated]"
    yield "\nworld:\n  customers:"
    for phone, balance in history.balances:
        yield f"    - {{phone: {_local(phone)}, balance: {balance}}}"
    ruled = [push for push in history.pushes if not push.ordinary]
    if ruled:
        yield "\nrules:"
    for push in ruled:
        yield from _rule(push)
    yield "\nsteps:"
    for move in history.moves:
        yield f"  - {_step(move)}"
    yield "\nexpect:\n  payments:"
    for push in history.pushes:
        yield f"    {push.name}: {{amount: {push.amount}}}"


def _rule(push: HistoryPush) -> Iterator[str]:
    yield "  - on: stk_push"
    yield f"    when: {{reference: {push.reference}}}"
    if push.reply is not None:
        lost = push.reply == HistoryPush.LOST
        yield f"    reply: {push.reply if lost else f'{{error: {push.reply}}}'}"
    if push.customer is not None:
        after = "" if push.acts_after is None else f", after: {push.acts_after}s"
        yield f"    customer: {{does: {push.customer}{after}}}"
    told = _callback(push)
    if told:
        yield f"    callback: {told}"


def _callback(push: HistoryPush) -> str:
    """How its callback travels; "" for as ever."""
    if push.callbacks == 0:
        return "never"
    parts = []
    if push.callback_first:
        parts.append("before: acknowledgement")
    if push.callback_after is not None:
        parts.append(f"after: {push.callback_after}s")
    if push.callbacks > 1:
        parts += [f"times: {push.callbacks}", f"apart: {push.callback_apart}s"]
    return f"{{{', '.join(parts)}}}" if parts else ""


def _step(move: Move) -> str:
    match move:
        case HistoryPush():
            return (
                f"pay: {{phone: {_local(move.phone)}, amount: {move.amount}, "
                f"reference: {move.reference}, as: {move.name}}}"
            )
        case Pause():
            return f"wait: {move.seconds}s"
        case Ask():
            return f"query: {move.payment}"
        case _:
            return "settle"


def _local(phone: str) -> str:
    return f"0{phone.removeprefix('254')}"
