"""`darajasim codes`: the table, the pages, the JSON, and what happens to a code nobody knows."""

import json
import re
import subprocess
import sys
from operator import attrgetter

import pytest
from click.testing import CliRunner

from darajasim.cli.code_sheet import PLACEHOLDERS, scenario_lines, sheet
from darajasim.cli.code_words import HEADINGS, OPERATION_WORDS, answer_words, operation_words
from darajasim.cli.main import main
from darajasim.core.catalogue import SURFACES, catalogue
from darajasim.core.profile import KNOBS
from darajasim.operations import named
from darajasim.operations.refusals import INCIDENT
from darajasim.operations.refusals import PLACEHOLDERS as FILLED
from darajasim.scenarios import load_file
from support.every import every

ROWS = catalogue().rows
EXPECT = 'expect: {requests: {oauth: ">= 0"}}'


def run(*arguments: str):
    return CliRunner().invoke(main, ["codes", *arguments])


def objects(*arguments: str):
    result = run("--json", *arguments)
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout_bytes.decode("utf-8"))


class TestTable:
    def test_look(self, snapshot):
        assert run().output == snapshot

    def test_every_row_has_a_line_in_file_order(self):
        keys = {row.key for row in ROWS}
        lines = [line.split() for line in run().output.splitlines()]
        found = [word for words in lines for word in words[:3] if word in keys]
        assert found == [row.key for row in ROWS]

    def test_one_surface(self):
        output = run("--surface", "http").output
        assert "500.003.02" in output
        assert "254700001032" not in output

    def test_a_terminal_gets_the_same_rows(self, monkeypatch):
        monkeypatch.setattr("darajasim.cli.codes.stdout_is_terminal", lambda: True)
        monkeypatch.setenv("COLUMNS", "150")
        output = run().output
        assert all(row.key in output for row in ROWS)
        assert "[STK_CB - ]" not in output
        assert "PhoneNumber=254700001032" in output


class TestPage:
    @pytest.mark.parametrize(
        "code",
        [
            *("cancelled", "4999", "E3008", "400.008.02", "500.003.02", "in-flight-empty"),
            *("waf-blocked", "2040", "ratiba-created", "4104", "C2B00012", "c2b-accepted"),
            *("409", "stk-accepted", "command-invalid-access-token", "gateway-timeout"),
        ],
    )
    def test_look(self, code, snapshot):
        result = run(code)
        assert result.exit_code == 0
        assert result.output == snapshot

    def test_one_page_for_each_meaning(self):
        output = run("500.001.1001").output
        assert output.count("Meaning ") == 7

    @pytest.mark.parametrize("name", ["sfc_ic0003", "SFC_IC0003", "WRONG-RECEIVER"])
    def test_case_does_not_matter(self, name):
        assert run(name, "--surface", "stk").output == run("wrong-receiver").output

    def test_a_code_of_several_surfaces_has_a_page_for_each(self):
        output = run("2001").output
        keys = ["wrong-pin", "result-invalid-initiator", "ratiba-wrong-pin"]
        assert all(f"2001  {key}\n" in output for key in keys)
        (page,) = re.findall(r"^2001  .*$", run("2001", "--surface", "result").output, re.MULTILINE)
        assert page == "2001  result-invalid-initiator"

    @every(ROWS, attrgetter("key"))
    def test_every_page_is_complete(self, row):
        output = "\n".join(sheet(row))
        flat = " ".join(output.split())
        for sentence in (row.meaning, row.customer, row.merchant, row.how):
            assert " ".join(sentence.split()) in flat
        for text in row.texts:
            assert (text or "(empty)") in output
        for value in row.reproduce.values():
            assert value in output
        assert "Retry" in output
        assert "Known" in output
        assert f"{row.http_status}" in output or row.surface in ("result", "notice", "c2b")


class TestWords:
    def test_every_surface_has_a_heading(self):
        assert list(HEADINGS) == list(SURFACES)

    def test_every_operation_of_the_catalogue_has_words(self):
        assert set(OPERATION_WORDS) <= set(named())

    @every([*named(), "x", "x_y_z"])
    def test_every_operation_is_said_in_words(self, name):
        assert re.fullmatch(r"(an?|the) [A-Za-z0-9 -]+", operation_words(name))

    def test_what_stands_in_braces_is_what_answers_fill_in(self):
        assert set(PLACEHOLDERS) == {INCIDENT, *(f"{{{name}}}" for name in FILLED)}

    @pytest.mark.parametrize(
        ("key", "words"),
        [
            ("result-ok", "ResultCode 0 (integer) in the Result callback"),
            ("result-invalid-original", 'ResultCode "R000002" (string) in the Result callback'),
            ("ratiba-created", 'responseCode "0" (string) in the callback'),
            ("b2b-express-cancelled", 'resultCode "4001" (string) in the callback'),
            ("pull-registered", 'HTTP 200, Response Status "1000" (string)'),
            ("bills-paid-invoice", 'HTTP 200, rescode "409" (string)'),
            ("iot-not-found", "HTTP 404, header.responseCode 404 (integer)"),
            ("stk-accepted", 'HTTP 200, ResponseCode "0" (string)'),
            ("unauthorized-access-token", 'HTTP 401, errorCode "401" (string)'),
            ("gateway-timeout", "HTTP 504, no errorCode: the gateway's own JSON"),
            ("soap-fault", "HTTP 500, no code, no JSON"),
        ],
    )
    def test_what_carries_the_code(self, key, words):
        assert answer_words(catalogue().by_key(key)) == words

    @every(ROWS, attrgetter("key"))
    def test_the_lines_for_a_scenario_can_be_pasted(self, tmp_path, row):
        lines = ["scenario: pasted", "about: As the page says.", *scenario_lines(row)]
        if not any(line.startswith("steps:") for line in lines):
            lines += ["steps: [settle]"]
        lines += [EXPECT]
        file = tmp_path / "pasted.yaml"
        file.write_text("\n".join([*lines, ""]), encoding="utf-8")
        assert load_file(file)


KNOB = re.compile(rf"({'|'.join(KNOBS)}): ")
QUOTED = [
    pytest.param(row, found, id=f"{row.key}: {found}")
    for row in ROWS
    for found in re.findall(r"`(\w+: [^`]+)`", row.how)
]


@pytest.mark.parametrize(("row", "found"), QUOTED)
def test_what_is_quoted_in_how_can_be_pasted(row, found, tmp_path):
    lines = [f"scenario: pasted\nabout: As it says.\nsteps: [settle]\n{EXPECT}"]
    if KNOB.match(found):
        lines += [f"profile: {{base: observed, {found}}}"]
    elif found.startswith(("customers:", "organisations:", "initiators:", "apps:")):
        lines += ["world:", f"  {found}"]
    else:
        on = row.operation if row.terminal else "stk_query"
        lines += ["rules:", f"  - on: {on}", f"    {found}"]
    file = tmp_path / "pasted.yaml"
    file.write_text("\n".join([*lines, ""]), encoding="utf-8")
    assert load_file(file)


class TestJson:
    def test_every_row_in_file_order(self):
        assert [entry["key"] for entry in objects()] == [row.key for row in ROWS]

    def test_fields(self):
        (entry,) = objects("1032", "--surface", "stk")
        assert entry == {
            "key": "cancelled",
            "code": "1032",
            "surface": "stk",
            "json_type": "integer",
            "http_status": 200,
            "text": "Request cancelled by user",
            "query_text": "Request Cancelled by user.",
            "variants": {
                "documented": "Request cancelled by user.",
                "legacy": "[STK_CB - ]Request cancelled by user",
                "documented-2": "Request canceled by user.",
            },
            "appears_in": ["callback", "query"],
            "terminal": True,
            "meaning": entry["meaning"],
            "customer": entry["customer"],
            "message": {
                "en": "The payment was cancelled on your phone. No money was taken. "
                "You can try again when you are ready.",
                "sw": "Malipo yameghairiwa kwenye simu yako. Hujakatwa pesa. "
                "Unaweza kujaribu tena ukiwa tayari.",
            },
            "merchant": entry["merchant"],
            "retry": "ask",
            "source": "seen",
            "operation": "stk_push",
            "reproduce": {"PhoneNumber": "254700001032"},
            "how": entry["how"],
        }

    def test_every_object_has_the_same_fields(self):
        shapes = {tuple(entry) for entry in objects()}
        assert len(shapes) == 1

    def test_an_answer_has_no_fields_of_a_payment(self):
        (entry,) = objects("quota")
        absent = {name for name, value in entry.items() if value is None}
        assert absent == {"json_type", "query_text", "terminal"}

    def test_several_meanings_of_one_surface(self):
        assert len(objects("500.001.1001", "--surface", "http")) == 7
        assert {entry["surface"] for entry in objects("--surface", "stk")} == {"stk"}

    def test_utf_8_whatever_the_locale(self):
        done = subprocess.run(
            [sys.executable, "-m", "darajasim", "codes", "--json", "invalid-amount"],
            capture_output=True,
            check=True,
            env={"PYTHONIOENCODING": "ascii"},
        )
        (entry,) = json.loads(done.stdout.decode("utf-8"))
        assert entry["variants"]["documented"] == "Bad Request – Invalid Amount."


class TestMistakes:
    @pytest.mark.parametrize(
        ("arguments", "message"),
        [
            (["canceled"], "no code or key 'canceled' in the catalogue; did you mean cancelled, "),
            (
                ["xyzzy"],
                "no code or key 'xyzzy' in the catalogue; `darajasim codes` lists them all",
            ),
            ([""], "no code or key '' in the catalogue; `darajasim codes` lists them all"),
            (["paid", "--surface", "http"], "paid is of surface stk, not http"),
            (["1032", "--surface", "c2b"], "1032 is of surface stk and notice, not c2b"),
            (["1032", "--surface", "b2c"], "'b2c' is not one of 'stk', 'result', 'notice'"),
        ],
    )
    def test_exit_2_with_what_to_do(self, arguments, message):
        result = run(*arguments)
        assert result.exit_code == 2
        assert message in result.output

    def test_the_nearest_names(self):
        result = run("10322")
        assert result.exit_code == 2
        assert "did you mean " in result.output
        assert "1032" in result.output


HEAVY = {
    "starlette",
    "pydantic",
    "httpx",
    "rich",
    "yaml",
    "sqlalchemy",
    "faker",
    "mpesa_pochi.client",
}


def test_nothing_heavy_is_imported():
    program = (
        "import sys; from darajasim.cli.main import main;"
        "main(['codes', '1032'], standalone_mode=False); print(*sys.modules)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert HEAVY.isdisjoint(done.stdout.splitlines()[-1].split())
