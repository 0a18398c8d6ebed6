import asyncio

import pytest
from hypothesis import given
from hypothesis import strategies as st

from darajasim.core.events import RuleMatched
from darajasim.core.gateway import WAF_BLOCK_SECONDS, Firewall
from darajasim.core.rules import Rule
from darajasim.core.simulator import Simulator
from support.daraja import in_virtual_time


@given(st.lists(st.floats(1, 1e6), max_size=50).map(sorted))
def test_a_firewall_without_a_burst_blocks_nothing(moments):
    wall = Firewall()
    assert not any(wall.blocks(moment, 0) for moment in moments)


def test_a_burst_shuts_the_door_for_a_minute():
    wall = Firewall()
    assert [wall.blocks(100.0 + number / 10, 3) for number in range(5)] == [
        *[False] * 3,
        *[True] * 2,
    ]
    assert wall.blocks(100.3 + WAF_BLOCK_SECONDS - 0.01, 3)
    assert not wall.blocks(100.3 + WAF_BLOCK_SECONDS, 3)


def test_every_second_is_counted_afresh():
    wall = Firewall()
    assert not any(wall.blocks(second + part, 2) for second in range(100, 200) for part in (0, 0.5))


def test_knocking_at_a_shut_door_does_not_keep_it_shut():
    wall = Firewall()
    blocked = [wall.blocks(100.0 + number * 0.1, 1) for number in range(700)]
    first = blocked.index(True)
    assert not blocked[first + 600]


def spaces(simulator):
    return simulator.namespace("blue"), simulator.namespace("green")


def test_namespaces_share_nothing_but_the_way_out():
    async def main():
        blue, green = spaces(Simulator())
        assert blue.courier is green.courier
        for own in ("clock", "chance", "ids", "journal", "ledger", "world", "rules", "timeline",
                    "tokens", "gateway", "pushes", "commands", "transactions"):  # fmt: skip
            assert getattr(blue, own) is not getattr(green, own)

    in_virtual_time(main())


def test_what_happens_in_one_is_not_seen_in_another():
    async def main():
        blue, green = spaces(Simulator())
        blue.journal.append(RuleMatched(1.0, "stk_push", "a.yaml:1"))
        blue.ledger.transfer(
            blue.world.customer("254722000000").account,
            blue.world.organisations["174379"].account,
            100,
            reference="R",
            at=1.0,
        )
        blue.rules.rules.append(Rule("any"))
        blue.tokens.issue("abc", "key", now=1.0, lifetime=9)
        blue.timeline.after(5, lambda: None)
        assert len(green.journal) == 0
        assert green.ledger.balance("organisation:174379/utility") == 0
        assert green.world.customers == {}
        assert green.rules.rules == []
        assert "abc" not in green.tokens
        assert green.timeline.due == 0
        await blue.close()

    in_virtual_time(main())


def test_every_namespace_draws_from_a_stream_of_its_own():
    async def main():
        blue, green = spaces(Simulator(seed=1))
        other, _ = spaces(Simulator(seed=1))
        drawn = blue.ids.token()
        assert drawn != green.ids.token()
        assert drawn == other.ids.token()
        assert blue.world.customer("254722000000").name == other.world.customer("254722000000").name

    in_virtual_time(main())


@pytest.mark.parametrize("seconds", [0, 5])
def test_closing_ends_what_is_due(seconds):
    async def main():
        blue, _ = spaces(Simulator())
        happened = []
        blue.timeline.after(10, lambda: happened.append("no"))
        await asyncio.sleep(seconds)
        await blue.close()
        await asyncio.sleep(100)
        assert happened == []

    in_virtual_time(main())
