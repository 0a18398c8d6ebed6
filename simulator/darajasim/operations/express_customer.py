"""What a scripted customer does with the prompt of a push beyond one answer to it: types wrong
PINs before the right one, comes back when it is too late, pays in another way.
"""

from __future__ import annotations

from functools import partial

from darajasim.core.customer import Customer
from darajasim.core.events import CustomerActed
from darajasim.core.namespace import Namespace
from darajasim.core.push import Push
from darajasim.core.rules import Action, CustomerScript
from darajasim.operations.c2b_course import pay_from_phone
from darajasim.operations.customer_rules import by_state
from darajasim.operations.prompts import ACTION_SECONDS, Conduct, Course

LATE_SECONDS = 75.0
"""From the prompt to the PIN of a customer who comes back too late (guessed)."""
HAND_SECONDS = 30.0
"""From the cancelled prompt to the payment from the phone's own menu (guessed)."""


def mistype(
    namespace: Namespace, push: Push, customer: Customer, course: Course, conduct: Conduct
) -> Course:
    """Put the wrong PINs of the script on the timeline; the course that follows them.

    That the prompt asks again after a wrong PIN is guessed: the sources know only that a push can
    end with 2001. The third in a row locks the PIN, and the right one is then refused.
    """
    script = push.plan.customer
    if course.action is not Action.WRONG_PIN or script is None or script.times is None:
        return course
    lifetime = ACTION_SECONDS[Action.EXPIRE]
    for number in range(1, script.times + 1):
        if number * course.seconds < lifetime:
            enter = partial(_mistyped, namespace, push, customer)
            namespace.timeline.after(number * course.seconds, enter)
    right = (script.times + 1) * course.seconds
    if right > lifetime:
        return conduct.scripted(CustomerScript(Action.EXPIRE))
    return conduct.scripted(CustomerScript(Action.APPROVE, right))


def _mistyped(namespace: Namespace, push: Push, customer: Customer) -> None:
    if by_state(customer) is None:
        customer.enter_pin(right=False)
    _act(namespace, push, Action.WRONG_PIN)


def afterwards(namespace: Namespace, push: Push, course: Course) -> None:
    """What the customer does when the prompt is over."""
    script = push.plan.customer
    if script is None or push.plan.result is not None:
        return
    if script.does is Action.PAY_LATE and course.action is Action.EXPIRE:
        after = LATE_SECONDS if script.after is None else script.after
        # The sources know no payment after an end: the prompt is gone, and nothing moves.
        late = partial(_act, namespace, push, Action.PAY_LATE)
        namespace.timeline.after(max(0.0, after - course.seconds), late)
    if script.does is Action.PAY_BY_HAND and course.action is Action.CANCEL:
        namespace.timeline.after(HAND_SECONDS, partial(_pay_by_hand, namespace, push))


def _pay_by_hand(namespace: Namespace, push: Push) -> None:
    _act(namespace, push, Action.PAY_BY_HAND)
    pay_from_phone(
        namespace,
        msisdn=push.msisdn,
        shortcode=push.party_b,
        amount=push.amount,
        reference=push.reference,
    )


def _act(namespace: Namespace, push: Push, action: Action) -> None:
    now = namespace.clock.time()
    namespace.journal.append(CustomerActed(now, push.checkout_request_id, push.msisdn, action))
