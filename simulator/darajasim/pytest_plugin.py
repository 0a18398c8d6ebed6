"""The pytest plugin: `daraja` in the test's own process, `daraja_server` on a real socket.

It is loaded by every pytest run where darajasim is installed, so it imports nothing of darajasim
until a test asks for it.
"""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from darajasim.scenarios.scenario import Scenario
    from darajasim.testing.daraja import Daraja
    from darajasim.testing.process import ServedProcess
    from darajasim.testing.remote import DarajaServer

FIXTURES = ("daraja", "daraja_server")
SECTION = "darajasim timeline"
MARKER = (
    "daraja(scenario=…, world=…, rules=…, profile=…, allow_undelivered=False, "
    "allow_unmatched=False): what Daraja is like in this test, and what the test may leave behind"
)
OPTIONS = ("scenario", "world", "rules", "profile", "allow_undelivered", "allow_unmatched")
PARTS = ("world", "rules", "profile")
SAYS_IT_ALL = frozenset({"darajasim.testing.errors", "darajasim.scenarios.errors"})
"""Where errors are from whose message is for the test's author, and the way to them is not."""
_PASSED = pytest.StashKey[bool]()


def pytest_configure(config: pytest.Config) -> None:
    """Register the marker."""
    config.addinivalue_line("markers", MARKER)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> Any:
    """Put the timeline into the report of a test that failed."""
    if call.excinfo is not None and type(call.excinfo.value).__module__ in SAYS_IT_ALL:
        _cut_at_our_door(call.excinfo.tb)
    report = yield
    if report.when == "call":
        item.stash[_PASSED] = report.passed
    if report.failed:
        for name in FIXTURES:
            found = getattr(item, "funcargs", {}).get(name)
            if found is not None:
                report.sections.append((SECTION, _timeline(found)))
    return report


def _cut_at_our_door(traceback: TracebackType | None) -> None:
    """Let a traceback end with the line that called us, for that is the one to mend."""
    while traceback is not None and traceback.tb_next is not None:
        if traceback.tb_next.tb_frame.f_globals.get("__name__", "").startswith("darajasim."):
            traceback.tb_next = None
            return
        traceback = traceback.tb_next


def _timeline(made: Daraja | DarajaServer) -> str:
    """What happened; or why that cannot be known, for a report must come out whatever failed."""
    try:
        return made.timeline
    except Exception as error:  # noqa: BLE001  # the failure itself matters more
        return f"it could not be had: {error}"


@pytest.fixture
def daraja_scenario(request: pytest.FixtureRequest) -> Scenario | None:
    """The scenario of `@daraja_scenarios`, or None."""
    found: Scenario | None = getattr(request, "param", None)
    return found


@pytest.fixture
def daraja(request: pytest.FixtureRequest, daraja_scenario: Scenario | None) -> Iterator[Daraja]:
    """A fake Daraja of the test's own, in its process and in virtual time."""
    from darajasim.testing.daraja import Daraja  # noqa: PLC0415  # only for who asks
    from darajasim.testing.verdict import Allowed  # noqa: PLC0415

    options = _options(request.node)
    made = Daraja(
        seed=request.node.nodeid,
        folders=_folders(request),
        asynchronous=_is_asynchronous(request),
        allowed=Allowed(_flag(options, "undelivered"), _flag(options, "unmatched")),
    )
    _prepare(made, options, daraja_scenario)
    yield made
    _end(request, made)


@pytest.fixture(scope="session")
def daraja_process() -> Iterator[ServedProcess]:
    """One served simulator for the whole run; with xdist, for each worker."""
    from darajasim.testing.process import ServedProcess  # noqa: PLC0415  # only for who asks

    with ServedProcess() as served:
        yield served


@pytest.fixture
def daraja_server(
    request: pytest.FixtureRequest, daraja_process: ServedProcess, daraja_scenario: Scenario | None
) -> Iterator[DarajaServer]:
    """A namespace of the test's own on a simulator with a real socket."""
    from darajasim.testing.remote import DarajaServer  # noqa: PLC0415  # only for who asks
    from darajasim.testing.verdict import Allowed  # noqa: PLC0415

    options = _options(request.node)
    made = DarajaServer(
        daraja_process.base,
        daraja_process.next_name(request.node.name),
        daraja_process.line,
        folders=_folders(request),
        allowed=Allowed(_flag(options, "undelivered"), _flag(options, "unmatched")),
    )
    _prepare(made, options, daraja_scenario)
    yield made
    _end(request, made)


def _prepare(
    made: Daraja | DarajaServer, options: dict[str, Any], scenario: Scenario | None
) -> None:
    """Lay over the namespace what the marks and the parametrisation say."""
    from darajasim.scenarios.errors import ScenarioError  # noqa: PLC0415  # only for who asks
    from darajasim.testing.errors import DarajaTestError  # noqa: PLC0415

    given = {name: options[name] for name in PARTS if options.get(name) is not None}
    try:
        if options.get("scenario") is not None:
            made.load(options["scenario"])
        if scenario is not None:
            made.load(scenario)
        if given:
            made.lay(**given)
    except (ScenarioError, DarajaTestError) as error:
        made.close()
        pytest.fail(f"@pytest.mark.daraja: {error}", pytrace=False)


def _end(request: pytest.FixtureRequest, made: Daraja | DarajaServer) -> None:
    """Judge what a test that passed has left behind, and end its Daraja."""
    try:
        passed = request.node.stash.get(_PASSED, False)
        found = made.complaints() if passed else []
    finally:
        made.close()
    if found:
        pytest.fail("\n".join(found), pytrace=False)


def _options(node: pytest.Item) -> dict[str, Any]:
    """What the marks say; the nearest to the test wins."""
    options: dict[str, Any] = {}
    for mark in reversed(list(node.iter_markers("daraja"))):
        if mark.args:
            raise pytest.UsageError(
                f"{node.nodeid}: expected @pytest.mark.daraja(scenario=…), found an argument "
                f"without a name: {mark.args[0]!r}"
            )
        for name in mark.kwargs:
            if name not in OPTIONS:
                import difflib  # noqa: PLC0415  # a millisecond of every run, for a typing error

                near = difflib.get_close_matches(name, OPTIONS, n=1)
                meant = f"; did you mean {near[0]}?" if near else ""
                known = ", ".join(OPTIONS)
                raise pytest.UsageError(
                    f"{node.nodeid}: @pytest.mark.daraja takes {known}, found {name}{meant}"
                )
        options.update(mark.kwargs)
    return options


def _flag(options: dict[str, Any], name: str) -> bool:
    return bool(options.get(f"allow_{name}", False))


def _folders(request: pytest.FixtureRequest) -> tuple[Path, ...]:
    return (request.path.parent, request.config.rootpath)


def _is_asynchronous(request: pytest.FixtureRequest) -> bool:
    return inspect.iscoroutinefunction(getattr(request, "function", None))
