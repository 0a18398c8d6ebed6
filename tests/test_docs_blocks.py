"""Every command and code block of the documents is run, or says why it is not."""

from collections import Counter
from functools import cache
from pathlib import Path

import pytest

from support.documents.blocks import blocks
from support.documents.reader import Reader
from support.served import served

REPOSITORY = Path(__file__).parents[1]
DOCUMENTS = sorted(
    [*REPOSITORY.glob("*.md"), *REPOSITORY.glob("docs/*.md"), *REPOSITORY.glob("examples/**/*.md")]
)
found = cache(blocks)
"""The blocks of a document. Parsed when a test needs them, not by every worker that collects."""
REASONS = {
    "the gate runs it as it stands",
    "the tests of the recorder do it",
    "the tests of targets do it",
    "the tests of the module do it",
    "a drawing",
    "the shortened output of the command above",
}
"""Why a block may be left out."""
ENVIRONMENT = {
    "MPESA_NUMBER": "174379",
    "MPESA_PASSKEY": "bfb279f9aa9bdbcf158e97dd71a467cd2e0c893059b10f78e6b72ada1ed2c919",
    "MPESA_CONSUMER_KEY": "any",
    "MPESA_CONSUMER_SECRET": "any",
    "MPESA_POCHI_CALLBACK": "http://127.0.0.1:8000/api/pochi/callback",
    "MPESA_INITIATOR": "testapi",
    "MPESA_SECURITY_CREDENTIAL": "A" * 342 + "==",
    "MPESA_RESULT_URL": "http://127.0.0.1:8000/api/pochi/result",
    "MPESA_TIMEOUT_URL": "http://127.0.0.1:8000/api/pochi/timeout",
    "MPESA_PAYOUT_SHORTCODE": "600998",
}
"""A shop that nobody listens for: what is called back finds nothing there."""


@pytest.fixture(scope="module")
def simulator():
    """Starts one simulator for all documents of this process, when the first of them asks one."""
    started = []

    def start():
        if not started:
            server = served("--speed", "100")
            started.append((server, server.__enter__().base))  # left below
        return started[0][1]

    yield start
    for server, _ in started:
        server.__exit__(None, None, None)


def names(chosen):
    return [path.relative_to(REPOSITORY).as_posix() for path in chosen]


@pytest.mark.parametrize("document", DOCUMENTS, ids=names(DOCUMENTS))
def test_what_a_document_shows_is_so(document, simulator, tmp_path):
    with Reader(tmp_path, ENVIRONMENT, simulator) as reader:
        reader.prepare(document)
        for block in found(document):
            if not block.reason:
                reader.do(block)
        reader.finish()


def test_every_block_names_its_language():
    bare = [block.place for document in DOCUMENTS for block in found(document)
            if not block.language]  # fmt: skip
    assert not bare, "fence them, and name the language (or `text`)"


def test_what_is_not_run_says_why():
    left_out = [block for document in DOCUMENTS for block in found(document) if block.reason]
    counted = Counter(block.reason for block in left_out)
    total = sum(len(found(document)) for document in DOCUMENTS)
    print(f"{total} blocks, {total - len(left_out)} run")  # noqa: T201
    for block in left_out:
        print(f"{block.place}: {block.reason}")  # noqa: T201
    assert set(counted) <= REASONS
    assert not REASONS - set(counted), "a reason that nothing has any more"
