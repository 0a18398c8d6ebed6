"""What `python -m mpesa_pochi` is told besides who the merchant is: whom to let in, how often."""

from collections.abc import Iterable, Mapping
from typing import Any

from mpesa_pochi import clock
from mpesa_pochi.callback import SAFARICOM_SOURCES
from mpesa_pochi.errors import SettingsError
from mpesa_pochi.merchant.admin import Admin
from mpesa_pochi.merchant.gate import Gate
from mpesa_pochi.merchant.limits import NAMES, Limiter, Limits
from mpesa_pochi.merchant.sources import Proxies
from mpesa_pochi.secret import Secret

VARIABLES = {
    "admin_token": "MPESA_POCHI_ADMIN_TOKEN",
    "allowed_sources": "MPESA_POCHI_ALLOWED_SOURCES",
    "confirm_above": "MPESA_POCHI_CONFIRM_ABOVE",
    "trusted_proxies": "MPESA_POCHI_TRUSTED_PROXIES",
    "storage": "MPESA_POCHI_LIMITS_STORAGE",
    "pushes_per_phone": "MPESA_POCHI_PUSHES_PER_PHONE",
    "pushes_per_address": "MPESA_POCHI_PUSHES_PER_ADDRESS",
    "queries_per_address": "MPESA_POCHI_QUERIES_PER_ADDRESS",
    "wrong_tokens_per_address": "MPESA_POCHI_WRONG_TOKENS_PER_ADDRESS",
}
SAFARICOM = "safaricom"
"""In a list of addresses: the published list of Daraja's."""
NONE = "none"
"""In place of a limit: there is none."""


def options(environ: Mapping[str, str]) -> dict[str, Any]:
    """What the environment asks of `create_app`.

    Args:
        environ: as `mpesa_pochi.sealed.environment` gives it.

    Raises:
        SettingsError: with every mistake at once, without any value.
    """
    texts = {name: environ.get(variable, "").strip() for name, variable in VARIABLES.items()}
    mistakes = tuple(_complaints(texts))
    if mistakes:
        del environ, texts
        count = "1 mistake" if len(mistakes) == 1 else f"{len(mistakes)} mistakes"
        raise SettingsError(f"the environment is not right, {count}:", mistakes=mistakes)
    token = texts["admin_token"]
    return {
        "admin_token": Secret(token) if token else None,
        "allowed_sources": _sources(texts["allowed_sources"]),
        "confirm_above": int(texts["confirm_above"]) if texts["confirm_above"] else None,
        "trusted_proxies": _listed(texts["trusted_proxies"]),
        "limits": Limits(**_limits(texts)),
    }


def _complaints(texts: Mapping[str, str]) -> Iterable[str]:
    """Every mistake, as a sentence. A value is shown only where it is no secret."""
    try:
        Admin.configured(token=texts["admin_token"] or None, allows=None)
    except ValueError as error:
        yield f"{VARIABLES['admin_token']}: {error}"
    try:
        Gate.configured(
            callback_token=None,
            allowed_sources=_sources(texts["allowed_sources"]),
            require_callback_token=True,
        )
    except ValueError as error:
        yield f"{VARIABLES['allowed_sources']}: {error}, nor the word {SAFARICOM}"
    amount = texts["confirm_above"]
    if amount and not (amount.isascii() and amount.isdecimal() and len(amount) <= 9):
        yield f"{VARIABLES['confirm_above']}: expected whole shillings, found {amount[:20]!a}"
    try:
        Proxies.configured(_listed(texts["trusted_proxies"]))
    except ValueError as error:
        yield f"{VARIABLES['trusted_proxies']}: {error}"
    for name in (*NAMES, "storage"):
        try:
            Limiter(Limits(**_limits({name: texts[name]})), now=clock.now)
        except ValueError as error:
            yield f"{VARIABLES[name]}: {error}"


def _limits(texts: Mapping[str, str]) -> dict[str, str | None]:
    """The limits and the storage that are given."""
    given = {name: text for name, text in texts.items() if name in (*NAMES, "storage") and text}
    return {name: None if text.lower() == NONE else text for name, text in given.items()}


def _sources(text: str) -> tuple[str, ...] | None:
    entries = [SAFARICOM_SOURCES if item == SAFARICOM else (item,) for item in _listed(text)]
    return tuple(source for each in entries for source in each) or None


def _listed(text: str) -> tuple[str, ...]:
    return tuple(item.strip() for item in text.split(",") if item.strip())
