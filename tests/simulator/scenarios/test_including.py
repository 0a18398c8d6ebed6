"""What several scenarios share stands in files of its own; mistakes are told where they are."""

import pytest

from darajasim.core.rules import Action
from darajasim.scenarios import ScenarioError, load_file, load_paths
from darajasim.scenarios.from_text import load_text
from darajasim.scenarios.including import MAX_FILES

ABOUT = "about: Parts are shared.\n"
MAIN = f"scenario: main\n{ABOUT}"
PAID = "steps: [{pay: {phone: 0722000000, amount: 100}}]\nexpect: {payment: {}}\n"


@pytest.fixture
def files(tmp_path, monkeypatch):
    """Writes files, and loads main.yaml."""
    monkeypatch.chdir(tmp_path)

    def load(**texts: str):
        for name, text in texts.items():
            path = tmp_path / f"{name.replace('__', '/')}.yaml"
            path.parent.mkdir(exist_ok=True)
            path.write_text(text, encoding="utf-8")
        return load_file("main.yaml")

    return load


def refused(files, **texts: str) -> list[str]:
    with pytest.raises(ScenarioError) as caught:
        files(**texts)
    return [f"{mistake.where}: {mistake.message}" for mistake in caught.value.mistakes]


def does(scenario):
    return [(rule.where, rule.plan.customer.does) for rule in scenario.rules]


RULE = "rules: [{{on: stk_push, customer: {}}}]\n"


def test_own_rules_come_first_then_the_included_ones_in_order(files):
    (scenario,) = files(
        main=f"{MAIN}include: [first.yaml, parts/second.yaml]\n{RULE.format('cancel')}{PAID}",
        first=RULE.format("ignore"),
        parts__second=f"include: third.yaml\n{RULE.format('busy')}",
        parts__third=RULE.format("dismiss"),
    )
    assert does(scenario) == [
        ("main.yaml:4", Action.CANCEL),
        ("first.yaml:1", Action.IGNORE),
        ("parts/second.yaml:2", Action.BUSY),
        ("parts/third.yaml:1", Action.DISMISS),
    ]


def balances(scenario):
    return {customer.msisdn[-4:]: customer.balance_cents for customer in scenario.world.customers}


def test_what_a_world_says_itself_stands_in_place_of_what_it_takes(files):
    (scenario,) = files(
        main=f"{MAIN}include: other.yaml\nworld: {{file: shop.yaml, customers: "
        f"[{{phone: 0722000001, balance: 1}}]}}\n{PAID}",
        shop="customers: [{phone: +254722000001, balance: 2}, {phone: 0722000002, balance: 2}]\n"
        'start: "2026-03-05"\n',
        other="world: {customers: [{phone: 0722000002, balance: 3}, "
        "{phone: 0722000003, balance: 3}]}",
    )
    assert balances(scenario) == {"0001": 100, "0002": 200, "0003": 300}
    assert scenario.world.start is not None


def test_a_world_may_be_a_file(files):
    (scenario,) = files(
        main=f"{MAIN}world: shop.yaml\n{PAID}", shop="customers: [{phone: 0722000001, balance: 2}]"
    )
    assert balances(scenario) == {"0001": 200}


def test_a_file_that_two_others_include_counts_once(files):
    (scenario,) = files(
        main=f"{MAIN}include: [a.yaml, b.yaml]\n{PAID}",
        a="include: c.yaml\n",
        b="include: c.yaml\n",
        c=RULE.format("busy"),
    )
    assert len(scenario.rules) == 1


def test_cases_are_filled_in_there_too(files):
    found = files(
        main=f"{MAIN}include: a.yaml\n{PAID}"
        "cases: [{case: x, what: busy}, {case: y, what: ignore}]\n",
        a=RULE.format('"${what}"'),
    )
    assert [does(scenario)[0][1] for scenario in found] == [Action.BUSY, Action.IGNORE]


def test_the_hash_is_of_everything(files):
    (one,) = files(main=f"{MAIN}include: a.yaml\n{PAID}", a=RULE.format("busy"))
    (other,) = files(a=RULE.format("cancel"))
    assert one.source_text_hash != other.source_text_hash


def test_mistakes_of_all_files_are_told_at_once_each_where_it_is(files):
    assert refused(
        files,
        main=f"{MAIN}include: [a.yaml, gone.yaml]\nsede: 7\n{PAID}",
        a="rules:\n  - on: stk_push\n    customer: busyy\nsteps: []\n",
    ) == [
        "main.yaml:3:19: there is no such file",
        "main.yaml:4:1: a scenario has no key `sede`",
        "a.yaml:3:15: unknown customer action",
        "a.yaml:4:1: an included file has no key `steps`",
    ]


def test_a_placeholder_without_a_value_is_told_in_its_own_file(files):
    (found,) = refused(files, main=f"{MAIN}include: a.yaml\n{PAID}", a=RULE.format('"${what}"'))
    assert found.startswith("a.yaml:1:")


def test_yaml_that_cannot_be_read_is_told_in_its_own_file(files):
    (found,) = refused(files, main=f"{MAIN}include: a.yaml\n{PAID}", a="rules: [\n")
    assert found.startswith("a.yaml:")


def test_a_circle_is_told_with_its_way(files):
    with pytest.raises(ScenarioError) as caught:
        files(main=f"{MAIN}include: a.yaml\n{PAID}", a="include: b.yaml\n", b="include: a.yaml\n")
    (mistake,) = caught.value.mistakes
    assert (mistake.where, mistake.found) == ("b.yaml:1:10", "a.yaml → b.yaml → a.yaml")


@pytest.mark.parametrize(
    "name", ["../a.yaml", "/etc/passwd", "parts/../../a.yaml", "C:a.yaml", "a\\\\b.yaml"]
)
def test_files_elsewhere_are_refused(files, name):
    (found,) = refused(files, main=f'{MAIN}include: "{name}"\n{PAID}')
    assert found == ("main.yaml:3:10: only files in the scenario's folder or below it can be taken")


def test_a_link_out_of_the_folder_is_refused(files, tmp_path):
    home = tmp_path / "home"
    home.mkdir()
    (tmp_path / "secret.yaml").write_text(RULE.format("busy"), encoding="utf-8")
    (home / "link.yaml").symlink_to(tmp_path / "secret.yaml")
    (home / "main.yaml").write_text(f"{MAIN}include: link.yaml\n{PAID}", encoding="utf-8")
    with pytest.raises(ScenarioError, match="a link leads out"):
        load_file(home / "main.yaml")


def test_a_link_within_the_folder_is_followed(files, tmp_path):
    (tmp_path / "real.yaml").write_text(RULE.format("busy"), encoding="utf-8")
    (tmp_path / "link.yaml").symlink_to(tmp_path / "real.yaml")
    (scenario,) = files(main=f"{MAIN}include: link.yaml\n{PAID}")
    assert len(scenario.rules) == 1


def test_a_text_without_a_place_includes_nothing():
    with pytest.raises(ScenarioError, match="comes as text"):
        load_text(f"{MAIN}include: a.yaml\n{PAID}".encode())
    with pytest.raises(ScenarioError, match="comes as text"):
        load_text(f"{MAIN}world: a.yaml\n{PAID}".encode())
    with pytest.raises(ScenarioError, match="comes as text"):
        load_text(f"{MAIN}chaos: a.yaml\n{PAID}".encode())


def test_the_number_of_files_is_bounded(files):
    texts = {f"f{number}": f"include: f{number + 1}.yaml\n" for number in range(MAX_FILES + 2)}
    (found,) = refused(files, main=f"{MAIN}include: f0.yaml\n{PAID}", **texts)
    assert found.endswith("too many files are included")


def test_parts_are_no_scenarios(files, tmp_path):
    files(
        main=f"{MAIN}include: _parts/a.yaml\n{PAID}", _parts__a=RULE.format("busy"), _b="about: x\n"
    )
    assert [scenario.name for scenario in load_paths([tmp_path])] == ["main"]
