import pytest
from hypothesis import given
from hypothesis import strategies as st

from mpesa_pochi.weburl import complaint, shown


@pytest.mark.parametrize(
    "url",
    [
        "https://shop.example/api/pochi/callback",
        "http://127.0.0.1:8000/callback?x=1",
        "http://localhost/callback",
        "https://[2001:db8::1]/callback",
    ],
)
def test_good_addresses(url):
    assert complaint(url) == ""


@pytest.mark.parametrize(
    ("url", "says"),
    [
        (None, "NoneType"),
        ("", "empty"),
        ("https://shop.example/a b", "spaces"),
        ("https://shop.example/\n", "printable"),
        ("https://dük.example/", "ASCII"),
        ("https://shop.example/" + "a" * 2048, "2048"),
        ("shop.example/callback", "no scheme"),
        ("ftp://shop.example/", "ftp"),
        ("https:///callback", "no host"),
        ("https://<your-host>/callback", "placeholder"),
        ("https://shop.example:99999/", "port"),
        ("https://[::1/", "cannot be read"),
        ("https://user:secret@shop.example/", "user name"),
        ("https://shop.example/#top", "fragment"),
    ],
)
def test_bad_addresses_and_why(url, says):
    assert says in complaint(url)


@pytest.mark.parametrize(
    ("url", "says"),
    [
        ("http://shop.example/callback", "https://"),
        ("https://localhost/callback", "public"),
        ("https://shop.localhost/callback", "public"),
        ("https://192.168.0.7/callback", "public"),
        ("https://127.0.0.1/callback", "public"),
    ],
)
def test_production_wants_https_and_a_public_host(url, says):
    assert complaint(url) == ""
    assert says in complaint(url, https_only=True)
    assert complaint("https://8.8.8.8/callback", https_only=True) == ""


def test_a_base_has_no_query():
    assert "query" in complaint("https://shop.example/?a=1", query_allowed=False)


@given(st.text())
def test_no_text_is_more_than_it_can_bear_and_none_is_quoted(text):
    found = complaint(f"https://user:pass@{text}/planted-url-token")
    assert isinstance(found, str)
    assert "planted-url-token" not in found


def test_what_a_log_may_say():
    assert shown("https://shop.example/cb/token") == "https://shop.example/…"
    assert shown("http://127.0.0.1:8700") == "http://127.0.0.1:8700"
