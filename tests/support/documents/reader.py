"""A newcomer who does what one document says, from its top to its end."""

import json
import os
import re
import shutil
import subprocess
import threading
import tomllib
from collections.abc import Callable
from contextlib import AbstractContextManager, ExitStack, chdir
from pathlib import Path
from typing import Any, Self
from unittest import mock

import yaml

from support.documents import programs, scenarios
from support.documents.blocks import Block
from support.documents.outputs import ANY, commands, difference, matches
from support.documents.shell import REPOSITORY, Shell

BESIDE = Path(__file__).parent / "beside"
"""What a document supposes to be there already, in a folder named as the document."""
START_SECONDS = 30

SERVERS = {
    "darajasim serve": (8700, "Try"),
    "python -m mpesa_pochi": (8000, "Daraja"),
}
"""Commands that go on until Ctrl-C: their usual port, and how the banner's last line begins."""


class Reader:
    """Does what blocks say. Use it as a context manager, for one document.

    Args:
        folder: an empty folder.
        served: starts a simulator for those who ask one and were not told to start it; its base.
    """

    def __init__(
        self, folder: Path, environment: dict[str, str], served: Callable[[], str]
    ) -> None:
        self.shell = Shell(folder, environment)
        self._names: dict[str, Any] = {"__name__": "document"}
        self._ports: dict[int, str] = {}
        self._served = served
        self._pytests: list[Block] = []
        self._last: dict[str, str] = {}
        self._done: set[str] = set()
        self._stack = ExitStack()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    def prepare(self, document: Path) -> None:
        """Lay out what the document supposes, and the files that bundled scenarios share."""
        shutil.copytree(REPOSITORY / "scenarios" / "_shared", self.shell.folder / "_shared")
        beside = BESIDE / document.stem
        if beside.is_dir():
            shutil.copytree(beside, self.shell.folder, dirs_exist_ok=True)

    def do(self, block: Block) -> None:
        """Do what a block says.

        Raises:
            AssertionError: something else came of it.
        """
        text = self._here(block.text)
        if block.continues:
            text = self._last[block.language] + text
        self._last[block.language] = text
        if block.file:
            path = self.shell.folder / block.file
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        does = getattr(self, f"_do_{block.language}", None)
        assert does, f"{block.place}: expected a language that can be run, found {block.language!r}"
        does(block, text)

    def finish(self) -> None:
        """Run the tests that the document shows, and judge what it installs."""
        if self._pytests and not any("pytest" in command for command in self._done):
            code, said = self.shell.run("pytest -q -W error")
            assert code == 0, f"{self._pytests[0].document.name}: its tests fail\n{said}"
        wrong = self.shell.wrong_installs()
        assert not wrong, f"expected extras that there are, found {', '.join(wrong)}"

    def _do_sh(self, block: Block, text: str) -> None:
        code, said = self.shell.run(text)
        assert code == 0, f"{block.place}: exit code {code}\n{said}"

    def _do_console(self, block: Block, text: str) -> None:
        for command, shown in commands(text):
            self._done.add(command)
            server = next((name for name in SERVERS if _serves(command, name)), None)
            said = self._start(server, command) if server else self.shell.run(command)[1]
            said = self._usual(said)
            if shown.strip() or not server:
                assert matches(self._usual(shown), said), (
                    f"{block.place}: `{command}` printed something else; "
                    f"`{ANY}` stands for what varies\n{difference(shown, said)}"
                )

    def _do_python(self, block: Block, text: str) -> None:
        if programs.wants_fixtures(block):
            self._pytests.append(block)
            if not block.file:
                path = self.shell.folder / f"test_line_{block.line}.py"
                path.write_text(text, encoding="utf-8")
        elif not block.file:
            here = self.shell.environment
            if "from_env" in block.text:
                here = {**here, "MPESA_BASE_URL": self._served()}
            with chdir(self.shell.folder), mock.patch.dict(os.environ, here):
                programs.run(block, self._names)

    def _do_yaml(self, block: Block, text: str) -> None:
        if scenarios.is_scenario(text):
            findings = scenarios.play(text, self.shell.folder)
            assert not findings, f"{block.place}: {findings}"
            return
        if scenarios.is_chaos(text):
            scenarios.load_chaos(text, self.shell.folder)
            return
        if scenarios.is_target(text):
            scenarios.load_as_target(text, self.shell.folder)
            return
        value = yaml.safe_load(text)
        assert isinstance(value, dict), f"{block.place}: expected a mapping"
        for command in _ci_commands(value):
            if command not in self._done:  # two recipes share most of theirs
                self._done.add(command)
                self._do_sh(block, self._here(command))

    def _do_json(self, block: Block, text: str) -> None:
        json.loads(text)

    def _do_toml(self, block: Block, text: str) -> None:
        tomllib.loads(text)

    def _start(self, server: str, command: str) -> str:
        """Start a server on a free port; its banner."""
        usual, last = SERVERS[server]
        if "mpesa_pochi" in server:
            self.shell.environment["MPESA_BASE_URL"] = self._here("http://127.0.0.1:8700")
        process = self.shell.start(f"{command} --port 0")
        self._stack.enter_context(_ending(process))
        watchdog = threading.Timer(START_SECONDS, process.kill)
        watchdog.start()
        said = ""
        try:
            for line in process.stdout:
                said += line
                if line.startswith(last):
                    break
        finally:
            watchdog.cancel()
        found = re.search(r"127\.0\.0\.1:(\d+)", said)
        assert found, f"`{command}` did not start:\n{said}"
        self._ports[usual] = found[1]
        return said

    def _here(self, text: str) -> str:
        """The text with the ports of the servers that were started in place of the usual ones."""
        if "127.0.0.1:8700" in text and 8700 not in self._ports and "$ darajasim serve" not in text:
            self._ports[8700] = self._served().rpartition(":")[2]
        for usual, port in self._ports.items():
            text = text.replace(f"127.0.0.1:{usual}", f"127.0.0.1:{port}")
        return text

    def _usual(self, text: str) -> str:
        for usual, port in self._ports.items():
            text = text.replace(f"127.0.0.1:{port}", f"127.0.0.1:{usual}")
        return text


def _serves(command: str, server: str) -> bool:
    """Whether it is this server, and not a subcommand of the same program."""
    return re.match(rf"{re.escape(server)}( -|$)", command) is not None


def _ending(process: subprocess.Popen[str]) -> AbstractContextManager[None]:
    stack = ExitStack()
    stack.callback(process.communicate)
    stack.callback(process.kill)
    return stack


def _ci_commands(recipe: dict[str, Any]) -> list[str]:
    """The commands of a GitHub workflow or a GitLab pipeline."""
    found: list[str] = []
    for job in (recipe.get("jobs") or {}).values():
        found += [step["run"] for step in job["steps"] if "run" in step]
    for job in recipe.values():
        if isinstance(job, dict) and "script" in job:
            found += [*job.get("before_script", []), *job["script"]]
    return found
