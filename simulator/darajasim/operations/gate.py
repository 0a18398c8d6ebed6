"""What stands before every operation: the firewall, the rules of the scenario, magic values."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from darajasim.core.catalogue import Row, catalogue, magic_refusal
from darajasim.core.events import RuleMatched, RuleMissed
from darajasim.core.namespace import Namespace
from darajasim.core.near_miss import NearMiss
from darajasim.core.rules import CUTTING, NO_PLAN, Plan, Reply
from darajasim.operations.call import Answer, Refusal
from darajasim.operations.refusals import from_row

SECRETS = frozenset({"Password", "password", "SecurityCredential", "security_credential"})
"""Fields whose values are in no journal, by their names on the wire and in rules."""
MOST_CHARACTERS = 100
"""Of what a near miss expected, and of what it found."""
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


@dataclass(slots=True)
class Ruling:
    """What the rules of the scenario say of one request.

    Args:
        view: the request as rules see it, asked for only if there are rules.
    """

    namespace: Namespace
    operation: str
    view: Callable[[], Mapping[str, str]]
    _asked: bool = False
    _matched: bool = False

    def plan(self, magic: str = "") -> Plan:
        """The plan of the first rule that matches; with none, that of a magic value.

        Args:
            magic: a value that may be `ERR-<key>`.
        """
        namespace, operation = self.namespace, self.operation
        if namespace.rules.rules:
            self._asked = True
            rule = namespace.rules.first_match(operation, self.view())
            if rule is not None:
                self._matched = True
                namespace.journal.append(RuleMatched(namespace.clock.time(), operation, rule.where))
                return rule.planned()
        row = magic_refusal(magic)
        if row is None or (row.surface == "inline" and row.operation != operation):
            return NO_PLAN
        return Plan(reply=Reply(error=row.key))

    def explain(self, answer: Answer) -> None:
        """Say which rule came nearest, if none matched: in the journal and in the answer's hint."""
        rules = self.namespace.rules
        if self._matched or not rules.rules:
            return
        near = rules.nearest(self.operation, self.view(), asked=self._asked)
        if near is None:
            return
        missed = self._missed(near)
        self.namespace.journal.append(missed)
        answer.hint = "; ".join(filter(None, (answer.hint, told(missed))))

    def _missed(self, near: NearMiss) -> RuleMissed:
        expected, found = near.expected, near.found
        if found is not None:
            secret = near.condition.rpartition(".")[2] in SECRETS
            found = "***" if secret else found[:MOST_CHARACTERS]
        return RuleMissed(
            self.namespace.clock.time(),
            self.operation,
            near.rule.where,
            near.met,
            near.of,
            near.condition,
            expected[:MOST_CHARACTERS],
            found,
        )


def told(missed: RuleMissed) -> str:
    """A near miss as a developer reads it."""
    if not missed.condition:
        return f"the request was refused before the rule {missed.rule} was asked"
    found = "nothing" if missed.found is None else repr(missed.found)
    return (
        f"no rule matched; the nearest, {missed.rule}, met {missed.met} of {missed.of} conditions: "
        f"{missed.condition}: expected {missed.expected}, found {found}"
    )


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
    if reply.accepted or _own(reply):
        answer = carry_out()
    elif reply.error is not None:
        hint = "asked for by a rule or a magic value"
        answer = refused(namespace, catalogue().by_key(reply.error), hint)
    elif reply.http is not None:
        answer = Answer(reply.http, reply.body.encode(), reply.content_type)
    else:
        answer = Answer(200, b"")
    return replace(answer, fault=reply.fault, after=reply.after, drip=reply.drip)


def _own(reply: Reply) -> bool:
    """Whether it only delays or spoils what the operation itself answers."""
    whole = reply.fault is None or reply.fault in CUTTING
    return reply.error is None and reply.http is None and whole
