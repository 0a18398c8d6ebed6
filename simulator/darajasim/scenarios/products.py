"""What scenarios know of Daraja's products; all of it comes from the operations themselves."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType

from darajasim.core.profile import Profile
from darajasim.core.rules import Test
from darajasim.operations import Operation, named
from darajasim.operations.business import BusinessOperation
from darajasim.operations.fields import Field, FieldProblem
from darajasim.scenarios import matching
from darajasim.scenarios.vocabulary import ANY

CALLER = "consumer_key"
"""What a request for a token carries, in place of fields."""
USUAL_KINDS = ("stk", "result", "timeout", "validation", "confirmation", "bill")
"""What the journal calls the commonest callbacks; some of them no field of a request asks for."""

_PHONE, _SHORTCODE = "254722000000", "600998"
_TEXTS = ("neither of them", "neither")


@dataclass(frozen=True)
class Product:
    """One operation, all its versions together.

    Attributes:
        name: what rules and calls name.
        versions: its business operations, the newest last; none for the token endpoint.
        paths: where each version is.
        surface: the surface of the catalogue that its results are of, or "".
        kinds: what the journal calls its callbacks.
    """

    name: str
    versions: tuple[BusinessOperation, ...]
    paths: tuple[str, ...]
    surface: str
    kinds: tuple[str, ...]

    @property
    def fields(self) -> Iterator[Field]:
        """The fields of every version."""
        return (field for version in self.versions for field in version.fields)

    @property
    def conditions(self) -> tuple[str, ...]:
        """What a rule may look at, by the names that scenarios use."""
        return tuple(dict.fromkeys(field.alias for field in self.fields)) or (CALLER,)

    @property
    def wire_names(self) -> tuple[str, ...]:
        """The same, by the names on the wire."""
        return tuple(dict.fromkeys(field.name for field in self.fields))

    def may_have(self, path: str) -> bool:
        """Whether a request may have a value at this path: `invoiceItems.0.amount`, or `any.amount`
        where the body may be a list.
        """
        first, *rest = path.split(".")
        if not rest or not all(rest):
            return False
        if first == ANY or first.isdecimal():
            lists = any(version.lists for version in self.versions)
            known = rest[0] in self.conditions or rest[0] in self.wire_names
            return lists and known and (len(rest) == 1 or self.may_have(".".join(rest)))
        fields = [field for field in self.fields if first in (field.alias, field.name)]
        return any(not isinstance(field.example, str | int) for field in fields)

    @property
    def consequences(self) -> tuple[str, ...]:
        """What may follow from a rule about it."""
        if not self.versions:
            return ("reply",)
        if not self.surface:
            return ("reply", "customer", "callback")
        if not self.kinds:  # it only says what became of another request
            return ("reply", "result")
        customer = () if self.surface == "result" else ("customer",)
        return ("reply", "result", *customer, "callback")

    def version(self, path: str | None) -> BusinessOperation:
        """The version at `path`; the newest where there is none."""
        return next((each for each in self.versions if each.path == path), self.versions[-1])


@cache
def products() -> Mapping[str, Product]:
    """Every product by name."""
    return MappingProxyType({name: _product(name, found) for name, found in named().items()})


def _product(name: str, found: tuple[Operation, ...]) -> Product:
    versions = tuple(each for each in found if isinstance(each, BusinessOperation))
    return Product(
        name=name,
        versions=versions,
        paths=tuple(operation.path for operation in found),
        surface=next((each.result_surface for each in versions if each.result_surface), ""),
        kinds=tuple(dict.fromkeys(kind for each in versions for kind in each.callbacks)),
    )


def meant(on: str) -> tuple[Product, ...]:
    """The products that `on:` speaks of; none for a word that is no operation."""
    if on == ANY:
        return tuple(products().values())
    found = products().get(on)
    return () if found is None else (found,)


@cache
def conditions() -> tuple[str, ...]:
    """Everything that any rule may look at, scenario names first."""
    found = [name for product in products().values() for name in product.conditions]
    wire = [name for product in products().values() for name in product.wire_names]
    return tuple(dict.fromkeys((*found, *wire)))


@cache
def kinds() -> tuple[str, ...]:
    """What the journal may call a callback."""
    found = (kind for product in products().values() for kind in product.kinds)
    return tuple(dict.fromkeys((*USUAL_KINDS, *found)))


@cache
def reader(on: str, name: str) -> Callable[[object], Test]:
    """How a condition on the field `name` is read in a rule `on` these operations."""
    if name == CALLER:
        return matching.text_test
    found = {
        _reading(field)
        for product in meant(on)
        for field in product.fields
        if name in (field.alias, field.name)
    }
    if len(found) == 1:
        return found.pop()
    return matching.party_test if _PARTIES & found else matching.text_test


_PARTIES = frozenset({matching.phone_test, matching.party_test})


def _reading(field: Field) -> Callable[[object], Test]:
    """What kind of value a field takes, told by what its check lets pass."""
    if field.alias == "amount":
        return matching.amount_test
    if any(_passes(field, text) for text in _TEXTS) or not _passes(field, _PHONE):
        return matching.text_test
    return matching.party_test if _passes(field, _SHORTCODE) else matching.phone_test


def _passes(field: Field, value: str) -> bool:
    try:
        field.check(value, Profile())
    except FieldProblem:
        return False
    return True
