"""Which addresses callbacks may go to, whatever their names say."""

import asyncio
import ipaddress
import socket

import pytest
from hypothesis import given
from hypothesis import strategies as st

from darajasim.core.courier import Letter
from darajasim.delivery import targets
from darajasim.delivery.courier import HttpCourier
from darajasim.delivery.targets import AllowList, Resolver, TargetRefusedError
from support.recorder import recorder

ANY = "0.0.0.0"  # noqa: S104  # an address to refuse


def resolved(url, *allow, loop=None):
    async def main():
        return await Resolver(AllowList(allow)).target(url)

    return asyncio.run(main())


@pytest.fixture
def names(monkeypatch):
    """Names and their addresses; a list of lists is one answer after the other."""
    known = {}
    asked = []

    def getaddrinfo(host, port, family=0, type=0, proto=0, flags=0):  # noqa: A002, PLR0917
        asked.append(host)
        if host not in known:
            raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")
        found = known[host]
        addresses = found.pop(0) if isinstance(found[0], list) else found
        return [
            (socket.AF_INET6 if ":" in a else socket.AF_INET, 1, 6, "", (a, port or 0))
            for a in addresses
        ]

    monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)
    known["asked"] = asked
    return known


# ------------------------------------------------------------------------------------ addresses


@pytest.mark.parametrize(
    ("host", "addresses"),
    [
        ("127.0.0.1", ("127.0.0.1",)),
        ("127.255.255.254", ("127.255.255.254",)),
        ("[::1]", ("::1",)),
        ("[0:0:0:0:0:0:0:1]", ("::1",)),
        ("[::ffff:127.0.0.1]", ("::ffff:7f00:1",)),
        # Other ways to write 127.0.0.1; it is the address that is judged and called.
        ("2130706433", ("127.0.0.1",)),
        ("0x7f000001", ("127.0.0.1",)),
        ("0177.0.0.1", ("127.0.0.1",)),
        ("127.1", ("127.0.0.1",)),
    ],
)
def test_loopback_is_called(host, addresses):
    assert resolved(f"http://{host}:8000/cb").addresses == addresses


@pytest.mark.parametrize(
    "host",
    [
        "10.0.0.1", "192.168.1.1", "172.16.0.1", "100.64.0.1", "8.8.8.8", "169.254.169.254",
        ANY, "255.255.255.255", "224.0.0.1", "126.255.255.255", "128.0.0.1", "[::]",
        "[fe80::1]", "[fd00::1]", "[2001:db8::1]", "[::ffff:10.0.0.1]", "[::ffff:169.254.169.254]",
        "[::ffff:0.0.0.0]", "[64:ff9b::7f00:1]", "[::127.0.0.1]", "[ff02::1]", "[2002:7f00:1::]",
        "167772161", "0x0a000001", "012.0.0.1", "2852039166", "0xa9fea9fe", "0251.0376.0251.0376",
        "0", "0x0",
    ],
)  # fmt: skip
def test_everything_else_is_refused_with_what_to_do(host):
    with pytest.raises(TargetRefusedError) as refused:
        resolved(f"http://{host}:8000/cb")
    assert str(refused.value).endswith(
        f"only loopback is called unless --allow-callback-host {host.strip('[]')} says so"
    )


@pytest.mark.parametrize(
    ("allowed", "host"),
    [
        ("10.0.0.1", "10.0.0.1"),
        ("10.0.0.0/8", "10.255.0.1"),
        ("10.0.0.7/8", "10.255.0.1"),
        ("10.0.0.0/8", "[::ffff:10.1.2.3]"),
        ("10.0.0.0/8", "167772161"),
        ("fd00::/8", "[fd12::1]"),
        ("[fd00::1]", "[fd00::1]"),
        ("169.254.169.254", "169.254.169.254"),
        ("169.254.169.254", "0xa9fea9fe"),
        ("0.0.0.0/0", "8.8.8.8"),
        ("8.8.8.8", "8.8.8.8"),
    ],
)
def test_what_is_allowed_by_address(allowed, host):
    assert resolved(f"https://{host}/cb", allowed).port == 443


@pytest.mark.parametrize(
    ("allowed", "host"),
    [
        ("10.0.0.1", "10.0.0.2"),
        ("10.0.0.0/8", "11.0.0.1"),
        ("10.0.0.0/8", "[fd00::1]"),
        ("fd00::/8", "[fe80::1]"),
        ("shop.test", "10.0.0.1"),
        ("8.8.8.8", "[::ffff:8.8.4.4]"),
    ],
)
def test_what_is_not_allowed_by_address(allowed, host):
    with pytest.raises(TargetRefusedError):
        resolved(f"http://{host}/cb", allowed)


@given(st.ip_addresses())
def test_only_loopback_is_allowed_by_default(address):
    mapped = getattr(address, "ipv4_mapped", None)
    assert AllowList().allows(str(address), address) == (mapped or address).is_loopback


@given(st.ip_addresses(v=4))
def test_an_ipv4_address_in_ipv6_clothes_is_the_same(address):
    allowed = AllowList(["10.0.0.0/8", "192.0.2.1"])
    mapped = ipaddress.IPv6Address(f"::ffff:{address}")
    assert allowed.allows("x", mapped) == allowed.allows("x", address)


@pytest.mark.parametrize(
    "entry",
    [
        "",
        " ",
        "http://shop.test",
        "shop.test/cb",
        "shop.test:80",
        "10.0.0.0/33",
        "a b",
        "a\n",
        "/8",
    ],
)
def test_an_entry_that_is_no_host_is_refused(entry):
    with pytest.raises(ValueError, match="expected a host name, address or network, found "):
        AllowList([entry])


# ---------------------------------------------------------------------------------------- names


@pytest.mark.parametrize(
    ("host", "allowed"),
    [
        ("shop.test", "shop.test"),
        ("shop.test", "SHOP.test"),
        ("shop.test.", "shop.test"),
        ("shop.test", "shop.test."),
    ],
)
def test_a_name_that_is_allowed_may_be_anywhere_public(names, host, allowed):
    names[host] = ["203.0.113.7", "2001:db8::7"]
    assert resolved(f"http://{host}/", allowed).addresses == ("203.0.113.7", "2001:db8::7")


@pytest.mark.parametrize("address", ["169.254.169.254", "fe80::1", "::ffff:169.254.169.254"])
def test_a_name_that_is_allowed_may_not_be_link_local(names, address):
    names["shop.test"] = [address]
    with pytest.raises(TargetRefusedError):
        resolved("http://shop.test/", "shop.test")


@pytest.mark.parametrize("address", ["10.0.0.1", "203.0.113.7", ANY, "169.254.169.254", "::"])
@pytest.mark.parametrize(
    "host", ["localhost", "shop.test", "evil-shop.test", "shop.test.evil.test"]
)
def test_a_name_is_judged_by_its_address(names, host, address):
    names[host] = [address]
    with pytest.raises(TargetRefusedError, match=f"{host} is {address}: only loopback"):
        resolved(f"http://{host}/", "other.test")


def test_a_name_of_loopback_is_called(names):
    names["shop.test"] = ["127.0.0.1"]
    target = resolved("http://shop.test:8000/")
    assert (target.addresses, target.authority) == (("127.0.0.1",), "shop.test:8000")


def test_of_several_addresses_only_the_allowed_ones_are_called(names):
    names["shop.test"] = ["203.0.113.7", "127.0.0.1", "10.0.0.1", "::1", "127.0.0.1"]
    assert resolved("http://shop.test/").addresses == ("127.0.0.1", "::1")


def test_a_name_that_does_not_resolve_is_named(names):
    with pytest.raises(TargetRefusedError, match=r"shop.test does not resolve: .*not known"):
        resolved("http://shop.test/")


@pytest.mark.parametrize("host", ["a..b", "x" * 64 + ".test", "-.test"])
def test_a_name_that_is_none_is_named(host):
    with pytest.raises(TargetRefusedError, match="does not resolve"):
        resolved(f"http://{host}/")


# ------------------------------------------------------------------------------------ rebinding


def test_the_connection_goes_to_the_address_that_was_judged(names, monkeypatch):
    """The second look-up of the name says something else; nobody makes it."""
    names["shop.test"] = [["127.0.0.1"], ["203.0.113.7"]]
    called = []

    async def main():
        loop = asyncio.get_running_loop()
        create = loop.create_connection

        def watched(factory, host, port, **options):
            called.append(host)
            return create(factory, host, port, **options)

        monkeypatch.setattr(loop, "create_connection", watched)
        async with recorder() as merchant:
            carrier = HttpCourier()
            url = f"http://shop.test:{merchant.port}/"
            receipts = [await carrier.send(Letter(url, {}, b"{}")) for _ in range(3)]
            carrier.close()
            assert [receipt.status for receipt in receipts] == [200] * 3
            assert merchant.received[0].headers["Host"] == f"shop.test:{merchant.port}"

    asyncio.run(main())
    assert set(called) == {"127.0.0.1"}
    assert names["asked"].count("shop.test") == 1


def test_a_name_that_moves_is_judged_anew(names, monkeypatch):
    names["shop.test"] = [["127.0.0.1"], ["203.0.113.7"]]
    monkeypatch.setattr(targets, "RESOLVED_SECONDS", 0.0)

    async def main():
        resolver = Resolver(AllowList())
        assert (await resolver.target("http://shop.test/")).addresses == ("127.0.0.1",)
        with pytest.raises(TargetRefusedError):
            await resolver.target("http://shop.test/")

    asyncio.run(main())


@pytest.mark.parametrize("known", [True, False])
def test_many_letters_share_one_look_up(names, known):
    if known:
        names["shop.test"] = ["127.0.0.1"]

    async def main():
        resolver = Resolver(AllowList())
        asking = (resolver.target(f"http://shop.test:{port}/") for port in range(1, 500))
        found = await asyncio.gather(*asking, return_exceptions=True)
        assert all(isinstance(end, TargetRefusedError) != known for end in found)

    asyncio.run(main())
    assert names["asked"].count("shop.test") == 1


def test_one_who_gives_up_does_not_spoil_the_look_up_of_the_others(names):
    names["shop.test"] = ["127.0.0.1"]

    async def main():
        resolver = Resolver(AllowList())
        first, second = (
            asyncio.ensure_future(resolver.target("http://shop.test/")) for _ in range(2)
        )
        await asyncio.sleep(0)
        first.cancel()
        assert (await second).addresses == ("127.0.0.1",)
        assert first.cancelled()

    asyncio.run(main())


def test_the_memory_of_look_ups_is_bounded(names):
    async def main():
        resolver = Resolver(AllowList())
        for number in range(targets.MAX_KNOWN + 10):
            await resolver.target(f"http://127.{number >> 8 & 255}.{number & 255}.1/")
        assert len(resolver._known) <= targets.MAX_KNOWN

    asyncio.run(main())


def test_nothing_leaves_for_a_refused_target(names):
    names["shop.test"] = ["203.0.113.7"]

    async def main():
        loop = asyncio.get_running_loop()
        loop.create_connection = None
        receipt = await HttpCourier().send(Letter("http://shop.test/", {}, b"{}"))
        assert receipt.status is None
        assert receipt.error.startswith("shop.test is 203.0.113.7: only loopback is called")

    asyncio.run(main())
