from click.testing import CliRunner

from darajasim.cli.main import main
from darajasim.operations import credentials


def invoke(*arguments):
    return CliRunner().invoke(main, ["certificate", *map(str, arguments)])


def test_it_prints_the_certificate_and_no_key():
    result = invoke()
    assert result.exit_code == 0
    assert result.stdout == credentials.certificate()
    assert result.stdout.startswith("-----BEGIN CERTIFICATE-----\n")
    assert "PRIVATE" not in result.stdout


def test_to_a_file(tmp_path):
    result = invoke("--output", tmp_path / "daraja.pem")
    assert (result.exit_code, result.output) == (0, "")
    assert (tmp_path / "daraja.pem").read_text() == credentials.certificate()


def test_a_folder_is_no_file(tmp_path):
    result = invoke("--output", tmp_path)
    assert result.exit_code == 2
    assert "is a directory" in result.output
