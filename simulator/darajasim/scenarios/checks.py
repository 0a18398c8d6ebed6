"""What must agree between the sections of a file: names, references, and that something is judged.

Works on the tree, so that these mistakes are found beside all others. What is misshapen is left to
those who look at shapes.
"""

from collections.abc import Iterator

from darajasim.core import msisdn
from darajasim.scenarios.complaint import Complaint
from darajasim.scenarios.model.file import ScenarioFile
from darajasim.scenarios.nodes import Mapping, Node, Path, Scalar, Sequence
from darajasim.scenarios.references import dangling
from darajasim.scenarios.scalars import is_slug
from darajasim.scenarios.wording import nearest, quoted

Found = tuple[Path, Complaint]


def disagreements(root: Node, stem: str) -> Iterator[Found]:
    """Every disagreement in the file. `stem` is its name without the ending."""
    if isinstance(root, Mapping):
        yield from _name(root, stem)
        yield from _purpose(root)
        yield from _twins(root, "customers", "phone", "phone number")
        yield from _twins(root, "organisations", "shortcode", "shortcode")
        yield from _twins(root, "initiators", "name", "initiator")
        yield from dangling(root)


def _name(root: Mapping, stem: str) -> Iterator[Found]:
    name = root.get("scenario")
    right = f"write `scenario: {stem}`" if is_slug(stem) else ""
    if name is None:
        message = "a scenario must have a name, that of its file"
        advice = right or "rename the file: lower-case letters, digits and single hyphens"
        yield (), Complaint(message, "a line that begins with `scenario:`", advice=advice)
    elif isinstance(name, Scalar) and is_slug(name.text) and name.text != stem:
        renamed = f"rename the file to {name.text}.yaml"
        yield (
            ("scenario",),
            Complaint(
                "the scenario is not named like its file",
                quoted(stem) if right else "the name of the file, which must be a valid one",
                quoted(name.text),
                f"{right}, or {renamed}" if right else renamed,
            ),
        )


def _purpose(root: Mapping) -> Iterator[Found]:
    steps, expect = root.entry("steps"), root.entry("expect")
    known = ScenarioFile.model_fields
    present = {name if name in known else nearest(name, known) for name in root.entries}
    if steps and isinstance(steps.value, Sequence) and not steps.value.items:
        yield ("steps",), Complaint("there is no step in the list", "at least one step", "[]")
    if expect and isinstance(expect.value, Mapping) and not expect.value.entries:
        yield ("expect",), Complaint("nothing is expected", "at least one expectation", "{}")
    if steps and not expect and "expect" not in present:
        yield (
            ("steps",),
            Complaint(
                "nothing is expected of these steps, so that the scenario could never fail",
                "a section `expect:`",
                advice="add, for example, `expect: {payment: {status: success}}`",
                on_key=True,
            ),
        )
    if expect and not steps and "steps" not in present:
        yield (
            ("expect",),
            Complaint(
                "something is expected, but nothing is done",
                "a section `steps:`",
                advice="add, for example, `steps: [{pay: {phone: 0722000000, amount: 100}}, "
                "{settle: 60s}]`",
                on_key=True,
            ),
        )
    if present.isdisjoint(("world", "rules", "steps", "expect")):
        yield (
            (),
            Complaint(
                "the scenario says nothing yet",
                "at least one of world, rules, or steps with expect",
                advice="add `rules:` to configure a server, `steps:` and `expect:` to judge a flow",
            ),
        )


def _twins(root: Mapping, section: str, key: str, noun: str) -> Iterator[Found]:
    world = root.get("world")
    listed = world.get(section) if isinstance(world, Mapping) else None
    first: dict[str, Scalar] = {}
    for index, item in enumerate(listed.items if isinstance(listed, Sequence) else ()):
        value = item.get(key) if isinstance(item, Mapping) else None
        if not isinstance(value, Scalar) or value.is_null or value.unknown:
            continue
        earlier = first.setdefault(_normal(value.text), value)
        if earlier is not value:
            yield (
                ("world", section, index, key),
                Complaint(
                    f"this {noun} is listed twice",
                    f"each {noun} once",
                    f"{quoted(value.text)}, and {quoted(earlier.text)} on line "
                    f"{earlier.place.line}",
                    "delete one of the two entries",
                ),
            )


def _normal(text: str) -> str:
    try:
        return msisdn.normalise(text)
    except ValueError:
        return text
