"""C2B register URL: POST /mpesa/c2b/v1/registerurl and v2, where payments are asked and told."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, ClassVar

from darajasim.core.catalogue import Row, catalogue
from darajasim.core.namespace import Namespace
from darajasim.core.rules import Plan
from darajasim.operations.business import BusinessOperation, Request
from darajasim.operations.c2b_book import C2BBook, Registration
from darajasim.operations.c2b_rules import enabled
from darajasim.operations.c2b_validation import CANCELLED, COMPLETED
from darajasim.operations.call import Answer, Refusal
from darajasim.operations.fields import CALLBACK, Field, callback_url, one_of, shortcode
from darajasim.operations.refusals import NONE

EXAMPLE_SHORTCODE = "600984"
DESCRIPTIONS = {1: "success", 2: "Success"}
"""ResponseDescription by version (documented; both seen)."""
AGAIN = {"duplicate": "c2b-duplicate-notification", "production-once": "c2b-urls-registered"}
"""What the knob c2b_reregister answers to a second registration."""

_MPESA = re.compile("mpesa", re.IGNORECASE)
_FORBIDDEN = re.compile("m[^a-z0-9]?pesa|safaricom|exe|cmd|sql|query", re.IGNORECASE)
"""Words that no URL may have (documented: mpesa and spellings, safaricom, exe, exec, cmd, sql,
query). Only the refusal of "mpesa" has been captured, and it names the word; the others are
answered like any other invalid URL (guessed)."""

_STRING: Mapping[str, Any] = {"type": "string"}


class C2BOperation(BusinessOperation):
    """What registering and simulating share.

    Args:
        version: of the path.
    """

    token_refusal: ClassVar[str] = "c2b-invalid-access-token"  # noqa: S105  # a catalogue key
    product_refusal: ClassVar[str] = "c2b-no-product"
    method_refusal: ClassVar[str] = "invalid-authentication-header"
    path_refusal: ClassVar[str] = "resource-not-found-c2b"
    answer_schema: ClassVar[Mapping[str, Any]] = {
        "type": "object",
        "properties": {
            "OriginatorCoversationID": _STRING,
            "ResponseCode": {"const": "0"},
            "ResponseDescription": _STRING,
        },
        "required": ["OriginatorCoversationID", "ResponseCode", "ResponseDescription"],
        "additionalProperties": False,
    }

    def __init__(self, version: int) -> None:
        self.version = version

    def refused(
        self, namespace: Namespace, row: Row, hint: str = "", values: Mapping[str, str] = NONE
    ) -> Answer:
        """A bad token is 401 with a reason (seen); the documents have 400 without one."""
        if row.key == self.token_refusal and namespace.profile.texts == "documented":
            row = catalogue().by_key("c2b-invalid-access-token-documented")
        return super().refused(namespace, row, hint, values)

    def acknowledged(
        self, namespace: Namespace, request_id: str, conversation_id: str, description: str
    ) -> Answer:
        """The answer to what was accepted; the missing "n" is Daraja's own (documented, seen).

        Args:
            conversation_id: what the answers of 2018, without ResponseCode, carry beside it.
        """
        profile = namespace.profile
        body = {"OriginatorCoversationID": request_id}
        if profile.c2b_response_code:
            body["ResponseCode"] = "0"
        elif profile.texts == "legacy":
            body = {"ConversationID": conversation_id, **body}
        body["ResponseDescription"] = description
        return Answer(200, body, code="0", message=description, subject=request_id)


def hiccup(namespace: Namespace) -> None:
    """Sometimes C2B is not there (seen: PROBE, GW25).

    Raises:
        Refusal: as the knob c2b_hiccup_rate wants it.
    """
    if namespace.chance.chance(namespace.profile.c2b_hiccup_rate):
        raise Refusal("service-unreachable", "the knob c2b_hiccup_rate")


class C2BRegister(C2BOperation):
    """Fields in the order of the checks: of two bad URLs, ValidationURL is named (seen)."""

    name = "c2b_register"
    magic_field: ClassVar[str] = "ResponseType"
    callbacks: ClassVar[Mapping[str, str]] = {
        "validation": "ValidationURL",
        "confirmation": "ConfirmationURL",
    }
    fields = (
        Field(
            "ShortCode",
            "c2b-invalid-shortcode",
            shortcode,
            "shortcode",
            EXAMPLE_SHORTCODE,
            "the paybill or till whose payments are told",
        ),
        Field(
            "ResponseType",
            "c2b-invalid-response-type",
            one_of(COMPLETED, CANCELLED),
            "response_type",
            COMPLETED,
            "what becomes of a payment when the validation does not answer in time",
        ),
        Field(
            "ValidationURL",
            "c2b-invalid-validation-url",
            callback_url,
            "validation_url",
            CALLBACK,
            "asked before the money moves, if external validation is on for the shortcode",
        ),
        Field(
            "ConfirmationURL",
            "c2b-invalid-confirmation-url",
            callback_url,
            "confirmation_url",
            CALLBACK,
            "told of every payment",
        ),
    )

    def __init__(self, version: int) -> None:
        super().__init__(version)
        self.path = f"/mpesa/c2b/v{version}/registerurl"
        numbers = "hashed" if version == 1 else "masked"
        self.about = (
            f"Registers where payments to a shortcode are told, with the payers' numbers {numbers}."
        )

    def accept(self, namespace: Namespace, request: Request, plan: Plan) -> Answer:
        """Keep the URLs; whether a second time is allowed, the knob c2b_reregister says."""
        for name in ("Validation", "Confirmation"):
            _check_words(name.lower(), request[f"{name}URL"])
        enabled(namespace, request["ShortCode"], self.name, request.app)
        hiccup(namespace)
        registration = Registration(
            shortcode=request["ShortCode"],
            response_type=request["ResponseType"],
            validation_url=request["ValidationURL"],
            confirmation_url=request["ConfirmationURL"],
            version=self.version,
            plan=plan.callback,
        )
        self._keep(namespace, registration)
        description = DESCRIPTIONS[self.version]
        return self.acknowledged(namespace, namespace.ids.request_id(), "", description)

    def _keep(self, namespace: Namespace, registration: Registration) -> None:
        kept, shortcode = namespace.book(C2BBook).registrations, registration.shortcode
        again = AGAIN.get(namespace.profile.c2b_reregister)
        if again is not None and shortcode in kept:
            raise Refusal(
                again,
                f"{shortcode} has registered {kept[shortcode].confirmation_url} already "
                "(knob c2b_reregister)",
                shortcode=shortcode,
            )
        kept[shortcode] = registration


def _check_words(name: str, url: str) -> None:
    found = _FORBIDDEN.search(url)
    if found is None:
        return
    key = f"c2b-{name}-url-word" if _MPESA.search(url) else f"c2b-invalid-{name}-url"
    raise Refusal(key, f"the URL has the word {found.group()!r}, which C2B does not take: {url}")


OPERATIONS = (C2BRegister(1), C2BRegister(2))
