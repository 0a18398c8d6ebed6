"""The sections `world:` and `profile:`."""

from collections.abc import Iterator
from typing import Any, ClassVar

from pydantic import ConfigDict

from darajasim.core.profile import PROFILES
from darajasim.scenarios.complaint import Complaint, Unfit
from darajasim.scenarios.model import leaves
from darajasim.scenarios.model.part import Part, optional, required
from darajasim.scenarios.nodes import Mapping, Scalar, plain
from darajasim.scenarios.scalars import below
from darajasim.scenarios.vocabulary import Vocabulary, knob_value


class LimitsPart(Part):
    title: ClassVar[str] = "`limits`"

    minimum: leaves.Cents | None = optional("The least of one payment, in shillings.", "1")
    maximum: leaves.Cents | None = optional("The most of one payment, in shillings.", "250000")
    daily: leaves.Cents | None = optional("The most of one day, in shillings.", "500000")


class CustomerPart(Part):
    title: ClassVar[str] = "a customer"

    phone: leaves.Phone = required("The customer's number.", "0722000000")
    name: leaves.Text | None = optional("The registered name.", "JANE WANJIKU")
    balance: leaves.Cents | None = optional("What the wallet holds, in shillings.", "1000")
    pin: leaves.Pin | None = optional("The M-PESA PIN.", "1234")
    state: leaves.StateOfCustomer | None = optional("Whether the wallet works.", "active")
    limits: LimitsPart | None = optional("Limits of the wallet, in shillings.")


class OrganisationPart(Part):
    title: ClassVar[str] = "an organisation"

    shortcode: leaves.Shortcode = required("The paybill or till number.", "600111")
    name: leaves.Text | None = optional("The registered name.", "DUKA")
    kind: leaves.KindOfOrganisation | None = optional("Paybill or till.", "paybill")
    passkey: leaves.Text | None = optional("The M-Pesa Express passkey.")
    balance: leaves.Cents | None = optional("What the account holds, in shillings.", "0")
    maximum_balance: leaves.Cents | None = optional("The most it may hold, in shillings.")


class AppPart(Part):
    title: ClassVar[str] = "an app"

    consumer_key: leaves.Text = required("The consumer key.", "my-key")
    consumer_secret: leaves.Text = required("The consumer secret.", "my-secret")


class WorldPart(Part):
    title: ClassVar[str] = "`world`"

    start: leaves.Moment | None = optional(
        "Nairobi date and time at which the scenario begins.", '"2026-03-02 09:00:00"'
    )
    customers: list[CustomerPart] | None = optional("People with M-PESA wallets.")
    organisations: list[OrganisationPart] | None = optional("Businesses with shortcodes.")
    apps: list[AppPart] | None = optional(
        "Consumer apps; when there is one, only listed credentials are accepted."
    )


class ProfilePart(Part):
    """Beside `base`, every knob of a profile is a key."""

    model_config = ConfigDict(extra="allow")

    title: ClassVar[str] = "`profile`"
    short_form: ClassVar[dict[str, Any] | None] = {"enum": list(PROFILES)}

    base: leaves.ProfileName | None = optional("The profile whose knobs are set.", "observed")

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
