"""Rules: which requests a scenario speaks of, and the plan that follows when one matches.

A rule is compiled from YAML by `darajasim.scenarios`; the core knows only these frozen values. The
first rule that matches decides; with none, the world does, and `RuleBook` says how near any
rule came.
"""

from __future__ import annotations

import fnmatch
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from typing import Protocol

from darajasim.core.alteration import UNALTERED, Alteration
from darajasim.core.chance import Chance
from darajasim.core.latency import Latency
from darajasim.core.near_miss import CALL, CHANCE, RATE, NearMiss
from darajasim.core.rate import Pace, Rate

ANY = "any"
"""What a rule for every operation is `on`; in the path of a field, each item of a list."""


class Test(Protocol):
    """One side of a condition: says yes or no to a value, and can say what it wanted."""

    def __call__(self, value: str) -> bool: ...


@dataclass(frozen=True, slots=True)
class Equals:
    expected: str

    def __call__(self, value: str) -> bool:
        return value == self.expected

    def __str__(self) -> str:
        return repr(self.expected)


@dataclass(frozen=True, slots=True)
class Compare:
    """A numeric comparison, as `">= 100"` in a scenario. What is no number never matches."""

    operator: str
    bound: Decimal

    def __call__(self, value: str) -> bool:
        try:
            number = Decimal(value)
        except InvalidOperation:
            return False
        if number.is_nan():
            return False
        match self.operator:
            case ">=":
                return number >= self.bound
            case "<=":
                return number <= self.bound
            case ">":
                return number > self.bound
            case "<":
                return number < self.bound
            case "==":
                return number == self.bound
            case _:
                return number != self.bound

    def __str__(self) -> str:
        return f"{self.operator} {self.bound}"


@dataclass(frozen=True, slots=True)
class OneOf:
    options: tuple[str, ...]

    def __call__(self, value: str) -> bool:
        return value in self.options

    def __str__(self) -> str:
        return f"one of {', '.join(map(repr, self.options))}"


@dataclass(frozen=True, slots=True)
class Glob:
    pattern: str

    def __call__(self, value: str) -> bool:
        return fnmatch.fnmatchcase(value, self.pattern)

    def __str__(self) -> str:
        return f"like {self.pattern!r}"


@dataclass(frozen=True, slots=True)
class Pattern:
    expression: re.Pattern[str]

    def __call__(self, value: str) -> bool:
        return self.expression.search(value) is not None

    def __str__(self) -> str:
        return f"matching /{self.expression.pattern}/"


@dataclass(frozen=True, slots=True)
class Condition:
    """`field` is a scenario name (`phone`, `amount`), the wire name (`PhoneNumber`), or a path to
    a value within (`invoiceItems.0.amount`; with `any`, one of the items will do).
    """

    field: str
    test: Test

    def values(self, fields: Mapping[str, str]) -> list[str]:
        """What a request has there."""
        value = fields.get(self.field)
        if value is not None:
            return [value]
        steps = self.field.split(".")
        if ANY not in steps or len(steps) == 1:
            return []
        return [value for name, value in fields.items() if _leads(steps, name.split("."))]

    def holds(self, fields: Mapping[str, str]) -> bool:
        """Whether a request is as it wants."""
        value = fields.get(self.field)
        if value is not None:
            return self.test(value)
        return any(map(self.test, self.values(fields)))

    def found(self, fields: Mapping[str, str]) -> str | None:
        """What a request has there, in words; None when it has nothing."""
        return ", ".join(self.values(fields)) or None


def _leads(wanted: list[str], steps: list[str]) -> bool:
    return len(wanted) == len(steps) and all(
        each == step or (each == ANY and step.isdecimal())
        for each, step in zip(wanted, steps, strict=True)
    )


class Fault(StrEnum):
    """What can go wrong with the bytes of a synchronous answer."""

    RESET = "reset"
    """The connection is reset."""
    HANG = "hang"
    """Nothing is answered, for as long as the caller waits."""
    EMPTY = "empty"
    """The connection is closed without a byte."""
    TRUNCATED = "truncated"
    """Status and headers arrive, and half of the body that they promise; then it is closed."""
    GARBAGE = "garbage"
    """Bytes that are no HTTP; then the connection is closed."""


CUTTING = frozenset({Fault.TRUNCATED})
"""Faults that need an answer to spoil: Daraja's own, unless the rule gives another."""


@dataclass(frozen=True, slots=True)
class Reply:
    """A synchronous answer decided by a rule. At most one of `error` and `http` is set, and beside
    them no `fault` but those that are CUTTING.

    Attributes:
        error: key of a catalogue row of surface `http`.
        http: status of a raw answer whose body is `body`.
        fault: what happens to the connection instead of an answer.
        accepted: with `fault`: Daraja accepts the request first, and only the answer is lost.
        after: seconds before the answer leaves; `latency`: the same, drawn for each request.
        drip: seconds over which the answer's body trickles.
    """

    error: str | None = None
    http: int | None = None
    body: str = ""
    content_type: str = "text/html"
    fault: Fault | None = None
    accepted: bool = False
    after: float = 0.0
    latency: Latency | None = None
    drip: float = 0.0


class Action(StrEnum):
    """What the customer does with the prompt on their phone."""

    APPROVE = "approve"
    CANCEL = "cancel"
    DISMISS = "dismiss"
    IGNORE = "ignore"
    EXPIRE = "expire"
    WRONG_PIN = "wrong-pin"
    UNREACHABLE = "unreachable"
    BUSY = "busy"
    PAY_LATE = "pay-late"
    """The right PIN, when the prompt has expired and nobody waits for it any more."""
    PAY_BY_HAND = "pay-by-hand"
    """Cancels the prompt and pays the same from the phone's own menu."""


@dataclass(frozen=True, slots=True)
class CustomerScript:
    """What the customer does, and how many seconds after the prompt (None: the usual time).

    Attributes:
        times: with WRONG_PIN: so many wrong PINs, `after` seconds apart, and then the right one in
            the same prompt; None: one, which ends the payment.
    """

    does: Action = Action.APPROVE
    after: float | None = None
    times: int | None = None


@dataclass(frozen=True, slots=True)
class CallbackPlan:
    """How the callback travels.

    Attributes:
        after: seconds between the result and the first callback (None: the usual time).
        times: how many callbacks are sent.
        apart: seconds between them; 0 sends them at the same moment.
        never: no callback at all.
        before_acknowledgement: the callback reaches the merchant before the request is answered.
        timeout: of a command: `only` its queue-timeout callback is sent and nothing is carried out,
            or it is sent `first`, and the result follows.
        refused: how many connections find nobody at the merchant's address before the first that
            is taken; they are `apart` as well.
        altered: what is different in these callbacks.
        more: further callbacks about the same, each with `after`, `times` and the rest of its own.
    """

    after: float | None = None
    times: int = 1
    apart: float = 0.0
    never: bool = False
    before_acknowledgement: bool = False
    timeout: str | None = None
    refused: int = 0
    altered: Alteration = UNALTERED
    more: tuple[CallbackPlan, ...] = ()


@dataclass(frozen=True, slots=True)
class Plan:
    """What follows when a rule matches. Every part is optional: what is None is left to the world.

    Attributes:
        reply: the synchronous answer.
        result: key of the catalogue row that is forced as the outcome; its surface is that of the
            operation's results.
        text: with `result`, another ResultDesc than the catalogue's.
        customer: what the customer does.
        callback: how the callback travels.
    """

    reply: Reply | None = None
    result: str | None = None
    text: str | None = None
    customer: CustomerScript | None = None
    callback: CallbackPlan | None = None

    @property
    def callback_first(self) -> bool:
        """Whether the answer waits until the first callback is over."""
        return self.callback is not None and self.callback.before_acknowledgement

    def drawn(self, chance: Chance) -> Plan:
        """The plan for one request: a latency becomes a number of seconds."""
        reply = self.reply
        if reply is None or reply.latency is None:
            return self
        return replace(self, reply=replace(reply, after=reply.latency.drawn(chance), latency=None))


NO_PLAN = Plan()


@dataclass(slots=True, eq=False)
class Rule:
    """One rule of a scenario.

    Attributes:
        on: operation name (`stk_push`, `b2c_payment`, `oauth`, …) or `any`.
        when: every condition must hold.
        calls: which of the matching calls this rule takes, counted from 1; empty means all.
        plan: what follows.
        where: `file:line` for messages.
        chance: of the calls that it would take, the share that it does take, drawn from the seed.
        rate: it takes only calls above this rate, counted over all that meet `when`.
        luck: what chance and latency are drawn from; the rule book gives it.
    """

    on: str
    when: tuple[Condition, ...] = ()
    calls: frozenset[int] = frozenset()
    plan: Plan = NO_PLAN
    where: str = ""
    chance: float = 1.0
    rate: Rate | None = None
    seen: int = field(default=0, init=False)
    luck: Chance | None = field(default=None, init=False, repr=False)
    _pace: Pace | None = field(default=None, init=False, repr=False)
    _latencies: Chance | None = field(default=None, init=False, repr=False)

    def __post_init__(self) -> None:
        self._pace = None if self.rate is None else Pace(self.rate)

    @property
    def draws(self) -> bool:
        """Whether it needs luck."""
        reply = self.plan.reply
        return self.chance < 1 or (reply is not None and reply.latency is not None)

    def matches(self, operation: str, fields: Mapping[str, str], now: float = 0.0) -> bool:
        """Whether this rule takes the request. Counts the call when every condition holds.

        Args:
            now: simulated seconds; never less than before.
        """
        if self.on not in (operation, ANY):
            return False
        for condition in self.when:
            if not condition.holds(fields):
                return False
        if self._pace is not None and not self._pace.counts(now):
            return False
        self.seen += 1
        if self.calls and self.seen not in self.calls:
            return False
        return self.chance >= 1 or self._lucky()

    def planned(self) -> Plan:
        """The plan for a request that it has just taken."""
        if not self.draws:
            return self.plan
        if self._latencies is None:
            self._latencies = self._given_luck().fork("latency")
        return self.plan.drawn(self._latencies)

    def missed(self, fields: Mapping[str, str], *, asked: bool, now: float = 0.0) -> NearMiss:
        """How near this rule came to a request of its operation. Counts nothing, draws nothing.

        Args:
            asked: whether `matches` has been asked about this request, and said no.
        """
        unmet: list[tuple[str, object, str | None]] = [
            (condition.field, condition.test, condition.found(fields))
            for condition in self.when
            if not condition.holds(fields)
        ]
        pace, of = self._pace, len(self.when)
        if pace is not None:
            of += 1
            rate = pace.within(now) + (0 if asked and not unmet else 1)
            if unmet or rate <= pace.rate.most:
                unmet.append((RATE, pace.rate, pace.told(rate)))
        this_call = self.seen if asked and not unmet else self.seen + 1
        if self.calls and (unmet or this_call not in self.calls):
            calls = f"call {', '.join(map(str, sorted(self.calls)))}"
            unmet.append((CALL, calls, f"call {this_call}"))
        if self.chance < 1 and (unmet or asked):
            unmet.append((CHANCE, f"{self.chance:g} of these calls", "one of the others"))
        of += bool(self.calls) + (self.chance < 1)
        if not unmet:
            return NearMiss(self, of, of)
        condition_name, wanted, found = unmet[0]
        return NearMiss(self, of - len(unmet), of, condition_name, wanted, found)

    def _lucky(self) -> bool:
        return self._given_luck().chance(self.chance)

    def _given_luck(self) -> Chance:
        if self.luck is None:
            raise AssertionError(f"{self.where or self.on}: a rule that draws is in no rule book")
        return self.luck
