"""Who sent a request: nobody chooses an address for himself by what he writes into headers."""

from ipaddress import ip_address, ip_network

import httpx
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from starlette.datastructures import Headers

from mpesa_pochi.merchant.forwarded import address_of, forwarded
from mpesa_pochi.merchant.sources import Proxies

on_sqlite = pytest.mark.parametrize("shops", ["sqlite"], indirect=True)
PROXIES = Proxies.configured(["10.0.0.0/8", "2001:db8:ffff::/48", "127.0.0.1"])
PROXY = "10.0.0.7"
REAL = "198.51.100.4"


def headers(*pairs):
    raw = [(name.lower().encode(), value.encode("latin-1")) for name, value in pairs]
    return Headers(raw=raw)


def sender(*pairs, peer=PROXY, proxies=PROXIES):
    return proxies.sender(peer, headers(*pairs))


FOR, FORWARDED, PROTO = "X-Forwarded-For", "Forwarded", "X-Forwarded-Proto"


@pytest.mark.parametrize(
    ("pairs", "found"),
    [
        ([], PROXY),
        ([(FOR, REAL)], REAL),
        ([(FOR, f"192.0.2.1, {REAL}")], REAL),
        ([(FOR, "192.0.2.1"), (FOR, REAL)], REAL),
        ([(FOR, f"192.0.2.1, {REAL}, 10.1.1.1, 127.0.0.1")], REAL),
        ([(FOR, f"rubbish, {REAL}")], REAL),
        ([(FOR, "10.1.1.1, 10.2.2.2")], "10.1.1.1"),
        ([(FOR, f"{REAL}:4711")], REAL),
        ([(FOR, "[2001:db8::1]:4711")], "2001:db8::1"),
        ([(FOR, "2001:db8::1")], "2001:db8::1"),
        ([(FOR, f"::ffff:{REAL}")], REAL),
        ([(FOR, f"{REAL}, 2001:db8:ffff::9")], REAL),
        # Nothing that can be read where the proxy writes: the peer.
        ([(FOR, f"{REAL}, rubbish")], PROXY),
        ([(FOR, f"{REAL},")], PROXY),
        ([(FOR, "")], PROXY),
        ([(FOR, "192.0.2.1.5")], PROXY),
        ([(FORWARDED, f"for={REAL}")], REAL),
        ([(FORWARDED, f"for=192.0.2.1, For={REAL};proto=https;by=10.0.0.7")], REAL),
        ([(FORWARDED, f'for="{REAL}:4711"')], REAL),
        ([(FORWARDED, 'for="[2001:db8::1]:4711";host="a\\"b,c"')], "2001:db8::1"),
        ([(FORWARDED, "for=192.0.2.1"), (FORWARDED, f"for={REAL}")], REAL),
        ([(FORWARDED, f"for={REAL}, for=unknown")], PROXY),
        ([(FORWARDED, f"for={REAL}, for=_hidden")], PROXY),
        ([(FORWARDED, f"for={REAL}, proto=https")], PROXY),
        ([(FORWARDED, f"for={REAL};for=192.0.2.1")], PROXY),
        ([(FORWARDED, f'for="{REAL}')], PROXY),
        ([(FORWARDED, f"for={REAL} proto=https")], PROXY),
        ([(FORWARDED, "")], PROXY),
        # Both headers: believed where they agree.
        ([(FORWARDED, f"for={REAL}"), (FOR, REAL)], REAL),
        ([(FORWARDED, "for=192.0.2.1"), (FOR, REAL)], PROXY),
        ([(FORWARDED, "rubbish"), (FOR, REAL)], PROXY),
    ],
)
def test_what_a_trusted_proxy_tells(pairs, found):
    assert sender(*pairs) == found


@pytest.mark.parametrize("peer", [f"::ffff:{PROXY}", "2001:db8:ffff::1"])
def test_a_proxy_may_come_by_either_protocol(peer):
    assert sender((FOR, REAL), peer=peer) == REAL


def test_a_peer_that_is_mapped_into_ipv6_is_shown_as_it_is():
    assert sender(peer="::ffff:192.0.2.9") == "192.0.2.9"


@pytest.mark.parametrize("peer", [None, "", "testclient", "/run/shop.sock"])
def test_a_peer_without_an_address_is_not_believed(peer):
    everyone = Proxies.configured(["0.0.0.0/0", "::/0"])
    assert sender((FOR, REAL), peer=peer, proxies=everyone) == peer
    assert everyone.scheme(peer, "http", headers((PROTO, "https"))) == "http"


@pytest.mark.parametrize(
    ("pairs", "scheme", "found"),
    [
        ([], "http", "http"),
        ([], "https", "https"),
        ([(PROTO, "https")], "http", "https"),
        ([(PROTO, "HTTPS")], "http", "https"),
        ([(PROTO, "http")], "https", "http"),
        ([(PROTO, "https, http")], "http", "http"),
        ([(PROTO, "https"), (PROTO, "http")], "http", "http"),
        ([(PROTO, "rubbish")], "https", "http"),
        ([(FORWARDED, f"for={REAL};proto=https")], "http", "https"),
        ([(FORWARDED, f"for=192.0.2.1;proto=https, for={REAL};proto=http")], "http", "http"),
        ([(FORWARDED, f"for={REAL};proto=https, for=10.1.1.1;proto=http")], "http", "https"),
        ([(FORWARDED, "rubbish")], "http", "http"),
        ([(FORWARDED, f"for={REAL};proto=https"), (PROTO, "http")], "http", "http"),
    ],
)
def test_the_scheme_that_a_trusted_proxy_tells(pairs, scheme, found):
    assert PROXIES.scheme(PROXY, scheme, headers(*pairs)) == found
    assert PROXIES.scheme(REAL, scheme, headers(*pairs)) == scheme


# --------------------------------------------------------------------------------------------- laws

addresses = st.ip_addresses().map(str)
texts = st.text(st.characters(max_codepoint=255, exclude_characters="\0\r\n"), max_size=60)
written = st.one_of(
    addresses,
    addresses.map(lambda text: f"for={text}"),
    addresses.map(lambda text: f'for="[{text}]:1";proto=https'),
    st.lists(addresses, min_size=1, max_size=4).map(", ".join),
    texts,
)
lies = st.lists(
    st.tuples(st.sampled_from([FOR, FORWARDED, PROTO, "X-Real-IP", "Client-IP"]), written),
    max_size=5,
)


@settings(max_examples=60)
@given(st.ip_addresses(), lies, st.sampled_from(["http", "https"]))
def test_nobody_chooses_an_address_unless_the_peer_is_trusted(peer, pairs, scheme):
    if PROXIES.trusts(address_of(str(peer))):
        return
    assert sender(*pairs, peer=str(peer)) == str(address_of(str(peer)))
    assert PROXIES.scheme(str(peer), scheme, headers(*pairs)) == scheme


@settings(max_examples=60)
@given(lies, st.ip_addresses())
@example([(FORWARDED, "for=192.0.2.1")], ip_address(REAL))
@example([(FOR, "192.0.2.1,")], ip_address(REAL))
@example([(FOR, 'for="')], ip_address(REAL))
def test_behind_a_proxy_that_appends_nobody_chooses_either(pairs, real):
    """He can at most be counted as the proxy, which keeps no door open."""
    real = str(address_of(str(real)))
    if PROXIES.trusts(address_of(real)):
        return
    assert sender(*pairs, (FOR, real)) in {real, PROXY}
    assert sender(*pairs, (FORWARDED, f'for="[{real}]"' if ":" in real else f"for={real}")) in {
        real,
        PROXY,
    }


@given(st.one_of(texts, written))
def test_no_header_breaks_the_reading(text):
    address_of(text)
    for hop in forwarded([text]) or []:
        assert hop.address is None or hop.address == ip_address(str(hop.address))


# ----------------------------------------------------------------------------------- whole requests


def browser(shop, peer):
    return httpx.AsyncClient(
        transport=httpx.ASGITransport(shop.app, client=(peer, 4711)), base_url="http://shop.test"
    )


@on_sqlite
@pytest.mark.parametrize(
    ("peer", "told", "status"),
    [
        ("196.201.214.200", None, 200),
        ("::ffff:196.201.214.200", None, 200),
        (PROXY, "196.201.214.200", 200),
        (PROXY, f"196.201.214.200, {REAL}", 403),
        (REAL, "196.201.214.200", 403),
        (PROXY, None, 403),
    ],
)
def test_a_callback_comes_from_its_real_sender(go, peer, told, status):
    async def scenario(shop):
        await shop.push()
        url = shop.daraja.pushes[0]["CallBackURL"]
        path = httpx.URL(url).path
        sent = {FOR: told} if told else {}
        async with browser(shop, peer) as http:
            answer = await http.post(path, content=shop.result(), headers=sent)
        assert answer.status_code == status
        (stored,) = await shop.payments.callbacks()
        return stored.source

    source = go(scenario, trusted_proxies=["10.0.0.0/8"], allowed_sources=["196.201.214.0/24"])
    assert (ip_address(source) in ip_network("196.201.214.0/24")) == (status == 200)


@pytest.mark.parametrize("entries", [["10.0.0.0/99"], ["proxy.example"], [""], "10.0.0.7"])
def test_a_proxy_that_is_none_is_refused(entries):
    with pytest.raises(ValueError, match="trusted proxies"):
        Proxies.configured(entries)
