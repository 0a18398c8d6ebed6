"""Laying scenarios over a namespace, and taking their rules away again."""

from dataclasses import dataclass, field

from darajasim.core.identifiers import Identifiers
from darajasim.core.inbox import Inbox
from darajasim.core.namespace import Namespace
from darajasim.core.profile import Profile
from darajasim.core.rules import Rule
from darajasim.scenarios.answering import Answering
from darajasim.scenarios.chaos import unleash
from darajasim.scenarios.scenario import Scenario


@dataclass(slots=True, eq=False)
class Laid:
    """What was laid over one namespace: the rules of each scenario by its name, oldest first."""

    rules: dict[str, list[Rule]] = field(default_factory=dict)


def lay(scenario: Scenario, namespace: Namespace) -> None:
    """Lay world, profile, rules and answers of a scenario over a namespace. Its rules come after
    those that are there; a scenario of the same name is taken away first. The world's start is kept
    only where nothing has happened yet.
    """
    take_away(namespace, scenario.name)
    if scenario.world.start is not None and not len(namespace.journal):
        namespace.clock.set(scenario.world.start)
    if scenario.profile is not None:
        _behave(namespace, scenario.profile.profile())
    namespace.world.lay(scenario.world)
    rules = scenario.new_rules()
    namespace.book(Laid).rules[scenario.name] = rules
    namespace.rules.rules.extend(rules)
    if scenario.answers:
        namespace.book(Inbox).answering[scenario.name] = Answering(scenario.answers)
    for chaos in scenario.chaos:
        unleash(chaos, namespace)


def take_away(namespace: Namespace, name: str) -> bool:
    """Take the rules and answers of a scenario away; whether it had been laid. What it laid over
    the world stays: money has moved since.
    """
    rules = namespace.book(Laid).rules.pop(name, None)
    if rules is None:
        return False
    namespace.book(Inbox).answering.pop(name, None)
    gone = set(map(id, rules))
    kept = [rule for rule in namespace.rules.rules if id(rule) not in gone]
    namespace.rules.rules[:] = kept
    return True


def laid(namespace: Namespace) -> dict[str, list[Rule]]:
    """The scenarios that are laid over a namespace, with their rules."""
    return dict(namespace.book(Laid).rules)


def _behave(namespace: Namespace, profile: Profile) -> None:
    """Take on a profile; identifiers follow it, and never repeat those issued so far."""
    namespace.profile = profile
    issued = len(namespace.journal) + namespace.journal.dropped
    names = ("identifiers", issued) if issued else ("identifiers",)
    namespace.ids = Identifiers(namespace.chance.fork(*names), profile)
