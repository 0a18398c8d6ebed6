"""From a checked model to the plain values of a `Scenario`, each with its place in the file."""

from pathlib import Path as FilePath

from darajasim.core.world import (
    App,
    CustomerSpec,
    CustomerState,
    Limits,
    OrganisationKind,
    OrganisationSpec,
    WorldOverlay,
)
from darajasim.scenarios.cases import Variant
from darajasim.scenarios.compiler.expect import expectations
from darajasim.scenarios.compiler.places import Places
from darajasim.scenarios.compiler.rules import rule
from darajasim.scenarios.compiler.steps import StepCompiler
from darajasim.scenarios.model.file import ScenarioFile
from darajasim.scenarios.model.world import (
    CustomerPart,
    LimitsPart,
    OrganisationPart,
    ProfilePart,
    WorldPart,
)
from darajasim.scenarios.nodes import Mapping, Node, plain
from darajasim.scenarios.scenario import ProfileChoice, Scenario
from darajasim.scenarios.source import Source
from darajasim.scenarios.vocabulary import Vocabulary, knob_value


def compiled(
    model: ScenarioFile, variant: Variant, source: Source, vocabulary: Vocabulary, path: FilePath
) -> Scenario:
    """The scenario of one row of a file that has no mistakes."""
    places = Places(variant.root, source)
    stepper = StepCompiler(places)
    steps = stepper.steps(model.steps or [])
    case = variant.case
    return Scenario(
        name=model.scenario if case.name is None else f"{model.scenario}[{case.name}]",
        about=model.about,
        tags=tuple(model.tags or ()),
        seed=model.seed,
        profile=_profile(model.profile, variant.root.get("profile"), vocabulary),
        world=_world(model.world),
        rules=tuple(
            rule(part, places, ("rules", index)) for index, part in enumerate(model.rules or ())
        ),
        steps=steps,
        expect=expectations(model.expect, places, last_payment=stepper.last_payment),
        path=path,
        source_text_hash=source.sha256,
        where=f"{source.path}:{case.place.line}",
    )


def _profile(
    part: ProfilePart | None, node: Node | None, vocabulary: Vocabulary
) -> ProfileChoice | None:
    if part is None:
        return None
    entries = node.entries if isinstance(node, Mapping) else {}
    knobs = {
        name: knob_value(vocabulary.knobs[name], plain(entry.value))
        for name, entry in entries.items()
        if name in vocabulary.knobs
    }
    return ProfileChoice(part.base or "observed", knobs)


def _world(part: WorldPart | None) -> WorldOverlay:
    if part is None:
        return WorldOverlay()
    return WorldOverlay(
        start=part.start,
        customers=tuple(map(_customer, part.customers or ())),
        organisations=tuple(map(_organisation, part.organisations or ())),
        apps=tuple(App(app.consumer_key, app.consumer_secret) for app in part.apps or ()),
    )


def _customer(part: CustomerPart) -> CustomerSpec:
    usual = CustomerSpec(part.phone)
    return CustomerSpec(
        msisdn=part.phone,
        name=part.name,
        balance_cents=usual.balance_cents if part.balance is None else part.balance,
        pin=part.pin or usual.pin,
        state=CustomerState(part.state or usual.state),
        limits=_limits(part.limits),
    )


def _limits(part: LimitsPart | None) -> Limits:
    usual = Limits()
    if part is None:
        return usual
    return Limits(
        minimum=usual.minimum if part.minimum is None else part.minimum,
        maximum=usual.maximum if part.maximum is None else part.maximum,
        daily=usual.daily if part.daily is None else part.daily,
    )


def _organisation(part: OrganisationPart) -> OrganisationSpec:
    usual = OrganisationSpec(part.shortcode)
    return OrganisationSpec(
        shortcode=part.shortcode,
        name=part.name or usual.name,
        kind=OrganisationKind(part.kind or usual.kind),
        passkey=part.passkey or usual.passkey,
        balance_cents=usual.balance_cents if part.balance is None else part.balance,
        maximum_cents=part.maximum_balance,
    )
