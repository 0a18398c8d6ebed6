"""`darajasim record` as a developer runs it, in a process of its own."""

import subprocess
import sys

import httpx
from click.testing import CliRunner

from darajasim.cli.main import main
from darajasim.cli.record import record
from support.served import served


def test_a_session_is_written_checked_and_replayed(tmp_path):
    out = tmp_path / "shop.yaml"
    with served() as simulator:
        command = [sys.executable, "-m", "darajasim", "record", "--port", "0", "--seconds", "30"]
        command += ["--exchanges", "2", "--upstream", simulator.base, "--out", str(out)]
        process = subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )
        base = process.stdout.readline().split()[-1]
        with httpx.Client(base_url=base, trust_env=False) as client:
            path = "/oauth/v1/generate?grant_type=client_credentials"
            answer = client.get(path, auth=("thekeyofjane", "thesecretofjane"))
            token = answer.json()["access_token"]
            headers = {"authorization": f"Bearer {token}"}
            found = client.post("/mpesa/stkpushquery/v1/query", json={}, headers=headers)
            assert found.status_code == 400
        output, errors = process.communicate(timeout=30)
    assert (process.returncode, errors) == (0, "")
    assert f"{out}: 1 calls, 0 callbacks" in output
    written = out.read_text()
    assert "jane" not in written
    assert token not in written
    assert [each.name for each in tmp_path.iterdir()] == ["shop.yaml"]
    for verb in ("check", "run"):
        done = CliRunner().invoke(main, [verb, str(out)])
        assert done.exit_code == 0, done.output


def refused(*options):
    done = CliRunner().invoke(record, options)
    assert done.exit_code == 2, done.output
    return done.output


def test_wrong_use_is_refused(tmp_path):
    good = str(tmp_path / "a.yaml")
    upstream = ("--upstream", "http://127.0.0.1:1")
    assert "--upstream" in refused("--out", good)
    assert "expected a URL" in refused("--out", good, "--upstream", "sandbox")
    assert "lower-case letters" in refused("--out", str(tmp_path / "A b.yaml"), *upstream)
    assert "there is no folder" in refused("--out", str(tmp_path / "b" / "a.yaml"), *upstream)
    (tmp_path / "a.yaml").write_text("")
    assert "--force" in refused("--out", good, *upstream)
