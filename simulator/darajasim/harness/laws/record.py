"""The laws of the merchant's record: final is final, it fits what was asked, nothing is lost."""

from __future__ import annotations

from collections.abc import Iterator

from darajasim.harness.laws.evidence import Evidence, same_phone
from darajasim.harness.laws.facts import PAID, PENDING, Accepted, CalledBack, Ordered, Stood, kes
from darajasim.harness.laws.law import BrokenLaw, Law


def terminal_stays(evidence: Evidence) -> Iterator[BrokenLaw]:
    """Success and failure are final."""
    for payment, standing in evidence.standing.items():
        final: Stood | None = None
        for stood in standing:
            if final is None:
                final = stood if stood.status != PENDING else None
            elif stood.status != final.status:
                sentence = f"{payment} was {final.status}, and then {stood.status}"
                yield BrokenLaw(Law.TERMINAL, sentence, (final, stood))
                break


def all_agree(evidence: Evidence) -> Iterator[BrokenLaw]:
    """What was ordered is what Daraja was asked for, what moved, and what was credited."""
    for payment, order in evidence.orders.items():
        for link in evidence.links.get(payment, ()):
            asked = evidence.accepted.get(link.subject)
            if asked is not None and (differs := _differs(order, asked)):
                sentence = f"{payment} and {link.subject} differ: {differs}"
                yield BrokenLaw(Law.AGREE, sentence, (order, link, asked))
    for subject, asked in evidence.accepted.items():
        money = evidence.money(subject)
        if money is not None and money[1].cents != asked.cents:
            sentence = f"{subject} asked for {kes(asked.cents)}, and {kes(money[1].cents)} moved"
            yield BrokenLaw(Law.AGREE, sentence, (asked, *money))
    yield from _believed(evidence)


def _differs(order: Ordered, asked: Accepted) -> str:
    """What the merchant ordered otherwise than Daraja was asked for; "" when nothing."""
    if order.cents != asked.cents:
        return f"{kes(order.cents)} was ordered, {kes(asked.cents)} asked for"
    if order.phone != asked.phone:
        return f"{order.phone} was to pay, {asked.phone} was asked"
    if order.reference and order.reference != asked.reference:
        return f"{order.reference!r} was ordered, {asked.reference!r} asked for"
    return ""


def _believed(evidence: Evidence) -> Iterator[BrokenLaw]:
    """Credited on a callback about another sum or from another phone, and on nothing better."""
    for payment, given in evidence.credits.items():
        order = evidence.orders.get(payment)
        if order is None:
            continue
        for link in evidence.links.get(payment, ()):
            said = [each for each in evidence.callbacks.get(link.subject, ()) if each.code == PAID]
            known = evidence.confirmed(link.subject)
            wrong = [(each, found) for each in said if (found := _wrong(order, each))]
            if wrong and len(wrong) == len(said) and not known:
                callback, found = wrong[0]
                yield BrokenLaw(
                    Law.AGREE,
                    f"{payment} was credited on a callback that does not fit it: {found}",
                    (order, link, callback, given[0]),
                )


def _wrong(order: Ordered, callback: CalledBack) -> str:
    """What a callback says otherwise than was ordered; "" when nothing."""
    if callback.cents is not None and callback.cents != order.cents:
        return f"{kes(order.cents)} was ordered, the callback says {kes(callback.cents)}"
    if not same_phone(callback.phone, order.phone):
        return f"{order.phone} was to pay, the callback says {callback.phone}"
    return ""


def acknowledged_is_stored(evidence: Evidence) -> Iterator[BrokenLaw]:
    """Who answers 2xx has the callback; one copy of what came twice is enough."""
    if not evidence.history.stores:
        return
    for subject, callbacks in evidence.callbacks.items():
        for callback in callbacks:
            if callback.acknowledged and callback.body not in evidence.stored:
                sentence = f"the {callback.kind} callback about {subject}"
                yield BrokenLaw(
                    Law.STORED,
                    f"{sentence} was answered {callback.status}, and is nowhere: Daraja does not "
                    "send it again",
                    (callback,),
                )
                break


def nothing_pends(evidence: Evidence) -> Iterator[BrokenLaw]:
    """Who was told how a payment ended does not leave it open.

    A payment whose callback never came, and of which nobody asked, may be open: the merchant cannot
    know better.
    """
    if not evidence.history.over:
        return
    for payment, standing in evidence.standing.items():
        if standing[-1].status != PENDING:
            continue
        for link in evidence.links.get(payment, ()):
            told = evidence.told(link.subject)
            if told is not None:
                callback = told[-1]
                status = callback.status if isinstance(callback, CalledBack) else None
                ended = evidence.ended[link.subject]
                sentence = (
                    f"{payment} is still pending when all is over, though a callback said that "
                    f"{link.subject} ended with {ended.code}; the merchant answered it {status}"
                )
                yield BrokenLaw(Law.PENDING, sentence, (standing[-1], link, *told))
                break
