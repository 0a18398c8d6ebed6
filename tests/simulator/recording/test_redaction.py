"""Stand-ins: the same for the same, others for others, and nothing of what they stand for."""

import base64
import json

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from darajasim.core.customer import SANDBOX_MSISDN
from darajasim.core.organisation import SANDBOX_PASSKEY
from darajasim.recording import public
from darajasim.recording.redaction import Redactor

SECRET = st.text("bcdfghjkmnpqrtvwyzBCDFGHJKLMNPQRTVWYZ346789", min_size=8, max_size=20)
DOCUMENT = st.recursive(
    SECRET | st.integers(10_000_000, 10**15),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(SECRET, inner, max_size=3),
    max_leaves=8,
)


def atoms(node):
    if isinstance(node, dict):
        for key, value in node.items():
            yield key
            yield from atoms(value)
    elif isinstance(node, list):
        for item in node:
            yield from atoms(item)
    else:
        yield str(node)


def may_stay(atom):
    """What happens to be a stand-in itself, or one of Daraja's public numbers."""
    return atom.startswith("2547220001") or public.phone_stays(f"254{atom[-9:]}")


@given(DOCUMENT)
@example(700000000)
@example([700001032, 254700000001])
def test_nothing_of_an_unknown_document_survives(document):
    written = json.dumps(Redactor().document(document))
    assert not [atom for atom in atoms(document) if atom in written and not may_stay(atom)]


@given(st.lists(SECRET, unique=True, max_size=40))
def test_stand_ins_differ_as_their_originals_do(texts):
    redactor = Redactor()
    once = [redactor.value(text, "AccountReference") for text in texts]
    assert len(set(once)) == len(texts)
    assert once == [redactor.value(text, "Remarks") for text in texts]


@pytest.mark.parametrize("form", ["254799123456", "+254799123456", "0799123456", "799123456"])
def test_a_phone_number_keeps_its_form_and_its_stand_in(form):
    redactor = Redactor()
    assert redactor.phone("254799123456") == "254722000100"
    assert redactor.value(form, "PhoneNumber") == form.replace("799123456", "722000100")
    assert redactor.document({"MSISDN": int("254799123456")}) == {"MSISDN": 254722000100}


def test_a_masked_number_is_masked_again():
    assert Redactor().value("2547*****456", "MSISDN") == "2547*****100"


def test_a_password_is_made_again_of_stand_ins():
    redactor = Redactor()
    secret = base64.b64encode(b"701234" + b"k" * 64 + b"20260302090000").decode()
    password, passkey = redactor.password(secret)
    assert base64.b64decode(password).decode() == f"600100{passkey}20260302090000"
    assert redactor.value("701234", "BusinessShortCode") == "600100"


def test_what_is_public_stays():
    redactor = Redactor()
    public = f"174379{SANDBOX_PASSKEY}20260302090000"
    coded = base64.b64encode(public.encode()).decode()
    document = {
        "BusinessShortCode": "174379",
        "Password": coded,
        "Timestamp": "20260302090000",
        "PhoneNumber": SANDBOX_MSISDN,
        "Amount": 10,
        "ResultDesc": "Request cancelled by user",
    }
    assert redactor.document(document)["Password"] == coded
    assert {**redactor.document(document)} | {"ResultDesc": ""} == document | {"ResultDesc": ""}


def test_a_page_keeps_its_tags_and_loses_its_words():
    page = Redactor().body(b"<html><body><h1>Jane 0799123456</h1></body></html>")
    assert page == "<html><body><h1>xxxx xxxxxxxxxx</h1></body></html>"
