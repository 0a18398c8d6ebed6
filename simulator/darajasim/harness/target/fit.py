"""Which scenarios an application can be judged by, and why not by the others."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Any

from darajasim.core.catalogue import catalogue
from darajasim.core.organisation import SANDBOX_PASSKEY
from darajasim.harness.abilities import lacking
from darajasim.harness.merchant import Ability
from darajasim.harness.target.loading import Target
from darajasim.harness.target.model import DarajaPart, FindPart
from darajasim.scenarios.expectations import Absent, Expected, PaymentExpectation, Present
from darajasim.scenarios.scenario import Scenario
from darajasim.scenarios.steps import Call, InSequence, Pay, Poll, Query, Step, Together
from darajasim.scenarios.vocabulary import ANY

USUAL_SHORTCODE = "174379"
USUAL_KEY, USUAL_SECRET = "merchant", "secret"  # the bundled merchant's, no secret
SPEED = ("waf_burst", "spike_arrest")
"""Knobs that count how many requests come in a second."""
_OWN_ANSWER = ("http", "answer", "client")
"""What is expected of the bundled merchant's own answer, and of its client."""
OWN_CHOICE = ("oauth", "stk_push", "stk_query")
"""Requests that an application makes as often as it sees fit; what it must not do, the laws say."""


def abilities(target: Target) -> frozenset[Ability]:
    """What the application can do beside: be killed and started again, by who started it."""
    return frozenset() if target.file.start is None else frozenset({Ability.RESTART})


def misfit(scenario: Scenario, target: Target) -> str | None:
    """Why the scenario says nothing of the application; None when it does."""
    return next(_misfits(scenario, target), None)


def _misfits(scenario: Scenario, target: Target) -> Iterator[str]:
    steps = list(_flat(scenario.steps))
    if not any(isinstance(step, Pay) for step in steps):
        yield "no `pay` step asks the application for anything"
    expected, _left_out = fitted(scenario, target)
    if (found := lacking(expected, abilities(target))) is not None:
        yield found
    if target.file.query is None and any(isinstance(step, Query | Poll) for step in steps):
        yield "`query` and `poll` need `query` in the target file"
    yield from _of_speed(scenario)
    yield from _of_world(scenario, target.file.daraja or DarajaPart())
    if target.file.start is None and needs_fresh(scenario):
        yield "it needs an application that begins afresh, and the target has no `start`"


def fitted(scenario: Scenario, target: Target) -> tuple[Scenario, tuple[str, ...]]:
    """The scenario without the expectations that only the bundled client or merchant can meet, and
    what these are: `client`, `payment code`, `requests oauth`.
    """
    expect, left_out = scenario.expect, []
    left: dict[str, Any] = {}
    for name in ("client", "outcome", "query"):
        if getattr(expect, name) is not None:
            left[name] = None
            left_out.append(name)
    if expect.requests is not None:
        counts = expect.requests.counts
        left["requests"] = replace(
            expect.requests,
            counts={name: each for name, each in counts.items() if name not in OWN_CHOICE},
        )
        left_out += [f"requests {name}" for name in OWN_CHOICE if name in counts]
    payments = [_payment(each, target.file.status.find) for each in expect.payments]
    left["payments"] = tuple(payment for payment, _names in payments)
    left_out += [f"payment {name}" for _payment, names in payments for name in names]
    return replace(scenario, expect=replace(expect, **left)), tuple(dict.fromkeys(left_out))


def _payment(
    expect: PaymentExpectation, find: FindPart
) -> tuple[PaymentExpectation, tuple[str, ...]]:
    """What can be expected of a payment, and what cannot: values that the application does not
    show, and codes that are not M-PESA's own, for which everybody has words of their own.
    """
    names = [
        name
        for name in ("code", "receipt", "amount")
        if getattr(expect, name) is not None and getattr(find, name) is None
    ]
    names += [name for name in _OWN_ANSWER if getattr(expect, name)]
    if expect.code is not None and not _of_m_pesa(expect.code) and "code" not in names:
        names.append("code")
    left: dict[str, Any] = {name: () if name == "answer" else None for name in names}
    return replace(expect, **left), tuple(names)


def _of_m_pesa(code: Expected) -> bool:
    """Whether an expected code is the result of a push, or none."""
    if isinstance(code.test, Absent | Present):
        return True
    return any(row.surface == "stk" and code.holds(row.code) for row in catalogue().rows)


def _of_speed(scenario: Scenario) -> Iterator[str]:
    knobs = scenario.profile.knobs if scenario.profile is not None else {}
    found = next((name for name in SPEED if name in knobs), None)
    if found is not None:
        yield f"the knob `{found}` counts requests by the second: the application has its own time"


def _of_world(scenario: Scenario, daraja: DarajaPart) -> Iterator[str]:
    world, shortcode = scenario.world, daraja.shortcode or USUAL_SHORTCODE
    own = {each.shortcode: each for each in world.organisations}
    if world.apps and (daraja.consumer_key or daraja.consumer_secret):
        yield "its world has apps of its own, and the application has another consumer key"
    if shortcode != USUAL_SHORTCODE:
        about = USUAL_SHORTCODE in own or any(
            balance.owner == USUAL_SHORTCODE for balance in scenario.expect.balances
        )
        if about:
            yield f"it is about the shortcode {USUAL_SHORTCODE}, the application has {shortcode}"
    passkey = daraja.passkey or SANDBOX_PASSKEY
    if shortcode in own and passkey != SANDBOX_PASSKEY:
        yield f"its world has a passkey for {shortcode}, the application has another"


def about_tokens(scenario: Scenario) -> bool:
    """Whether it matters what token the application holds when it begins."""
    world, profile = scenario.world, scenario.profile
    knobs = profile.knobs if profile is not None else {}
    return bool(
        world.apps
        or any(rule.on in ("oauth", ANY) for rule in scenario.rules)
        or any("token" in name or "credential" in name for name in knobs)
    )


def needs_fresh(scenario: Scenario) -> bool:
    """Whether the application may bring nothing from earlier scenarios: no token, and where the
    scenario's calls name its days, no payment of the same moment.
    """
    return about_tokens(scenario) or any(isinstance(step, Call) for step in _flat(scenario.steps))


def _flat(steps: Iterable[Step]) -> Iterator[Step]:
    for step in steps:
        if isinstance(step, Together | InSequence):
            yield from _flat(step.steps)
        else:
            yield step
