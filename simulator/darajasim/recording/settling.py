"""Making a recorded scenario reproduce what was recorded: written, replayed, pinned, replayed."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from darajasim.core.events import PaymentSettled
from darajasim.harness.runner import ScenarioResult, run_scenario
from darajasim.recording.plays import Play, Tokens, plays
from darajasim.recording.scenario_rules import accepted
from darajasim.recording.scenario_text import scenario_text
from darajasim.recording.transcript import Transcript
from darajasim.scenarios.errors import ScenarioError
from darajasim.scenarios.from_text import load_text

PROFILES = ("observed", "documented", "legacy")
ROUNDS = 4
_CALL = re.compile(r"call ([a-z0-9-]+): (.*)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Recording:
    """A finished recording.

    Attributes:
        unmet: what a replay does not reproduce, as sentences without anything of the caller's.
    """

    text: str
    calls: int
    callbacks: int
    unmet: tuple[str, ...]


def name_of(path: Path) -> str:
    """The name that a scenario in this file has."""
    return path.name.removesuffix(".yaml")


def draft(transcript: Transcript, name: str) -> str:
    """The scenario as it can be written at once, without replaying it."""
    found, tokens = plays(transcript)
    return scenario_text(
        name, found, tokens, profile=PROFILES[0], missing=("Unfinished.", *missing(transcript))
    )


def missing(transcript: Transcript) -> tuple[str, ...]:
    """What is not there, as sentences."""
    found = []
    if transcript.missed:
        found.append(f"Not recorded, because there was too much: {transcript.missed} exchanges.")
    waiting = sum(each.answered is None for each in transcript.exchanges)
    if waiting:
        found.append(f"Open when the recorder stopped: {waiting} requests.")
    return tuple(found)


def finished(transcript: Transcript, name: str) -> Recording:
    """The scenario, with what the simulator does by itself, and what it must be told.

    Raises:
        ScenarioError: what was recorded cannot be written in the language; a fault of ours.
    """
    for exchange in transcript.exchanges:
        if exchange.answered is None and not exchange.fault:
            exchange.fault = "hang"
    found, tokens = plays(transcript)
    lost = missing(transcript)
    profile = _fittest(found, tokens, name)
    for _ in range(ROUNDS):
        result = _replayed(found, tokens, name, profile)
        changed = _learn_times(found, result)
        changed |= _pin(found, result)
        if not changed:
            break
    unmet = tuple(f"{play.name}: {what}" for play in found for what in play.unmet)
    text = scenario_text(name, found, tokens, profile=profile, missing=lost)
    heard = sum(len(play.heard) for play in found)
    return Recording(text, len(found), heard, (*lost, *unmet))


def _fittest(found: list[Play], tokens: Tokens, name: str) -> str:
    """The profile under which least differs."""

    def differences(profile: str) -> int:
        try:
            return len(_replayed(found, tokens, name, profile).findings)
        except ScenarioError:
            return 1_000_000

    return min(PROFILES, key=differences)


def _replayed(found: list[Play], tokens: Tokens, name: str, profile: str) -> ScenarioResult:
    text = scenario_text(name, found, tokens, profile=profile)
    (scenario,) = load_text(text.encode())
    return run_scenario(scenario)


def _learn_times(found: list[Play], result: ScenarioResult) -> bool:
    """Let callbacks come as long after the answer as they did, where the simulator is quicker."""
    ends = {event.subject: event.at for event in result.events if isinstance(event, PaymentSettled)}
    subjects = {call.name: call.subject for call in result.calls}
    begun = _answered(result)
    changed = False
    for play in found:
        end = ends.get(subjects.get(play.name) or "")
        results = [each for each in play.heard if each.kind != "timeout"]
        if play.after is not None or play.exchange is None or end is None or not results:
            continue
        start = begun.get(subjects.get(play.name) or "")
        if start is None:
            continue
        play.after = max(0.0, results[0].delivery.asked - play.ended - (end - start))
        changed = True
    return changed


def _answered(result: ScenarioResult) -> dict[str, float]:
    """When each request was answered, by the id that it got."""
    found: dict[str, float] = {}
    for event in result.events:
        subject = getattr(event, "subject", None)
        if isinstance(subject, str) and subject:
            found.setdefault(subject, event.at)
    return found


def _pin(found: list[Play], result: ScenarioResult) -> bool:
    """Write out what came out otherwise; what cannot be written out is no longer expected."""
    by_name = {play.name: play for play in found}
    differing: dict[str, dict[str, str]] = {}
    for finding in result.findings:
        if match := _CALL.fullmatch(finding.what):
            why = f"expected {finding.expected}, found {finding.found}"
            differing.setdefault(match[1], {})[match[2]] = why
    for name, what in differing.items():
        play = by_name[name]
        if _pinnable(play):
            play.pinned = True
        else:
            play.unmet |= what
    return bool(differing)


def _pinnable(play: Play) -> bool:
    """Whether its answer can be written out, and has not been yet."""
    exchange, operation = play.exchange, play.operation
    if exchange is None or operation is None or exchange.status is None:
        return False
    owes = bool(play.heard) or (accepted(play) and bool(operation.callbacks))
    return not (owes or play.pinned or play.bad_token)
