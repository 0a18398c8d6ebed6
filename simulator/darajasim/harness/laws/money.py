"""The laws of crediting: once, only what was paid, and all that was paid."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from darajasim.harness.laws.evidence import Evidence
from darajasim.harness.laws.facts import Accepted, Credited, Ended, Linked, Moved, Ordered, kes
from darajasim.harness.laws.law import BrokenLaw, Law


def credited_once(evidence: Evidence) -> Iterator[BrokenLaw]:
    """One payment, one credit; and what Daraja calls one payment is credited as one only."""
    for payment, given in evidence.credits.items():
        if len(given) > 1:
            times = "twice" if len(given) == 2 else f"{len(given)} times"
            total = kes(sum(credit.cents for credit in given))
            sentence = f"{payment} was credited {times}, {total} in all"
            yield BrokenLaw(Law.ONCE, sentence, (given[0], given[1]))
    for subject, links in evidence.payments.items():
        credited = list(_credited(evidence, links))
        if len(credited) > 1:
            (first, credit), (second, other) = credited[:2]
            yield BrokenLaw(
                Law.ONCE,
                f"{subject} was credited as {first.payment} and again as {second.payment}",
                (first, credit, second, other),
            )


def _credited(evidence: Evidence, links: list[Linked]) -> Iterator[tuple[Linked, Credited]]:
    for payment, link in {link.payment: link for link in links}.items():
        given = evidence.credits.get(payment)
        if given:
            yield link, given[0]


def credited_with_success(evidence: Evidence) -> Iterator[BrokenLaw]:
    """A credit needs an entry in Daraja's ledger, or at least Daraja's word to a query."""
    for payment, given in evidence.credits.items():
        subjects = [link.subject for link in evidence.links.get(payment, ())]
        if not any(evidence.money(each) or evidence.confirmed(each) for each in subjects):
            sentence = f"{payment} was credited {kes(given[0].cents)}, and no money moved"
            yield BrokenLaw(Law.SUCCESS, f"{sentence}: {_why(evidence, subjects)}", (given[0],))


def _why(evidence: Evidence, subjects: list[str]) -> str:
    if not subjects:
        return "the merchant does not know what Daraja calls it"
    ended = evidence.ended.get(subjects[-1])
    if ended is not None:
        return f"Daraja ended {subjects[-1]} with {ended.code}"
    known = subjects[-1] in evidence.accepted
    return f"{subjects[-1]} has not ended" if known else f"Daraja never issued {subjects[-1]}"


def credited_sum(evidence: Evidence) -> Iterator[BrokenLaw]:
    """The sum, looked at payment by payment, so that the one that spoils it is named."""
    twice: set[str] = set()
    for breach, subjects in _charged_twice(evidence):
        twice |= subjects
        yield breach
    yield from _credited_otherwise(evidence)
    if evidence.history.over:
        yield from _never_credited(evidence, twice)


_Push = tuple[Accepted, Ended, Moved]


def _charged_twice(evidence: Evidence) -> Iterator[tuple[BrokenLaw, set[str]]]:
    """More pushes took money than there were orders like them."""
    orders: dict[tuple[str, int, str], list[Ordered]] = defaultdict(list)
    for order in evidence.orders.values():
        orders[order.phone, order.cents, order.reference].append(order)
    pushes: dict[tuple[str, int, str], list[_Push]] = defaultdict(list)
    for subject, asked in evidence.accepted.items():
        money = evidence.money(subject)
        if money is not None:
            pushes[asked.phone, asked.cents, asked.reference].append((asked, *money))
    for key, ordered in orders.items():
        paid = pushes.get(key, [])
        if len(paid) > len(ordered):
            phone, cents, reference = key
            ledger = kes(sum(moved.cents for _, _, moved in paid))
            sentence = (
                f"{phone} was charged {len(paid)} times for {reference}, {ledger} in the ledger, "
                f"and ordered {kes(cents * len(ordered))}: a push whose answer was lost may have "
                "been accepted, and must not be sent again"
            )
            events = (ordered[0], *paid[-2], *paid[-1])
            yield BrokenLaw(Law.SUM, sentence, events), {push[0].subject for push in paid}


def _credited_otherwise(evidence: Evidence) -> Iterator[BrokenLaw]:
    """More was credited than the ledger has for it."""
    for payment, given in evidence.credits.items():
        paid = {
            money[1].receipt: (link, *money)
            for link in evidence.links.get(payment, ())
            if (money := evidence.money(link.subject))
        }
        ledger = sum(moved.cents for _, _, moved in paid.values())
        if len(given) == 1 and paid and given[0].cents > ledger:
            sentence = f"{payment} was credited {kes(given[0].cents)}; the ledger has"
            one = next(iter(paid.values()))
            yield BrokenLaw(Law.SUM, f"{sentence} {kes(ledger)} for it", (*one, given[0]))


def _never_credited(evidence: Evidence, known: set[str]) -> Iterator[BrokenLaw]:
    """The merchant asked for money or knows of it, it moved, the merchant was told so, and gave
    less for it. Money that others asked for, or that came unasked, is no business of this law.
    """
    for subject in evidence.ended:
        links = evidence.payments.get(subject, ())
        own = evidence.accepted.get(subject) or next(iter(links), None)
        money, told = evidence.money(subject), evidence.told(subject)
        if own is None or money is None or told is None or subject in known:
            continue
        payments = dict.fromkeys(link.payment for link in links)
        credited = sum(
            credit.cents for payment in payments for credit in evidence.credits.get(payment, ())
        )
        if credited < money[1].cents:
            gave = f"credited {kes(credited)}" if credited else "never credited"
            whom = f"{' and '.join(payments)} was {gave}" if payments else "no payment got it"
            ledger = f"the ledger has {kes(money[1].cents)} for {subject}"
            yield BrokenLaw(
                Law.SUM, f"{ledger}, the merchant was told of it, and {whom}", (own, *told)
            )
