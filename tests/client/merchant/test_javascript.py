"""The page's module under Node: its own tests, and its phone numbers against Python's."""

import json
import random
import shutil
import subprocess
from pathlib import Path

import pytest

from mpesa_pochi.errors import PhoneNumberError
from mpesa_pochi.phone import normalise

HERE = Path(__file__).parent / "javascript"
NODE = shutil.which("node")

pytestmark = pytest.mark.skipif(NODE is None, reason="Node is not installed")


def node(*arguments, given=""):
    return subprocess.run(
        [NODE, *arguments], input=given, capture_output=True, text=True, timeout=60, check=False
    )


@pytest.mark.parametrize("name", sorted(path.name for path in HERE.glob("*.test.mjs")))
def test_the_modules_own_tests_pass(name):
    done = node("--test", str(HERE / name))
    assert done.returncode == 0, done.stdout + done.stderr


def formatted(written):
    try:
        return {"number": normalise(written)}
    except PhoneNumberError as error:
        return {"refused": error.reason.name.lower().replace("_", "-")}


def writings(count):
    """Numbers as people write them, mistyped; the same ones each time."""
    chance = random.Random(7)
    pieces = [*"0123456789" * 3, "254", "+", "00", "07", "01", " ", "-", "(", ")", ".", "\u00a0"]
    pieces += ["\u200b", "\u2013", "\u2028", "\x85", "O", "l", "\u0660", "²", "/", "七", "汉", "é"]
    for _ in range(count):
        prefix = chance.choice(["", "", "0", "07", "254", "+254", "00254", "000254", "+254 (0) 7"])
        yield prefix + "".join(chance.choices(pieces, k=chance.randint(0, 12)))


# Blocks that have long been full: Python and Node may know different editions of Unicode.
FULL = [(0x20, 0x370), (0x400, 0x530), (0x620, 0x700), (0x2000, 0x2065), (0x4E00, 0x5200)]


def test_two_thousand_writings_become_what_python_makes_of_them():
    asked = [*writings(2_000), *(chr(point) for block in FULL for point in range(*block))]
    done = node(str(HERE / "format_phones.mjs"), given=json.dumps(asked))
    assert done.returncode == 0, done.stderr
    for written, found in zip(asked, json.loads(done.stdout), strict=True):
        assert found == formatted(written), ascii(written)
