"""The commands that documents show, in a folder of their own.

Nothing is installed: `python3 -m venv`, `pip` and the programs that they bring are stand-ins for
what this interpreter has already. What `pip` is asked for is written down, and judged.
"""

import os
import re
import shlex
import subprocess
import sys
import tomllib
from contextlib import chdir
from pathlib import Path

from click.testing import CliRunner
from packaging.requirements import Requirement

from darajasim.cli.main import main

REPOSITORY = Path(__file__).parents[3]
SECONDS = 60
PIP_LOG = "pip.log"

_PYTHON = """\
#!/bin/sh
case "$1 $2" in
  "-m venv") mkdir -p "$3" && ln -sfn "$(dirname "$0")" "$3/bin" ;;
  "-m pip") shift 2; exec "$(dirname "$0")/pip" "$@" ;;
  *) exec {python} "$@" ;;
esac
"""
_PIP = '#!/bin/sh\nfor word in "$@"; do echo "$word" >> "$PIP_LOG"; done\n'
_MODULE = '#!/bin/sh\nexec {python} -m {module} "$@"\n'
_STAND_INS = {
    "python": _PYTHON,
    "python3": _PYTHON,
    "pip": _PIP,
    "darajasim": _MODULE.replace("{module}", "darajasim"),
    "pytest": _MODULE.replace("{module}", "pytest -p no:cacheprovider"),
    "uvicorn": _MODULE.replace("{module}", "uvicorn"),
}

_OURS = re.compile(r"darajasim (run|check|codes|demo|schema)( [\w./,=\[\]'-]+)*")
"""Commands that need nothing of a shell."""


class Shell:
    """Attributes:
    folder: where commands run.
    environment: what they see.
    """

    def __init__(self, folder: Path, environment: dict[str, str]) -> None:
        self.folder = folder / "here"
        self.folder.mkdir()
        stand_ins = folder / "bin"
        stand_ins.mkdir()
        for name, text in _STAND_INS.items():
            (stand_ins / name).write_text(text.replace("{python}", sys.executable))
            (stand_ins / name).chmod(0o755)
        self._log = folder / PIP_LOG
        packages = (REPOSITORY / "simulator", REPOSITORY / "client")
        self.environment = {
            "PATH": f"{stand_ins}:{os.environ['PATH']}",
            "HOME": str(folder),
            "LANG": "C.UTF-8",
            "PYTHONPATH": ":".join(map(str, packages)),
            "PYTHONDONTWRITEBYTECODE": "1",
            "PIP_LOG": str(self._log),
            # Only what a newcomer has: other plugins take seconds to load.
            "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1",
            "PYTEST_PLUGINS": "darajasim.pytest_plugin,anyio.pytest_plugin",
            "COLUMNS": "100",
            **environment,
        }

    def run(self, script: str) -> tuple[int, str]:
        """The exit code of a script, and what it printed and complained."""
        if _OURS.fullmatch(script.strip()):
            return self._run_inside(shlex.split(script)[1:])
        done = subprocess.run(
            ["bash", "-euo", "pipefail", "-c", script],
            cwd=self.folder,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=SECONDS,
            check=False,
        )
        return done.returncode, done.stdout

    def _run_inside(self, words: list[str]) -> tuple[int, str]:
        """A command of ours without a shell or a process of its own, which would take seconds."""
        with chdir(self.folder):
            done = CliRunner().invoke(
                main,
                words,
                env={**dict.fromkeys(os.environ), **self.environment},
                default_map={"run": {"jobs": 1}},
            )
        return done.exit_code, done.output

    def start(self, script: str) -> subprocess.Popen[str]:
        """A server. Whoever starts it ends it."""
        return subprocess.Popen(
            ["bash", "-euo", "pipefail", "-c", f"exec {script}"],
            cwd=self.folder,
            env={**self.environment, "PYTHONUNBUFFERED": "1"},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def wrong_installs(self) -> list[str]:
        """What `pip` was asked for that cannot be had: unknown extras of this distribution."""
        if not self._log.is_file():
            return []
        words = self._log.read_text(encoding="utf-8").split()
        return [word for word in words if not _is_known(word)]


def _is_known(word: str) -> bool:
    project = tomllib.loads((REPOSITORY / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    if word == "install" or word.startswith("-"):
        return True
    local = re.fullmatch(r"\.(\[.*\])?", word)
    asked = Requirement(f"darajasim{local[1] or ''}" if local else word)
    return asked.name != "darajasim" or asked.extras <= set(project["optional-dependencies"])
