"""The sections `world:` and `profile:`."""

from collections.abc import Iterator
from typing import Any, ClassVar

from pydantic import ConfigDict

from darajasim.core.organisation import OrganisationKind
from darajasim.core.profile import PROFILES
from darajasim.scenarios.complaint import Complaint, Unfit
from darajasim.scenarios.model import leaves, words
from darajasim.scenarios.model.part import Part, optional, refuse_together, required
from darajasim.scenarios.nodes import Mapping, Scalar, plain
from darajasim.scenarios.scalars import below
from darajasim.scenarios.vocabulary import Vocabulary, knob_value


class LimitsPart(Part):
    title: ClassVar[str] = "`limits`"

    minimum: leaves.Cents | None = optional("The least of one payment, in shillings.", "1")
    maximum: leaves.Cents | None = optional("The most of one payment, in shillings.", "250000")
    daily: leaves.Cents | None = optional("The most of one day, in shillings.", "500000")
    balance: leaves.Cents | None = optional(
        "The most that the wallet may hold, in shillings.", "500000"
    )


class CustomerPart(Part):
    title: ClassVar[str] = "a customer"

    phone: leaves.Phone = required("The customer's number.", "0722000000")
    name: leaves.Text | None = optional("The registered name.", "JANE WANJIKU")
    balance: leaves.Cents | None = optional("What the wallet holds, in shillings.", "1000")
    pin: leaves.Pin | None = optional("The M-PESA PIN.", "1234")
    state: words.StateOfCustomer | None = optional("Whether the wallet works.", "active")
    limits: LimitsPart | None = optional("Limits of the wallet, in shillings.")
    pochi: leaves.Pochi | None = optional(
        "Whether there is a Pochi la Biashara, or what it holds in shillings.", "true"
    )


class OrganisationPart(Part):
    title: ClassVar[str] = "an organisation"

    shortcode: leaves.Shortcode = required("The paybill or till number.", "600111")
    name: leaves.Text | None = optional("The registered name.", "DUKA")
    kind: words.KindOfOrganisation | None = optional("Paybill, till or B2C.", "paybill")
    passkey: leaves.Text | None = optional("The M-Pesa Express passkey.")
    balance: leaves.Cents | None = optional(
        "What the account that customers pay into holds, in shillings.", "0"
    )
    maximum_balance: leaves.Cents | None = optional("The most it may hold, in shillings.")
    utility: leaves.Cents | None = optional("What the Utility Account holds.", "0")
    working: leaves.Cents | None = optional("What the Working Account holds.", "0")
    merchant: leaves.Cents | None = optional("What the Merchant Account holds.", "0")
    charges: leaves.SignedCents | None = optional(
        "What the Charges Paid Account holds, perhaps below zero.", "0"
    )
    active: leaves.Flag | None = optional("Whether it can pay and be paid.", "false")
    products: list[words.Product] | None = optional(
        "The operations that it may take part in; without a list: all.", "[b2c_payment]"
    )
    validates: leaves.Flag | None = optional(
        "Whether C2B payments are validated once there is a ValidationURL.", "false"
    )

    @classmethod
    def complaints(cls, node: Mapping, vocabulary: Vocabulary) -> Iterator[Complaint]:  # noqa: ARG003
        kind = node.get("kind")
        till = isinstance(kind, Scalar) and kind.text == OrganisationKind.TILL
        yield from refuse_together(
            node,
            "balance",
            "merchant" if till else "utility",
            advice="both are the account that customers pay into",
        )


class InitiatorPart(Part):
    title: ClassVar[str] = "an initiator"

    name: leaves.Text = required("The operator's user name.", "testapi")
    password: leaves.Text | None = optional("The API password.", "Safaricom999!*!")
    shortcodes: list[leaves.Shortcode] | None = optional(
        "The organisations that it belongs to; without a list: all.", "[600998]"
    )
    roles: list[words.Product] | None = optional(
        "The operations that it may ask for; without a list: all.", "[account_balance]"
    )
    locked: leaves.Flag | None = optional("Whether it is locked for good.", "true")


class AppPart(Part):
    title: ClassVar[str] = "an app"

    consumer_key: leaves.Text = required("The consumer key.", "my-key")
    consumer_secret: leaves.Text = required("The consumer secret.", "my-secret")
    products: list[words.Product] | None = optional(
        "The operations that it may call; without a list: all.", "[stk_push]"
    )
    shortcodes: list[leaves.Shortcode] | None = optional(
        "The shortcodes issued to it; without a list: all.", "[174379]"
    )


class WorldPart(Part):
    title: ClassVar[str] = "`world`"
    short_form: ClassVar[dict[str, Any] | None] = {"type": "string", "pattern": r"\.ya?ml$"}

    file: leaves.FileName | None = optional(
        "A file with a world, beside which the rest stands.", "shared/shop.yaml"
    )
    start: leaves.Moment | None = optional(
        "Nairobi date and time at which the scenario begins.", '"2026-03-02 09:00:00"'
    )
    customers: list[CustomerPart] | None = optional("People with M-PESA wallets.")
    organisations: list[OrganisationPart] | None = optional("Businesses with shortcodes.")
    initiators: list[InitiatorPart] | None = optional("API operators of organisations.")
    apps: list[AppPart] | None = optional(
        "Consumer apps; when there is one, only listed credentials are accepted."
    )


class ProfilePart(Part):
    """Beside `base`, every knob of a profile is a key."""

    model_config = ConfigDict(extra="allow")

    title: ClassVar[str] = "`profile`"
    short_form: ClassVar[dict[str, Any] | None] = {"enum": list(PROFILES)}

    base: words.ProfileName | None = optional("The profile whose knobs are set.", "observed")

    @classmethod
    def keys(cls, vocabulary: Vocabulary) -> tuple[str, ...]:
        return ("base", *vocabulary.knobs)

    @classmethod
    def complaints(cls, node: Mapping, vocabulary: Vocabulary) -> Iterator[Complaint]:
        for name, entry in node.entries.items():
            if name in vocabulary.knobs:
                try:
                    knob_value(vocabulary.knobs[name], plain(entry.value))
                except Unfit as unfit:
                    yield from below(unfit, name)

    @classmethod
    def long_form(cls, short: Scalar) -> dict[str, object]:
        return super().long_form(short) if short.is_null else {"base": short}
