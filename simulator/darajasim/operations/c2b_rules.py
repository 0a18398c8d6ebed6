"""Who may be paid through C2B."""

from __future__ import annotations

from darajasim.core.namespace import Namespace
from darajasim.core.organisation import Organisation, OrganisationKind
from darajasim.core.world import App
from darajasim.operations.call import Refusal

STK_ONLY = "174379"
"""The sandbox's shortcode for M-Pesa Express, which C2B does not take (documented)."""


def enabled(namespace: Namespace, shortcode: str, operation: str, app: App | None) -> Organisation:
    """The organisation whose C2B payments are asked about.

    Raises:
        Refusal: the app has not got this shortcode, or the shortcode is not enabled for C2B.
    """
    if app is not None and app.shortcodes is not None and shortcode not in app.shortcodes:
        has = ", ".join(sorted(app.shortcodes)) or "none"
        raise Refusal(
            "c2b-no-product",
            f"{shortcode} was not issued to the app {app.consumer_key}; it has {has}",
        )
    organisation = namespace.world.organisation(shortcode)
    problem = (
        f"no organisation has the shortcode {shortcode}; the sandbox has every 600xxx"
        if organisation is None
        else _not_enabled(organisation, operation)
    )
    if organisation is None or problem:
        raise Refusal("service-unreachable", problem)
    return organisation


def _not_enabled(organisation: Organisation, operation: str) -> str:
    if not organisation.active:
        return f"{organisation.shortcode} is not active"
    if organisation.shortcode == STK_ONLY and organisation.products is None:
        return f"{STK_ONLY} takes pushes only; use a C2B shortcode such as 600984"
    if not organisation.takes_part_in(operation):
        return f"{organisation.shortcode} has not the product {operation}"
    return ""


def fits(organisation: Organisation, kind: OrganisationKind) -> bool:
    """Whether it can be paid in this way. A till takes Buy Goods only; the sandbox's other
    shortcodes take both (documented: one list for both commands).
    """
    return kind is OrganisationKind.TILL or organisation.kind is not OrganisationKind.TILL
