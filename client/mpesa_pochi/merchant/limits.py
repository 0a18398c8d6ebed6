"""How often what may be asked, and who has asked too often.

What is limited is what costs somebody something: prompts on a phone, questions to Daraja, guesses
at the admin token. What Daraja sends is never limited: it sends a callback once, and one that was
turned away is lost. It is only limited in its size (`mpesa_pochi.merchant.bodies`).

A limit moves with the clock: `5/minute` lets no sixth request through within any sixty seconds. A
request that is refused does not count.
"""

import asyncio
import logging
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256
from http import HTTPStatus
from ipaddress import IPv6Address, ip_network
from typing import TypeVar, cast

from limits import RateLimitItem, parse_many
from limits.errors import ConfigurationError, StorageError
from limits.storage import Storage, storage_from_string
from limits.strategies import MovingWindowRateLimiter

from mpesa_pochi.customer_messages import MessageState, state_message
from mpesa_pochi.merchant.answers import Refused
from mpesa_pochi.merchant.forwarded import address_of
from mpesa_pochi.merchant.spoken import language
from mpesa_pochi.merchant.windows import ClockedWindows

_SITE = 64
"""Bits of an IPv6 address that say who it is: the rest its owner chooses, for each request anew."""

Answer = TypeVar("Answer")

logger = logging.getLogger("mpesa_pochi.merchant")


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """How often what may be asked, as the `limits` library writes it: `5/minute; 30/hour`.

    None lets any number through. An address is one IPv4 address, or one IPv6 network of 64 bits.

    Attributes:
        pushes_per_phone: prompts on one phone, whoever asks for them.
        pushes_per_address: prompts that one address asks for. Behind many phones there may be one
            address (a mobile network's, or your own server's that asks for all customers).
        queries_per_address: questions to Daraja that one address asks for.
        wrong_tokens_per_address: wrong admin tokens from one address. Then a right one is refused
            from there too, or guessing could go on.
        storage: where all processes of the application count together, as `limits` writes it
            (`redis://…`, `mongodb://…`; its driver must be installed). None counts in each
            process's own memory.

    Raises:
        ValueError: a limit that cannot be read.
    """

    pushes_per_phone: str | None = "5/minute; 30/hour"
    pushes_per_address: str | None = "60/minute"
    queries_per_address: str | None = "120/minute"
    wrong_tokens_per_address: str | None = "20/minute"
    storage: str | None = field(default=None, repr=False)

    def __post_init__(self) -> None:
        for name in NAMES:
            items(name, getattr(self, name))

    @property
    def given(self) -> Mapping[str, str]:
        """The limits that there are."""
        each = {name: getattr(self, name) for name in NAMES}
        return {name: text for name, text in each.items() if text is not None}


NAMES = (
    "pushes_per_phone",
    "pushes_per_address",
    "queries_per_address",
    "wrong_tokens_per_address",
)


def items(name: str, text: str | None) -> tuple[RateLimitItem, ...]:
    """The limits that `text` writes; none for None.

    Raises:
        ValueError: it cannot be read, or lets nothing through.
    """
    if text is None:
        return ()
    try:
        found = tuple(parse_many(text))
    except (ValueError, TypeError):
        found = ()
    if not found or any(item.amount < 1 or item.multiples < 1 for item in found):
        raise ValueError(f"expected {name} such as '5/minute; 30/hour', or None, found {text!r}")
    return found


NO_LIMITS = Limits(**dict.fromkeys(NAMES))


class Limiter:
    """Counts, and refuses what comes too often.

    Args:
        limits: how often what may be asked.
        now: the wall clock; gives aware datetimes. A shared storage keeps its own.

    Raises:
        ValueError: a storage that is not there, or that cannot keep moving windows.
    """

    def __init__(self, limits: Limits, *, now: Callable[[], datetime]) -> None:
        self.limits = limits
        self._now = now
        self._items = {name: items(name, getattr(limits, name)) for name in NAMES}
        self._shared = limits.storage is not None
        storage = ClockedWindows(now) if limits.storage is None else _shared(limits.storage)
        self._windows = _windows(storage)

    @property
    def limits_pushes(self) -> bool:
        """Whether any push can be refused."""
        return bool(self._items["pushes_per_phone"] or self._items["pushes_per_address"])

    async def push(self, *, phone: str, address: str | None) -> None:
        """A customer is to be prompted.

        Raises:
            Refused: 429, for this phone or from this address that was too often.
        """
        keys = {"pushes_per_phone": _digest(phone), "pushes_per_address": _site(address)}
        seconds = await self._hit(keys)
        if seconds:
            what = "payment requests for this phone, or from this address"
            raise _refused(what, seconds, customer_message=_too_often())

    async def query(self, address: str | None) -> None:
        """Daraja is to be asked.

        Raises:
            Refused: 429, from this address that was too often.
        """
        seconds = await self._hit({"queries_per_address": _site(address)})
        if seconds:
            what = "questions from this address"
            raise _refused(what, seconds, customer_message=_too_often())

    async def guess(self, address: str | None, *, wrong: bool) -> None:
        """A token was brought. Called before it is compared, and again when it was wrong.

        Raises:
            Refused: 429, too many from this address were wrong.
        """
        key = {"wrong_tokens_per_address": _site(address)}
        seconds = await (self._hit(key) if wrong else self._wait(key))
        if seconds and not wrong:
            raise _refused("wrong tokens from this address", seconds, customer_message="")

    async def _hit(self, keys: Mapping[str, str]) -> int:
        """Count a request under each key. Seconds to wait when it is one too many: it counts under
        none then.
        """
        seconds = await self._wait(keys)
        if seconds:
            return seconds
        counted = await self._asked(lambda: all(self._count(*key) for key in keys.items()))
        # Another process was quicker by a moment.
        return 0 if counted in (True, None) else 1

    async def _wait(self, keys: Mapping[str, str]) -> int:
        waits = await self._asked(lambda: [self._seconds(*key) for key in keys.items()])
        return max(waits or [0])

    def _count(self, name: str, key: str) -> bool:
        return all(self._windows.hit(item, _SPACE, name, key) for item in self._items[name])

    def _seconds(self, name: str, key: str) -> int:
        """Whole seconds until one more is let through: 0 for now."""
        waits = [0]
        for item in self._items[name]:
            if not self._windows.test(item, _SPACE, name, key):
                reset = self._windows.get_window_stats(item, _SPACE, name, key).reset_time
                waits.append(max(1, math.ceil(reset - self._now().timestamp())))
        return max(waits)

    async def _asked(self, ask: Callable[[], Answer]) -> Answer | None:
        """What the storage says; None when it is away: then payments go on, without limits."""
        if not self._shared:
            return ask()
        try:
            return await asyncio.to_thread(ask)
        except StorageError as error:
            away = type(error.storage_error).__name__
            logger.warning("nothing is limited: the storage of the limits is away: %s", away)
            return None


_SPACE = "mpesa_pochi"


def _windows(storage: Storage) -> MovingWindowRateLimiter:
    try:
        return MovingWindowRateLimiter(storage)
    except NotImplementedError:
        kind = type(storage).__name__
        raise ValueError(
            f"expected a limits storage with moving windows, such as redis, found {kind}"
        ) from None


def _shared(uri: str) -> Storage:
    # The address may hold a password, and the library's errors quote it.
    scheme = uri.partition(":")[0] if "://" in uri else "no scheme"
    try:
        return cast("Storage", storage_from_string(uri, wrap_exceptions=True))
    except ConfigurationError:
        raise ValueError(
            f"expected the address of a limits storage whose driver is installed, such as redis://,"
            f" found one with {scheme[:20]!a}"
        ) from None


def _too_often() -> str:
    return state_message(MessageState.TOO_OFTEN, language())


def _refused(what: str, seconds: int, *, customer_message: str) -> Refused:
    return Refused(
        HTTPStatus.TOO_MANY_REQUESTS,
        f"too many {what}; come back in {seconds} s",
        headers={"Retry-After": str(seconds)},
        customer_message=customer_message,
    )


def _digest(phone: str) -> str:
    """What a shared storage sees of a phone."""
    return sha256(phone.encode()).hexdigest()[:32]


def _site(address: str | None) -> str:
    """Whom an address counts as."""
    found = None if address is None else address_of(address)
    if isinstance(found, IPv6Address):
        return str(ip_network((found.packed, _SITE), strict=False))
    return str(found or address or "nobody")
