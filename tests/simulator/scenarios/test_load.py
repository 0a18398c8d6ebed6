import os
import subprocess
import sys
from pathlib import Path

import pytest

from darajasim.core.profile import KNOBS
from darajasim.scenarios import (
    ScenarioError,
    ScenarioErrors,
    ScenarioNotFound,
    ScenarioUnreadable,
    bundled,
    bundled_names,
    load_each,
    load_file,
    load_paths,
)
from support.scenario_text import HEAD, PAY


def write(folder: Path, name: str, text: str = HEAD + PAY) -> Path:
    path = folder / f"{name}.yaml"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text.replace("shown", path.stem), encoding="utf-8")
    return path


def names(scenarios):
    return [scenario.name for scenario in scenarios]


def test_a_file(tmp_path):
    path = write(tmp_path, "shown")
    (scenario,) = load_file(path)
    assert scenario.path == path
    assert names(load_file(str(path))) == ["shown"]


def test_paths_below_the_working_folder_are_shown_short(tmp_path, monkeypatch):
    path = write(tmp_path / "flows", "shown")
    monkeypatch.chdir(tmp_path)
    assert load_file(path)[0].where == "flows/shown.yaml:1"
    monkeypatch.chdir(tmp_path / "flows")
    assert load_file("../flows/shown.yaml")[0].where == "../flows/shown.yaml:1"


def test_a_folder_and_its_folders_in_order(tmp_path):
    for name in ("b", "a", "deep/c", ".hidden/d"):
        write(tmp_path, name)
    (tmp_path / "schema.json").write_text("{}")
    write(tmp_path, "e").rename(tmp_path / "e.yml")
    assert names(load_paths([tmp_path])) == ["a", "b", "c", "e"]


def test_a_file_named_twice_is_loaded_once(tmp_path):
    path = write(tmp_path, "a")
    assert names(load_paths([tmp_path, path, str(path)])) == ["a"]


def test_mistakes_of_all_files_at_once(tmp_path):
    write(tmp_path, "good")
    for name in ("bad", "worse"):
        write(tmp_path, name, f"{HEAD}seed: x\n{PAY}")
    with pytest.raises(ScenarioErrors) as caught:
        load_paths([tmp_path, tmp_path / "missing.yaml"])
    assert [mistake.message for mistake in caught.value.mistakes] == [
        "this is not a whole number",
        "this is not a whole number",
        "there is no such file or folder",
    ]


def test_a_single_error_keeps_its_kind(tmp_path):
    with pytest.raises(ScenarioNotFound):
        load_paths([tmp_path / "missing.yaml"])


def test_each_file_with_what_came_of_it(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    write(tmp_path, "good")
    write(tmp_path, "bad", "[]")
    results = dict(load_each([".", "missing.yaml"]))
    assert list(results) == ["bad.yaml", "good.yaml", "missing.yaml"]
    assert names(results["good.yaml"]) == ["good"]
    assert isinstance(results["bad.yaml"], ScenarioErrors)
    assert isinstance(results["missing.yaml"], ScenarioNotFound)


def test_an_empty_folder(tmp_path):
    with pytest.raises(ScenarioNotFound, match="there is no scenario in this folder"):
        load_paths([tmp_path])


@pytest.mark.parametrize("named", ["no/such/file.yaml", "nosuch.yaml", "a\0b", "x" * 5000, ""])
def test_names_that_lead_nowhere(named, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ScenarioError):
        load_file(named)


@pytest.mark.parametrize("name", [b"caf\xe9.yaml", b"new\nline.yaml", b"\x1b[31m.yaml"])
def test_any_name_of_a_file_can_be_shown(name, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    try:
        (tmp_path / os.fsdecode(name)).write_text(HEAD + PAY)
    except OSError:
        pytest.skip("this file system knows no such names")
    with pytest.raises(ScenarioErrors, match="not named like its file") as caught:
        load_paths([tmp_path])
    assert str(caught.value).encode()
    assert "\x1b" not in str(caught.value)
    with pytest.raises(ScenarioNotFound) as missing:
        load_file(f"no {os.fsdecode(name)}")
    assert str(missing.value).encode()


def test_a_loop_of_links_is_unreadable(tmp_path):
    loop = tmp_path / "loop.yaml"
    loop.symlink_to(loop)
    with pytest.raises(ScenarioUnreadable):
        load_file(loop)
    with pytest.raises(ScenarioUnreadable):
        load_paths([tmp_path])


def test_a_link_that_leads_nowhere_is_unreadable(tmp_path):
    (tmp_path / "gone.yaml").symlink_to(tmp_path / "nothing")
    with pytest.raises(ScenarioError):
        load_paths([tmp_path])


def test_folders_that_link_to_each_other_are_walked_once(tmp_path):
    write(tmp_path, "a/one")
    (tmp_path / "a" / "up").symlink_to(tmp_path)
    assert names(load_paths([tmp_path])) == ["one"]


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs named pipes")
def test_a_pipe_is_not_waited_for(tmp_path):
    os.mkfifo(tmp_path / "pipe.yaml")
    with pytest.raises(ScenarioUnreadable, match="not a regular file"):
        load_file(tmp_path / "pipe.yaml")


@pytest.mark.skipif(not Path("/dev/zero").exists(), reason="needs /dev/zero")
def test_a_device_is_not_read():
    with pytest.raises(ScenarioUnreadable):
        load_file("/dev/zero")


def test_a_file_that_the_system_refuses(tmp_path, monkeypatch):
    path = write(tmp_path, "shown")

    def refuse(*_arguments, **_options):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "open", refuse)
    with pytest.raises(ScenarioUnreadable, match="Permission denied"):
        load_file(path)


def test_a_working_folder_that_is_gone(tmp_path, monkeypatch):
    path = write(tmp_path, "shown")

    def gone():
        raise FileNotFoundError

    monkeypatch.setattr(Path, "cwd", gone)
    assert names(load_file(path)) == ["shown"]


def test_other_knobs():
    knobs = {"waf_burst": KNOBS["waf_burst"]}
    with pytest.raises(ScenarioErrors, match="has no key `in_flight`"):
        load_file(Path(__file__).parent / "good" / "everything.yaml", knobs=knobs)


class TestBundled:
    @pytest.fixture(autouse=True)
    def home(self, tmp_path, monkeypatch):
        home = tmp_path / "bundled"
        for name in ("customer-cancels", "express/customer-pays"):
            write(home, name)
        monkeypatch.setattr(bundled, "folder", lambda: home)
        work = tmp_path / "work"
        work.mkdir()
        monkeypatch.chdir(work)
        return home

    def test_names(self):
        assert bundled_names() == ["customer-cancels", "customer-pays"]

    def test_by_name(self):
        assert names(load_file("customer-cancels")) == ["customer-cancels"]
        assert names(load_paths(["customer-pays", "customer-cancels"])) == [
            "customer-pays",
            "customer-cancels",
        ]

    def test_a_file_of_that_name_comes_first(self, tmp_path):
        write(tmp_path / "work" / "customer-cancels", "mine")
        assert names(load_paths(["customer-cancels"])) == ["mine"]

    @pytest.mark.parametrize(
        "named", ["customer-cancel", "customer-cancels.yaml", "Customer_Cancels"]
    )
    def test_the_nearest_name(self, named):
        with pytest.raises(ScenarioNotFound, match="did you mean `customer-cancels`"):
            load_file(named)


def test_without_bundled_scenarios(monkeypatch):
    monkeypatch.setattr(bundled, "folder", lambda: None)
    assert bundled_names() == []
    with pytest.raises(ScenarioNotFound):
        load_file("customer-cancels")


def test_the_folder_of_a_checkout_is_beside_the_sources():
    folder = bundled.folder()
    assert folder is not None
    assert folder.name in ("scenarios", "bundled_scenarios")


def test_every_bundled_scenario_is_right():
    home = bundled.folder()
    if bundled_names():
        assert load_paths([home])


def test_pydantic_and_yaml_are_imported_with_the_first_scenario():
    program = (
        "import sys, darajasim.scenarios as s\n"
        "s.load_file, s.Scenario, s.ScenarioError\n"
        "assert not {'pydantic', 'yaml'} & set(sys.modules), sorted(sys.modules)\n"
        f"s.load_file({str(Path(__file__).parent / 'good' / 'everything.yaml')!r})\n"
        "assert {'pydantic', 'yaml'} <= set(sys.modules)\n"
    )
    subprocess.run([sys.executable, "-c", program], check=True)
