import pytest

from darajasim.core.organisation import OrganisationSpec
from darajasim.core.world import App, WorldOverlay
from support.c2b import register, shop, simulate
from support.daraja import in_virtual_time

WORD = "Bad Request - Invalid {} - URL has the word MPESA"


def run(main, **knobs):
    async def whole():
        async with shop(**knobs) as (d, made):
            await main(d, made)

    in_virtual_time(whole())


@pytest.mark.parametrize(("version", "description"), [(1, "success"), (2, "Success")])
def test_bytes_of_an_acceptance(version, description):
    async def main(d, _made):
        answer = await register(d, version)
        assert answer.status == 200
        request_id = answer.json["OriginatorCoversationID"]
        assert answer.raw.decode() == (
            f'{{"OriginatorCoversationID":"{request_id}","ResponseCode":"0",'
            f'"ResponseDescription":"{description}"}}'
        )

    run(main)


def test_a_response_code_can_be_missing():
    async def main(d, _made):
        answer = await register(d)
        assert list(answer.json) == ["OriginatorCoversationID", "ResponseDescription"]

    run(main, c2b_response_code=False)


def test_the_answers_of_2018():
    async def main(d, _made):
        answer = await register(d, 1)
        assert list(answer.json) == [
            "ConversationID", "OriginatorCoversationID", "ResponseDescription",
        ]  # fmt: skip
        assert answer.json["ConversationID"] == ""
        answer = await simulate(d, 1)
        assert answer.json["ConversationID"].startswith("AG_20261011_0000")
        assert "ResponseCode" not in answer.json

    run(main, base="legacy")


FIELDS = [
    ({"ShortCode": ...}, "ShortCode"),
    ({"ShortCode": "abc"}, "ShortCode"),
    ({"ShortCode": True}, "ShortCode"),
    ({"ResponseType": "completed"}, "ResponseType"),
    ({"ResponseType": "Canceled"}, "ResponseType"),
    ({"ResponseType": ...}, "ResponseType"),
    ({"ValidationURL": ...}, "ValidationURL"),
    ({"ValidationURL": "shop/v"}, "ValidationURL"),
    ({"ValidationURL": []}, "ValidationURL"),
    ({"ConfirmationURL": "ftp://shop/c"}, "ConfirmationURL"),
    ({"ConfirmationURL": None}, "ConfirmationURL"),
    ({"ConfirmationURL": "", "ValidationURL": ""}, "ValidationURL"),
    ({"ShortCode": "", "ResponseType": ""}, "ShortCode"),
]


@pytest.mark.parametrize(("changes", "name"), FIELDS)
def test_the_first_wrong_field_is_named(changes, name):
    async def main(d, _made):
        answer = await register(d, **changes)
        assert answer.status == 400
        assert list(answer.json) == ["requestId", "errorCode", "errorMessage"]
        assert answer.json["errorCode"] == "400.003.02"
        assert answer.json["errorMessage"] == f"Bad Request - Invalid {name}"
        assert answer.hint.startswith(f"{name}: ")

    run(main)


def test_the_documents_name_no_field():
    async def main(d, _made):
        answer = await register(d, ShortCode="x")
        assert answer.json["errorMessage"] == "Bad Request"

    run(main, base="documented")


@pytest.mark.parametrize("word", ["mpesa", "MPESA", "mPesa"])
@pytest.mark.parametrize(
    ("name", "both"),
    [("ValidationURL", False), ("ConfirmationURL", False), ("ValidationURL", True)],
)
def test_no_url_may_have_the_word_mpesa_and_the_validation_is_looked_at_first(word, name, both):
    async def main(d, _made):
        bad = f"http://shop/{word}/x"
        changes = {"ValidationURL": bad, "ConfirmationURL": bad} if both else {name: bad}
        answer = await register(d, **changes)
        assert answer.status == 400
        assert answer.json["errorMessage"] == WORD.format(name)
        assert repr(word) in answer.hint

    run(main)


@pytest.mark.parametrize(
    "url",
    [
        "http://safaricom.example/c", "http://shop/exec", "http://shop/run.EXE", "http://shop/cmd",
        "http://shop/sqlite", "http://shop/c?Query=1", "http://shop/m-pesa", "http://m.pesa.example",
    ],
)  # fmt: skip
def test_other_forbidden_words_make_an_invalid_url(url):
    async def main(d, _made):
        answer = await register(d, ConfirmationURL=url)
        assert answer.status == 400
        assert answer.json["errorMessage"] == "Bad Request - Invalid ConfirmationURL"
        assert "the URL has the word" in answer.hint

    run(main)


def test_a_bad_token_is_repeated_in_the_answer():
    async def main(d, _made):
        answer = await register_with(d, "Bearer s3cr3t")
        assert answer.status == 401
        assert answer.json["errorCode"] == "401.003.01"
        assert answer.json["errorMessage"] == "Error Occurred - Invalid Access Token - s3cr3t"
        answer = await register_with(d, "")
        assert answer.json["errorMessage"] == "Error Occurred - Invalid Access Token - "

    run(main)


def test_a_bad_token_in_the_documents():
    async def main(d, _made):
        answer = await register_with(d, "Bearer s3cr3t")
        assert answer.status == 400
        assert answer.json["errorCode"] == "400.003.01"
        assert answer.json["errorMessage"] == "Invalid Access Token"

    run(main, base="documented")


async def register_with(d, authorization):
    headers = {"authorization": authorization, "content-type": "application/json"}
    return await d.request("POST", "/mpesa/c2b/v2/registerurl", body={}, headers=headers)


@pytest.mark.parametrize(
    "app",
    [
        App("key", "secret", products=frozenset({"stk_push"})),
        App("key", "secret", shortcodes=frozenset({"600000"})),
    ],
)
@pytest.mark.parametrize("call", [register, simulate])
def test_an_app_without_the_product_or_the_shortcode(app, call):
    async def main(d, _made):
        d.namespace.world.lay(WorldOverlay(apps=(app,)))
        answer = await call(d)
        assert answer.status == 401
        assert answer.json["errorCode"] == "401.003.01"
        assert answer.json["errorMessage"] == (
            "Error Occurred - Invalid Access Token - Invalid API call as no apiproduct match found"
        )

    run(main)


@pytest.mark.parametrize("call", [register, simulate])
@pytest.mark.parametrize("shortcode", ["174379", "999999", "600111", "600112"])
def test_a_shortcode_that_is_not_enabled_for_c2b(call, shortcode):
    async def main(d, _made):
        d.namespace.world.lay(
            WorldOverlay(
                organisations=(
                    OrganisationSpec("600111", active=False),
                    OrganisationSpec("600112", products=frozenset({"b2c_payment"})),
                )
            )
        )
        answer = await call(d, ShortCode=shortcode)
        assert answer.status == 500
        assert answer.json["errorCode"] == "500.003.1001"
        assert answer.json["errorMessage"] == (
            "Service is currently unreachable. Please try again later."
        )
        assert shortcode in answer.hint

    run(main)


def test_a_world_can_enable_the_shortcode_of_pushes():
    async def main(d, _made):
        products = frozenset({"c2b_register", "stk_push"})
        overlay = WorldOverlay(organisations=(OrganisationSpec("174379", products=products),))
        d.namespace.world.lay(overlay)
        assert (await register(d, ShortCode=174379)).status == 200

    run(main)


AGAIN = [
    ("overwrite", 200, None),
    ("production-once", 500, "Urls are already registered."),
    ("duplicate", 500, "Duplicate notification info, SP ID is 107078, correlator is 600984"),
]


@pytest.mark.parametrize(("knob", "status", "text"), AGAIN)
def test_registering_again(knob, status, text):
    async def main(d, made):
        assert (await register(d)).status == 200
        answer = await register(d, 1, ConfirmationURL="http://shop/other")
        assert answer.status == status
        assert answer.json.get("errorMessage") == text
        await simulate(d)
        await d.simulator.settled()
        told = [kind for kind, _raw in made.received]
        assert told == ["validation", "other" if text is None else "confirmation"]
        assert (await register(d, ShortCode="600000")).status == 200

    run(main, c2b_reregister=knob)


@pytest.mark.parametrize("call", [register, simulate])
def test_hiccups(call):
    async def main(d, made):
        answer = await call(d)
        assert answer.status == 500
        assert answer.json["errorCode"] == "500.003.1001"
        await d.simulator.settled()
        assert not made.received

    run(main, c2b_hiccup_rate=1)


def test_another_method_is_refused_as_documented():
    async def main(d, _made):
        answer = await d.request("GET", "/mpesa/c2b/v2/registerurl")
        assert answer.status == 404
        assert answer.json["errorCode"] == "404.001.04"

    run(main)


def test_magic_asks_for_a_refusal():
    async def main(d, _made):
        answer = await register(d, ResponseType="ERR-c2b-urls-registered")
        assert answer.json["errorMessage"] == "Urls are already registered."

    run(main)
