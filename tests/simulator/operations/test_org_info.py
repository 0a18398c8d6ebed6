import pytest

from darajasim.core.organisation import OrganisationKind, OrganisationSpec
from darajasim.core.world import WorldOverlay
from support.commands import example
from support.daraja import daraja, in_virtual_time

PATH = "/sfcverify/v1/query/info"


def asked(changes, *, world=None, **knobs):
    """The answer to the example with changes."""

    async def main():
        async with daraja(**knobs) as d:
            if world is not None:
                d.namespace.world.lay(world)
            return await d.post(PATH, example(PATH, **changes))

    return in_virtual_time(main())


def test_bytes_of_an_answer():
    answer = asked({})
    assert answer.status == 200
    assert answer.raw.decode() == (
        f'{{"ConversationID":"{answer.json["ConversationID"]}","ResponseCode":"4000",'
        '"ResponseMessage":"Success",'
        '"DetailedMessage":"The service request is processed successfully.",'
        '"OrganizationShortCode":"174379","OrganizationName":"Daraja-Sandbox",'
        '"ChargeProfileID":"1001"}'
    )
    assert answer.json["ConversationID"].startswith("AG_20261011_")


@pytest.mark.parametrize(
    ("kind", "shortcode", "name"),
    [
        ("4", "600992", "Safaricom Daraja 992"),
        (4, 600000, "saf test org"),
        ("2", "600100", "Sandbox Till"),
        (2, "888002", "MAMA MBOGA"),
    ],
)
def test_paybills_and_tills_have_names(kind, shortcode, name):
    till = OrganisationSpec("888002", "MAMA MBOGA", OrganisationKind.TILL)
    changes = {"IdentifierType": kind, "Identifier": shortcode}
    answer = asked(changes, world=WorldOverlay(organisations=(till,)))
    assert answer.json["OrganizationName"] == name
    assert answer.json["OrganizationShortCode"] == str(shortcode)


@pytest.mark.parametrize(
    ("changes", "status", "code"),
    [
        ({"Identifier": "999999"}, 404, "404.001.01"),
        ({"IdentifierType": "2"}, 404, "404.001.01"),
        ({"Identifier": "600100"}, 404, "404.001.01"),
        ({"IdentifierType": "1"}, 400, "400.002.02"),
        ({"IdentifierType": ["4"]}, 400, "400.002.02"),
        ({"IdentifierType": ...}, 400, "400.002.02"),
        ({"Identifier": "12"}, 400, "400.002.05"),
        ({"Identifier": {}}, 400, "400.002.05"),
        ({"Identifier": ...}, 400, "400.002.05"),
    ],
)
def test_what_is_wrong_is_refused(changes, status, code):
    answer = asked(changes)
    assert (answer.status, answer.json["errorCode"]) == (status, code)
    assert answer.hint
