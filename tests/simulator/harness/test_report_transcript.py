from darajasim.harness.report_transcript import transcript
from support.played import EXPECT, PAY, played

HOSTILE = r'- pay: {phone: 0722000000, amount: 100, reference: "A\e[31m\n B", as: first}'


def test_every_row_has_its_time_and_steps_stand_apart():
    lines = list(transcript(played("steps:", PAY, "- settle", EXPECT)))
    steps = [number for number, line in enumerate(lines) if "Step: " in line]
    assert all(lines[number - 1] == "" for number in steps)
    rows = [line for line in lines if line and not line.startswith(" " * 13)]
    moments = [float(line.split("s", 1)[0]) for line in rows]
    assert moments == sorted(moments)
    assert moments[-1] == 15


def test_money_keeps_its_digits():
    assert any(
        line.endswith('"Value": 100.00') for line in transcript(played("steps:", PAY, EXPECT))
    )


def test_what_others_wrote_is_shown_and_does_nothing():
    text = "\n".join(transcript(played("steps:", HOSTILE, "- settle", EXPECT)))
    assert "\x1b" not in text
    assert r"A\x1b[31m\n B" in text


def test_colours_are_the_styles():
    styled = transcript(
        played("steps:", PAY, EXPECT), style=lambda text, colour: f"<{colour}>{text}"
    )
    assert any("<cyan>Step: pay first" in line for line in styled)
