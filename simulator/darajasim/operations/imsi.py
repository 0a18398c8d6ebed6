"""IMSI and Swap: what is known of the SIM card behind a number."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from darajasim.core.catalogue import Row
from darajasim.core.clock import written
from darajasim.core.customer import DAY_SECONDS
from darajasim.core.namespace import Namespace
from darajasim.core.rules import Plan
from darajasim.operations.business import BusinessOperation, Request
from darajasim.operations.call import Answer
from darajasim.operations.fields import Field, msisdn
from darajasim.operations.refusals import NONE, filled

SWAP_DAYS = 90
"""Swaps that are longer ago are not told (documented: the last three months)."""
NO_SWAP = "01-01-1900"
"""What stands for no swap (documented)."""
SWAPPED = 0.3
"""The share of numbers whose SIM was swapped within the year before the simulation began."""
OK = "200"
SUCCESS = "Success"

_DAY, _MINUTE, _ISO_DAY = "%d-%m-%Y", "%d-%m-%Y %H:%M", "%Y-%m-%d"


@dataclass(frozen=True, slots=True)
class SimCard:
    """The SIM card of a number.

    Attributes:
        imsi: hashed, as digits (documented).
        swapped_at: seconds since the epoch, or None; so is `registered_at`.
    """

    imsi: str
    swapped_at: float | None
    registered_at: float

    def last_swap(self, now: float, form: str) -> str:
        """The last swap, in a form of `strftime`; with none lately, the first day of 1900."""
        if self.swapped_at is None or now - self.swapped_at > SWAP_DAYS * DAY_SECONDS:
            return NO_SWAP if form == _DAY else f"{NO_SWAP} 00:00"
        return written(int(self.swapped_at), form)


def sim_card(namespace: Namespace, number: str) -> SimCard:
    """The SIM card of a number: the same one whenever it is asked for."""
    chance = namespace.chance.fork("sim", number)
    began = namespace.clock.time() - namespace.clock.elapsed()
    swapped = chance.chance(SWAPPED)
    age = chance.between(1, 365 * DAY_SECONDS)
    registered = age + chance.between(30, 5_000) * DAY_SECONDS
    return SimCard(
        imsi=str(chance.between(10**14, 10**15 - 1)),
        swapped_at=began - age if swapped else None,
        registered_at=began - registered,
    )


class CheckAti(BusinessOperation):
    """Answered at once, although the pages call it asynchronous (documented)."""

    magic_field: ClassVar[str] = "customerNumber"
    token_refusal: ClassVar[str] = "unauthorized-access-token"  # noqa: S105  # a catalogue key
    fields = (Field("customerNumber", "invalid-payload", msisdn, "phone", "254722000000"),)
    """What a wrong number is answered is not documented (guessed)."""

    def accept(self, namespace: Namespace, request: Request, plan: Plan) -> Answer:
        """Tell what is known."""
        card = sim_card(namespace, request["customerNumber"])
        told = self.told(namespace, request["customerNumber"], card)
        return self._answer(namespace, 200, OK, SUCCESS, told)

    def told(self, namespace: Namespace, number: str, card: SimCard) -> Mapping[str, str]:
        """What stands behind the three keys that both have."""
        raise NotImplementedError

    def _answer(
        self, namespace: Namespace, status: int, code: str, text: str, told: Mapping[str, str]
    ) -> Answer:
        head = {
            "requestRefID": namespace.ids.request_id(),
            "responseCode": code,
            "responseDesc": text,
        }
        return Answer(status, {**head, **told}, code=code, message=text)

    def refused(
        self, namespace: Namespace, row: Row, hint: str = "", values: Mapping[str, str] = NONE
    ) -> Answer:
        """A code of its own stands in the product's own envelope."""
        if row.surface != "inline":
            return super().refused(namespace, row, hint, values)
        text = filled(row.text_in(namespace.profile.texts), values)
        answer = self._answer(namespace, row.http_status, row.code, text, NONE)
        answer.hint = hint or None
        return answer


def _schema(*keys: str) -> Mapping[str, Any]:
    properties: dict[str, Any] = {
        "requestRefID": {"type": "string"},
        "responseCode": {"const": OK},
        "responseDesc": {"type": "string"},
        **{key: {"type": "string"} for key in keys},
    }
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }


class ImsiCheck(CheckAti):
    """Dates as in the page's sample; as in its tables under the documented texts."""

    name = "imsi_check"
    path = "/imsi/v1/checkATI"
    about = "The hashed IMSI, the last SIM swap and the registration date of a number."
    answer_schema: ClassVar[Mapping[str, Any]] = _schema(
        "imsi", "lastSwapDate", "msisdnRegistrationDate", "customerNumber"
    )

    def told(self, namespace: Namespace, number: str, card: SimCard) -> Mapping[str, str]:
        """Four strings."""
        documented = namespace.profile.texts == "documented"
        now = namespace.clock.time()
        registered = written(int(card.registered_at), _ISO_DAY if documented else _DAY)
        return {
            "imsi": card.imsi,
            "lastSwapDate": card.last_swap(now, _MINUTE if documented else _DAY),
            "msisdnRegistrationDate": registered,
            "customerNumber": number,
        }


class SwapCheck(CheckAti):
    name = "swap_check"
    path = "/imsi/v2/checkATI"
    about = "The last SIM swap of a number."
    answer_schema: ClassVar[Mapping[str, Any]] = _schema("lastSwapDate")

    def told(self, namespace: Namespace, number: str, card: SimCard) -> Mapping[str, str]:
        """One string, always with the time."""
        return {"lastSwapDate": card.last_swap(namespace.clock.time(), _MINUTE)}


OPERATIONS = (ImsiCheck(), SwapCheck())
