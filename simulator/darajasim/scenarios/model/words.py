"""Words of which only some are known: operations, kinds of callbacks, actions, states, codes."""

from collections.abc import Sequence
from typing import Annotated, Any

from pydantic import PlainValidator, WithJsonSchema

from darajasim.core.customer import CustomerState
from darajasim.core.organisation import OrganisationKind
from darajasim.core.profile import PROFILES
from darajasim.core.rules import Action, Fault
from darajasim.scenarios import scalars
from darajasim.scenarios.complaint import Complaint, Unfit
from darajasim.scenarios.model.marks import (
    ERRORS,
    KINDS,
    OPERATION_NAMES,
    OPERATIONS,
    PRODUCTS,
    RESULTS,
    one_of,
    schema,
)
from darajasim.scenarios.nodes import Scalar, described
from darajasim.scenarios.products import kinds, products
from darajasim.scenarios.vocabulary import ANY
from darajasim.scenarios.wording import did_you_mean, quoted

_METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
FAULTS = ("reset", "hang", "empty")
"""What can happen to a connection in place of an answer; a callback's too."""
REPLY_FAULTS = tuple(fault.value for fault in Fault)
"""The same of Daraja's answers, which can be spoilt as well."""
_STATUSES = ("pending", "success", "failed")
_STATUSES_MEANT = {"paid": "success", "cancelled": "failed", "unknown": "pending"}
_STATES = ("pending", "paid", "failed", "unknown")
_RETRIES = ("never", "now", "later", "ask")
ACTIONS = tuple(action.value for action in Action)
_CUSTOMER_STATES = tuple(state.value for state in CustomerState)
_KINDS = tuple(kind.value for kind in OrganisationKind)


def _operation(raw: object) -> str:
    """An operation, or `any`."""
    return _operation_of((*products(), ANY), "stk_push, b2c_payment or any", raw)


def _callable(raw: object) -> str:
    """An operation that a scenario may call itself."""
    if isinstance(raw, Scalar) and raw.text in products() and not products()[raw.text].versions:
        raise Unfit(
            Complaint(
                f"{quoted(raw.text)} cannot be called",
                "the name of another operation",
                described(raw),
                "every `call` asks for an access token by itself",
            )
        )
    options = [product.name for product in products().values() if product.versions]
    return _operation_of(options, "stk_push or b2c_payment", raw)


def _product(raw: object) -> str:
    """An operation as an API product of an app, or a role of an initiator."""
    return _operation_of(tuple(products()), "stk_push or b2c_payment", raw)


def _operation_of(options: Sequence[str], examples: str, raw: object) -> str:
    expected = f"the name of an operation, such as {examples}"
    return _one_of(options, "operation", expected, raw)


def _one_of(options: Sequence[str], noun: str, expected: str, raw: object) -> str:
    """One of more words than a message can list."""
    found = scalars.scalar(raw, expected)
    if found.text in options:
        return found.text
    advice = did_you_mean(found.text, options)
    raise Unfit(Complaint(f"unknown {noun}", expected, described(found), advice))


def _callback_kind(raw: object) -> str:
    expected = "a kind of callback, such as validation, confirmation or result, or any"
    return _one_of((*kinds(), ANY), "callback", expected, raw)


def _left(raw: object) -> object:
    """A value that only the mapping it stands in can judge."""
    return raw


Operation = Annotated[
    str, PlainValidator(_operation), schema("operation", anyOf=[{OPERATIONS: True}])
]
Callable = Annotated[str, PlainValidator(_callable), schema("product", anyOf=[{PRODUCTS: True}])]
Product = Annotated[
    str, PlainValidator(_product), schema("operation-name", anyOf=[{OPERATION_NAMES: True}])
]
FaultName = Annotated[
    str, PlainValidator(scalars.choice("fault", *FAULTS)), one_of("fault", *FAULTS)
]
ReplyFaultName = Annotated[
    str,
    PlainValidator(scalars.choice("fault", *REPLY_FAULTS)),
    one_of("reply-fault", *REPLY_FAULTS),
]
FormName = Annotated[
    str, PlainValidator(scalars.choice("form", *PROFILES)), one_of("callback-form", *PROFILES)
]
MethodName = Annotated[
    str, PlainValidator(scalars.choice("method", *_METHODS)), one_of("method", *_METHODS)
]
CallbackKind = Annotated[
    str, PlainValidator(_callback_kind), schema("callback-kind", anyOf=[{KINDS: True}])
]
ProfileName = Annotated[
    str,
    PlainValidator(scalars.choice("profile", *PROFILES)),
    WithJsonSchema({"enum": list(PROFILES)}),
]
ActionName = Annotated[
    str,
    PlainValidator(scalars.choice("customer action", *ACTIONS)),
    one_of("customer-action", *ACTIONS),
]
StateOfCustomer = Annotated[
    str,
    PlainValidator(scalars.choice("state of a customer", *_CUSTOMER_STATES)),
    one_of("customer-state", *_CUSTOMER_STATES),
]
KindOfOrganisation = Annotated[
    str,
    PlainValidator(scalars.choice("kind of organisation", *_KINDS)),
    one_of("organisation-kind", *_KINDS),
]
Status = Annotated[
    str,
    PlainValidator(scalars.choice("payment status", *_STATUSES, meant=_STATUSES_MEANT)),
    one_of("payment-status", *_STATUSES),
]
State = Annotated[
    str,
    PlainValidator(scalars.choice("state", *_STATES, meant={"success": "paid"})),
    one_of("payment-state", *_STATES),
]
RetryName = Annotated[
    str, PlainValidator(scalars.choice("advice", *_RETRIES)), one_of("retry", *_RETRIES)
]
ClientOutcome = Annotated[
    str,
    PlainValidator(scalars.choice("outcome of a push", "unknown")),
    one_of("push-outcome", "unknown"),
]
Before = Annotated[
    str,
    PlainValidator(scalars.choice("moment", "acknowledgement")),
    one_of("callback-before", "acknowledgement"),
]

PayOutTo = Annotated[
    str,
    PlainValidator(scalars.choice("destination", "wallet", "pochi", meant={"b2pochi": "pochi"})),
    one_of("payout-to", "wallet", "pochi"),
]
TimeoutName = Annotated[
    str,
    PlainValidator(scalars.choice("way of a time-out", "only", "first")),
    one_of("callback-timeout", "only", "first"),
]

ErrorName = Annotated[Any, PlainValidator(_left), schema("error", anyOf=[{ERRORS: True}])]
ResultName = Annotated[Any, PlainValidator(_left), schema("result-key", anyOf=[{RESULTS: True}])]
