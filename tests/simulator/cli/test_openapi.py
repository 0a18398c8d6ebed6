import json
import os
import subprocess
import sys

from click.testing import CliRunner

from darajasim.cli.main import main
from darajasim.http.description import serialised


def invoke(*arguments):
    return CliRunner().invoke(main, ["openapi", *map(str, arguments)])


def test_it_prints_what_is_served():
    result = invoke()
    assert result.exit_code == 0
    assert result.stdout_bytes == serialised()
    assert json.loads(result.stdout_bytes)["openapi"] == "3.1.0"


def test_to_a_file(tmp_path):
    result = invoke("--output", tmp_path / "daraja.json")
    assert (result.exit_code, result.output) == (0, "")
    assert (tmp_path / "daraja.json").read_bytes() == serialised()


def test_a_file_that_cannot_be_written_is_told_without_a_trace(tmp_path):
    result = invoke("--output", tmp_path / "nowhere" / "daraja.json")
    assert result.exit_code == 2
    assert "cannot write" in result.output
    assert "No such file" in result.output


def test_every_process_prints_the_same():
    """Whatever order its sets have."""
    command = [sys.executable, "-m", "darajasim", "openapi"]
    for seed in ("1", "2"):
        environment = {**os.environ, "PYTHONHASHSEED": seed}
        ran = subprocess.run(command, env=environment, capture_output=True, check=True, timeout=60)
        assert ran.stdout == serialised()
