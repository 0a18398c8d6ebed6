"""Steps from the section `steps:`."""

from collections.abc import Sequence

from darajasim.scenarios.compiler.places import Places
from darajasim.scenarios.model.steps import ConcurrentPart, PayPart, StepPart
from darajasim.scenarios.nodes import Path
from darajasim.scenarios.references import default_name
from darajasim.scenarios.steps import (
    Await,
    Concurrent,
    Pay,
    Poll,
    Query,
    Settle,
    Step,
    Together,
    Wait,
)

USUAL_DESCRIPTION = "Payment"


class StepCompiler:
    """Compiles steps in order, because names of payments depend on what came before."""

    def __init__(self, places: Places) -> None:
        self._places = places
        self._payments = 0
        self.last_payment = ""

    def steps(self, parts: Sequence[StepPart]) -> tuple[Step, ...]:
        """The steps, in order."""
        return tuple(self._step(part, ("steps", index)) for index, part in enumerate(parts))

    def _step(self, part: StepPart, path: Path) -> Step:
        where = self._places.line(path)
        if part.wait is not None:
            return Wait(part.wait, where)
        if part.settle is not None:
            return Settle(part.settle.within, where)
        if part.together is not None:
            return Together(self._together(part.together, path), where)
        return self._concurrent(part, path)

    def _together(self, parts: Sequence[ConcurrentPart], path: Path) -> tuple[Concurrent, ...]:
        """All payments are known before a step beside them refers to one."""
        places = [(*path, "together", index) for index in range(len(parts))]
        paid = {
            index: self._pay(part.pay, self._places.line(places[index]))
            for index, part in enumerate(parts)
            if part.pay is not None
        }
        return tuple(
            paid[index] if index in paid else self._concurrent(part, places[index])
            for index, part in enumerate(parts)
        )

    def _concurrent(self, part: StepPart | ConcurrentPart, path: Path) -> Concurrent:
        where = self._places.line(path)
        if part.pay is not None:
            return self._pay(part.pay, where)
        if part.poll is not None:
            payment = part.poll.payment or self.last_payment
            return Poll(payment, part.poll.every, part.poll.within, where)
        if part.await_ is not None:
            return Await(part.await_.payment or self.last_payment, part.await_.within, where)
        named = part.query.payment if part.query is not None else None
        return Query(named or self.last_payment, where)

    def _pay(self, part: PayPart, where: str) -> Pay:
        self._payments += 1
        name = part.as_ or default_name(self._payments)
        self.last_payment = name
        return Pay(
            name=name,
            phone=part.phone,
            amount=part.amount,
            reference=part.reference or name,
            description=part.description or USUAL_DESCRIPTION,
            where=where,
        )
