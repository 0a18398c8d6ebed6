"""The SIM cards of one account, in groups, and the messages sent to them: all made up."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from darajasim.core.clock import written
from darajasim.core.customer import DAY_SECONDS
from darajasim.core.namespace import Namespace

GROUPS = ("METERS", "TRACKERS")
"""The VPN groups of the account."""
SIMS = 12
FIRST_SIM = 254_799_000_001
MAX_MESSAGES = 10_000
ACTIVE, IDLE, SUSPENDED = "Active", "Idle", "Suspended"
PRODUCTS = ("DATA", "SMS")

_STAMP = "%d-%m-%Y %H:%M:%S"


@dataclass(slots=True)
class Sim:
    """One SIM card. Its fields are the keys on the wire, in order (documented)."""

    life_cycle_status: str
    iccid: str
    asset_name: str
    activation_date: str
    expiry_date: str
    imei: str
    product_status: str
    imsi: str
    msisdn: str
    vpn_group: str
    activation_agent: str


@dataclass(frozen=True, slots=True)
class Message:
    """One SMS; `at` is seconds since the epoch."""

    number: int
    msisdn: str
    text: str
    group: str
    at: float
    status: str = "DELIVERED"

    def as_json(self) -> dict[str, Any]:
        """As answers have it; no sample shows its keys (guessed)."""
        return {
            "id": self.number,
            "msisdn": self.msisdn,
            "message": self.text,
            "vpnGroup": self.group,
            "status": self.status,
            "createdAt": written(int(self.at), _STAMP),
        }


class Fleet:
    """SIM cards by number, and the newest messages."""

    def __init__(self) -> None:
        self.sims: dict[str, Sim] = {}
        self._messages: OrderedDict[int, Message] = OrderedDict()
        self._sent = 0

    def listed(self, groups: Sequence[str]) -> list[dict[str, str]]:
        """The SIM cards of some groups, as answers have them."""
        return [asdict(sim) for sim in self.sims.values() if sim.vpn_group in groups]

    def counted(self, groups: Sequence[str]) -> Mapping[str, int]:
        """How many SIM cards of some groups there are in each state."""
        states = [sim.life_cycle_status for sim in self.sims.values() if sim.vpn_group in groups]
        return {state: states.count(state) for state in (ACTIVE, IDLE, SUSPENDED)}

    def send(self, sim: Sim, text: str, at: float) -> Message:
        """Send an SMS to a SIM card."""
        self._sent += 1
        message = Message(self._sent, sim.msisdn, text, sim.vpn_group, at)
        self._messages[message.number] = message
        if len(self._messages) > MAX_MESSAGES:
            self._messages.popitem(last=False)
        return message

    def messages(self, wanted: Callable[[Message], bool]) -> list[Message]:
        """The messages that are wanted, the oldest first."""
        return [message for message in self._messages.values() if wanted(message)]

    def delete(self, wanted: Callable[[Message], bool]) -> int:
        """Delete messages; how many there were."""
        numbers = [message.number for message in self.messages(wanted)]
        for number in numbers:
            del self._messages[number]
        return len(numbers)


def fleet_of(namespace: Namespace) -> Fleet:
    """The SIM cards of a namespace, made up on first use from its seed."""
    fleet = namespace.book(Fleet)
    if not fleet.sims:
        began = namespace.clock.time() - namespace.clock.elapsed()
        for number in range(SIMS):
            sim = _sim(namespace, number, began)
            fleet.sims[sim.msisdn] = sim
            fleet.send(sim, f"Reading {number + 1}", began - (SIMS - number) * 3_600)
    return fleet


def _sim(namespace: Namespace, number: int, began: float) -> Sim:
    chance = namespace.chance.fork("iot", number)
    activated = began - chance.between(30, 700) * DAY_SECONDS
    group = GROUPS[number % len(GROUPS)]
    return Sim(
        life_cycle_status=ACTIVE if number % 4 else IDLE,
        iccid=f"8925402{chance.below(10**12):012d}",
        asset_name=f"{group.title()[:-1]} {number + 1}",
        activation_date=written(int(activated), _STAMP),
        expiry_date=written(int(activated + 5 * 365 * DAY_SECONDS), _STAMP),
        imei=f"35{chance.below(10**13):013d}",
        product_status=ACTIVE,
        imsi=f"63902{chance.below(10**10):010d}",
        msisdn=str(FIRST_SIM + number),
        vpn_group=group,
        activation_agent="testapi",
    )
