"""The runner of documents notices what is not so."""

import pytest

from support.documents.blocks import blocks
from support.documents.outputs import commands, matches
from support.documents.reader import Reader

FENCE = "```"


@pytest.mark.parametrize(
    ("shown", "printed", "same"),
    [
        ("one\ntwo", "one\ntwo\n", True), ("one", "two", False), ("one", "one\ntwo", False),
        ("one…", "one and more", True), ("…\nlast", "a\nb\nlast", True), ("…", "", True),
        ("a  b", "a     b", True), ("  b", "    b", False), ("a.c", "abc", False),
    ],
)  # fmt: skip
def test_outputs_are_compared_with_gaps(shown, printed, same):
    assert matches(shown, printed) is same


def test_a_command_goes_on_after_a_backslash():
    assert commands("$ echo a \\\n  b\na b\n$ true\n") == [
        ("echo a \\\n  b", "a b\n"),
        ("true", ""),
    ]


def read(document, folder):
    with Reader(folder, {}, lambda: "http://127.0.0.1:1") as reader:
        reader.prepare(document)
        for block in blocks(document):
            reader.do(block)
        reader.finish()


@pytest.mark.parametrize(
    ("language", "text", "complaint"),
    [
        ("console", "$ echo one\ntwo\n", "printed something else"),
        ("console", "echo one\n", "begin with"),
        ("sh", "false\n", "exit code 1"),
        ("python", "assert False, 'not so'\n", "not so"),
        ("yaml", "steps: [{pay: {phone: 0722000000, amount: 9}}]\nexpect: {payment: {code: 1}}\n",
         "expected 1"),
        ("rust", "fn main() {}\n", "a language that can be run"),
        ("sh", "pip install 'darajasim[nothing]'\n", "nothing"),
    ],
)  # fmt: skip
def test_what_is_not_so_is_noticed(language, text, complaint, tmp_path):
    document = tmp_path / "page.md"
    document.write_text(f"{FENCE}{language}\n{text}{FENCE}\n", encoding="utf-8")
    with pytest.raises(AssertionError, match=complaint):
        read(document, tmp_path)


def test_a_comment_speaks_of_the_next_block_only(tmp_path):
    document = tmp_path / "page.md"
    one = f"{FENCE}sh\ntrue\n{FENCE}\n"
    document.write_text(f"<!-- not run: a drawing -->\n{one}\nWords.\n\n{one}", encoding="utf-8")
    assert [block.reason for block in blocks(document)] == ["a drawing", ""]
