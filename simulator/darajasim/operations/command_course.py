"""The course of a command after its acknowledgement: queue, checks, money, result.

Who decides, in this order: a rule that names a result, a magic value, the world.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from darajasim.core.catalogue import catalogue
from darajasim.core.command import Command, CommandOutcome, Refused
from darajasim.core.events import PaymentSettled
from darajasim.core.namespace import Namespace
from darajasim.core.rules import CallbackPlan
from darajasim.operations import callbacks, command_result, initiators
from darajasim.operations.callbacks import Callback
from darajasim.operations.command_result import Result

if TYPE_CHECKING:
    from darajasim.operations.command_operation import CommandOperation

RESULT_CALLBACK_SECONDS = 0.0
"""From the result to its callback: the 3 to 4 s that captures show are the knob result_delay."""
QUEUE_SECONDS = 30.0
"""How long a command waits in the queue before its timeout is told (guessed)."""
QUEUE_TIMEOUT_CODE = "26"
"""What the queue-timeout callback says: "System busy" (guessed; no capture exists)."""
NO_TRANSACTION = frozenset({"2040", "4001", QUEUE_TIMEOUT_CODE})
"""Codes of refusals before a transaction exists: their id is the date and zeros (seen: DB)."""
OK = "0"


def begin(namespace: Namespace, operation: CommandOperation, command: Command) -> None:
    """Set an accepted command on its way."""
    timeout = _timeout(command)
    delay = namespace.profile.result_delay
    if timeout is None:
        namespace.timeline.after(delay, partial(_settle, namespace, operation, command))
        return
    namespace.timeline.after(
        QUEUE_SECONDS, partial(_time_out, namespace, operation, command, only=timeout == "only")
    )
    if timeout == "first":
        later = QUEUE_SECONDS + delay
        namespace.timeline.after(later, partial(_settle, namespace, operation, command))


def _timeout(command: Command) -> str | None:
    if command.plan.callback is not None and command.plan.callback.timeout is not None:
        return command.plan.callback.timeout
    return {"RES-TIMEOUT": "only", "RES-LATE": "first"}.get(command.request.get("Remarks", ""))


def _time_out(
    namespace: Namespace, operation: CommandOperation, command: Command, *, only: bool
) -> None:
    """Tell QueueTimeOutURL. It is no proof of failure, unless nothing else will ever happen."""
    now = namespace.clock.time()
    text = _text(namespace, QUEUE_TIMEOUT_CODE)
    nothing = namespace.ids.no_receipt(now)
    if only:
        _end(namespace, command, CommandOutcome(QUEUE_TIMEOUT_CODE, text, now, nothing), None)
    result = Result(
        QUEUE_TIMEOUT_CODE,
        text,
        command.originator_conversation_id,
        command.conversation_id,
        nothing,
        references=(("QueueTimeoutURL", operation.internal_url),),
    )
    plan = command.plan.callback if only else None
    _owe(namespace, operation, command, kind="timeout", result=result, plan=plan)


def _settle(namespace: Namespace, operation: CommandOperation, command: Command) -> None:
    """Find the result, move the money, owe the callback."""
    now = namespace.clock.time()
    forced = _forced(operation, command)
    refused = None if forced else _refused(namespace, operation, command)
    code = forced or (refused.code if refused else OK)
    created = operation.creates and code not in NO_TRANSACTION
    if refused is not None:
        created = created and refused.created
    receipt = namespace.ids.receipt(now) if created else namespace.ids.no_receipt(now)
    if code == OK:
        assured = forced is not None
        parameters = operation.carry_out(namespace, command, receipt, assured=assured)
    else:
        parameters = operation.on_failure(namespace, command, receipt, code)
    text = command.plan.text or _text(namespace, code)
    made = receipt if code == OK and operation.creates else None
    _end(namespace, command, CommandOutcome(code, text, now, receipt), made)
    result = Result(
        code,
        text,
        command.originator_conversation_id,
        command.conversation_id,
        receipt,
        parameters,
        operation.references(namespace, command, code),
    )
    _owe(namespace, operation, command, kind="result", result=result, plan=command.plan.callback)


def _forced(operation: CommandOperation, command: Command) -> str | None:
    if command.plan.result is not None:
        return catalogue().by_key(command.plan.result).code
    return operation.magic_code(command)


def _refused(namespace: Namespace, operation: CommandOperation, command: Command) -> Refused | None:
    request = command.request
    if (unresolved := operation.resolve(namespace, command)) is not None:
        return unresolved
    code = initiators.refused(
        namespace,
        name=request[operation.initiator_field],
        credential=request["SecurityCredential"],
        shortcode=request[operation.party_field],
        operation=operation.name,
        foreign=operation.foreign_code,
    )
    return Refused(code) if code is not None else operation.judge(namespace, command)


def _text(namespace: Namespace, code: str) -> str:
    return catalogue().coded("result", code).text_in(namespace.profile.texts)


def _end(
    namespace: Namespace, command: Command, outcome: CommandOutcome, receipt: str | None
) -> None:
    command.outcome = outcome
    namespace.journal.append(
        PaymentSettled(outcome.at, command.conversation_id, outcome.code, outcome.text, receipt)
    )


def _owe(
    namespace: Namespace,
    operation: CommandOperation,
    command: Command,
    *,
    kind: str,
    result: Result,
    plan: CallbackPlan | None,
) -> None:
    url = command.request[operation.callbacks[kind]]
    documented = operation.documented_strings and namespace.profile.result_envelope == "documented"
    write = partial(command_result.letter, url, result, documented=documented)
    callback = Callback(kind, command.conversation_id, write, RESULT_CALLBACK_SECONDS, plan)
    if command.called_back is not None:
        callback.over = command.called_back.set
    callbacks.owe(namespace, callback)
