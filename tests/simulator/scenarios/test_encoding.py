import hashlib

import pytest

from darajasim.scenarios import ScenarioErrors
from darajasim.scenarios.encoding import MAX_BYTES, decode


def problem(data):
    with pytest.raises(ScenarioErrors) as caught:
        decode(data, "f.yaml")
    (mistake,) = caught.value.mistakes
    return mistake


def test_text_and_hash():
    source = decode("a: é\r\nb: 1\n".encode(), "f.yaml")
    assert source.text == "a: é\r\nb: 1\n"
    assert source.sha256 == hashlib.sha256("a: é\r\nb: 1\n".encode()).hexdigest()


def test_a_byte_order_mark_is_no_text():
    assert decode(b"\xef\xbb\xbfa: 1", "f").text == "a: 1"


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-be", "utf-32", "utf-32-be"])
def test_other_encodings_are_named(encoding):
    data = "\ufeffa: 1".encode(encoding) if encoding.endswith("be") else "a: 1".encode(encoding)
    assert problem(data).found == f"{encoding[:6].upper()}, by its first bytes"


def test_latin_1_is_found_at_its_byte():
    mistake = problem(b"a: 1\nname: Jos\xe9\n")
    assert mistake.where == "f.yaml:2:10"
    assert "0xE9" in mistake.found


@pytest.mark.parametrize("character", ["\x00", "\x07", "\x1b", "\x7f", "\x9b", "\ufeff", "\uffff"])
def test_control_characters_are_found(character):
    mistake = problem(f"a: 1\nb: x{character}y\n".encode())
    assert mistake.where == "f.yaml:2:5"
    assert mistake.found == f"U+{ord(character):04X}"
    assert character not in str(mistake)


def test_a_file_of_a_mebibyte_is_read_and_a_larger_one_is_not():
    assert decode(b"#" * MAX_BYTES, "f").text
    assert "too large" in problem(b"#" * (MAX_BYTES + 1)).message
