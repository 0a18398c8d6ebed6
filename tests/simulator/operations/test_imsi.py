import re
from datetime import datetime, timedelta

import jsonschema
import pytest

from darajasim.core.clock import NAIROBI
from darajasim.operations import operations
from darajasim.operations.imsi import sim_card
from support.commands import example
from support.daraja import START, daraja, in_virtual_time

IMSI, SWAP = "/imsi/v1/checkATI", "/imsi/v2/checkATI"
DAY = 86_400


def run(main, **knobs):
    async def whole():
        async with daraja(**knobs) as d:
            await main(d)

    in_virtual_time(whole())


async def ask(d, path, number="254722000000"):
    return await d.post(path, example(path, customerNumber=number))


def number_of(d, *, swapped_within):
    """A number whose SIM was swapped so lately."""
    for tail in range(1_000):
        number = f"254722{tail:06d}"
        card = sim_card(d.namespace, number)
        if card.swapped_at is not None and START.timestamp() - card.swapped_at < swapped_within:
            return number, card
    raise AssertionError("no SIM was swapped lately")


def never_swapped(d):
    numbers = (f"254722{tail:06d}" for tail in range(1_000))
    return next(one for one in numbers if sim_card(d.namespace, one).swapped_at is None)


def test_imsi_without_a_swap():
    async def main(d):
        number = never_swapped(d)
        card = sim_card(d.namespace, number)
        answer = await ask(d, IMSI, number)
        registered = datetime.fromtimestamp(card.registered_at, NAIROBI).strftime("%d-%m-%Y")
        reference = answer.json["requestRefID"]
        assert answer.status == 200
        assert answer.raw.decode() == (
            f'{{"requestRefID":"{reference}","responseCode":"200","responseDesc":"Success",'
            f'"imsi":"{card.imsi}","lastSwapDate":"01-01-1900",'
            f'"msisdnRegistrationDate":"{registered}","customerNumber":"{number}"}}'
        )
        assert re.fullmatch(r"\d{15}", card.imsi)

    run(main)


def test_swap_without_a_swap():
    async def main(d):
        answer = await ask(d, SWAP, never_swapped(d))
        reference = answer.json["requestRefID"]
        assert answer.raw.decode() == (
            f'{{"requestRefID":"{reference}","responseCode":"200","responseDesc":"Success",'
            '"lastSwapDate":"01-01-1900 00:00"}'
        )

    run(main)


def test_a_swap_is_told_for_three_months():
    async def main(d):
        number, card = number_of(d, swapped_within=30 * DAY)
        when = datetime.fromtimestamp(card.swapped_at, NAIROBI)
        assert (await ask(d, IMSI, number)).json["lastSwapDate"] == when.strftime("%d-%m-%Y")
        told = (await ask(d, SWAP, number)).json["lastSwapDate"]
        assert told == when.strftime("%d-%m-%Y %H:%M")
        until = when + timedelta(days=90) - START
        await d.simulator.clock.sleep(until.total_seconds() - 60)
        assert (await ask(d, SWAP, number)).json["lastSwapDate"] == told
        await d.simulator.clock.sleep(120)
        assert (await ask(d, SWAP, number)).json["lastSwapDate"] == "01-01-1900 00:00"

    run(main)


def test_dates_as_in_the_tables():
    async def main(d):
        number, card = number_of(d, swapped_within=30 * DAY)
        when = datetime.fromtimestamp(card.swapped_at, NAIROBI)
        registered = datetime.fromtimestamp(card.registered_at, NAIROBI)
        answer = (await ask(d, IMSI, number)).json
        assert answer["lastSwapDate"] == when.strftime("%d-%m-%Y %H:%M")
        assert answer["msisdnRegistrationDate"] == registered.strftime("%Y-%m-%d")
        assert registered < when
        quiet = (await ask(d, IMSI, never_swapped(d))).json
        assert quiet["lastSwapDate"] == "01-01-1900 00:00"

    run(main, base="documented")


def test_a_number_has_one_sim_card():
    found = []

    async def main(d):
        await d.simulator.clock.sleep(len(found) * 1_000)
        answers = [(await ask(d, IMSI, f"2547220000{tail:02d}")).json for tail in range(20)]
        found.append([(one["imsi"], one["msisdnRegistrationDate"]) for one in answers])

    run(main)
    run(main)
    run(main, seed=2)
    assert found[0] == found[1] != found[2]
    assert len({imsi for imsi, _ in found[0]}) == 20


@pytest.mark.parametrize("path", [IMSI, SWAP])
@pytest.mark.parametrize("value", [..., "", "0722000000", 25472200000, None, [], True])
def test_a_wrong_number(path, value):
    async def main(d):
        answer = await ask(d, path, value)
        assert (answer.status, answer.json["errorCode"]) == (400, "400.002.05")
        assert "customerNumber" in answer.hint

    run(main)


@pytest.mark.parametrize("path", [IMSI, SWAP])
def test_other_answers(path):
    async def main(d):
        jsonschema.validate((await ask(d, path)).json, operations()[path].answer_schema)
        bare = await d.request("POST", path, body={}, headers={"content-type": "application/json"})
        assert (bare.status, bare.json["errorCode"]) == (401, "401")
        magic = await ask(d, path, "ERR-quota")
        assert magic.json["errorCode"] == "500.003.03"
        assert not d.namespace.world.customers

    run(main)


def test_a_code_of_its_own_in_its_own_envelope():
    async def main(d):
        answer = await ask(d, IMSI, "ERR-imsi-ok")
        assert list(answer.json) == ["requestRefID", "responseCode", "responseDesc"]
        assert answer.json["responseCode"] == "200"

    run(main)
