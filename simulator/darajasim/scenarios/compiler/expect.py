"""Expectations from the section `expect:`."""

from typing import Any

from darajasim.core.rules import Equals
from darajasim.scenarios.compiler.expect_events import events
from darajasim.scenarios.compiler.places import Places
from darajasim.scenarios.expectations import (
    Absent,
    BalanceExpectation,
    CallbacksExpectation,
    CallExpectation,
    ClientExpectation,
    Expectations,
    Expected,
    ExpectedError,
    LeafExpected,
    LedgerExpectation,
    OutcomeExpectation,
    PaymentExpectation,
    QueryExpectation,
    RecordExpectation,
    RequestsExpectation,
)
from darajasim.scenarios.matching import count_test
from darajasim.scenarios.model.expect import (
    CallbacksPart,
    CallOutcomePart,
    ClientPart,
    ExpectPart,
    LedgerPart,
    PaymentPart,
    RequestsPart,
    owner,
)
from darajasim.scenarios.model.part import Part
from darajasim.scenarios.nodes import Mapping, Path, Scalar, at


def expectations(
    part: ExpectPart | None, places: Places, *, last_payment: str, last_call: str
) -> Expectations:
    """Everything expected. `last_payment` is whom `payment:` speaks of, `last_call` is `call:`."""
    if part is None:
        return Expectations()
    return Expectations(
        payments=_payments(part, places, last_payment),
        calls=_calls(part, places, last_call),
        callbacks=_callbacks(part.callbacks, places) if part.callbacks else None,
        client=_client(part.client, places, "client") if part.client else None,
        outcome=OutcomeExpectation(**_values(part.outcome, places, "outcome"))
        if part.outcome
        else None,
        query=QueryExpectation(**_with_leaves(part.query, places, "query")) if part.query else None,
        requests=_requests(part.requests, places) if part.requests else None,
        balances=_balances(part, places),
        ledger=_ledger(part.ledger, places) if part.ledger else None,
        events=events(part.events, places) if part.events else None,
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
    values = _with_leaves(part, places, *path)
    values.pop("client", None)
    client = _client(part.client, places, *path, "client") if part.client else None
    return PaymentExpectation(payment=name, client=client, **values)


def _calls(part: ExpectPart, places: Places, last_call: str) -> tuple[CallExpectation, ...]:
    if part.call is not None:
        return (_call(last_call, part.call, places, ("call",)),)
    return tuple(
        _call(name, call, places, ("calls", name)) for name, call in (part.calls or {}).items()
    )


def _call(
    name: str, part: CallOutcomePart, places: Places, path: tuple[str, ...]
) -> CallExpectation:
    values = _with_leaves(part, places, *path)
    values.pop("record", None)
    record = None
    if part.record is not None:
        record = RecordExpectation(**_values(part.record, places, *path, "record"))
    return CallExpectation(call=name, record=record, **values)


def _with_leaves(part: Part, places: Places, *path: str) -> dict[str, Any]:
    """As `_values`, with what is expected of the keys of an answer or a callback."""
    values = _values(part, places, *path)
    for within in ("answer", "callback"):
        tests = getattr(part, within, None)
        if isinstance(tests, dict):
            home: Path = ("expect", *path, within)
            values[within] = tuple(
                LeafExpected(key, test, places.exact((*home, key))) for key, test in tests.items()
            )
    return values


def _ledger(part: LedgerPart, places: Places) -> LedgerExpectation:
    values = _values(part, places, "ledger")
    home: Path = ("expect", "ledger", "moved")
    values["moved"] = {
        name: Expected(test, places.exact((*home, name)))
        for name, test in (part.moved or {}).items()
    }
    return LedgerExpectation(**values)


def _callbacks(part: CallbacksPart, places: Places) -> CallbacksExpectation:
    return CallbacksExpectation(
        kinds=_counts(part, places, "callbacks"), **_values(part, places, "callbacks")
    )


def _requests(part: RequestsPart, places: Places) -> RequestsExpectation:
    where = places.of_key(("expect", "requests"))
    return RequestsExpectation(where, _counts(part, places, "requests"))


def _counts(part: Part, places: Places, section: str) -> dict[str, Expected]:
    """Counts by names that are no keys of the model; each was read once when it was checked."""
    return {
        name: Expected(count_test(raw), places.exact(("expect", section, name)))
        for name, raw in (part.model_extra or {}).items()
    }


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


def _client(part: ClientPart, places: Places, *path: str) -> ClientExpectation:
    values = _values(part, places, *path)
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
        _balance(node.entries[name].key, cents, places.exact(("expect", "balance", name)))
        for name, cents in part.balance.items()
    )


def _balance(key: Scalar, cents: int, where: str) -> BalanceExpectation:
    holder, purse = owner(key)
    return BalanceExpectation(holder, cents, where, purse)
