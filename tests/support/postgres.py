"""A PostgreSQL server of a test process's own: on a socket in its own folder, and gone with it.

Nothing is made durable here, for speed; what is about durability starts one that is.
"""

import atexit
import os
import pwd
import shutil
import subprocess
import tempfile
from functools import cache
from pathlib import Path

SECONDS = 60
# It ends when its standard input does: with the test process, however that ends; its folder too.
_UNTIL_WE_ARE_GONE = '"$@" & read -r _; kill -INT $!; wait $!; cd /; rm -rf "$0"'


def binaries():
    """The folder of the newest server that is installed; None when none is."""
    debians = sorted(Path("/usr/lib/postgresql").glob("*/bin/postgres"))
    found = debians[-1] if debians else shutil.which("postgres")
    return None if found is None else Path(found).resolve().parent


class Server:
    """One server, with databases made on demand.

    Args:
        durable: whether a commit is on the disk when it returns, as by default.
    """

    def __init__(self, *, durable=False):
        self.folder = tempfile.mkdtemp(prefix="pg-")  # a socket's path must be short
        self.user = _unprivileged()
        data = f"{self.folder}/data"
        if self.user is not None:
            os.chown(self.folder, pwd.getpwnam(self.user).pw_uid, -1)
        self._run("initdb", "-D", data, "-U", "pochi", "-A", "trust", "-E", "UTF8", "--no-sync")
        quick = "fsync=on" if durable else "fsync=off"
        command = [
            *(str(binaries() / "postgres"), "-D", data, "-k", self.folder, "-h", ""),
            *("-c", quick, "-c", "logging_collector=off", "-c", "max_connections=200"),
        ]
        self.process = subprocess.Popen(
            ["sh", "-c", _UNTIL_WE_ARE_GONE, self.folder, *command],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            cwd=self.folder,
            user=self.user,
        )
        atexit.register(self.stop)
        self._run("pg_isready", "-h", self.folder, "-q", "-t", str(SECONDS), until=True)

    def database(self, name):
        """The URL of a new, empty database."""
        self._run("createdb", "-h", self.folder, "-U", "pochi", "-T", "template0", name)
        return f"postgresql://pochi@/{name}?host={self.folder}"

    def stop(self):
        if self.process.poll() is None:
            self.process.stdin.close()
            self.process.wait(SECONDS)
        shutil.rmtree(self.folder, ignore_errors=True)

    def _run(self, program, *arguments, until=False):
        for _ in range(600 if until else 1):
            done = subprocess.run(
                [binaries() / program, *arguments],
                capture_output=True,
                text=True,
                check=False,
                cwd=self.folder,
                user=self.user,
                timeout=SECONDS,
            )
            if done.returncode == 0:
                return
        raise AssertionError(f"{program}: {done.stdout}{done.stderr}")


def missing():
    """Why there is no server to test with; empty when there is one, or has to be.

    With `DARAJASIM_POSTGRES=required` a test without one fails instead of being skipped.
    """
    if binaries() is not None or os.environ.get("DARAJASIM_POSTGRES") == "required":
        return ""
    return "PostgreSQL is not installed (apt-get install postgresql)"


@cache
def server():
    """This process's server."""
    return Server()


@cache
def shared_url():
    """One database of this process's own, which tests empty before they use it."""
    return server().database("pochi")


def _unprivileged():
    """Whom a server runs as: it refuses to run as root."""
    return ("postgres" if _is_user("postgres") else "nobody") if os.geteuid() == 0 else None


def _is_user(name):
    return any(entry.pw_name == name for entry in pwd.getpwall())
