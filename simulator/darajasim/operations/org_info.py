"""Query Org Info: POST /sfcverify/v1/query/info, whose shortcode it is, before money is sent."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from darajasim.core.catalogue import Row, catalogue
from darajasim.core.namespace import Namespace
from darajasim.core.organisation import Organisation, OrganisationKind
from darajasim.core.rules import Plan
from darajasim.operations.business import BusinessOperation, Request
from darajasim.operations.call import Answer, Refusal
from darajasim.operations.fields import Field, one_number_of, shortcode
from darajasim.operations.refusals import NONE

FOUND = "org-info-ok"
NOT_FOUND = "resource-not-found"
TILL, SHORTCODE = "2", "4"
CHARGE_PROFILES: Mapping[str, str] = {SHORTCODE: "1001", TILL: "1002"}
"""ChargeProfileID by identifier type; real values are not known (guessed)."""
_KEYS = (
    "ConversationID",
    "ResponseCode",
    "ResponseMessage",
    "DetailedMessage",
    "OrganizationShortCode",
    "OrganizationName",
    "ChargeProfileID",
)


class OrgInfo(BusinessOperation):
    """Answered at once, all text. The sample says 4000, the table of codes 0 (documented)."""

    name = "org_info"
    path = "/sfcverify/v1/query/info"
    about = "The name of the organisation that has a shortcode or a till."
    magic_field: ClassVar[str] = "Identifier"
    fields = (
        Field(
            "IdentifierType",
            "invalid-identifier-type",
            one_number_of(SHORTCODE, TILL),
            "identifier_type",
            SHORTCODE,
            "4 for a paybill, 2 for a till",
        ),
        Field("Identifier", "invalid-payload", shortcode, "shortcode", "174379"),
    )
    answer_schema: ClassVar[Mapping[str, Any]] = {
        "type": "object",
        "properties": {
            **{key: {"type": "string"} for key in _KEYS},
            "ResponseCode": {"const": "4000"},
        },
        "required": list(_KEYS),
        "additionalProperties": False,
    }

    def accept(self, namespace: Namespace, request: Request, plan: Plan) -> Answer:
        """Name the organisation. That an unknown one is not found is guessed."""
        organisation = namespace.world.organisation(request["Identifier"])
        till = request["IdentifierType"] == TILL
        if organisation is None or (organisation.kind is OrganisationKind.TILL) is not till:
            what = "till" if till else "paybill"
            raise Refusal(NOT_FOUND, f"no {what} {request['Identifier']} in this world")
        return _told(namespace, catalogue().by_key(FOUND), organisation)

    def refused(
        self, namespace: Namespace, row: Row, hint: str = "", values: Mapping[str, str] = NONE
    ) -> Answer:
        """A success that a rule asks for names nobody."""
        if row.surface != "inline":
            return super().refused(namespace, row, hint, values)
        return _told(namespace, row, None, hint)


def _told(
    namespace: Namespace, row: Row, organisation: Organisation | None, hint: str = ""
) -> Answer:
    text = row.text_in(namespace.profile.texts)
    conversation = namespace.ids.conversation_id(namespace.clock.time())
    till = organisation is not None and organisation.kind is OrganisationKind.TILL
    values = (
        conversation,
        row.code,
        text,
        "The service request is processed successfully.",
        organisation.shortcode if organisation else "",
        organisation.name if organisation else "",
        CHARGE_PROFILES[TILL if till else SHORTCODE],
    )
    body = dict(zip(_KEYS, values, strict=True))
    return Answer(row.http_status, body, code=row.code, message=text, hint=hint or None)


OPERATIONS = (OrgInfo(),)
