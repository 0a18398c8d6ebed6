import asyncio

import pytest

from darajasim.core.organisation import Purse
from darajasim.core.profile import Profile
from darajasim.core.simulator import Simulator
from darajasim.operations.tariffs import b2b_charge, b2c_charge


def namespace(**knobs):
    async def main():
        return Simulator(profile=Profile.named("observed", **knobs)).default

    return asyncio.run(main())


@pytest.mark.parametrize(
    ("shillings", "charge"),
    [
        (1, 0),
        (100, 0),
        (101, 5),
        (1_500, 5),
        (1_501, 9),
        (5_001, 11),
        (20_000, 11),
        (20_001, 13),
        (250_000, 13),
    ],
)
def test_production_bands_of_b2c(shillings, charge):
    assert b2c_charge(namespace(b2c_tariff="production"), shillings * 100) == (
        charge * 100,
        Purse.CHARGES,
    )


@pytest.mark.parametrize(("tariff", "charge"), [("sandbox", 33_60), ("2018", 22_40), ("free", 0)])
def test_flat_b2c_charges_lower_utility(tariff, charge):
    assert b2c_charge(namespace(b2c_tariff=tariff), 10_00) == (charge, Purse.UTILITY)


@pytest.mark.parametrize(
    ("shillings", "charge"),
    [(1, 2), (49, 2), (50, 3), (100, 3), (101, 8), (45_000, 110), (45_001, 115), (10**9, 115)],
)
def test_production_bands_of_b2b(shillings, charge):
    assert b2b_charge(namespace(b2b_tariff="production"), shillings * 100) == charge * 100


def test_the_sandbox_takes_nothing_for_b2b():
    assert b2b_charge(namespace(), 100_00) == 0
