"""Settings in an encrypted file: made, opened, or refused without a word of what is in it."""

import os
import stat
from pathlib import Path

import pytest
from click.testing import CliRunner
from cryptography.fernet import Fernet
from hypothesis import given, settings
from hypothesis import strategies as st

from mpesa_pochi import Secret, Settings, SettingsError
from mpesa_pochi.__main__ import main
from mpesa_pochi.sealed import VARIABLES, SealError, environment, parse, sealed

PLANTED = "planted-passkey"
ENV = f"""\
# A comment
MPESA_NUMBER=174379
export MPESA_PASSKEY="{PLANTED}"
MPESA_CONSUMER_KEY = 'planted-key'

MPESA_CONSUMER_SECRET=planted#secret
MPESA_POCHI_CALLBACK=https://shop.example/api/pochi/callback
"""
FILE, KEY, KEY_FILE = VARIABLES.values()


@pytest.fixture
def key():
    return Fernet.generate_key().decode()


@pytest.fixture
def environ(tmp_path, key):
    """An environment that names a sealed file and gives its key."""
    path = tmp_path / "pochi.sealed"
    path.write_bytes(sealed(ENV, Secret(key)))
    return {FILE: str(path), KEY: key}


@pytest.fixture
def run(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)

    def run(*arguments, given=ENV, **env):
        nothing = dict.fromkeys(VARIABLES.values())
        return CliRunner().invoke(main, ["seal", *arguments], input=given, env=nothing | env)

    return run


def refusal(environ):
    with pytest.raises(SettingsError) as refused:
        Settings.from_env(environ)
    said = str(refused.value)
    assert "planted" not in said
    assert (environ.get(KEY) or "no key") not in said
    return said


# ------------------------------------------------------------------------------------------ opened


def test_settings_are_read_from_the_file(environ):
    found = Settings.from_env(environ)
    assert found.passkey == Secret(PLANTED)
    assert found.consumer_key == Secret("planted-key")
    assert found.consumer_secret == Secret("planted#secret")


def test_the_environment_wins_over_the_file_unless_it_is_empty(environ):
    found = Settings.from_env(environ | {"MPESA_NUMBER": "600111", "MPESA_PASSKEY": " "})
    assert found.shortcode == "600111"
    assert found.passkey == Secret(PLANTED)


def test_without_a_file_nothing_is_added():
    assert environment({"A": "b", KEY: "rubbish"}) == {"A": "b", KEY: "rubbish"}


def test_another_key_is_refused(environ):
    assert "not the key" in refusal(environ | {KEY: Fernet.generate_key().decode()})


@pytest.mark.parametrize("part", [slice(0, 50), slice(50, 51), slice(-20, None), slice(0, None)])
def test_a_changed_file_is_refused(environ, part):
    path = Path(environ[FILE])
    content = bytearray(path.read_bytes().strip())
    content[part] = b"" if part.stop != 51 else bytes([content[50] ^ 1])
    path.write_bytes(bytes(content))
    assert "was changed" in refusal(environ)


@pytest.mark.parametrize("wrong", ["", "rubbish", "planted-key-that-is-none", "\u00fc" * 44])
def test_a_key_that_is_none_is_refused(environ, wrong):
    assert "key" in refusal(environ | {KEY: wrong}).lower()


def test_two_keys_are_refused(environ, tmp_path):
    assert "found both" in refusal(environ | {KEY_FILE: str(tmp_path / "key")})


def test_files_that_are_not_there_are_named(environ, tmp_path):
    away = str(tmp_path / "away")
    assert away in refusal(environ | {FILE: away})
    assert away in refusal({FILE: environ[FILE], KEY_FILE: away})


@pytest.mark.skipif(os.name != "posix", reason="modes are POSIX's")
@pytest.mark.parametrize(
    ("mode", "good"),
    [(0o400, True), (0o600, True), (0o640, True), (0o644, False), (0o604, False), (0o660, False)],
)
def test_a_key_file_that_others_can_read_is_refused(environ, tmp_path, mode, good):
    path = tmp_path / "key"
    path.write_text(environ[KEY] + "\n")
    path.chmod(mode)
    from_file = {FILE: environ[FILE], KEY_FILE: str(path)}
    if good:
        assert Settings.from_env(from_file).shortcode == "174379"
    else:
        said = refusal(from_file)
        assert f"mode 0{mode:o}" in said
        assert "chmod 600" in said


def test_a_mistake_in_what_was_sealed_is_said_as_any_other(environ, tmp_path, key):
    (tmp_path / "pochi.sealed").write_bytes(sealed("MPESA_NUMBER=12", Secret(key)))
    said = refusal(environ)
    assert "MPESA_NUMBER must be" in said
    assert "MPESA_PASSKEY is missing" in said


# ------------------------------------------------------------------------------------------- sealed


def test_what_is_sealed_with_a_new_key_can_be_opened_with_it(run, tmp_path):
    done = run("--output", "pochi.sealed", "--new-key")
    assert done.exit_code == 0, done.output
    found = Settings.from_env({FILE: str(tmp_path / "pochi.sealed"), KEY: done.stdout.strip()})
    assert found.passkey == Secret(PLANTED)
    assert "planted" not in done.output
    assert "5 variables" in done.stderr
    assert b"planted" not in (tmp_path / "pochi.sealed").read_bytes()


def test_a_new_key_may_go_into_a_file_and_is_not_shown_then(run, tmp_path):
    assert run("--output", "a", "--new-key", "--key-file", "key").stdout == ""
    (tmp_path / "env").write_text(ENV.replace("174379", "600111"))
    assert run("env", "--output", "b", "--key-file", "key", given="").exit_code == 0
    assert run("--output", "c", **{KEY_FILE: "key"}).exit_code == 0
    for name, number in (("a", "174379"), ("b", "600111"), ("c", "174379")):
        found = Settings.from_env({FILE: str(tmp_path / name), KEY_FILE: str(tmp_path / "key")})
        assert found.shortcode == number
        assert stat.S_IMODE((tmp_path / name).stat().st_mode) == 0o600
    assert stat.S_IMODE((tmp_path / "key").stat().st_mode) == 0o600
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a", "b", "c", "env", "key"]


def test_files_that_are_there_are_kept(run, tmp_path, key):
    for name in ("out", "key"):
        (tmp_path / name).write_text("precious")
    assert "--force" in run("--output", "out", **{KEY: key}).output
    assert "not written over" in run("--output", "b", "--new-key", "--key-file", "key").output
    done = run("--output", "out", "--new-key", "--key-file", "key", "--force")
    assert done.exit_code == 1
    assert (tmp_path / "out").read_text() == (tmp_path / "key").read_text() == "precious"
    assert run("--output", "out", "--force", **{KEY: key}).exit_code == 0
    assert Settings.from_env({FILE: str(tmp_path / "out"), KEY: key}).shortcode == "174379"


@pytest.mark.parametrize(
    ("given", "env", "said"),
    [
        (ENV, {}, "expected a key in MPESA_POCHI_SECRETS_KEY"),
        (ENV, {KEY: "planted-rubbish"}, "44 characters of base64"),
        (ENV, {KEY: "x", KEY_FILE: "key"}, "found both"),
        (ENV, {KEY_FILE: "nowhere"}, "nowhere cannot be read"),
        ("", {KEY: "x"}, "found none"),
        ("MPESA_PASSKEY planted", {KEY: "x"}, "line 1 is no NAME=value"),
        ("A=planted\n\nA=planted", {KEY: "x"}, "line 3 gives A again"),
        (f"{KEY}=planted", {KEY: "x"}, f"line 1 gives {KEY}, which cannot be in the file"),
        (b"A=planted\xff", {KEY: "x"}, "UTF-8"),
    ],
)
def test_what_cannot_be_sealed_is_refused_and_nothing_written(run, tmp_path, given, env, said):
    done = run("--output", "out", given=given, **env)
    assert done.exit_code == 1
    assert said in done.output
    assert "planted" not in done.output
    assert not list(tmp_path.iterdir())


def test_a_folder_that_is_not_there_is_said(run, key):
    assert "cannot be written" in run("--output", "no/where", **{KEY: key}).output


# --------------------------------------------------------------------------------------------- laws

names = st.from_regex(r"[A-Z][A-Z0-9_]{0,20}", fullmatch=True).filter(
    lambda name: name not in VARIABLES.values()
)
printable = st.text(st.characters(min_codepoint=33, max_codepoint=126), max_size=40)


@settings(max_examples=50)
@given(st.dictionaries(names, printable))
def test_every_value_comes_back_as_it_was_written(pairs):
    text = "\n".join(f'{name}="{value}"' for name, value in pairs.items())
    assert parse(text) == pairs


@settings(max_examples=100)
@given(st.text(max_size=80))
def test_no_text_breaks_the_reading_and_no_refusal_shows_a_value(text):
    try:
        parse(f"{text}\nlost planted")
    except SealError as error:
        assert "planted" not in str(error)
    else:
        pytest.fail("a line that is none was taken")
