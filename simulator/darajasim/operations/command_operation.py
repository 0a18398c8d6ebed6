"""What every command shares: answered at once, carried out on the timeline, told by a Result.

A product says which fields it has, what it judges, how it is carried out, and what its result
lists. The order of the core's checks is that of fidelity notes, part 2, section 1.14.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from darajasim.core.catalogue import RESULT_PREFIX, catalogue
from darajasim.core.command import Command, Refused
from darajasim.core.namespace import Namespace
from darajasim.core.rules import Plan
from darajasim.operations import command_course
from darajasim.operations.business import BusinessOperation, Request
from darajasim.operations.call import Answer, Refusal
from darajasim.operations.command_result import Pair
from darajasim.operations.credentials import OPAQUE
from darajasim.operations.fields import CALLBACK, Check, Field, callback_url, limited, text

ACCEPTED = "Accept the service request successfully."
TIMEOUT_ONLY, TIMEOUT_FIRST = f"{RESULT_PREFIX}TIMEOUT", f"{RESULT_PREFIX}LATE"

_STRING = {"type": "string"}


class CommandOperation(BusinessOperation):
    """One Daraja API whose outcome comes to ResultURL."""

    magic_field: ClassVar[str] = "Remarks"
    token_refusal: ClassVar[str] = "command-invalid-access-token"  # noqa: S105  # a catalogue key
    path_refusal: ClassVar[str] = "resource-not-found-b2c"
    result_surface: ClassVar[str] = "result"
    callbacks: ClassVar[Mapping[str, str]] = {"result": "ResultURL", "timeout": "QueueTimeOutURL"}
    answer_schema: ClassVar[Mapping[str, Any]] = {
        "type": "object",
        "properties": {
            "ConversationID": _STRING,
            "OriginatorConversationID": _STRING,
            "ResponseCode": {"const": "0"},
            "ResponseDescription": _STRING,
        },
        "required": [
            "ConversationID",
            "OriginatorConversationID",
            "ResponseCode",
            "ResponseDescription",
        ],
        "additionalProperties": False,
    }
    initiator_field: ClassVar[str] = "Initiator"
    party_field: ClassVar[str] = "PartyA"
    """The organisation whose operator the initiator must be."""
    conversation_first: ClassVar[bool] = False
    """Whether the acknowledgement begins with ConversationID (seen: B2C) or with the other id."""
    creates: ClassVar[bool] = True
    """Whether it makes a transaction; queries do not (seen)."""
    submits_to: ClassVar[str]
    """The gateway's internal service that stands in ReferenceData."""
    foreign_code: ClassVar[str] = "2001"
    """The result when the initiator is of another organisation."""
    documented_strings: ClassVar[bool] = False
    """Whether the portal's sample prints codes and times of this API as strings."""

    def accept(self, namespace: Namespace, request: Request, plan: Plan) -> Answer:
        """Acknowledge the command and put it on the timeline."""
        now = namespace.clock.time()
        command = Command(
            operation=self.name,
            originator_conversation_id=self.originator(namespace, request),
            conversation_id=namespace.ids.conversation_id(now),
            request=request,
            accepted_at=now,
            plan=plan,
        )
        namespace.commands.add(command)
        command_course.begin(namespace, self, command)
        answer = Answer(
            200,
            self._acknowledgement(command),
            code="0",
            message=ACCEPTED,
            subject=command.conversation_id,
        )
        if plan.callback_first:
            command.called_back = asyncio.Event()
            answer.hold = command.called_back.wait
        return answer

    def originator(self, namespace: Namespace, request: Request) -> str:
        """The caller's own id, where this API takes one; else one of the gateway's.

        Raises:
            Refusal: it has been used before, by whichever API.
        """
        own = request.get("OriginatorConversationID", "")
        if own and own in namespace.commands:
            raise Refusal(
                "duplicate-originator-conversation-id",
                f"{own!r} was sent before; ask transactionstatus about it instead",
            )
        return own or namespace.ids.request_id()

    def _acknowledgement(self, command: Command) -> dict[str, str]:
        """Four strings (seen: PY, NM, TS)."""
        ids = {
            "OriginatorConversationID": command.originator_conversation_id,
            "ConversationID": command.conversation_id,
        }
        if self.conversation_first:
            ids = dict(reversed(ids.items()))
        return {**ids, "ResponseCode": "0", "ResponseDescription": ACCEPTED}

    def magic_code(self, command: Command) -> str | None:
        """The result code that a magic value asks for: `RES-<code>` in Remarks."""
        remarks = command.request.get("Remarks", "")
        code = remarks.removeprefix(RESULT_PREFIX)
        known = remarks.startswith(RESULT_PREFIX) and catalogue().lookup(code, "result")
        return code if known else None

    def resolve(self, namespace: Namespace, command: Command) -> Refused | None:
        """What fails before anybody looks at the initiator."""
        return None

    def judge(self, namespace: Namespace, command: Command) -> Refused | None:
        """What fails once the initiator is known: parties, product, limits, balance."""
        return None

    def carry_out(
        self, namespace: Namespace, command: Command, receipt: str, *, assured: bool
    ) -> Sequence[Pair]:
        """Do it; the parameters of its result.

        Args:
            receipt: of the transaction, or what stands for one.
            assured: success was decided beforehand: what is missing is supplied from outside.
        """
        raise NotImplementedError

    def on_failure(
        self, namespace: Namespace, command: Command, receipt: str, code: str
    ) -> Sequence[Pair]:
        """The parameters of a failure: none, as most captures have it."""
        return ()

    def references(self, namespace: Namespace, command: Command, code: str) -> Sequence[Pair]:
        """ReferenceData: the gateway's own address, never the caller's (seen)."""
        return (("QueueTimeoutURL", self.internal_url),)

    @property
    def internal_url(self) -> str:
        """The gateway-internal address that results carry (seen; it cannot be called)."""
        return f"https://internalsandbox.safaricom.co.ke/mpesa/{self.submits_to}/v1/submit"


SECURITY_CREDENTIAL = Field(
    "SecurityCredential",
    "invalid-security-credential",
    text,
    "security_credential",
    OPAQUE,
    "the initiator's password, encrypted with the certificate of GET /_sim/certificate",
)
INITIATOR = Field("Initiator", "invalid-initiator", text, "initiator", "testapi")
INITIATOR_NAME = Field("InitiatorName", "invalid-initiator-name", text, "initiator", "testapi")
REMARKS = Field("Remarks", "invalid-remarks", limited(100), "remarks", "ok")
TIMEOUT_URL = Field(
    "QueueTimeOutURL", "invalid-queue-timeout-url", callback_url, "timeout_url", CALLBACK
)
RESULT_URL = Field("ResultURL", "invalid-result-url", callback_url, "result_url", CALLBACK)


def command_id(check: Check, example: str) -> Field:
    """The CommandID field of an API."""
    return Field("CommandID", "invalid-command-id", check, "command", example)
