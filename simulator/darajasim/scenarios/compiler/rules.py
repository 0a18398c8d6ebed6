"""Rules of the core, from the section `rules:`."""

from collections.abc import Sequence
from dataclasses import replace

from darajasim.core.alteration import Alteration
from darajasim.core.latency import Latency
from darajasim.core.rules import (
    Action,
    CallbackPlan,
    Condition,
    CustomerScript,
    Fault,
    Plan,
    Reply,
)
from darajasim.scenarios.compiler.places import Places
from darajasim.scenarios.model.callback import CallbackPart
from darajasim.scenarios.model.reply import ReplyPart
from darajasim.scenarios.model.rules import OWN_CONDITIONS, RulePart, result_row
from darajasim.scenarios.nodes import Mapping, Path, at, plain
from darajasim.scenarios.products import reader
from darajasim.scenarios.rule_spec import RuleSpec
from darajasim.scenarios.vocabulary import Vocabulary

_USUAL_REPLY = Reply()


def rule(part: RulePart, places: Places, path: Path, vocabulary: Vocabulary) -> RuleSpec:
    """One rule, unused."""
    return RuleSpec(
        on=part.on,
        when=_conditions(part, places, path),
        calls=(part.when.call if part.when else None) or frozenset(),
        plan=_plan(part, vocabulary),
        where=places.line(path),
        chance=1.0 if part.when is None or part.when.chance is None else part.when.chance,
        rate=part.when.rate if part.when else None,
    )


def _conditions(part: RulePart, places: Places, path: Path) -> tuple[Condition, ...]:
    """In the order of the file; each was read once already, when the file was checked."""
    when = at(places.root, (*path, "when"))
    if part.when is None or not isinstance(when, Mapping):
        return ()
    return tuple(
        Condition(name, reader(part.on, name.rpartition(".")[2])(plain(entry.value)))
        for name, entry in when.entries.items()
        if name not in OWN_CONDITIONS
    )


def _plan(part: RulePart, vocabulary: Vocabulary) -> Plan:
    script, result = part.customer, part.result
    return Plan(
        reply=_reply(part.reply, part.on, vocabulary) if part.reply else None,
        result=result_row(result.code, part.on, vocabulary).key if result else None,
        text=result.text if result else None,
        customer=CustomerScript(Action(script.does), script.after, script.times)
        if script
        else None,
        callback=_callbacks(part.callback, part.on, vocabulary) if part.callback else None,
    )


def _reply(part: ReplyPart, on: str, vocabulary: Vocabulary) -> Reply:
    after, latency = 0.0, None
    if part.after is not None:
        after, sigma, most = part.after.median, part.after.sigma, part.after.max
        if sigma is not None and most is not None:
            after, latency = 0.0, Latency(after, sigma, most)
    return Reply(
        error=vocabulary.error(part.error, on).key if part.error else None,
        http=part.http,
        body=part.body or _USUAL_REPLY.body,
        content_type=part.content_type or _USUAL_REPLY.content_type,
        fault=Fault(part.fault) if part.fault else None,
        accepted=part.accepted or False,
        after=after,
        latency=latency,
        drip=part.drip or 0.0,
    )


def _callbacks(parts: Sequence[CallbackPart], on: str, vocabulary: Vocabulary) -> CallbackPlan:
    first, *more = (_callback(part, on, vocabulary) for part in parts)
    return replace(first, more=tuple(more))


def _callback(part: CallbackPart, on: str, vocabulary: Vocabulary) -> CallbackPlan:
    return CallbackPlan(
        after=part.after,
        times=part.times or 1,
        apart=part.apart or 0.0,
        never=part.times == 0,
        before_acknowledgement=part.before is not None,
        timeout=part.timeout,
        refused=part.refused or 0,
        altered=Alteration(
            result=result_row(part.result, on, vocabulary).key if part.result else None,
            wrong_amount=part.wrong_amount,
            wrong_phone=part.wrong_phone,
            unknown_id=part.unknown_id or False,
            extra=part.extra or {},
            form=part.form,
            truncated=part.truncated or False,
            wrong_length=part.wrong_length or False,
            content_type=part.content_type,
            source=part.source,
        ),
    )
