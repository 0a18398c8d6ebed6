"""Sees both sides of one scenario while it is played, and can tell its history."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping

from darajasim.core.events import CallbackAttempted, Event
from darajasim.core.namespace import Namespace
from darajasim.harness.laws.books import Books, Record
from darajasim.harness.laws.facts import Fact, History
from darajasim.harness.laws.recording import daraja_facts
from darajasim.harness.notes import MerchantAnswered


class Witness:
    """Looks at the merchant's books after each callback to it and each answer of its own.

    Args:
        look: reads the books. An application that is reached over HTTP is read elsewhere, and what
            was read is given to `record.look`.
        merchants: whether a callback URL is the merchant's.
    """

    def __init__(
        self, namespace: Namespace, *, look: Callable[[], Books], merchants: Callable[[str], bool]
    ) -> None:
        self.record = Record()
        self._namespace = namespace
        self._look = look
        self._merchants = merchants
        namespace.journal.listen(self._after)

    def history(
        self, names: Mapping[str, str], *, over: bool, others: Collection[str] = ()
    ) -> History:
        """What happened until now.

        Args:
            names: the scenario's names for the merchant's ids of its payments.
            over: whether nothing is due and nobody works on anything.
            others: the subjects of what the scenario asked for itself.
        """
        namespace, record = self._namespace, self.record
        record.look(namespace.clock.time(), self._look())
        darajas = daraja_facts(
            namespace.journal, namespace.ledger.entries, merchants=self._merchants, others=others
        )
        facts = sorted((*darajas, *record.named(names)), key=_moment)
        return History(tuple(facts), over=over, stores=record.stores)

    def _after(self, event: Event) -> None:
        answered = isinstance(event, MerchantAnswered)
        if answered or (isinstance(event, CallbackAttempted) and self._merchants(event.url)):
            self.record.look(event.at, self._look())


def _moment(fact: Fact) -> float:
    return fact.at
