"""Names for customers nobody described: Kenyan, and always the same for one seed and number."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from faker import Faker


@lru_cache(maxsize=1)
def _faker() -> Faker:
    from faker import Faker  # noqa: PLC0415  # a quarter of a second that most runs never need

    return Faker("en_KE")


@lru_cache(maxsize=10_000)
def name_for(msisdn: str, seed: int | str) -> str:
    """A full name in capitals, as M-PESA prints it."""
    faker = _faker()
    faker.seed_instance(f"{seed}/{msisdn}")
    return f"{faker.first_name()} {faker.last_name()}".upper()
