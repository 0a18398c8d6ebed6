"""Drive an SDK in a process of its own against a served simulator, and hear what came of it."""

import asyncio
import json
import os
import ssl
import urllib.request
from collections import Counter
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest
import trustme

from compat.prepare import Sdk, sdks
from darajasim.core.initiator import SANDBOX_INITIATOR_PASSWORD
from darajasim.operations.credentials import certificate, encrypted
from support.recorder import Delivery, Recorder, recorder, status
from support.served import Served, served

HERE = Path(__file__).parent
SPEED = "60"
SECONDS = 60
LONGEST_LINE = 1 << 20
ACCEPTED = b'{"ResultCode":0,"ResultDesc":"Accepted","resmsg":"Success","rescode":"200"}'
"""What the recorder answers: a yes to a C2B validation, and to a payment of Bill Manager's."""
PAID = "paid"
HOSTS = ("sandbox.safaricom.co.ke", "api.safaricom.co.ke", "127.0.0.1")


@dataclass
class Run:
    """What an SDK was seen to do.

    Attributes:
        operations: by name, what it gave back, or its complaint as text.
        models: by name, what it read in a callback, or its complaint as text.
        surface: the operations that it says it has.
        callbacks: everything that the recorder heard, in order.
        refusals: what the simulator refused, and why.
    """

    operations: dict[str, object] = field(default_factory=dict)
    models: dict[str, object] = field(default_factory=dict)
    surface: set[str] = field(default_factory=set)
    callbacks: list[Delivery] = field(default_factory=list)
    refusals: list[str] = field(default_factory=list)

    def take(self, line: dict) -> None:
        """One line of the driver's."""
        if "surface" in line:
            self.surface = set(line["surface"])
        elif "operation" in line:
            self.operations[line["operation"]] = line.get("answered", line.get("refused"))
        else:
            self.models[line["model"]] = line.get("accepted", line.get("refused"))

    @property
    def shown(self) -> str:
        """Its operations and what came of each, in a line each."""
        return "\n".join(f"{name}: {str(found)[:300]}" for name, found in self.operations.items())

    @property
    def results(self) -> dict[str, tuple[object, ...]]:
        """What the callbacks said came of it, in the order they came, by path."""
        found: dict[str, tuple[object, ...]] = {}
        for heard in self.callbacks:
            code = result_code(json.loads(heard.body))
            found[heard.path] = (*found.get(heard.path, ()), code)
        return found


def required() -> bool:
    """Whether a missing environment is a failure."""
    wanted = os.environ.get("DARAJASIM_COMPAT", "")
    return wanted == "required" or (wanted != "optional" and bool(os.environ.get("CI")))


def ready(name: str) -> Sdk:
    """The SDK, installed; the test is skipped, or fails where all must be there."""
    sdk = sdks()[name]
    if not sdk.ready:
        missing = f"{sdk.requirement} is not prepared: python tests/compat/prepare.py"
        if required():
            pytest.fail(missing)
        pytest.skip(missing)
    return sdk


def driven(name: str, tmp_path: Path, *options: str) -> Run:
    """Drive an SDK through everything that its driver does.

    Args:
        options: more for `darajasim serve`.
    """
    sdk = ready(name)
    with simulator(tmp_path, *options) as (server, authority):
        try:
            return asyncio.run(_drive(sdk, server, authority, tmp_path))
        except Exception as error:
            error.add_note("\n".join(_refusals(server.base, authority)))
            error.add_note(server.log[-3000:])
            raise


@contextmanager
def simulator(folder: Path, *options: str):
    """A simulator over TLS, and the file of the throwaway authority that vouches for it."""
    authority = trustme.CA()
    issued = authority.issue_cert(*HOSTS)
    issued.private_key_and_cert_chain_pem.write_to_path(folder / "server.pem")
    authority.cert_pem.write_to_path(folder / "authority.pem")
    (folder / "certificate.cer").write_text(certificate(), encoding="utf-8")
    both = str(folder / "server.pem")
    secure = ("--tls-certificate", both, "--tls-key", both)
    with served("--speed", SPEED, "--seed", "1", *secure, *options) as server:
        yield server, folder / "authority.pem"


async def _drive(sdk: Sdk, server: Served, authority: Path, folder: Path) -> Run:
    run = Run()
    async with recorder(status(200, ACCEPTED)) as merchant:
        process = await asyncio.create_subprocess_exec(
            *_command(sdk),
            server.base,
            merchant.url,
            str(folder / "certificate.cer"),
            env=_environment(sdk, server, authority),
            cwd=folder,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            limit=LONGEST_LINE,
        )
        errors = asyncio.ensure_future(process.stderr.read())
        try:
            async with asyncio.timeout(SECONDS):
                await _converse(process, merchant, run)
        except TimeoutError:
            process.kill()
            said = (await errors).decode(errors="replace")
            found = f"{sdk.name} did not end; it had done {run.shown}\n{said[-3000:]}"
            raise AssertionError(found) from None
        finally:
            if process.returncode is None:
                process.kill()
                await process.wait()
        said = (await errors).decode(errors="replace")
        assert process.returncode == 0, said[-4000:]
        run.refusals = await asyncio.to_thread(_refusals, server.base, authority)
        run.callbacks = merchant.received
    return run


async def _converse(process: asyncio.subprocess.Process, merchant: Recorder, run: Run) -> None:
    """Take what the driver tells, and give it the callbacks that it waits for, until it ends."""
    asked: Counter[str] = Counter()
    async for raw in process.stdout:
        line = json.loads(raw)
        if "wait" in line:
            body = await _body(merchant, line["wait"], asked, run)
            process.stdin.write(json.dumps(body).encode() + b"\n")
        else:
            run.take(line)
    await process.wait()


async def _body(merchant: Recorder, path: str, asked: Counter[str], run: Run) -> str:
    """The body of the next callback at `path` that the driver has not had yet."""
    number = asked[path]
    asked[path] += 1
    try:
        await merchant.until(lambda: len(merchant.of(path)) > number)
    except TimeoutError:
        found = f"no callback came to {path}; before that {run.shown}"
        raise AssertionError(found) from None
    return merchant.of(path)[number].body.decode()


def _command(sdk: Sdk) -> tuple[str, ...]:
    if sdk.index == "npm":
        hook = str(HERE / "inside" / "loopback.js")
        return "node", "--require", hook, str(HERE / "drivers" / f"{sdk.name}.js")
    # -P: the driver stands beside others that are named as the packages they import.
    driver = f"{sdk.name.replace('-', '_')}.py"
    return str(sdk.python), "-P", str(HERE / "drivers" / driver)


def _environment(sdk: Sdk, server: Served, authority: Path) -> dict[str, str]:
    """Nothing of ours but the way: no proxies, no settings that an SDK might read."""
    inside = str(HERE / "inside")
    kept = {name: os.environ[name] for name in ("PATH", "SYSTEMROOT") if name in os.environ}
    trusted = ("SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "NODE_EXTRA_CA_CERTS")
    paths = {"PYTHONPATH": inside, "NODE_PATH": f"{sdk.home / 'node_modules'}{os.pathsep}{inside}"}
    zone = {"TZ": "Africa/Nairobi"}
    return (
        kept
        | paths
        | zone
        | dict.fromkeys(trusted, str(authority))
        | {
            "COMPAT_PORT": str(server.port),
            "COMPAT_CREDENTIAL": encrypted(SANDBOX_INITIATOR_PASSWORD),
        }
    )


def _refusals(base: str, authority: Path) -> list[str]:
    """What the simulator refused, and why, in a line each."""
    context = ssl.create_default_context(cafile=str(authority))
    journal = f"{base}/_sim/journal?kind=request-answered"
    with urllib.request.urlopen(journal, context=context) as answer:  # noqa: S310  # loopback
        events = json.load(answer)["events"]
    shown = ("operation", "status", "code", "message", "hint")
    return [
        ", ".join(f"{event[name]}" for name in shown) for event in events if event["status"] != 200
    ]


def result_code(body: dict) -> object:
    """What a callback says came of it, whichever product it is of: a code, or that money came."""
    if "Body" in body:
        return body["Body"]["stkCallback"]["ResultCode"]
    if "Result" in body:
        return body["Result"]["ResultCode"]
    header = body.get("responseHeader") or body.get("ResponseHeader")
    if header:
        return header["responseCode"]
    return body.get("resultCode", PAID)
