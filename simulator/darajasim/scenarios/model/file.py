"""A whole scenario file."""

from typing import ClassVar

from darajasim.scenarios.model import leaves
from darajasim.scenarios.model.answers import AnswerPart
from darajasim.scenarios.model.chaos import ChaosPart
from darajasim.scenarios.model.expect import ExpectPart
from darajasim.scenarios.model.part import Part, optional, required
from darajasim.scenarios.model.rules import RulePart
from darajasim.scenarios.model.steps import StepPart
from darajasim.scenarios.model.world import ProfilePart, WorldPart


class ScenarioFile(Part):
    title: ClassVar[str] = "a scenario"
    checked_elsewhere: ClassVar[frozenset[str]] = frozenset({"scenario"})

    scenario: leaves.Slug = required(
        "The scenario's name: that of the file without .yaml.", "customer-cancels"
    )
    about: leaves.Sentence = required("One sentence: what the scenario shows.", "What it shows.")
    tags: list[leaves.Slug] | None = optional("Words to select scenarios by.", "[failure]")
    seed: leaves.Seed | None = optional("Where all chance begins.", "7")
    include: leaves.Included = optional(
        "Files whose world, rules and answers are taken beside this one's.", "shared/shop.yaml"
    )
    profile: ProfilePart | None = optional("Which Daraja this is: its era and habits.", "observed")
    chaos: list[ChaosPart] | None = optional("Bad hours of Daraja, which end by themselves.")
    world: WorldPart | None = optional("What is laid over the default world.")
    rules: list[RulePart] | None = optional(
        "What Daraja and the customer do; the first rule that matches wins."
    )
    answers: list[AnswerPart] | None = optional(
        "What the scenario's own callback URLs answer; the first that matches wins."
    )
    steps: list[StepPart] | None = optional("What the merchant and the outside world do.")
    expect: ExpectPart | None = optional("What must be true at the end.")
    cases: leaves.CaseRows = optional(
        "A table of values: each row is one run of the scenario with its `${name}` filled in."
    )
