"""Steps from the section `steps:`."""

from collections import Counter
from collections.abc import Sequence

from darajasim.scenarios.compiler.places import Places
from darajasim.scenarios.model.steps import (
    CallPart,
    ConcurrentPart,
    PayFromPhonePart,
    PayOutPart,
    PayPart,
    ReversePart,
    SequencePart,
    StepPart,
)
from darajasim.scenarios.nodes import Path
from darajasim.scenarios.references import default_name
from darajasim.scenarios.steps import (
    Advance,
    Await,
    Balance,
    Bearer,
    Call,
    Concurrent,
    Example,
    InSequence,
    Pay,
    PayFromPhone,
    PayOut,
    Poll,
    Process,
    Query,
    Raw,
    Reverse,
    Settle,
    Signal,
    Single,
    Step,
    Together,
    Wait,
    Written,
)

USUAL_DESCRIPTION = "Payment"
USUAL_REMARKS = "Payout"
_AnyPart = StepPart | ConcurrentPart | SequencePart


class StepCompiler:
    """Compiles steps in order, because names of payments depend on what came before."""

    def __init__(self, places: Places) -> None:
        self._places = places
        self._made: Counter[str] = Counter()
        self._amounts: dict[str, int] = {}
        self.last_payment = ""
        self.last_call = ""

    def steps(self, parts: Sequence[StepPart]) -> tuple[Step, ...]:
        """The steps, in order."""
        return tuple(self._step(part, ("steps", index)) for index, part in enumerate(parts))

    def _step(self, part: _AnyPart, path: Path) -> Step:
        where = self._places.line(path)
        if isinstance(part, StepPart) and part.together is not None:
            return Together(self._together(part.together, path), where)
        if isinstance(part, StepPart | SequencePart):
            if part.wait is not None:
                return Wait(part.wait, where)
            if part.advance is not None:
                return Advance(part.advance, where)
            if part.settle is not None:
                return Settle(part.settle.within, where)
        if isinstance(part, ConcurrentPart) and part.sequence is not None:
            return self._sequence(part.sequence, path)
        return self._made_by(part, where) or self._referring(part, where)

    def _together(self, parts: Sequence[ConcurrentPart], path: Path) -> tuple[Concurrent, ...]:
        """All payments are known before a step beside them refers to one; sequences come last."""
        places = [(*path, "together", index) for index in range(len(parts))]
        lines = [self._places.line(place) for place in places]
        found: list[Concurrent | None] = list(map(self._made_by, parts, lines))
        for index, part in enumerate(parts):
            if found[index] is None and part.sequence is None:
                found[index] = self._referring(part, lines[index])
        return tuple(
            step or self._sequence(part.sequence or [], place)
            for step, part, place in zip(found, parts, places, strict=True)
        )

    def _sequence(self, parts: Sequence[SequencePart], path: Path) -> InSequence:
        home = (*path, "sequence")
        steps = tuple(self._step(part, (*home, index)) for index, part in enumerate(parts))
        return InSequence(steps, self._places.line(path))

    def _made_by(self, part: _AnyPart, where: str) -> Single | None:
        """The step, if it is one that brings something new."""
        if part.pay is not None:
            return self._pay(part.pay, where)
        if part.call is not None:
            return self._call(part.call, where)
        if part.pay_from_phone is not None:
            return self._pay_from_phone(part.pay_from_phone, where)
        if part.pay_out is not None:
            return self._pay_out(part.pay_out, where)
        if part.balance is not None:
            return Balance(self._name("balance", part.balance.as_), where)
        return None

    def _referring(self, part: _AnyPart, where: str) -> Single:
        for signal in Signal:
            if getattr(part, signal) is not None:
                return Process(signal, where)
        if part.reverse is not None:
            return self._reverse(part.reverse, where)
        if part.poll is not None:
            payment = part.poll.payment or self.last_payment
            return Poll(payment, part.poll.every, part.poll.within, where)
        if part.await_ is not None:
            return Await(part.await_.payment or self.last_payment, part.await_.within, where)
        named = part.query.payment if part.query is not None else None
        return Query(named or self.last_payment, where)

    def _name(self, verb: str, given: str | None) -> str:
        self._made[verb] += 1
        name = given or default_name(verb, self._made[verb])
        if verb == "pay":
            self.last_payment = name
        else:
            self.last_call = name
        return name

    def _call(self, part: CallPart, where: str) -> Call:
        body: Example | Written | Raw = Example(part.fields or {}, tuple(part.without or ()))
        if "body" in part.model_fields_set:
            body = Written(part.body)
        elif part.raw is not None:
            body = Raw(part.raw)
        return Call(
            name=self._name("call", part.as_),
            operation=part.operation,
            body=body,
            where=where,
            path=part.path,
            method=part.method,
            content_type=part.content_type,
            app=(part.app.key, part.app.secret) if part.app else None,
            bearer=Bearer(part.token) if "token" in part.model_fields_set else None,
        )

    def _pay_from_phone(self, part: PayFromPhonePart, where: str) -> PayFromPhone:
        name = self._name("pay_from_phone", part.as_)
        self._amounts[name] = part.amount
        return PayFromPhone(
            name, part.phone, part.shortcode, part.amount, part.reference or name, where
        )

    def _pay_out(self, part: PayOutPart, where: str) -> PayOut:
        name = self._name("pay_out", part.as_)
        remarks = part.remarks or USUAL_REMARKS
        pochi = part.to == "pochi"
        return PayOut(name, part.phone, part.amount, remarks, where, pochi, part.payment)

    def _reverse(self, part: ReversePart, where: str) -> Reverse:
        payment = part.payment or list(self._amounts)[-1]
        amount = self._amounts[payment] if part.amount is None else part.amount
        name = self._name("reverse", part.as_)
        return Reverse(name, payment, amount, part.remarks or "Reversal", where)

    def _pay(self, part: PayPart, where: str) -> Pay:
        name = self._name("pay", part.as_)
        self._amounts[name] = part.amount
        return Pay(
            name=name,
            phone=part.phone,
            amount=part.amount,
            reference=part.reference or name,
            description=part.description or USUAL_DESCRIPTION,
            where=where,
        )
