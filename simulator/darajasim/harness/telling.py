"""Steps of a scenario in a few words."""

from __future__ import annotations

from functools import singledispatch

from darajasim.scenarios import steps
from darajasim.scenarios.steps import Call, Example, Raw, Step


@singledispatch
def told(step: Step) -> str:
    """The step in a few words."""
    return type(step).__name__.lower()


@told.register
def _pay(step: steps.Pay) -> str:
    return f"pay {step.name}: {step.phone} KES {step.amount} {step.reference}"


@told.register
def _wait(step: steps.Wait) -> str:
    return f"wait {step.seconds:g} s"


@told.register
def _advance(step: steps.Advance) -> str:
    return f"advance {step.seconds:g} s"


@told.register
def _about(step: steps.Query | steps.Poll | steps.Await) -> str:
    return f"{type(step).__name__.lower()} {step.payment}"


@told.register
def _pay_out(step: steps.PayOut) -> str:
    amount = "all that is left" if step.amount is None else f"KES {step.amount}"
    if step.payment is not None:
        return f"refund {step.name}: {amount} of {step.payment}"
    return (
        f"pay out {step.name}: {step.phone} {amount} to the {'Pochi' if step.pochi else 'wallet'}"
    )


@told.register
def _balance(step: steps.Balance) -> str:
    return f"balance {step.name}"


@told.register
def _reverse(step: steps.Reverse) -> str:
    return f"reverse {step.name}: {step.payment} KES {step.amount}"


@told.register
def _signal(step: steps.Process) -> str:
    return f"{step.signal} the merchant"


@told.register
def _pay_from_phone(step: steps.PayFromPhone) -> str:
    told_amount = f"KES {step.amount} to {step.shortcode} {step.reference}"
    return f"pay from phone {step.name}: {step.phone} {told_amount}"


@told.register
def _together(step: steps.Together) -> str:
    return f"together: {len(step.steps)} steps"


@told.register
def _sequence(step: steps.InSequence) -> str:
    return f"sequence: {len(step.steps)} steps"


@told.register
def _call(step: steps.Call) -> str:
    return f"call {step.name}: {step.operation}{_changes(step)}"


def _changes(step: Call) -> str:
    """What a call sends otherwise than the example, as far as one line holds it."""
    match step.body:
        case Example(changes, without):
            shown = [f"{key}={value}" for key, value in changes.items()]
            return "".join(f" {each}" for each in (*shown, *(f"without {key}" for key in without)))
        case Raw(text):
            return f" {text}"
        case _:
            return " with a body of its own"
