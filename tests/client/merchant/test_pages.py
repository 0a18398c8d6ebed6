import re

import pytest

from mpesa_pochi.codes import catalogue
from mpesa_pochi.customer_messages import MessageState, customer_message
from mpesa_pochi.merchant.static_files import TYPES, packaged

PAGES = ["pay", "admin"]
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
FILES = [name for name in packaged().files if not name.endswith(".html")]


def got(go, path, *, prefix="/api/pochi", headers=None, **options):
    async def scenario(shop):
        return await shop.http.get(f"{prefix}/{path}", headers=headers or {})

    return go(scenario, **options)


@pytest.mark.parametrize("page", PAGES)
def test_a_page_is_guarded_and_asked_about_each_time(go, page):
    answer = got(go, page)
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert answer.headers["content-security-policy"] == POLICY
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["referrer-policy"] == "no-referrer"
    assert answer.headers["cache-control"] == "no-cache"
    assert "{{" not in answer.text


@pytest.mark.parametrize("page", PAGES)
def test_a_page_has_no_script_and_no_style_of_its_own(go, page):
    text = got(go, page).text
    assert re.findall(r"<script(?![^>]*\ssrc=)", text) == []
    assert re.findall(r"<style|\sstyle=|\son\w+=|javascript:", text) == []


@pytest.mark.parametrize("page", PAGES)
def test_everything_that_a_page_loads_is_there_and_kept_for_a_year(go, page):
    async def scenario(shop):
        text = (await shop.get(page)).text
        wanted = re.findall(r'(?:src|href)="([^"]+)"', text)
        return wanted, [await shop.get(path) for path in wanted]

    wanted, answers = go(scenario)
    assert len(wanted) >= 4
    for answer in answers:
        assert answer.status_code == 200
        assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"


@pytest.mark.parametrize("name", FILES)
def test_modules_import_only_what_is_beside_them(name):
    text = packaged().files[name].content.decode()
    for imported in re.findall(r'^import .* from "([^"]+)";$', text, re.MULTILINE):
        assert imported.removeprefix("./") in FILES


@pytest.mark.parametrize("name", FILES)
def test_a_file_without_its_version_is_asked_about_each_time(go, name):
    for path in (f"static/{name}", f"static/an-old-version/{name}"):
        answer = got(go, path)
        assert answer.status_code == 200
        assert answer.content == packaged().files[name].content
        assert answer.headers["cache-control"] == "no-cache"
        assert answer.headers["content-type"] in TYPES.values()


def test_what_a_browser_has_is_not_sent_again(go):
    async def scenario(shop):
        first = await shop.get("static/pochi.css")
        tag = first.headers["etag"]
        return [
            await shop.http.get("/api/pochi/static/pochi.css", headers={"if-none-match": held})
            for held in (tag, f'"other", W/{tag}', "*", '"other"')
        ]

    *same, other = go(scenario)
    assert [(answer.status_code, answer.content) for answer in same] == [(304, b"")] * 3
    assert all(answer.headers["etag"] for answer in same)
    assert other.status_code == 200


@pytest.mark.parametrize(
    "path",
    ["checkout.html", "nothing.js", "", "..%2Fapp.py", "../app.py", "x/../../app.py", "%00"],
)
def test_no_other_file_can_be_had(go, path):
    answer = got(go, f"static/{path}")
    assert answer.status_code == 404
    assert "there is nothing" in answer.json()["error"]


@pytest.mark.parametrize("page", PAGES)
def test_a_name_is_text_and_nothing_else(go, page):
    name = '<script>alert("{{static}}")</script> & Sons'
    answer = got(go, page, settings={"name": name})
    assert "<script>alert" not in answer.text
    assert "&lt;script&gt;alert(&quot;{{static}}&quot;)&lt;/script&gt; &amp; Sons" in answer.text


def test_pages_stand_under_any_prefix(go):
    answer = got(go, "pay", prefix="/lipa", settings=None)
    assert answer.status_code == 404

    async def scenario(shop):
        text = (await shop.http.get("/lipa/pay")).text
        style = re.search(r'href="(static/[^"]+/pochi.css)"', text)[1]
        return await shop.http.get(f"/lipa/{style}")

    # Addresses in the page are relative, so that a mount point in front changes nothing.
    assert go(scenario, prefix="/lipa").status_code == 200


def test_the_files_are_read_once():
    assert packaged() is packaged()
    assert re.fullmatch(r"[0-9a-f]{12}", packaged().version)


@pytest.mark.parametrize("language", ["en", "sw"])
def test_every_sentence_can_be_fetched(go, language):
    body = got(go, f"messages?lang={language}").json()
    assert body["language"] == language
    assert set(body["rows"]) == {row.key for row in catalogue().rows}
    assert set(body["states"]) == set(MessageState)
    for row in catalogue().rows:
        if row.surface in {"stk", "result", "c2b"}:
            assert body["codes"][row.surface][row.code] == customer_message(row, language)


# ------------------------------------------------------------------------------------- colours


def schemes():
    style = packaged().files["pochi.css"].content.decode()
    light, dark = re.findall(r":root \{(.*?)\}", style, re.DOTALL)
    colours = [dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6})", text)) for text in (light, dark)]
    return {"light": colours[0], "dark": colours[0] | colours[1]}


def luminance(colour):
    channels = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return sum(share * c for share, c in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


def contrast(one, other):
    darker, lighter = sorted((luminance(one), luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def test_contrast_is_measured_as_the_guidelines_do():
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize(
    ("text", "ground"),
    [
        *(
            (text, ground)
            for text in ("ink", "quiet")
            for ground in ("ground", "surface", "sunken")
        ),
        *((tone, ground) for tone in ("good", "bad", "doubt", "wait") for ground in ("surface",)),
        *((tone, f"{tone}-ground") for tone in ("good", "bad", "doubt", "wait")),
        ("on-accent", "accent"),
        ("on-accent", "accent-strong"),
        ("accent", "surface"),
        ("accent", "sunken"),
    ],
)
def test_text_can_be_read_in_both_schemes(scheme, text, ground):
    colours = schemes()[scheme]
    assert contrast(colours[text], colours[ground]) >= 4.5


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_edge_of_a_field_can_be_seen(scheme):
    colours = schemes()[scheme]
    assert contrast(colours["field-line"], colours["surface"]) >= 3
