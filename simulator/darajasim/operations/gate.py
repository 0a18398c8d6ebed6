"""What stands before every operation: the firewall, the rules of the scenario, magic values."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

from darajasim.core.catalogue import catalogue, magic_refusal
from darajasim.core.events import RuleMatched
from darajasim.core.namespace import Namespace
from darajasim.core.rules import NO_PLAN, Plan, Reply
from darajasim.operations.call import Answer, Refusal
from darajasim.operations.refusals import from_row


def admit(namespace: Namespace) -> None:
    """Let a request past the firewall.

    Raises:
        Refusal: there are too many.
    """
    if namespace.firewall.blocks(namespace.clock.time(), namespace.profile.waf_burst):
        raise Refusal("waf-blocked", "more requests in one second than the knob waf_burst")


def planned(
    namespace: Namespace, operation: str, view: Callable[[], Mapping[str, str]], magic: str
) -> Plan:
    """The plan of the first rule that matches; with none, that of a magic value.

    Args:
        view: the request as rules see it, asked for only if there are rules.
        magic: a value that may be `ERR-<key>`.
    """
    if namespace.rules.rules:
        rule = namespace.rules.first_match(operation, view())
        if rule is not None:
            namespace.journal.append(RuleMatched(namespace.clock.time(), operation, rule.where))
            return rule.plan
    row = magic_refusal(magic)
    return NO_PLAN if row is None else Plan(reply=Reply(error=row.key))


def answered(namespace: Namespace, reply: Reply | None, carry_out: Callable[[], Answer]) -> Answer:
    """The operation's own answer, unless a reply stands in for it, delays it or loses it."""
    if reply is None:
        return carry_out()
    if reply.accepted or _only_slow(reply):
        answer = carry_out()
    elif reply.error is not None:
        hint = "asked for by a rule or a magic value"
        answer = from_row(namespace, catalogue().by_key(reply.error), hint)
    elif reply.http is not None:
        answer = Answer(reply.http, reply.body.encode(), reply.content_type)
    else:
        answer = Answer(200, b"")
    return replace(answer, fault=reply.fault, after=reply.after)


def _only_slow(reply: Reply) -> bool:
    return reply.error is None and reply.http is None and reply.fault is None
