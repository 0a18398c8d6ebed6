"""Callbacks of every product: when they leave, how often, and what came of each delivery."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import partial

from darajasim.core.alteration import UNALTERED, Alteration
from darajasim.core.courier import Letter, Receipt
from darajasim.core.events import CallbackAttempted, CallbackWithheld
from darajasim.core.namespace import Namespace
from darajasim.core.rules import CallbackPlan
from darajasim.operations.altering import altered

CALLBACK_SECONDS = 2.0
"""From a result to its callback (guessed)."""
ANSWER_CHARACTERS = 400
"""How much of a merchant's answer the journal keeps."""
ENVELOPES = 100_000
"""Callbacks whose headers are remembered, for sending them again."""
ONCE = CallbackPlan()
REFUSED = "connection refused: nobody is there, as a rule wants it"


def _nothing() -> None:
    return


@dataclass(slots=True, eq=False)
class Callback:
    """One callback that Daraja owes a merchant.

    Attributes:
        kind: what it is called in the journal: stk, result, timeout, validation, ….
        subject: the id of what it is about.
        letter: writes it, at the moment it leaves.
        usual: seconds from now until it leaves, unless the plan says otherwise.
        over: called when the first delivery has ended, or will never be.
        forge: writes it with another result or in another form, where the product can do that.
        altered: what is different in it already, for the journal.
    """

    kind: str
    subject: str
    letter: Callable[[], Letter]
    usual: float = CALLBACK_SECONDS
    plan: CallbackPlan | None = None
    over: Callable[[], None] = _nothing
    attempts: int = 0
    forge: Callable[[Alteration], Letter] | None = None
    altered: tuple[str, ...] = ()

    def written(self, alteration: Alteration) -> tuple[Letter, tuple[str, ...]]:
        """The letter with what a rule wants to be different, and what that is, for the journal."""
        if self.forge is None:
            alteration = replace(alteration, result=None, form=None)
        forged = alteration.result is not None or alteration.form is not None
        letter = self.forge(alteration) if forged and self.forge is not None else self.letter()
        letter, names = altered(letter, alteration)
        return letter, (*self.altered, *names)


@dataclass(slots=True, eq=False)
class Envelopes:
    """The headers of the callbacks of one namespace, by subject and kind; the oldest go first."""

    kept: OrderedDict[tuple[str, str], Mapping[str, str]] = field(default_factory=OrderedDict)

    def keep(self, subject: str, kind: str, headers: Mapping[str, str]) -> None:
        """Remember the headers of what has been sent."""
        self.kept[subject, kind] = headers
        if len(self.kept) > ENVELOPES:
            self.kept.popitem(last=False)

    def headers(self, subject: str, kind: str) -> Mapping[str, str] | None:
        """The headers that a callback had, if they are remembered."""
        return self.kept.get((subject, kind))


def owe(namespace: Namespace, callback: Callback) -> None:
    """Put a callback on the timeline: once, unless a rule or a knob differs."""
    profile, chance = namespace.profile, namespace.chance
    plan = callback.plan or ONCE
    if plan.never or chance.chance(profile.callback_loss_rate):
        withhold(namespace, callback, "a rule" if plan.never else "the knob callback_loss_rate")
        return
    extra = 1 if chance.chance(profile.callback_duplicate_rate) else 0
    for each in (plan, *plan.more):
        first = (callback.usual if each.after is None else each.after) + profile.callback_delay
        for number in range(each.refused + each.times + extra):
            refused = number < each.refused
            send = partial(_send, namespace, callback, each.altered, refused=refused)
            namespace.timeline.after(first + number * each.apart, send)
        extra = 0


def withhold(namespace: Namespace, callback: Callback, reason: str) -> None:
    """Never send a callback, and say who wants it so."""
    namespace.journal.append(
        CallbackWithheld(
            namespace.clock.time(), callback.subject, callback.kind, f"{reason} withholds it"
        )
    )
    callback.over()


def _send(
    namespace: Namespace, callback: Callback, alteration: Alteration, *, refused: bool
) -> None:
    # Numbered when it leaves: of two that leave together, either may arrive first.
    callback.attempts += 1
    if refused:
        sent, names = callback.written(alteration)
        tried = _Tried(callback.attempts, sent, Receipt(None, error=REFUSED), names)
        _journal(namespace, callback, tried)
        return
    namespace.timeline.start(_carry(namespace, callback, callback.attempts, alteration))


async def _carry(
    namespace: Namespace, callback: Callback, attempt: int, alteration: Alteration
) -> None:
    await deliver(namespace, callback, attempt, alteration)


async def deliver(
    namespace: Namespace,
    callback: Callback,
    attempt: int = 1,
    alteration: Alteration = UNALTERED,
    *,
    within: float | None = None,
) -> Receipt:
    """Send a callback now; what the merchant answered.

    Args:
        within: seconds until no answer is waited for (None: the courier's own patience).
    """
    began = namespace.clock.time()
    sent, names = callback.written(alteration)
    envelopes = namespace.book(Envelopes)
    if not names or envelopes.headers(callback.subject, callback.kind) is None:
        envelopes.keep(callback.subject, callback.kind, sent.headers)
    receipt = await namespace.courier.send(sent, within=within)
    took = namespace.clock.time() - began
    _journal(namespace, callback, _Tried(attempt, sent, receipt, names, took))
    callback.over()
    return receipt


@dataclass(frozen=True, slots=True)
class _Tried:
    """One delivery, and how many seconds it took."""

    attempt: int
    sent: Letter
    receipt: Receipt
    altered: tuple[str, ...]
    took: float = 0.0


def _journal(namespace: Namespace, callback: Callback, tried: _Tried) -> None:
    """Record one delivery, with the bytes that were sent."""
    receipt = tried.receipt
    namespace.journal.append(
        CallbackAttempted(
            namespace.clock.time(),
            callback.subject,
            callback.kind,
            tried.attempt,
            tried.sent.url,
            receipt.status,
            tried.took,
            receipt.answer[:ANSWER_CHARACTERS],
            receipt.error,
            tried.sent.body.decode(),
            tried.altered,
        )
    )
