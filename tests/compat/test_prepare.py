import pytest

from compat import prepare
from compat.driving import ready
from compat.prepare import PreparationError, Sdk, sdks


def test_the_table_names_at_least_four_sdks_of_pypi_and_two_of_npm():
    indexes = [sdk.index for sdk in sdks().values()]
    assert indexes.count("pypi") >= 4
    assert indexes.count("npm") >= 2
    assert set(indexes) == {"pypi", "npm"}


def test_every_sdk_has_a_driver_and_a_test():
    for name in sdks():
        module = name.replace("-", "_")
        assert (prepare.HERE / f"test_{module}.py").is_file()
        drivers = prepare.HERE / "drivers"
        assert (drivers / f"{module}.py").is_file() or (drivers / f"{name}.js").is_file()


@pytest.mark.parametrize(
    ("sdk", "requirement"),
    [
        (Sdk("one", "pypi", "1.2", "MIT"), "one==1.2"),
        (Sdk("one", "pypi", "1.2", "MIT", ["a", "b"]), "one[a,b]==1.2"),
        (Sdk("one", "npm", "1.2", "MIT"), "one@1.2"),
    ],
)
def test_requirements(sdk, requirement):
    assert sdk.requirement == requirement


def test_an_environment_is_ready_when_it_was_finished_for_this_version(monkeypatch, tmp_path):
    monkeypatch.setenv("DARAJASIM_COMPAT_DIR", str(tmp_path))
    sdk = Sdk("one", "npm", "1.2", "MIT")
    assert not sdk.ready
    sdk.home.mkdir()
    (sdk.home / "prepared").write_text("npm one@1.1 python 3.11\n")
    assert not sdk.ready
    (sdk.home / "prepared").write_text(sdk.stamp)
    assert sdk.ready


@pytest.mark.parametrize("variable", [None, ("CI", "true"), ("DARAJASIM_COMPAT", "required")])
def test_a_missing_environment_skips_a_test_and_fails_it_where_all_must_be_there(
    monkeypatch, tmp_path, variable
):
    monkeypatch.delenv("CI", raising=False)
    monkeypatch.delenv("DARAJASIM_COMPAT", raising=False)
    monkeypatch.setenv("DARAJASIM_COMPAT_DIR", str(tmp_path))
    if variable:
        monkeypatch.setenv(*variable)
    outcome = pytest.fail.Exception if variable else pytest.skip.Exception
    with pytest.raises(outcome, match=r"mpesa-node@0\.1\.3 is not prepared: python tests/compat"):
        ready("mpesa-node")


def test_a_missing_installer_is_named(monkeypatch, tmp_path):
    monkeypatch.setenv("DARAJASIM_COMPAT_DIR", str(tmp_path))
    monkeypatch.setenv("PATH", "")
    sdk = Sdk("one", "npm", "1.2", "MIT")
    with pytest.raises(PreparationError, match=r"one@1\.2: expected npm on the PATH, found none"):
        prepare.asyncio.run(prepare.prepare(sdk))
    assert not sdk.ready
