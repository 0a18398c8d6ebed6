"""The simulated world: organisations, customers, consumer apps. Money is in the ledger."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum

from darajasim.core import people
from darajasim.core.directory import Directory, Listing
from darajasim.core.ledger import OUTSIDE, Ledger

SANDBOX_PASSKEY = "bfb279f9aa9bdbcf158e97dd71a467cd2e0c893059b10f78e6b72ada1ed2c919"
"""The public sandbox's passkey (documented; published by Safaricom)."""
SANDBOX_MSISDN = "254708374149"
"""The public test number; a push to it always ends 1037 (seen)."""

DEFAULT_BALANCE_CENTS = 50_000_00
"""What an unknown customer has on first use."""


class OrganisationKind(StrEnum):
    PAYBILL = "paybill"
    TILL = "till"
    B2C = "b2c"


@dataclass(slots=True)
class Organisation:
    """A business with a shortcode.

    Attributes:
        passkey: for M-Pesa Express; None: the shortcode is unknown to that product.
        maximum_cents: the most its account may hold; None: no limit.
        buy_goods: whether a push may say CustomerBuyGoodsOnline at all. The sandbox paybill
            refuses it at once (seen: PROBE); others fail later with 2028.
    """

    shortcode: str
    name: str
    kind: OrganisationKind = OrganisationKind.PAYBILL
    passkey: str | None = None
    maximum_cents: int | None = None
    buy_goods: bool = True

    @property
    def account(self) -> str:
        """The ledger account that customers pay into."""
        return f"organisation:{self.shortcode}"


class CustomerState(StrEnum):
    ACTIVE = "active"
    INACTIVE = "inactive"
    PIN_LOCKED = "pin-locked"


@dataclass(frozen=True, slots=True)
class Limits:
    """Cents. Defaults: at least KES 1, at most 250 000 at once and 500 000 a day (documented)."""

    minimum: int = 1_00
    maximum: int = 250_000_00
    daily: int = 500_000_00


@dataclass(frozen=True, slots=True)
class Paid:
    """One successful payment, remembered for the rules about repeats and days."""

    at: float
    account: str
    cents: int


PIN_ATTEMPTS = 3
"""Wrong PINs in a row that lock the PIN."""


@dataclass(slots=True)
class Customer:
    """A subscriber with an M-PESA wallet.

    Attributes:
        wrong_pins: wrong PINs in a row.
        open_push: checkout request id of the push that has the phone's attention, if any.
    """

    msisdn: str
    seed: int | str = 0
    given_name: str | None = None
    pin: str = "1234"
    state: CustomerState = CustomerState.ACTIVE
    limits: Limits = Limits()
    wrong_pins: int = 0
    open_push: str | None = None
    paid: deque[Paid] = field(default_factory=deque)

    @property
    def name(self) -> str:
        """The registered name, in capitals."""
        return self.given_name or people.name_for(self.msisdn, self.seed)

    @property
    def account(self) -> str:
        """The ledger account of the wallet."""
        return f"customer:{self.msisdn}"

    def remember(self, paid: Paid) -> None:
        """Keep a successful payment; forget those older than two days."""
        self.paid.append(paid)
        while self.paid and self.paid[0].at < paid.at - 2 * 86_400:
            self.paid.popleft()


@dataclass(frozen=True, slots=True)
class App:
    """A consumer application of the developer portal."""

    consumer_key: str
    consumer_secret: str


@dataclass(frozen=True, slots=True)
class CustomerSpec:
    """A customer as a scenario describes one."""

    msisdn: str
    name: str | None = None
    balance_cents: int = DEFAULT_BALANCE_CENTS
    pin: str = "1234"
    state: CustomerState = CustomerState.ACTIVE
    limits: Limits = Limits()


@dataclass(frozen=True, slots=True)
class OrganisationSpec:
    """An organisation as a scenario describes one."""

    shortcode: str
    name: str = "DUKA"
    kind: OrganisationKind = OrganisationKind.PAYBILL
    passkey: str = SANDBOX_PASSKEY
    balance_cents: int = 0
    maximum_cents: int | None = None


@dataclass(frozen=True, slots=True)
class WorldOverlay:
    """What a scenario lays over the default world. `start` is seconds since the epoch."""

    start: float | None = None
    customers: tuple[CustomerSpec, ...] = ()
    organisations: tuple[OrganisationSpec, ...] = ()
    apps: tuple[App, ...] = ()


class World:
    """Everybody in one namespace. Unknown customers appear on first use, with a name and money.

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
        self.apps: dict[str, str] = {}
        for organisation in _default_organisations():
            self.add_organisation(organisation)

    def add_organisation(self, organisation: Organisation, balance_cents: int = 0) -> None:
        """Add an organisation, or replace the one with its shortcode."""
        self.organisations[organisation.shortcode] = organisation
        self._ledger.open(organisation.account, 0)
        if balance_cents:
            self._ledger.transfer(
                OUTSIDE, organisation.account, balance_cents, reference="opening", at=0.0
            )

    def customer(self, msisdn: str) -> Customer:
        """The customer with this number, created on first use."""
        found = self.customers.get(msisdn)
        if found is None:
            found = Customer(msisdn, self._seed)
            self.customers[msisdn] = found
            self._ledger.open(found.account, DEFAULT_BALANCE_CENTS)
        return found

    def lay(self, overlay: WorldOverlay) -> None:
        """Lay a scenario's world over this one. Call before anything has happened."""
        for spec in overlay.customers:
            customer = Customer(
                spec.msisdn, self._seed, spec.name, spec.pin, spec.state, spec.limits
            )
            self.customers[spec.msisdn] = customer
            self._ledger.open(customer.account, spec.balance_cents)
        for org in overlay.organisations:
            self.add_organisation(
                Organisation(org.shortcode, org.name, org.kind, org.passkey, org.maximum_cents),
                org.balance_cents,
            )
        for app in overlay.apps:
            self.apps[app.consumer_key] = app.consumer_secret
            self._listing.add(app.consumer_key)

    def knows_app(self, consumer_key: str, consumer_secret: str) -> bool:
        """Whether the pair may have a token: any may, unless the world names some."""
        if not self.apps:
            return bool(consumer_key and consumer_secret)
        return self.apps.get(consumer_key) == consumer_secret


def _default_organisations() -> Iterable[Organisation]:
    yield Organisation(
        "174379", "Daraja-Sandbox", OrganisationKind.PAYBILL, SANDBOX_PASSKEY, buy_goods=False
    )
    yield Organisation("600100", "Sandbox Till", OrganisationKind.TILL, SANDBOX_PASSKEY)
    yield Organisation("600998", "Sandbox B2C", OrganisationKind.B2C)
