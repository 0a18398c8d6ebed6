"""Rules: which requests a scenario speaks of, and the plan that follows when one matches.

A rule is compiled from YAML by `darajasim.scenarios`; the core knows only these frozen values. The
first rule that matches decides; with none, the world does.
"""

from __future__ import annotations

import fnmatch
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from typing import Protocol


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
    """`field` is a scenario name (`phone`, `amount`) or the wire name (`PhoneNumber`)."""

    field: str
    test: Test


class Fault(StrEnum):
    """What can go wrong with the bytes of a synchronous answer."""

    RESET = "reset"
    """The connection is reset."""
    HANG = "hang"
    """Nothing is answered, for as long as the caller waits."""
    EMPTY = "empty"
    """The connection is closed without a byte."""


@dataclass(frozen=True, slots=True)
class Reply:
    """A synchronous answer decided by a rule. At most one of `error`, `http` and `fault` is set.

    Attributes:
        error: key of a catalogue row of surface `http`.
        http: status of a raw answer whose body is `body`.
        fault: what happens to the connection instead of an answer.
        accepted: with `fault`: Daraja accepts the request first, and only the answer is lost.
        after: seconds before the answer leaves.
    """

    error: str | None = None
    http: int | None = None
    body: str = ""
    content_type: str = "text/html"
    fault: Fault | None = None
    accepted: bool = False
    after: float = 0.0


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


@dataclass(frozen=True, slots=True)
class CustomerScript:
    """What the customer does, and how many seconds after the prompt (None: the usual time)."""

    does: Action = Action.APPROVE
    after: float | None = None


@dataclass(frozen=True, slots=True)
class CallbackPlan:
    """How the callback travels.

    Attributes:
        after: seconds between the result and the first callback (None: the usual time).
        times: how many callbacks are sent.
        apart: seconds between them; 0 sends them at the same moment.
        never: no callback at all.
        before_acknowledgement: the callback reaches the merchant before the push is answered.
        timeout: of a command: `only` its queue-timeout callback is sent and nothing is carried out,
            or it is sent `first`, and the result follows.
    """

    after: float | None = None
    times: int = 1
    apart: float = 0.0
    never: bool = False
    before_acknowledgement: bool = False
    timeout: str | None = None


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
    """

    on: str
    when: tuple[Condition, ...] = ()
    calls: frozenset[int] = frozenset()
    plan: Plan = NO_PLAN
    where: str = ""
    seen: int = field(default=0, init=False)

    def matches(self, operation: str, fields: Mapping[str, str]) -> bool:
        """Whether this rule takes the request. Counts the call when every condition holds."""
        if self.on not in (operation, "any"):
            return False
        for condition in self.when:
            value = fields.get(condition.field)
            if value is None or not condition.test(value):
                return False
        self.seen += 1
        return not self.calls or self.seen in self.calls


@dataclass(slots=True, eq=False)
class RuleBook:
    """The rules of one namespace, in order, indexed by operation."""

    rules: list[Rule] = field(default_factory=list)

    def first_match(self, operation: str, fields: Mapping[str, str]) -> Rule | None:
        """The first rule that takes the request, or None."""
        for rule in self.rules:
            if rule.matches(operation, fields):
                return rule
        return None
