"""Payments by name: who is called what, and references to payments that nobody makes."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from darajasim.scenarios.complaint import Complaint
from darajasim.scenarios.model.part import Part
from darajasim.scenarios.model.steps import AwaitPart, PollPart, QueryPart
from darajasim.scenarios.nodes import Mapping, Node, Path, Scalar, Sequence
from darajasim.scenarios.wording import did_you_mean, listing, plural, quoted

Found = tuple[Path, Complaint]

_REFERRING: dict[str, type[Part]] = {"poll": PollPart, "query": QueryPart, "await": AwaitPart}


_VERBS = frozenset({*_REFERRING, "pay", "wait", "settle"})


@dataclass(frozen=True, slots=True)
class _Act:
    """One step, or one of several at the same moment."""

    path: Path
    verb: str
    value: Node


def default_name(number: int) -> str:
    """What the `number`-th payment is called without `as:`, counted from 1."""
    return f"payment-{number}"


def dangling(root: Mapping) -> Iterator[Found]:
    """References to payments that no earlier step makes, and names that are taken."""
    moments = list(_moments(root.get("steps")))
    book = _Book(_names(act for acts in moments for act in acts if act.verb == "pay"))
    for acts in moments:
        for act in acts:
            if act.verb == "pay":
                yield from book.pay(act)
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
        together = step.get("together") if isinstance(step, Mapping) else None
        if isinstance(together, Sequence):
            yield [
                act
                for inner, item in enumerate(together.items)
                for act in _acts(item, (*path, "together", inner))
            ]
        else:
            yield list(_acts(step, path))


def _acts(step: Node, path: Path) -> Iterator[_Act]:
    if isinstance(step, Scalar):
        yield _Act(path, step.text, Scalar("", None, step.place, unknown=step.unknown))
    elif isinstance(step, Sequence):
        yield _Act(path, "", step)
    else:
        for verb, entry in step.entries.items():
            yield _Act((*path, verb), verb, entry.value)


def _names(pays: Iterator[_Act]) -> list[tuple[str | None, Node]]:
    """The name of each payment and where it is written; None for a name that cannot be read."""
    found: list[tuple[str | None, Node]] = []
    for act in pays:
        given = act.value.get("as") if isinstance(act.value, Mapping) else None
        if given is None:
            found.append((default_name(len(found) + 1), act.value))
        elif isinstance(given, Scalar) and not given.unknown and not given.is_null:
            found.append((given.text, given))
        else:
            found.append((None, given))
    return found


@dataclass(slots=True)
class _Book:
    """The payments made so far, and those still to come."""

    coming: list[tuple[str | None, Node]]
    made: dict[str, Node] = field(default_factory=dict)
    unreadable: bool = False

    def pay(self, act: _Act) -> Iterator[Found]:
        name, node = self.coming.pop(0)
        if name is None:
            self.unreadable = True
        elif name in self.made:
            yield (
                (*act.path, "as"),
                Complaint(
                    f"two payments are named {quoted(name)}",
                    "another name for each payment",
                    f"the first one on line {self.made[name].place.line}",
                    "choose another name after `as:`",
                ),
            )
        else:
            self.made[name] = node

    def refer(self, act: _Act) -> Iterator[Found]:
        path, target = act.path, None
        if isinstance(act.value, Scalar):
            target = _REFERRING[act.verb].long_form(act.value).get("payment")
        elif isinstance(act.value, Mapping):
            path, target = (*act.path, "payment"), act.value.get("payment")
        if isinstance(target, Scalar) and not target.is_null:
            complaint = self.unknown(target)
            if complaint:
                yield path, complaint
        elif not self.made and not self.unreadable:
            yield (
                act.path,
                Complaint(
                    f"there is no payment to {act.verb} yet",
                    "a `pay` step before this one",
                    advice="move this step below the `pay` step that it is about",
                    on_key=True,
                ),
            )

    def unknown(self, target: Scalar) -> Complaint | None:
        """The complaint about a reference that leads nowhere, or None."""
        if target.unknown or self.unreadable or target.text in self.made:
            return None
        later = next((node for name, node in self.coming if name == target.text), None)
        if later is not None:
            return Complaint(
                f"the payment {quoted(target.text)} is made only later",
                "a step below the one that pays",
                f"{quoted(target.text)} is paid on line {later.place.line}",
                "move this step further down",
            )
        return Complaint(
            f"no payment is named {quoted(target.text)}",
            listing(map(quoted, self.made)) if self.made else "the name of a `pay` step above",
            quoted(target.text),
            self._advice(target.text),
        )

    def _advice(self, name: str) -> str:
        if re.fullmatch(r"payment-[0-9]+", name):
            count = plural(len(self.made), "payment")
            return f"the steps make {count} up to here: is a `pay` step missing?"
        guess = did_you_mean(name, self.made)
        return guess or "a payment gets its name from `as:` in its `pay` step"


def _expected(expect: Node | None, book: _Book) -> Iterator[Found]:
    if not isinstance(expect, Mapping):
        return
    payments = expect.get("payments")
    for name, entry in payments.entries.items() if isinstance(payments, Mapping) else ():
        complaint = book.unknown(entry.key)
        if complaint:
            yield ("expect", "payments"), _on_key(complaint, name)
    if not book.made and not book.unreadable:
        for name in ("payment", "client", "outcome", "query"):
            if name in expect.entries:
                yield (
                    ("expect", name),
                    Complaint(
                        f"`{name}` speaks of a payment, but no step makes one",
                        "a `pay` step",
                        advice="add, for example, "
                        "`- pay: {phone: 0722000000, amount: 100}` to `steps:`",
                        on_key=True,
                    ),
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
