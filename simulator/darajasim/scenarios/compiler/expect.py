"""Expectations from the section `expect:`."""

from typing import Any

from darajasim.core.rules import Equals
from darajasim.scenarios.compiler.places import Places
from darajasim.scenarios.expectations import (
    Absent,
    BalanceExpectation,
    CallbacksExpectation,
    ClientExpectation,
    Expectations,
    Expected,
    ExpectedError,
    OutcomeExpectation,
    PaymentExpectation,
    QueryExpectation,
    RequestsExpectation,
)
from darajasim.scenarios.model.expect import ClientPart, ExpectPart, PaymentPart, owner
from darajasim.scenarios.model.part import Part
from darajasim.scenarios.nodes import Mapping, Path, at


def expectations(part: ExpectPart | None, places: Places, *, last_payment: str) -> Expectations:
    """Everything expected. `last_payment` is whom `payment:` speaks of."""
    if part is None:
        return Expectations()
    return Expectations(
        payments=_payments(part, places, last_payment),
        callbacks=CallbacksExpectation(**_values(part.callbacks, places, "callbacks"))
        if part.callbacks
        else None,
        client=_client(part.client, places) if part.client else None,
        outcome=OutcomeExpectation(**_values(part.outcome, places, "outcome"))
        if part.outcome
        else None,
        query=QueryExpectation(**_values(part.query, places, "query")) if part.query else None,
        requests=RequestsExpectation(**_values(part.requests, places, "requests"))
        if part.requests
        else None,
        balances=_balances(part, places),
    )


def _payments(
    part: ExpectPart, places: Places, last_payment: str
) -> tuple[PaymentExpectation, ...]:
    if part.payment is not None:
        return (_payment(last_payment, part.payment, places, ("payment",)),)
    return tuple(
        _payment(name, payment, places, ("payments", name))
        for name, payment in (part.payments or {}).items()
    )


def _payment(
    name: str, part: PaymentPart, places: Places, path: tuple[str, ...]
) -> PaymentExpectation:
    return PaymentExpectation(payment=name, **_values(part, places, *path))


def _values(part: Part, places: Places, *path: str) -> dict[str, Any]:
    """What a section says, by field name, with the section's own place as `where`."""
    home: Path = ("expect", *path)
    found: dict[str, Any] = {"where": places.of_key(home)}
    for name in type(part).model_fields:
        value = getattr(part, name)
        if value is not None:
            test = Equals(value) if isinstance(value, str) else value
            found[name] = Expected(test, places.exact((*home, name)))
    return found


def _client(part: ClientPart, places: Places) -> ClientExpectation:
    values = _values(part, places, "client")
    error = values.pop("error", None)
    if error is None:
        return ClientExpectation(**values)
    row = None if isinstance(part.error, Absent) else part.error
    expected = ExpectedError(row.key if row else None, row.code if row else "", error.where)
    return ClientExpectation(error=expected, **values)


def _balances(part: ExpectPart, places: Places) -> tuple[BalanceExpectation, ...]:
    node = at(places.root, ("expect", "balance"))
    if not part.balance or not isinstance(node, Mapping):
        return ()
    return tuple(
        BalanceExpectation(
            owner(node.entries[name].key), cents, places.exact(("expect", "balance", name))
        )
        for name, cents in part.balance.items()
    )
