"""Profiles: where Daraja has changed, or its documents and its traffic disagree, a knob decides.

`observed` follows captured traffic, `documented` the portal pages, `legacy` the years 2017 to 2019.
Each knob can also be set alone. The facts behind them are in the fidelity notes of the project's
catalogue; docs/profiles.md lists every knob.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

PROFILES = ("observed", "documented", "legacy")


@dataclass(frozen=True, slots=True)
class Knob:
    """One switch of a profile.

    Attributes:
        choices: the values it takes, or None for any value of `kind` within `low` and `high`.
        default: the value by profile.
    """

    name: str
    about: str
    kind: type
    choices: tuple[object, ...] | None
    low: float
    high: float
    default: Mapping[str, object]

    def problem(self, value: object) -> str | None:
        """Why `value` cannot be this knob's, or None."""
        if self.choices is not None:
            if any(value == choice and type(value) is type(choice) for choice in self.choices):
                return None
            return f"expected one of {', '.join(map(_shown, self.choices))}, found {_shown(value)}"
        wanted: tuple[type, ...] = (int, float) if self.kind is float else (self.kind,)
        if not isinstance(value, wanted) or isinstance(value, bool):
            return f"expected a number, found {_shown(value)}"
        if not self.low <= value <= self.high:  # type: ignore[operator]  # a number by now
            return f"expected {self.low:g} to {self.high:g}, found {value}"
        return None


def _shown(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _knob(  # gives a dataclass field, typed by its annotation
    about: str,
    observed: object,
    *,
    documented: object = ...,
    legacy: object = ...,
    choices: tuple[object, ...] | None = None,
    within: tuple[float, float] = (0, 1e12),
) -> Any:
    by_profile = {
        "observed": observed,
        "documented": observed if documented is ... else documented,
        "legacy": observed if legacy is ... else legacy,
    }
    if isinstance(observed, bool):
        choices = (True, False)
    meta = {"about": about, "default": by_profile, "choices": choices, "within": within}
    return field(default=observed, metadata=meta)


@dataclass(frozen=True, slots=True)
class Profile:
    """How this Daraja behaves. Times are in seconds, amounts in whole shillings."""

    texts: str = _knob(
        "which wording messages use: current traffic, the portal, or 2017 to 2019",
        "observed",
        documented="documented",
        legacy="legacy",
        choices=PROFILES,
    )
    in_flight: str = _knob(
        "what a query says of an unfinished payment: ResultCode 4999, HTTP 500 'being processed', "
        "HTTP 200 with an empty error, or ResultCode 1101",
        "4999",
        legacy="error",
        choices=("4999", "error", "empty", "1101"),
    )
    balance_item: bool = _knob(
        "whether a callback has the Balance item without a value", True, documented=False
    )
    query_description: str = _knob(
        "the spelling of the query's ResponseDescription",
        "successsfully",
        documented="successfully",
        choices=("successsfully", "successfully"),
    )
    query_error_request_id: str = _knob(
        "what a query's error carries as requestId: the checkout request id or a gateway id",
        "checkout",
        documented="gateway",
        choices=("checkout", "gateway"),
    )
    checkout_request_id: str = _knob(
        "the era of the CheckoutRequestID format",
        "2026",
        documented="2020",
        legacy="2017",
        choices=("2026", "2022", "2020", "2018", "2017"),
    )
    merchant_request_id: str = _knob(
        "the era of the MerchantRequestID format",
        "current",
        legacy="numeric",
        choices=("current", "numeric"),
    )
    expires_in: str = _knob(
        "the JSON type of a token's expires_in",
        "string",
        documented="number",
        choices=("string", "number"),
    )
    token_lifetime: int = _knob("seconds a token is good for", 3599, within=(1, 86_400))
    token_invalidates_previous: bool = _knob("whether a new token ends the app's older ones", False)
    bad_credentials: str = _knob(
        "the answer to an unknown key or secret: HTTP 400 without a body, or 400.008.01",
        "empty",
        documented="coded",
        choices=("empty", "coded"),
    )
    unknown_path: str = _knob(
        "the answer to an unknown path: 404 without a body, or 404.001.01",
        "empty",
        documented="coded",
        choices=("empty", "coded"),
    )
    description_required: bool = _knob(
        "whether TransactionDesc must be there", True, documented=False
    )
    reference_limit: int = _knob("longest AccountReference, in characters", 182, documented=12)
    description_limit: int = _knob("longest TransactionDesc, in characters", 182, documented=13)
    amount_ceiling: int = _knob("largest Amount of one push", 250_000, legacy=70_000)
    callback_urls: str = _knob(
        "which CallBackURLs are accepted: local ones too, or only public https",
        "local",
        choices=("local", "public"),
    )
    subscriber_lock: str = _knob(
        "a push while the subscriber's last one is open: refused, failed late (1001), or allowed",
        "refuse",
        choices=("refuse", "late", "off"),
    )
    repeat_window: float = _knob(
        "seconds in which the same amount from the same payer is result 17 (0: never)", 120.0
    )
    query_hiccup_rate: float = _knob(
        "share of queries answered 500 although the payment is known", 0.0, within=(0, 1)
    )
    callback_loss_rate: float = _knob("share of callbacks never sent", 0.0, within=(0, 1))
    callback_duplicate_rate: float = _knob("share of callbacks sent twice", 0.0, within=(0, 1))
    callback_delay: float = _knob("seconds added before every callback", 0.0)
    waf_burst: int = _knob(
        "requests in one second that make the firewall block everything for a minute (0: never)", 0
    )

    gateway: str = _knob(
        "what every call but the token's is answered: nothing special, or a row of the catalogue",
        "up",
        choices=(
            "up",
            "waf-blocked",
            "waf-unavailable",
            "maintenance",
            "service-unreachable",
            "gateway-timeout",
            "soap-fault",
            "soap-fault-json",
            "unavailable-page",
        ),
    )
    spike_arrest: int = _knob("calls of one app in one second that are let through (0: all)", 0)
    quota: int = _knob("calls of one app in one day that are let through (0: all)", 0)
    security_credential: str = _knob(
        "a SecurityCredential that this simulator cannot decrypt: accepted by its form, as those "
        "made with Safaricom's certificates are, or refused like a wrong one",
        "form",
        choices=("form", "decrypt"),
    )
    initiator_attempts: int = _knob(
        "wrong passwords in a row that lock an initiator (0: never)", 5, within=(0, 1_000)
    )
    initiator_lock: float = _knob("seconds that an initiator stays locked", 7_200.0)
    result_envelope: str = _knob(
        "how Result callbacks are typed: as captured, or as the portal prints them",
        "observed",
        documented="documented",
        choices=("observed", "documented"),
    )
    result_delay: float = _knob("seconds from a command to its result (seen: 3 to 4)", 3.5)
    payout_minimum: int = _knob("the least that a B2C payment may be, in shillings", 10)
    payout_maximum: int = _knob(
        "the most that a B2C payment may be, in shillings", 250_000, legacy=70_000
    )
    b2c_tariff: str = _knob(
        "what a B2C payment costs: 33.60 from Utility, the production bands from Charges Paid, "
        "22.40 as in 2018, or nothing",
        "sandbox",
        legacy="2018",
        choices=("sandbox", "production", "2018", "free"),
    )
    originator_required: bool = _knob(
        "whether B2C v3 and B2Pochi refuse a request without OriginatorConversationID",
        False,
        documented=True,
    )
    b2b_till_result: str = _knob(
        "what the result of a BusinessBuyGoods payment lists: everything, or the three parameters "
        "of a production capture",
        "full",
        choices=("full", "sparse"),
    )
    b2b_tariff: str = _knob(
        "what a B2B payment costs: nothing, or the production bands",
        "free",
        choices=("free", "production"),
    )

    ratiba_edition: str = _knob(
        "the edition of the standing order API: frequencies 1 to 9 and ten pairs in the callback, "
        "or 1 to 8 and four",
        "2026",
        documented="2025",
        legacy="2025",
        choices=("2026", "2025"),
    )
    bills_conflict_status: int = _knob(
        'the HTTP status of a Bill Manager answer whose rescode is "409"', 200, choices=(200, 409)
    )
    bills_optin_required: bool = _knob(
        "whether Bill Manager refuses invoices of an app that has not opted in", False
    )

    c2b_msisdn: str = _knob(
        "the payer's number in C2B callbacks: hashed or masked by the version that registered the "
        "URLs, or always one of masked, hashed, the hash itself masked, and plain",
        "by-version",
        legacy="plain",
        choices=("by-version", "masked", "hashed", "hashed-masked", "plain"),
    )
    c2b_reregister: str = _knob(
        "registering the URLs of a shortcode again: they are replaced, refused as a duplicate "
        "notification, or refused as production refuses them",
        "overwrite",
        choices=("overwrite", "duplicate", "production-once"),
    )
    c2b_response_code: bool = _knob(
        "whether the answers of C2B carry a ResponseCode (seen with and without)",
        True,
        legacy=False,
    )
    c2b_hiccup_rate: float = _knob(
        "share of C2B calls answered 500, service unreachable", 0.0, within=(0, 1)
    )

    @classmethod
    def named(cls, name: str, **knobs: object) -> Profile:
        """The profile `name`, with some knobs set alone.

        Raises:
            ValueError: an unknown profile or knob, or a value it does not take.
        """
        if name not in PROFILES:
            raise ValueError(f"expected a profile ({', '.join(PROFILES)}), found {name!r}")
        values = {knob.name: knob.default[name] for knob in KNOBS.values()}
        for key, value in knobs.items():
            if key not in KNOBS:
                raise ValueError(f"no knob {key!r}; the knobs are {', '.join(KNOBS)}")
            problem = KNOBS[key].problem(value)
            if problem is not None:
                raise ValueError(f"profile knob {key}: {problem}")
            values[key] = value
        return cls(**values)  # type: ignore[arg-type]  # checked knob by knob above


def _knobs() -> Mapping[str, Knob]:
    kinds: dict[str, type] = {"str": str, "bool": bool, "int": int, "float": float}
    found = {}
    for item in dataclasses.fields(Profile):
        low, high = item.metadata["within"]
        found[item.name] = Knob(
            name=item.name,
            about=item.metadata["about"],
            kind=kinds[str(item.type)],
            choices=item.metadata["choices"],
            low=low,
            high=high,
            default=item.metadata["default"],
        )
    return MappingProxyType(found)


KNOBS: Mapping[str, Knob] = _knobs()
"""Every knob by name."""
