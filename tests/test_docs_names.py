"""What a person can write is documented, each where it belongs; and what is documented exists."""

import ast
import json
import re
from pathlib import Path

import pytest

from darajasim.core.catalogue import catalogue
from darajasim.core.profile import KNOBS
from darajasim.http.description import serialised
from darajasim.scenarios import bundled, json_schema
from support.documents.names import commands, keys, looked_up, options, variables

REPOSITORY = Path(__file__).parents[1]
DOCS = REPOSITORY / "docs"


def text(name):
    return (REPOSITORY / name).read_text(encoding="utf-8")


def sections(page):
    """The text under each heading that names a command: `darajasim run`."""
    parts = re.split(r"^#+ (?:`([^`\n]+)`)?.*$", page, flags=re.MULTILINE)
    return {name: body for name, body in zip(parts[1::2], parts[2::2], strict=True) if name}


COMMANDS = dict(commands())


def part(page, heading):
    """The text under a heading, up to the next."""
    return text(page).partition(f"# {heading}\n")[2].partition("\n#")[0]


HOMES = {
    "python -m mpesa_pochi": part("docs/integration.md", "By itself"),
    "python -m mpesa_pochi migrate": part("docs/integration.md", "The database"),
    "python -m mpesa_pochi seal": part("docs/integration.md", "Secrets in an encrypted file"),
}
"""Where a command is described that has no section in docs/commands.md."""
SHARED = {"--help", "--version"}
"""Options of everybody, described once."""


def described(name):
    """Its section, or its row in a table of commands with what the table says of all of them."""
    page = text("docs/commands.md")
    if found := HOMES.get(name) or sections(page).get(name):
        return found
    row = re.search(rf"^\| `{name}[` ].*$(?=\n)", page, re.MULTILINE)
    shared = re.search(r"^\| option of each .*?\n\n", f"{page}\n\n", re.MULTILINE | re.DOTALL)
    return f"{row[0]}\n{shared[0] if shared else ''}" if row else ""


@pytest.mark.parametrize("name", [name for name in COMMANDS if name != "darajasim"])
def test_every_option_is_described_with_its_command(name):
    page = described(name)
    assert page, f"docs/commands.md has no section `{name}`"
    long = {option for option in options(COMMANDS[name]) if option.startswith("--")}
    missing = {each for each in long - SHARED if not re.search(rf"`{each}[`= ]", page)}
    assert not missing


@pytest.mark.parametrize("name", [name for name in COMMANDS if name != "darajasim"])
def test_every_option_that_is_described_with_a_command_exists(name):
    if name in HOMES:
        told = set(re.findall(r"^\| `(--[a-z-]+)`", described(name), re.MULTILINE))
    else:
        rows = re.findall(r"^\| (`-[^|]*) \|", described(name), re.MULTILINE)
        told = set(re.findall(r"`(--?[a-z-]+)", " ".join(rows)))
    assert told <= options(COMMANDS[name])


def test_every_option_in_any_document_is_some_commands():
    known = set().union(*map(options, COMMANDS.values())) | SHARED
    elsewhere = {
        "--no-proxy-headers", "--no-access-log", "--junit-xml", "--check", "--format",
        "--quiet", "--all", "--keep-going",
    }  # of uvicorn, pytest, the pages' own program, ruff, pip, git, sphinx  # fmt: skip
    for path in (*DOCS.glob("*.md"), REPOSITORY / "README.md", REPOSITORY / "CONTRIBUTING.md"):
        told = set(re.findall(r"(?<![\w-])--[a-z][a-z-]+", path.read_text(encoding="utf-8")))
        assert told <= known | elsewhere, path.name


def test_every_variable_is_documented():
    pages = text("docs/integration.md") + text("docs/commands.md")
    told = set(re.findall(r"`([A-Z][A-Z_]+)(?:=[a-z0-9]+)?`", pages))
    assert variables() <= told


def test_every_setting_of_the_merchant_is_in_the_example_environment():
    example = set(re.findall(r"^#?([A-Z_]+)=", text(".env.example"), re.MULTILINE))
    ours = {name for name in variables() if name.startswith("MPESA_")}
    assert ours == example


def test_every_setting_that_is_documented_exists():
    for path in (*DOCS.glob("*.md"), REPOSITORY / "README.md"):
        # In blocks there may be the settings of other applications.
        prose = re.sub(
            r"^```.*?^```", "", path.read_text(encoding="utf-8"), flags=re.MULTILINE | re.DOTALL
        )
        told = set(re.findall(r"MPESA_[A-Z_]+", prose))
        assert told <= variables(), path.name


@pytest.mark.parametrize(
    ("program", "name"),
    [
        ('os.environ.get("A")', "A"), ('os.environ["A"]', "A"), ('os.getenv("A", "b")', "A"),
        ('"A" in os.environ', "A"), ('os.environ.setdefault("A", "b")', "A"),
    ],
)  # fmt: skip
def test_a_variable_is_found_however_it_is_looked_up(program, name):
    assert list(looked_up(ast.parse(program))) == [name]


def test_every_code_is_documented():
    page = text("docs/codes.md")
    for row in catalogue().rows:
        assert re.search(rf"^### .*{re.escape(row.key)}$", page, re.MULTILINE), row.key


def test_every_knob_is_documented_and_every_documented_knob_exists():
    told = re.findall(r"^\| `([a-z_0-9]+)` \|", text("docs/profiles.md"), re.MULTILINE)
    assert sorted(told) == sorted(KNOBS)


def test_every_scenario_key_is_documented():
    page = text("docs/scenarios.md")
    code = re.findall(r"`[^`]*`|^```.*?^```", page, re.MULTILINE | re.DOTALL)
    words = set(re.findall(r"[a-z_]+", " ".join(code)))
    assert set(keys(json_schema())) <= words | set(KNOBS)


def test_every_page_of_the_simulator_is_documented():
    paths = {path for path in json.loads(serialised())["paths"] if path.startswith("/_sim/")}
    reference = text("docs/endpoints.md")
    pages = text("docs/commands.md") + text("docs/pytest.md")
    told = set(re.findall(r"/_sim/[a-z./-]*[a-z]", pages))
    for path in paths:
        assert f" {path}`" in reference, path
        assert path.partition("/{")[0] in told, path
    known = {path.partition("/{")[0] for path in paths}
    assert {path for path in told if not path.startswith("/_sim/inbox/")} <= known


def test_every_target_key_is_documented():
    schema, page = DOCS / "target.schema.json", DOCS / "targets.md"
    if not schema.is_file():
        pytest.skip("there are no target files yet")
    words = set(re.findall(r"[a-z_]+", page.read_text(encoding="utf-8")))
    assert set(keys(json.loads(schema.read_text(encoding="utf-8")))) <= words


def test_every_scenario_that_a_document_names_is_bundled():
    known = {path.stem for path in bundled.files().values()}
    pages = (DOCS / "troubleshooting.md", DOCS / "production.md", DOCS / "integration.md")
    for page in pages:
        written = page.read_text(encoding="utf-8")
        named = set(re.findall(r"scenarios? `([a-z0-9-]+)`", written))
        named |= set(re.findall(r"\| `([a-z]+-[a-z-]+)` \|", written))
        for line in re.findall(r"darajasim run ([a-z -]+)$", written, re.MULTILINE):
            named |= {word for word in line.split() if not word.startswith("-")}
        assert named <= known, page.name


def test_every_page_is_in_the_index():
    told = set(re.findall(r"\]\(([a-z]+)\.md\)", text("docs/index.md")))
    assert told == {path.stem for path in DOCS.glob("*.md")} - {"index"}
