"""What steps bring, by name: who is called what, and references that lead nowhere."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from darajasim.scenarios.complaint import Complaint
from darajasim.scenarios.document import Reference, references
from darajasim.scenarios.model.part import Part
from darajasim.scenarios.model.steps import (
    SIGNALS,
    AwaitPart,
    PayOutPart,
    PollPart,
    QueryPart,
    ReversePart,
)
from darajasim.scenarios.nodes import Mapping, Node, Path, Scalar, Sequence, plain
from darajasim.scenarios.wording import did_you_mean, listing, plural, quoted

Found = tuple[Path, Complaint]

_REFERRING: dict[str, type[Part]] = {
    "poll": PollPart,
    "query": QueryPart,
    "await": AwaitPart,
    "reverse": ReversePart,
    "pay_out": PayOutPart,
}
_MAKING = {
    "pay": "payment",
    "call": "call",
    "pay_from_phone": "phone-payment",
    "pay_out": "payout",
    "balance": "balance",
    "reverse": "reversal",
}
"""The steps that bring something new, and what it is called without a name."""
_CALLS = ("call", "pay_from_phone", "pay_out", "balance", "reverse")
"""The steps that `expect: calls:` speaks of."""
_PAID = ("pay", "pay_from_phone")
"""The steps that bring money, which may be given back."""
_VERBS = frozenset({*_REFERRING, *_MAKING, "wait", "advance", "settle", *SIGNALS})
_FILLED = ("fields", "body", "raw", "token")
"""The keys of a call in which a run fills in values."""


@dataclass(frozen=True, slots=True)
class _Act:
    """One step, or one of several at the same moment."""

    path: Path
    verb: str
    value: Node


@dataclass(frozen=True, slots=True)
class _Made:
    """What a step brings. `name` is None when it cannot be read; `node` is where it is written."""

    verb: str
    name: str | None
    node: Node


def default_name(verb: str, number: int) -> str:
    """What the `number`-th thing that these steps bring is called without `as:`, from 1."""
    return f"{_MAKING[verb]}-{number}"


def dangling(root: Mapping) -> Iterator[Found]:
    """References to what no earlier step brings, and names that are taken."""
    moments = list(_moments(root.get("steps")))
    book = _Book(_names(act for acts in moments for act in acts if act.verb in _MAKING))
    for acts in moments:
        yield from (found for act in acts for found in book.fill(act))
        for act in acts:
            if act.verb in _MAKING:
                yield from book.make(act)
            elif act.verb not in _VERBS:
                book.unreadable = True  # perhaps a payment, were it written rightly
        for act in acts:
            if act.verb in _REFERRING:
                yield from book.refer(act)
    if root.entry("steps"):
        yield from _expected(root.get("expect"), book)


def _moments(steps: Node | None) -> Iterator[list[_Act]]:
    for index, step in enumerate(steps.items if isinstance(steps, Sequence) else ()):
        path: Path = ("steps", index)
        together = _below(step, "together")
        if together is None:
            yield list(_acts(step, path))
        else:
            yield from _beside(together, (*path, "together"))


def _beside(together: Sequence, path: Path) -> Iterator[list[_Act]]:
    """What happens at the same moment, and then each step of a sequence by itself."""
    single, sequences = [], []
    for index, item in enumerate(together.items):
        steps = _below(item, "sequence")
        if steps is None:
            single += list(_acts(item, (*path, index)))
        else:
            home = (*path, index, "sequence")
            sequences += [list(_acts(s, (*home, n))) for n, s in enumerate(steps.items)]
    yield single
    yield from sequences


def _below(step: Node, name: str) -> Sequence | None:
    """The steps that a step is made of."""
    found = step.get(name) if isinstance(step, Mapping) else None
    return found if isinstance(found, Sequence) else None


def _acts(step: Node, path: Path) -> Iterator[_Act]:
    if isinstance(step, Scalar):
        yield _Act(path, step.text, Scalar("", None, step.place, unknown=step.unknown))
    elif isinstance(step, Sequence):
        yield _Act(path, "", step)
    else:
        for verb, entry in step.entries.items():
            yield _Act((*path, verb), verb, entry.value)


def _names(acts: Iterable[_Act]) -> list[_Made]:
    """What each of these steps brings, in order."""
    found: list[_Made] = []
    counts: Counter[str] = Counter()
    for act in acts:
        counts[act.verb] += 1
        given = act.value.get("as") if isinstance(act.value, Mapping) else None
        if given is None:
            name: str | None = default_name(act.verb, counts[act.verb])
        else:
            readable = isinstance(given, Scalar) and not given.unknown and not given.is_null
            name = given.text if isinstance(given, Scalar) and readable else None
        found.append(_Made(act.verb, name, act.value if given is None else given))
    return found


@dataclass(slots=True)
class _Book:
    """What was brought so far, by which verbs, and what is still to come."""

    coming: list[_Made]
    made: dict[str, _Made] = field(default_factory=dict)
    verbs: set[str] = field(default_factory=set)
    unreadable: bool = False

    def named(self, *verbs: str) -> list[str]:
        """The names of what these steps have brought so far."""
        return [name for name, made in self.made.items() if made.verb in verbs]

    def make(self, act: _Act) -> Iterator[Found]:
        new = self.coming.pop(0)
        self.verbs.add(new.verb)
        if new.name is None:
            self.unreadable = True
        elif new.name in self.made:
            first = self.made[new.name]
            noun = "payment" if {first.verb, new.verb} == {"pay"} else "step"
            yield (
                (*act.path, "as"),
                Complaint(
                    f"two {noun}s are named {quoted(new.name)}",
                    f"another name for each {noun}",
                    f"the first one on line {first.node.place.line}",
                    f"write `as: {new.name}-${{n}}`: `${{n}}` is the round"
                    if first.node.place == new.node.place
                    else "choose another name after `as:`",
                ),
            )
        else:
            self.made[new.name] = new

    def fill(self, act: _Act) -> Iterator[Found]:
        """Holes in a step that no earlier step fills, or that stand where nobody fills them."""
        filled = act.verb == "call" and isinstance(act.value, Mapping)
        for name, entry in act.value.entries.items() if isinstance(act.value, Mapping) else ():
            for scalar, reference in references(plain(entry.value)):
                if not filled or name not in _FILLED:
                    yield (*act.path, name), _unfilled(reference)
                elif complaint := self.unknown(scalar, reference.name):
                    yield _within(entry.value, scalar, (*act.path, name)), complaint

    def refer(self, act: _Act) -> Iterator[Found]:
        path, target = act.path, None
        if act.verb == "pay_out" and not _refunds(act.value):
            return
        verbs = _PAID if act.verb == "reverse" else ("pay",)
        if isinstance(act.value, Scalar):
            target = _REFERRING[act.verb].long_form(act.value).get("payment")
        elif isinstance(act.value, Mapping):
            path, target = (*act.path, "payment"), act.value.get("payment")
        if isinstance(target, Scalar) and not target.is_null:
            complaint = self.unknown(target, target.text, *verbs)
            if complaint:
                yield path, complaint
        elif not self.named(*verbs) and not self.unreadable:
            yield (
                act.path,
                Complaint(
                    f"there is no payment to {act.verb} yet",
                    "a `pay` step before this one",
                    advice="move this step below the `pay` step that it is about",
                    on_key=True,
                ),
            )

    def unknown(self, target: Scalar, name: str, *verbs: str) -> Complaint | None:
        """The complaint about a reference to what these steps bring, or None.

        Args:
            verbs: none for any step.
        """
        wanted = verbs or tuple(_MAKING)
        payments = set(wanted) <= set(_PAID)
        noun = "payment" if payments else "call" if "pay" not in wanted else "step"
        if target.unknown or self.unreadable:
            return None
        if name in self.made:
            found = self.made[name]
            if found.verb in wanted:
                return None
            return Complaint(
                f"{quoted(name)} is the name of a `{found.verb}` step",
                f"the name of a {listing(f'`{verb}`' for verb in wanted)} step",
                f"the `{found.verb}` step on line {found.node.place.line}",
                did_you_mean(name, self.named(*wanted)),
            )
        later = next((made.node for made in self.coming if made.name == name), None)
        if later is not None:
            return Complaint(
                f"the {noun} {quoted(name)} is made only later",
                "a step below the one that pays"
                if noun == "payment"
                else "a step below the one that it refers to",
                f"{quoted(name)} is {'paid' if noun == 'payment' else 'made'} on line "
                f"{later.place.line}",
                "move this step further down",
            )
        return self._nowhere(name, noun, wanted)

    def _nowhere(self, name: str, noun: str, verbs: tuple[str, ...]) -> Complaint:
        known = self.named(*verbs)
        steps = listing(f"`{verb}`" for verb in verbs)
        advice = did_you_mean(name, known) or (
            f"a {noun} gets its name from `as:` in its {steps} step"
        )
        if noun == "payment" and re.fullmatch(r"payment-[0-9]+", name):
            count = plural(len(known), "payment")
            advice = f"the steps make {count} up to here: is a `pay` step missing?"
        return Complaint(
            f"no {noun} is named {quoted(name)}",
            listing(map(quoted, known)) if known else f"the name of a {steps} step above",
            quoted(name),
            advice,
        )


def _refunds(payout: Node) -> bool:
    return isinstance(payout, Mapping) and payout.get("payment") is not None


def _unfilled(reference: Reference) -> Complaint:
    return Complaint(
        f"nothing fills in {quoted(str(reference))} here",
        f"such values in {listing(map(quoted, _FILLED), 'and')} of a `call`, and in what is "
        "expected of one",
        quoted(str(reference)),
        "write `$${` for the characters `${` themselves",
    )


def _within(node: Node, scalar: Scalar, path: Path) -> Path:
    """The path of a scalar below a node."""
    if isinstance(node, Mapping):
        for name, entry in node.entries.items():
            if found := _within(entry.value, scalar, (*path, name)):
                return found
    elif isinstance(node, Sequence):
        for index, item in enumerate(node.items):
            if found := _within(item, scalar, (*path, index)):
                return found
    return path if node is scalar else ()


def _expected(expect: Node | None, book: _Book) -> Iterator[Found]:
    if not isinstance(expect, Mapping):
        return
    for section, verbs in (("payments", ("pay",)), ("calls", _CALLS)):
        named = expect.get(section)
        for name, entry in named.entries.items() if isinstance(named, Mapping) else ():
            complaint = book.unknown(entry.key, name, *verbs)
            if complaint:
                yield ("expect", section), _on_key(complaint, name)
    yield from _records(expect, book)
    yield from _named_events(expect, book)
    yield from _holes(expect, book)
    for verbs, names, what, step in (
        (("pay",), ("payment", "client", "outcome", "query"), "a payment", _PAY_EXAMPLE),
        (_CALLS, ("call",), "a call", _CALL_EXAMPLE),
    ):
        if book.verbs.isdisjoint(verbs) and not book.unreadable:
            for name in (each for each in names if each in expect.entries):
                yield ("expect", name), _no_such_step(name, what, verbs, step)


def _records(expect: Mapping, book: _Book) -> Iterator[Found]:
    """Records of what the merchant keeps none of."""
    calls, last = expect.get("calls"), book.named(*_CALLS)[-1:]
    expected: list[tuple[str, Node | None, Path]]
    expected = [(name, expect.get("call"), ("expect", "call")) for name in last]
    for name, entry in calls.entries.items() if isinstance(calls, Mapping) else ():
        expected.append((name, entry.value, ("expect", "calls", name)))
    for name, call, path in expected:
        made = book.made.get(name)
        if made and made.verb != "pay_out" and isinstance(call, Mapping) and call.get("record"):
            yield (
                path,
                Complaint(
                    "the merchant keeps a record of payouts only",
                    "the name of a `pay_out` step",
                    f"{quoted(name)} is the name of a `{made.verb}` step",
                    f"delete `record`: the merchant keeps none of a `{made.verb}`",
                    ("record",),
                    on_key=True,
                ),
            )


def _named_events(expect: Mapping, book: _Book) -> Iterator[Found]:
    """Steps that `ledger: moved:` and the events of `events:` name."""
    ledger, events = expect.get("ledger"), expect.get("events")
    moved = ledger.get("moved") if isinstance(ledger, Mapping) else None
    for name, entry in moved.entries.items() if isinstance(moved, Mapping) else ():
        if complaint := book.unknown(entry.key, name):
            yield ("expect", "ledger", "moved"), _on_key(complaint, name)
    for section, entry in events.entries.items() if isinstance(events, Mapping) else ():
        for index, item in enumerate(
            entry.value.items if isinstance(entry.value, Sequence) else ()
        ):
            of = item.get("of") if isinstance(item, Mapping) else None
            if isinstance(of, Scalar) and not of.is_null:
                complaint = book.unknown(of, of.text)
                if complaint:
                    yield ("expect", "events", section, index, "of"), complaint


def _holes(expect: Mapping, book: _Book) -> Iterator[Found]:
    """Values of other steps, with which a call's are compared."""
    for section, entry in expect.entries.items():
        for scalar, reference in references(plain(entry.value)):
            path = _within(entry.value, scalar, ("expect", section))
            complaint = book.unknown(scalar, reference.name)
            answer = section in ("payment", "payments", "query") and "answer" in path
            if section not in ("call", "calls") and not answer:
                complaint = _unfilled(reference)
            if complaint:
                yield path, complaint


_PAY_EXAMPLE = "`- pay: {phone: 0722000000, amount: 100}`"
_CALL_EXAMPLE = "`- call: {operation: account_balance}`"


def _no_such_step(name: str, what: str, verbs: tuple[str, ...], example: str) -> Complaint:
    return Complaint(
        f"`{name}` speaks of {what}, but no step makes one",
        f"a {listing(f'`{verb}`' for verb in verbs)} step",
        advice=f"add, for example, {example} to `steps:`",
        on_key=True,
    )


def _on_key(complaint: Complaint, name: str) -> Complaint:
    return Complaint(
        complaint.message,
        complaint.expected,
        complaint.found,
        complaint.advice,
        (name,),
        on_key=True,
    )
