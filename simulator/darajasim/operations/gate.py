"""What stands before every operation: the firewall, the rules of the scenario, magic values."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

from darajasim.core.catalogue import Row, catalogue, magic_refusal
from darajasim.core.events import RuleMatched
from darajasim.core.namespace import Namespace
from darajasim.core.rules import NO_PLAN, Plan, Reply
from darajasim.operations.call import Answer, Refusal
from darajasim.operations.refusals import from_row

Refused = Callable[[Namespace, Row, str], Answer]


def admit(namespace: Namespace) -> None:
    """Let a request past the firewall.

    Raises:
        Refusal: there are too many.
    """
    if namespace.gateway.firewall.blocks(namespace.clock.time(), namespace.profile.waf_burst):
        raise Refusal("waf-blocked", "more requests in one second than the knob waf_burst")


def meter(namespace: Namespace, consumer_key: str) -> None:
    """Count a call of an app against its rate and its quota.

    Raises:
        Refusal: it calls too often, or everything is down.
    """
    profile, gateway, now = namespace.profile, namespace.gateway, namespace.clock.time()
    if profile.gateway != "up":
        raise Refusal(profile.gateway, "the knob gateway")
    if gateway.spikes.over(consumer_key, now, profile.spike_arrest):
        raise Refusal(
            "spike-arrest",
            f"more than {profile.spike_arrest} calls in one second (knob spike_arrest)",
        )
    if gateway.quota.over(consumer_key, now, profile.quota):
        raise Refusal("quota", f"more than {profile.quota} calls in one day (knob quota)")


def planned(
    namespace: Namespace,
    operation: str,
    view: Callable[[], Mapping[str, str]],
    magic: str = "",
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
    if row is None or (row.surface == "inline" and row.operation != operation):
        return NO_PLAN
    return Plan(reply=Reply(error=row.key))


def answered(
    namespace: Namespace,
    reply: Reply | None,
    carry_out: Callable[[], Answer],
    refused: Refused = from_row,
) -> Answer:
    """The operation's own answer, unless a reply stands in for it, delays it or loses it.

    Args:
        refused: how this operation says no with a row of the catalogue.
    """
    if reply is None:
        return carry_out()
    if reply.accepted or _only_slow(reply):
        answer = carry_out()
    elif reply.error is not None:
        hint = "asked for by a rule or a magic value"
        answer = refused(namespace, catalogue().by_key(reply.error), hint)
    elif reply.http is not None:
        answer = Answer(reply.http, reply.body.encode(), reply.content_type)
    else:
        answer = Answer(200, b"")
    return replace(answer, fault=reply.fault, after=reply.after)


def _only_slow(reply: Reply) -> bool:
    return reply.error is None and reply.http is None and reply.fault is None
