"""A world to lay over the default one, from the section `world:`."""

from collections.abc import Iterable

from darajasim.core.customer import CustomerSpec, CustomerState, Limits
from darajasim.core.initiator import InitiatorSpec
from darajasim.core.organisation import OrganisationKind, OrganisationSpec, Purse
from darajasim.core.world import App, WorldOverlay
from darajasim.scenarios.model.world import (
    AppPart,
    CustomerPart,
    InitiatorPart,
    LimitsPart,
    OrganisationPart,
    WorldPart,
)


def world(part: WorldPart | None) -> WorldOverlay:
    """The whole section; nothing is laid over when there is none."""
    if part is None:
        return WorldOverlay()
    return WorldOverlay(
        start=part.start,
        customers=tuple(map(_customer, part.customers or ())),
        organisations=tuple(map(_organisation, part.organisations or ())),
        apps=tuple(map(_app, part.apps or ())),
        initiators=tuple(map(_initiator, part.initiators or ())),
    )


def _customer(part: CustomerPart) -> CustomerSpec:
    usual = CustomerSpec(part.phone)
    return CustomerSpec(
        msisdn=part.phone,
        name=part.name,
        balance_cents=usual.balance_cents if part.balance is None else part.balance,
        pin=part.pin or usual.pin,
        state=CustomerState(part.state or usual.state),
        limits=_limits(part.limits),
        pochi=part.pochi is not None,
        pochi_cents=part.pochi or 0,
    )


def _limits(part: LimitsPart | None) -> Limits:
    usual = Limits()
    if part is None:
        return usual
    return Limits(
        minimum=usual.minimum if part.minimum is None else part.minimum,
        maximum=usual.maximum if part.maximum is None else part.maximum,
        daily=usual.daily if part.daily is None else part.daily,
        balance=usual.balance if part.balance is None else part.balance,
    )


def _organisation(part: OrganisationPart) -> OrganisationSpec:
    usual = OrganisationSpec(part.shortcode)
    purses = {
        Purse.UTILITY: part.utility,
        Purse.WORKING: part.working,
        Purse.MERCHANT: part.merchant,
        Purse.CHARGES: part.charges,
    }
    return OrganisationSpec(
        shortcode=part.shortcode,
        name=part.name or usual.name,
        kind=OrganisationKind(part.kind or usual.kind),
        passkey=part.passkey or usual.passkey,
        balance_cents=usual.balance_cents if part.balance is None else part.balance,
        maximum_cents=part.maximum_balance,
        active=usual.active if part.active is None else part.active,
        products=_set(part.products),
        opening={purse: cents for purse, cents in purses.items() if cents is not None},
        validates=usual.validates if part.validates is None else part.validates,
    )


def _initiator(part: InitiatorPart) -> InitiatorSpec:
    usual = InitiatorSpec(part.name)
    return InitiatorSpec(
        name=part.name,
        password=part.password or usual.password,
        shortcodes=_set(part.shortcodes),
        roles=_set(part.roles),
        locked=part.locked or False,
    )


def _app(part: AppPart) -> App:
    return App(part.consumer_key, part.consumer_secret, _set(part.products), _set(part.shortcodes))


def _set(names: Iterable[str] | None) -> frozenset[str] | None:
    return None if names is None else frozenset(names)
