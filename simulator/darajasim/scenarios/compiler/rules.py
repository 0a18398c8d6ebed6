"""Rules of the core, from the section `rules:`."""

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
from darajasim.scenarios.model.rules import (
    OWN_CONDITIONS,
    CallbackPart,
    ReplyPart,
    RulePart,
    result_row,
)
from darajasim.scenarios.nodes import Mapping, Path, at, plain
from darajasim.scenarios.products import reader
from darajasim.scenarios.scenario import RuleSpec
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
    )


def _conditions(part: RulePart, places: Places, path: Path) -> tuple[Condition, ...]:
    """In the order of the file; each was read once already, when the file was checked."""
    when = at(places.root, (*path, "when"))
    if part.when is None or not isinstance(when, Mapping):
        return ()
    return tuple(
        Condition(name, reader(part.on, name)(plain(entry.value)))
        for name, entry in when.entries.items()
        if name not in OWN_CONDITIONS
    )


def _plan(part: RulePart, vocabulary: Vocabulary) -> Plan:
    script, result = part.customer, part.result
    return Plan(
        reply=_reply(part.reply, part.on, vocabulary) if part.reply else None,
        result=result_row(result.code, part.on, vocabulary).key if result else None,
        text=result.text if result else None,
        customer=CustomerScript(Action(script.does), script.after) if script else None,
        callback=_callback(part.callback) if part.callback else None,
    )


def _reply(part: ReplyPart, on: str, vocabulary: Vocabulary) -> Reply:
    return Reply(
        error=vocabulary.error(part.error, on).key if part.error else None,
        http=part.http,
        body=part.body or _USUAL_REPLY.body,
        content_type=part.content_type or _USUAL_REPLY.content_type,
        fault=Fault(part.fault) if part.fault else None,
        accepted=part.accepted or False,
        after=part.after or 0.0,
    )


def _callback(part: CallbackPart) -> CallbackPlan:
    return CallbackPlan(
        after=part.after,
        times=part.times or 1,
        apart=part.apart or 0.0,
        never=part.times == 0,
        before_acknowledgement=part.before is not None,
        timeout=part.timeout,
    )
