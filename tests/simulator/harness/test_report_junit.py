"""The JUnit report, against what the strictest schema in use asks: that of Ant's JUnit task."""

import re
from dataclasses import replace
from xml.etree.ElementTree import fromstring

import pytest

from darajasim.harness.findings import Finding
from darajasim.harness.report_junit import JunitReport
from support.hostile import HOSTILE
from support.played import PAY, played
from support.run_events import document

PASSES = ("steps:", PAY, "- settle", "expect: {payment: {status: success}}")
FAILS = (
    "steps:",
    PAY,
    "- settle",
    "expect: {payment: {status: failed}, callbacks: {sent: 2}}",
)
ATTRIBUTES = {
    "testsuites": {},
    "testsuite": {
        "id": r"\d+",
        "package": r"\S+",
        "name": r"\S+",
        "timestamp": r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d",
        "hostname": r"\S+",
        "tests": r"\d+",
        "failures": r"\d+",
        "errors": r"\d+",
        "time": r"\d+\.\d+",
    },
    "property": {"name": r".+", "value": r".*"},
    "testcase": {"name": r".+", "classname": r".+", "time": r"\d+\.\d+"},
    "failure": {"message": r".*", "type": r".+"},
}
"""Every attribute is required, and no other is allowed."""
CHILDREN = {
    "testsuites": r"(testsuite )*",
    "testsuite": r"properties (testcase )*system-out system-err ",
    "properties": r"(property )*",
    "testcase": r"((error|failure|skipped) )?",
}


def made(*results, **options):
    return fromstring(document(JunitReport(), *results, **options))  # noqa: S314  # our own


def check(root):
    for element in root.iter():
        wanted = ATTRIBUTES.get(element.tag, {})
        assert element.keys() == [*wanted] or set(element.keys()) == set(wanted), element.tag
        for name, pattern in wanted.items():
            assert re.fullmatch(pattern, element.get(name), re.DOTALL), (element.tag, name)
        children = "".join(f"{child.tag} " for child in element)
        assert re.fullmatch(CHILDREN.get(element.tag, ""), children), element.tag


def test_look(snapshot):
    assert document(JunitReport(), played(*PASSES), played(*FAILS)) == snapshot


@pytest.mark.parametrize("sections", [[], [PASSES], [FAILS], [PASSES, FAILS, FAILS]])
def test_it_is_valid(sections):
    root = made(*(played(*each) for each in sections))
    check(root)
    (suite,) = root
    assert suite.get("tests") == str(len(sections)) == str(len(suite.findall("testcase")))
    assert suite.get("failures") == str(len(suite.findall("testcase/failure")))


def test_a_failure_has_the_findings_the_timeline_and_the_command():
    (failure,) = made(played(*FAILS, seed=7)).iter("failure")
    assert failure.get("message") == (
        "shown.yaml:6:28: payment first: status; shown.yaml:6:55: callbacks: sent"
    )
    assert "shown.yaml:6:28: payment first: status\n  expected failed\n  found    success\n" in (
        failure.text
    )
    assert "       0.000s  scenario   pay first: 254722000000" in failure.text
    assert failure.text.endswith("\nrepeat with: darajasim run shown.yaml --seed 7")


@pytest.mark.parametrize("text", HOSTILE)
def test_whatever_is_in_it_it_is_valid(text):
    result = replace(played(*FAILS), findings=(Finding("", text, text, text),))
    root = made(result)
    check(root)
    assert {element.tag for element in root.iter()} <= {
        *ATTRIBUTES,
        *CHILDREN,
        "system-out",
        "system-err",
    }


def test_times_are_simulated_and_nothing_is_of_this_machine():
    (suite,) = made(played(*PASSES), played(*FAILS))
    assert (suite.get("time"), suite.get("hostname")) == ("30.000", "localhost")
    assert suite.get("timestamp") == "2026-03-02T06:00:00"
    assert [case.get("time") for case in suite.iter("testcase")] == ["15.000", "15.000"]
