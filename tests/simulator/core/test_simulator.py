import asyncio

import pytest

from darajasim.core import simulator as module
from darajasim.core.courier import Letter, NoCourier
from darajasim.core.profile import Profile
from darajasim.core.simulator import Simulator, TooManyNamespacesError
from darajasim.core.world import App, WorldOverlay
from support.daraja import START, in_virtual_time


def lay(namespace, *keys):
    namespace.world.lay(WorldOverlay(apps=tuple(App(key, "s") for key in keys)))


def locate(simulator, *, named=None, token=None, key=None):
    return simulator.locate(named=named, token=token, consumer_key=key)


def issue(namespace, text):
    namespace.tokens.issue(text, "key", now=0.0, lifetime=60)


def test_a_namespace_is_made_once_with_what_the_simulator_was_given():
    async def main():
        profile = Profile.named("legacy")
        ours = Simulator(seed=7, profile=profile, start=START)
        blue = ours.namespace("blue")
        assert ours.namespace("blue") is blue
        assert (blue.name, blue.profile, blue.courier) == ("blue", profile, ours.courier)
        assert blue.clock.time() == START.timestamp()
        assert ours.default is ours.namespace("default")

    in_virtual_time(main())


def test_a_request_belongs_to_the_default_unless_it_says_otherwise():
    async def main():
        ours = Simulator()
        ours.namespace("blue")
        assert locate(ours) is ours.default
        assert locate(ours, token="unknown", key="unknown") is ours.default
        assert locate(ours, named="") is ours.default

    in_virtual_time(main())


def test_a_name_a_token_and_a_consumer_key_lead_home_in_this_order():
    async def main():
        ours = Simulator()
        blue, green = ours.namespace("blue"), ours.namespace("green")
        lay(blue, "blue-key")
        issue(green, "green-token")
        issue(ours.default, "token")
        assert locate(ours, key="blue-key") is blue
        assert locate(ours, token="green-token") is green
        assert locate(ours, token="token") is ours.default
        assert locate(ours, token="green-token", key="blue-key") is green
        assert locate(ours, named="blue", token="green-token") is blue
        assert locate(ours, named="new", token="green-token").name == "new"

    in_virtual_time(main())


def test_of_two_namespaces_with_one_key_the_first_has_it_until_it_ends():
    async def main():
        ours = Simulator()
        blue, green = ours.namespace("blue"), ours.namespace("green")
        lay(blue, "key")
        lay(green, "key", "key")
        assert locate(ours, key="key") is blue
        await ours.reset("blue")
        assert locate(ours, key="key") is green
        await ours.reset("green")
        assert locate(ours, key="key") is ours.default

    in_virtual_time(main())


def test_a_token_that_ended_or_was_revoked_leads_nowhere():
    async def main():
        ours = Simulator()
        issue(blue := ours.namespace("blue"), "token")
        blue.tokens.revoke("key")
        assert locate(ours, token="token") is ours.default

    in_virtual_time(main())


def test_finding_home_asks_no_namespace(monkeypatch):
    async def main():
        ours = Simulator()
        for number in range(50):
            issue(ours.namespace(f"n{number}"), f"t{number}")
        monkeypatch.setattr(
            "darajasim.core.tokens.TokenBook.__contains__", lambda *_: pytest.fail("asked")
        )
        assert locate(ours, token="t49").name == "n49"

    in_virtual_time(main())


def test_a_reset_ends_a_namespace_and_its_next_use_starts_afresh():
    async def main():
        ours = Simulator()
        blue = ours.namespace("blue")
        issue(blue, "token")
        lay(blue, "key")
        blue.world.customer("254722000000")
        happened = []
        blue.timeline.after(5, lambda: happened.append("no"))
        await ours.reset("blue")
        assert "blue" not in ours.namespaces
        assert locate(ours, token="token", key="key") is ours.default
        fresh = ours.namespace("blue")
        assert fresh is not blue
        assert fresh.world.customers == {}
        await asyncio.sleep(10)
        assert happened == []
        assert (ours._tokens._owners, ours._consumer_keys._owners) == ({}, {})

    in_virtual_time(main())


def test_the_default_namespace_is_there_again_even_while_the_old_one_ends():
    async def main():
        ours = Simulator()
        old = ours.default
        slow = asyncio.Event()

        async def deliver():
            try:
                await asyncio.sleep(100)
            except asyncio.CancelledError:
                await slow.wait()

        old.timeline.start(deliver())
        await asyncio.sleep(0)
        ending = asyncio.ensure_future(ours.reset("default"))
        await asyncio.sleep(1)
        assert not ending.done()
        assert ours.default is not old
        assert locate(ours) is ours.default is ours.namespaces["default"]
        slow.set()
        await ending

    in_virtual_time(main())


def test_resetting_what_was_never_used_changes_nothing():
    async def main():
        ours = Simulator()
        await ours.reset("blue")
        assert list(ours.namespaces) == ["default"]

    in_virtual_time(main())


def test_there_is_an_end_to_namespaces(monkeypatch):
    monkeypatch.setattr(module, "MAX_NAMESPACES", 3)

    async def main():
        ours = Simulator()
        ours.namespace("blue")
        ours.namespace("green")
        with pytest.raises(TooManyNamespacesError, match="at most 3 namespaces"):
            locate(ours, named="red")
        assert locate(ours, named="blue").name == "blue"
        await ours.reset("blue")
        assert locate(ours, named="red").name == "red"

    in_virtual_time(main())


def test_settled_waits_for_all_and_for_what_they_start_in_each_other():
    async def main():
        ours = Simulator()
        blue, green = ours.namespace("blue"), ours.namespace("green")
        blue.timeline.after(5, lambda: green.timeline.after(5, lambda: None))
        green.timeline.after(1, lambda: blue.timeline.after(20, lambda: None))
        await ours.settled()
        assert ours.clock.elapsed() == 21
        assert blue.timeline.due == green.timeline.due == 0

    in_virtual_time(main())


def test_closing_ends_everything():
    async def main():
        ours = Simulator()
        happened = []
        for name in ("default", "blue"):
            ours.namespace(name).timeline.after(1, lambda: happened.append("no"))
        await ours.close()
        await asyncio.sleep(10)
        assert happened == []

    in_virtual_time(main())


def test_without_a_courier_nothing_is_called():
    async def main():
        receipt = await NoCourier().send(Letter("http://merchant/cb", {}, b""))
        assert receipt.status is None
        assert receipt.error == "no courier: http://merchant/cb was not called"

    in_virtual_time(main())
