"""The report as JUnit XML, which every CI knows.

It keeps to the strictest schema in use, that of Ant's JUnit task; those of Jenkins and Surefire
allow all of it. Times are simulated: a report holds nothing of the machine.
"""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import PurePath
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from darajasim.harness.report_escape import one_line, visible
from darajasim.harness.report_json import portable, portable_text
from darajasim.harness.report_text import heading, repeat_command, told
from darajasim.harness.run_events import RunEnded, RunEvent, RunStarted, ScenarioEnded
from darajasim.harness.runner import ScenarioResult

SUITE = "darajasim"
HOST = "localhost"
"""The schema wants a host; one that says nothing of the machine."""


class JunitReport:
    """One suite, a test case for each scenario, and all that failed in one as its failure."""

    def __init__(self) -> None:
        self._root = Element("testsuites")
        self._suite = SubElement(self._root, "testsuite", id="0", package=SUITE, name=SUITE)
        self._started = datetime.fromtimestamp(0, UTC)

    def take(self, event: RunEvent) -> None:
        """Take the next event of the run."""
        match event:
            case RunStarted():
                properties = SubElement(self._suite, "properties")
                SubElement(properties, "property", name="seed", value=str(event.seed))
            case ScenarioEnded():
                if event.number == 1:
                    self._started = datetime.fromtimestamp(event.result.start, UTC)
                self._suite.append(_case(event))
            case RunEnded():
                self._end(event)

    def _end(self, event: RunEnded) -> None:
        self._suite.attrib |= {
            "timestamp": f"{self._started:%Y-%m-%dT%H:%M:%S}",
            "hostname": HOST,
            "tests": str(event.passed + event.failed + event.skipped),
            "failures": str(event.failed),
            "errors": "0",
            "time": _seconds(event.simulated_seconds),
        }
        SubElement(self._suite, "system-out")
        SubElement(self._suite, "system-err")

    def document(self) -> bytes:
        """The report."""
        indent(self._root)
        return bytes(tostring(self._root, "utf-8", xml_declaration=True)) + b"\n"


def _case(event: ScenarioEnded) -> Element:
    result = event.result
    case = Element(
        "testcase",
        name=one_line(event.title),
        classname=_class(result),
        time=_seconds(result.simulated_seconds),
    )
    if result.skipped:
        SubElement(case, "skipped", message=one_line(result.skipped))
    if result.failed:
        headings = "; ".join(map(heading, result.findings))
        message = portable_text(headings, result.scenario)
        failure = SubElement(case, "failure", type="expectation", message=message)
        failure.text = explained(result)
    return case


def _class(result: ScenarioResult) -> str:
    """The file as programs group by it: `scenarios.customer-cancels`."""
    path = PurePath(portable(result.scenario))
    parts = [part for part in path.with_suffix("").parts if part not in {"..", "/"}]
    return one_line(".".join(parts))


def explained(result: ScenarioResult) -> str:
    """Why a scenario failed, what happened in it, and how to repeat it, as plain text."""
    lines: list[str] = []
    for finding in result.findings:
        found, *more = map(one_line, finding.found.split("\n"))
        lines += [
            heading(finding),
            f"  expected {one_line(finding.expected)}",
            f"  found    {found}",
            *(f"           {line}" for line in more),
        ]
    lines += ["", "what happened:", *(f"  {line}" for line in told(result))]
    text = portable_text("\n".join(lines), result.scenario)
    return f"{visible(text)}\n\nrepeat with: {repeat_command(result)}"


def _seconds(seconds: float) -> str:
    return f"{seconds:.3f}"
