"""What payouts, balances, statuses and reversals share: an initiator, and two addresses."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from mpesa_pochi import accepted, arguments
from mpesa_pochi.accepted import CommandAccepted
from mpesa_pochi.answers import Operation
from mpesa_pochi.conversation import call
from mpesa_pochi.desk import Desk
from mpesa_pochi.request import Repeat, Request, sealed
from mpesa_pochi.secret import Secret
from mpesa_pochi.steps import Steps


@dataclass(frozen=True, slots=True, kw_only=True)
class Authority:
    """In whose name a command is given, and where its outcome is to be reported."""

    initiator: str
    credential: Secret
    result_url: str = field(repr=False)
    timeout_url: str = field(repr=False)

    @classmethod
    def of(
        cls, desk: Desk, call_name: str, result_url: str | None, timeout_url: str | None
    ) -> "Authority":
        """From the settings, but for the addresses that the caller gave.

        Raises:
            SettingsError: one of them is missing; it names the variable to set.
            InvalidRequest: an address cannot be used.
        """
        addresses = {
            name: arguments.url(
                name, desk.setting(call_name, name, given, name), https_only=desk.https_only
            )
            for name, given in (("result_url", result_url), ("timeout_url", timeout_url))
        }
        return cls(
            initiator=desk.setting(call_name, "initiator"),
            credential=desk.security_credential(call_name),
            **addresses,
        )

    def signs(self, fields: Mapping[str, str], *, initiator_field: str = "Initiator") -> Secret:
        """The body: the fields, and what every command has. Payouts say `InitiatorName` (seen)."""
        return sealed(
            {
                initiator_field: self.initiator,
                "SecurityCredential": self.credential.reveal(),
                **fields,
                "QueueTimeOutURL": self.timeout_url,
                "ResultURL": self.result_url,
            }
        )

    @property
    def secrets(self) -> tuple[Secret, ...]:
        return (self.credential, Secret(self.result_url), Secret(self.timeout_url))


def issue(
    desk: Desk,
    operation: Operation,
    path: str,
    *,
    body: Secret,
    authority: Authority,
    shown: str,
    repeat: Repeat,
    originator_conversation_id: str | None = None,
) -> Steps[CommandAccepted]:
    """A command as a conversation."""
    request = Request(
        operation=operation,
        path=path,
        body=body,
        inside=authority.secrets,
        parse=lambda answer, redact: accepted.parse_command(
            answer,
            redact,
            operation=operation,
            originator_conversation_id=originator_conversation_id,
        ),
        repeat=repeat,
        shown=f"{operation.value} {shown}",
        told=lambda answer: f"accepted as {answer.conversation_id}",
        originator_conversation_id=originator_conversation_id,
    )
    return call(desk, request)
