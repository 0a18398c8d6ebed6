"""Any interleaving of pushes, callbacks, queries, crashes and failing hooks leaves every payment as
the simulator's ledger says, told to the host application, and nothing credited twice.

Four planted bugs are found by the same machine, each within a hundred examples.
"""

from contextlib import contextmanager, suppress
from unittest import mock

import pytest

from mpesa_pochi.merchant import hooks, outbox, payments, settlement
from mpesa_pochi.merchant.gate import Gate
from mpesa_pochi.merchant.law import Source
from mpesa_pochi.merchant.pushes import refuse
from support.shop_machine import Machine, finds, plays


@contextmanager
def anyone_may_call_back():
    with mock.patch.object(Gate, "check", return_value=None):
        yield


@contextmanager
def what_a_query_settles_is_not_told():
    put = outbox.put

    def forgets(session, subject, row_id, *, paid, at):
        if settlement.load(session, subject, row_id).settled_by != Source.QUERY:
            put(session, subject, row_id, paid=paid, at=at)

    with mock.patch.object(settlement.outbox, "put", forgets):
        yield


@contextmanager
def a_lost_acknowledgement_is_a_failure():
    def lose(session, payment_id, at):
        error = payments.UnknownOutcome("lost")
        return refuse(session, payment_id, error, at)

    with mock.patch.object(payments, "lose", lose):
        yield


@contextmanager
def told_before_it_is_told():
    async def deliver(self, letter):
        at = self._at()
        await self._database.run(lambda session: outbox.delivered(session, letter, at))
        with suppress(RuntimeError):
            ended = await self._database.run(lambda session: hooks._view(session, letter))
            await self._hooks.about(letter.subject)[letter.event](ended)

    with mock.patch.object(hooks.Postman, "_deliver", deliver):
        yield


BUGS = [
    anyone_may_call_back,
    what_a_query_settles_is_not_told,
    a_lost_acknowledgement_is_a_failure,
    told_before_it_is_told,
]


def test_every_payment_ends_as_the_ledger_says(histories):
    plays(Machine, histories)


@pytest.mark.parametrize("bug", BUGS, ids=lambda bug: bug.__name__)
def test_a_planted_bug_is_found(bug):
    finds(Machine, bug)
