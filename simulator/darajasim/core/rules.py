"""Rules: which requests a scenario speaks of, and the plan that follows when one matches.

A rule is compiled from YAML by `darajasim.scenarios`; the core knows only these frozen values. The
first rule that matches decides; with none, the world does, and `RuleBook` says how near any
rule came.
"""

from __future__ import annotations

import fnmatch
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from typing import Protocol

from darajasim.core.chance import Chance

ANY = "any"
"""What a rule for every operation is `on`."""


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

CALL, CHANCE = "call", "chance"
"""What a near miss calls the two conditions that are no field of the request."""


@dataclass(frozen=True, slots=True)
class NearMiss:
    """The rule that came nearest to a request that none took.

    Attributes:
        met: how many of the `of` conditions hold; the n-th call and the chance count as conditions.
        condition: the first that does not: a field, `call` or `chance`; "" when all hold and the
            request was refused before any rule was asked.
        wanted: its test, or words for what it wants.
        found: what the request has; None when it has no such field.
    """

    rule: Rule
    met: int
    of: int
    condition: str = ""
    wanted: object = ""
    found: str | None = None

    @property
    def expected(self) -> str:
        """What the condition wants, in words."""
        return str(self.wanted)


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
        luck: what the chance is drawn from; the rule book gives it.
    """

    on: str
    when: tuple[Condition, ...] = ()
    calls: frozenset[int] = frozenset()
    plan: Plan = NO_PLAN
    where: str = ""
    chance: float = 1.0
    seen: int = field(default=0, init=False)
    luck: Chance | None = field(default=None, init=False, repr=False)

    def matches(self, operation: str, fields: Mapping[str, str]) -> bool:
        """Whether this rule takes the request. Counts the call when every condition holds."""
        if self.on not in (operation, ANY):
            return False
        for condition in self.when:
            value = fields.get(condition.field)
            if value is None or not condition.test(value):
                return False
        self.seen += 1
        if self.calls and self.seen not in self.calls:
            return False
        return self.chance >= 1 or self._lucky()

    def missed(self, fields: Mapping[str, str], *, asked: bool) -> NearMiss:
        """How near this rule came to a request of its operation. Counts nothing, draws nothing.

        Args:
            asked: whether `matches` has been asked about this request, and said no.
        """
        unmet: list[tuple[str, object, str | None]] = []
        for condition in self.when:
            value = fields.get(condition.field)
            if value is None or not condition.test(value):
                unmet.append((condition.field, condition.test, value))
        this_call = self.seen if asked and not unmet else self.seen + 1
        if self.calls and (unmet or this_call not in self.calls):
            calls = f"call {', '.join(map(str, sorted(self.calls)))}"
            unmet.append((CALL, calls, f"call {this_call}"))
        if self.chance < 1 and (unmet or asked):
            unmet.append((CHANCE, f"{self.chance:g} of these calls", "one of the others"))
        of = len(self.when) + bool(self.calls) + (self.chance < 1)
        if not unmet:
            return NearMiss(self, of, of)
        condition_name, wanted, found = unmet[0]
        return NearMiss(self, of - len(unmet), of, condition_name, wanted, found)

    def _lucky(self) -> bool:
        if self.luck is None:
            raise AssertionError(
                f"{self.where or self.on}: a rule with a chance is in no rule book"
            )
        return self.luck.chance(self.chance)
