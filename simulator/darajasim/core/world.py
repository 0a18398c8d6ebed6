"""The simulated world: organisations, customers, initiators, apps. Money is in the ledger."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from darajasim.core.customer import (
    DEFAULT_BALANCE_CENTS,
    SANDBOX_MSISDN,
    SANDBOX_NAME,
    Customer,
    CustomerSpec,
)
from darajasim.core.directory import Directory, Listing
from darajasim.core.initiator import (
    SANDBOX_INITIATOR,
    SANDBOX_INITIATOR_PASSWORD,
    Initiator,
    InitiatorSpec,
)
from darajasim.core.ledger import CHARGES, Ledger
from darajasim.core.organisation import (
    CHARGES_FLOOR_CENTS,
    SANDBOX_FUNDS,
    SANDBOX_PASSKEY,
    Organisation,
    OrganisationKind,
    OrganisationSpec,
    Purse,
    sandbox_organisation,
)


@dataclass(frozen=True, slots=True)
class App:
    """A consumer application of the developer portal.

    Attributes:
        products: the API products that it has, by the names of operations; None: all.
        shortcodes: the shortcodes issued to it; None: all.
    """

    consumer_key: str
    consumer_secret: str
    products: frozenset[str] | None = None
    shortcodes: frozenset[str] | None = None


@dataclass(frozen=True, slots=True)
class WorldOverlay:
    """What a scenario lays over the default world. `start` is seconds since the epoch."""

    start: float | None = None
    customers: tuple[CustomerSpec, ...] = ()
    organisations: tuple[OrganisationSpec, ...] = ()
    apps: tuple[App, ...] = ()
    initiators: tuple[InitiatorSpec, ...] = ()


class World:
    """Everybody in one namespace. Unknown customers appear on first use, with a name and money; so
    do the shortcodes of the public sandbox.

    Args:
        ledger: where their money is.
        seed: what names follow from.
        listing: where the simulator looks for the namespace of a consumer key.
    """

    def __init__(self, ledger: Ledger, seed: int | str, listing: Listing | None = None) -> None:
        self._ledger = ledger
        self._seed = seed
        self._listing = listing or Directory().listing("")
        self.organisations: dict[str, Organisation] = {}
        self.customers: dict[str, Customer] = {}
        self.apps: dict[str, App] = {}
        self.initiators = {
            SANDBOX_INITIATOR: Initiator(SANDBOX_INITIATOR, SANDBOX_INITIATOR_PASSWORD)
        }
        ledger.open(CHARGES, 0)
        for organisation in _default_organisations():
            self.add_organisation(organisation)

    def add_organisation(self, organisation: Organisation) -> None:
        """Add an organisation, or replace the one with its shortcode."""
        self.organisations[organisation.shortcode] = organisation
        for purse in Purse:
            floor = CHARGES_FLOOR_CENTS if purse is Purse.CHARGES else 0
            cents = organisation.opening.get(purse, 0)
            self._ledger.open(organisation.purse(purse), cents, floor=floor)

    def organisation(self, shortcode: str) -> Organisation | None:
        """The organisation with this shortcode; those of the public sandbox appear on first use."""
        found = self.organisations.get(shortcode)
        if found is None and (found := sandbox_organisation(shortcode)) is not None:
            self.add_organisation(found)
        return found

    def customer(self, msisdn: str) -> Customer:
        """The customer with this number, created on first use."""
        found = self.customers.get(msisdn)
        if found is None:
            found = Customer(msisdn, self._seed)
            if msisdn == SANDBOX_MSISDN:
                found.given_name, found.pochi = SANDBOX_NAME, True
            self.customers[msisdn] = found
            self._ledger.open(found.account, DEFAULT_BALANCE_CENTS)
            if found.pochi:
                self._ledger.open(found.pochi_account, 0)
        return found

    def open_pochi(self, customer: Customer) -> None:
        """Give a customer a Pochi la Biashara, if there is none yet."""
        customer.pochi = True
        self._ledger.open(customer.pochi_account, 0)

    def lay(self, overlay: WorldOverlay) -> None:
        """Lay a scenario's world over this one. Call before anything has happened."""
        for spec in overlay.customers:
            self._lay_customer(spec)
        for org in overlay.organisations:
            self._lay_organisation(org)
        for initiator in overlay.initiators:
            self.initiators[initiator.name] = Initiator(
                initiator.name,
                initiator.password,
                initiator.shortcodes,
                initiator.roles,
                locked_until=float("inf") if initiator.locked else 0.0,
            )
        for app in overlay.apps:
            self.apps[app.consumer_key] = app
            self._listing.add(app.consumer_key)

    def _lay_customer(self, spec: CustomerSpec) -> None:
        customer = Customer(
            spec.msisdn, self._seed, spec.name, spec.pin, spec.state, spec.limits, spec.pochi
        )
        self.customers[spec.msisdn] = customer
        self._ledger.open(customer.account, spec.balance_cents)
        if spec.pochi:
            self._ledger.open(customer.pochi_account, spec.pochi_cents)

    def _lay_organisation(self, spec: OrganisationSpec) -> None:
        """The opening balances replace those that an earlier one of this shortcode had."""
        organisation = Organisation(
            spec.shortcode,
            spec.name,
            spec.kind,
            spec.passkey,
            spec.maximum_cents,
            active=spec.active,
            products=spec.products,
            validates=spec.validates,
        )
        self.add_organisation(organisation)
        wanted = dict(spec.opening)
        if spec.balance_cents:
            till = spec.kind is OrganisationKind.TILL
            wanted[Purse.MERCHANT if till else Purse.UTILITY] = spec.balance_cents
        for purse, cents in wanted.items():
            self._ledger.set_opening(organisation.purse(purse), cents)

    def app(self, consumer_key: str) -> App | None:
        """The app with this consumer key, where the world names some."""
        return self.apps.get(consumer_key)

    def knows_app(self, consumer_key: str, consumer_secret: str) -> bool:
        """Whether the pair may have a token: any may, unless the world names some."""
        if not self.apps:
            return bool(consumer_key and consumer_secret)
        app = self.apps.get(consumer_key)
        return app is not None and app.consumer_secret == consumer_secret


def _default_organisations() -> Iterable[Organisation]:
    yield Organisation(
        "174379", "Daraja-Sandbox", OrganisationKind.PAYBILL, SANDBOX_PASSKEY, buy_goods=False
    )
    yield Organisation("600100", "Sandbox Till", OrganisationKind.TILL, SANDBOX_PASSKEY)
    yield Organisation("600998", "Sandbox B2C", OrganisationKind.B2C, opening=SANDBOX_FUNDS)
