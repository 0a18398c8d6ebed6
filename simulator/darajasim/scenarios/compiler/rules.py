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
from darajasim.scenarios.model.rules import CallbackPart, ReplyPart, RulePart, WhenPart
from darajasim.scenarios.nodes import Path
from darajasim.scenarios.scenario import RuleSpec

_USUAL_REPLY = Reply()


def rule(part: RulePart, places: Places, path: Path) -> RuleSpec:
    """One rule, unused."""
    return RuleSpec(
        on=part.on,
        when=_conditions(part.when),
        calls=(part.when.call if part.when else None) or frozenset(),
        plan=_plan(part),
        where=places.line(path),
    )


def _conditions(part: WhenPart | None) -> tuple[Condition, ...]:
    if part is None:
        return ()
    tests = ((name, getattr(part, name)) for name in WhenPart.model_fields if name != "call")
    return tuple(Condition(name, test) for name, test in tests if test is not None)


def _plan(part: RulePart) -> Plan:
    script = part.customer
    return Plan(
        reply=_reply(part.reply) if part.reply else None,
        result=part.result.code.key if part.result else None,
        text=part.result.text if part.result else None,
        customer=CustomerScript(Action(script.does), script.after) if script else None,
        callback=_callback(part.callback) if part.callback else None,
    )


def _reply(part: ReplyPart) -> Reply:
    return Reply(
        error=part.error.key if part.error else None,
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
    )
