import click
import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from darajasim.cli.options import ProfileOption, profile_option
from darajasim.core.profile import KNOBS, PROFILES, Profile


def convert(text):
    return ProfileOption().convert(text, None, None)


@pytest.mark.parametrize("name", PROFILES)
def test_a_profile_by_name(name):
    assert convert(name) == Profile.named(name)


@pytest.mark.parametrize(
    ("text", "profile"),
    [
        ("legacy,balance_item=false", Profile.named("legacy", balance_item=False)),
        ("legacy, balance_item = FALSE", Profile.named("legacy", balance_item=False)),
        ("token_lifetime=60", Profile.named("observed", token_lifetime=60)),
        ("waf_burst=5,repeat_window=0.5", Profile(waf_burst=5, repeat_window=0.5)),
        ("in_flight=4999", Profile()),
        ("observed,in_flight=1101", Profile(in_flight="1101")),
        ("query_hiccup_rate=1", Profile(query_hiccup_rate=1.0)),
        ("token_lifetime=60,token_lifetime=70", Profile(token_lifetime=70)),
    ],
)
def test_single_knobs(text, profile):
    assert convert(text) == profile


def test_what_is_a_profile_already_stays():
    profile = Profile(waf_burst=5)
    assert convert(profile) is profile


@given(st.data(), st.sampled_from(sorted(KNOBS)), st.sampled_from(PROFILES))
def test_whatever_a_knob_takes_can_be_written(data, name, base):
    knob = KNOBS[name]
    numbers = (
        st.integers(int(knob.low), min(int(knob.high), 10**9))
        if knob.kind is int
        else st.floats(knob.low, min(knob.high, 1e9))
    )
    value = data.draw(st.sampled_from(knob.choices) if knob.choices else numbers)
    written = str(value).lower() if isinstance(value, bool) else str(value)
    assert convert(f"{base},{name}={written}") == Profile.named(base, **{name: value})


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("modern", "expected a profile (observed, documented, legacy), found 'modern'"),
        ("", "expected a profile (observed, documented, legacy), found ''"),
        ("legacy,", "expected knob=value, found ''"),
        ("legacy,balance_item", "expected knob=value, found 'balance_item'"),
        ("balance_item", "expected knob=value, found 'balance_item'"),
        ("nonsense=1", "no knob 'nonsense'; the knobs are texts, "),
        ("balance_item=no", "profile knob balance_item: expected one of true, false, found no"),
        ("token_lifetime=x", "profile knob token_lifetime: expected a number, found x"),
        ("token_lifetime=0", "profile knob token_lifetime: expected 1 to 86400, found 0"),
        ("token_lifetime=1.5", "profile knob token_lifetime: expected a number, found 1.5"),
        ("repeat_window=nan", "profile knob repeat_window: expected 0 to 1e+12, found nan"),
        ("in_flight=never", "profile knob in_flight: expected one of 4999, error, empty, 1101"),
        ("legacy,documented", "expected knob=value, found 'documented'"),
    ],
)
def test_what_cannot_be_is_refused_in_words(text, message):
    with pytest.raises(click.BadParameter) as refused:
        convert(text)
    assert refused.value.message.startswith(message)


@given(st.text(max_size=40))
def test_any_text_is_a_profile_or_a_refusal(text):
    try:
        assert isinstance(convert(text), Profile)
    except click.BadParameter as refused:
        assert refused.message


@click.command()
@profile_option
def command(profile):
    click.echo(f"{profile.texts} {profile.waf_burst}")


@pytest.mark.parametrize(
    ("arguments", "output"),
    [
        ([], "observed 0\n"),
        (["--profile", "legacy"], "legacy 0\n"),
        (["--profile", "waf_burst=3"], "observed 3\n"),
    ],
)
def test_the_option(arguments, output):
    result = CliRunner().invoke(command, arguments)
    assert (result.exit_code, result.output) == (0, output)


def test_a_wrong_value_is_exit_2_and_names_the_option():
    result = CliRunner().invoke(command, ["--profile", "modern"])
    assert result.exit_code == 2
    assert "Invalid value for '--profile': expected a profile" in result.output
