"""GET /oauth/v1/generate: an access token for a consumer key and secret."""

from __future__ import annotations

import base64
from typing import ClassVar

from darajasim.core.events import RequestReceived, TokenIssued
from darajasim.core.namespace import Namespace
from darajasim.operations.business import record
from darajasim.operations.call import Answer, Call, Refusal
from darajasim.operations.gate import Ruling, admit, answered
from darajasim.operations.refusals import refuse


class OAuth:
    """The token endpoint. Order of checks: grant type, header scheme, credentials (guessed)."""

    name: ClassVar[str] = "oauth"
    path: ClassVar[str] = "/oauth/v1/generate"
    method: ClassVar[str] = "GET"
    method_refusal: ClassVar[str] = "invalid-authentication-header"

    def respond(self, namespace: Namespace, call: Call) -> Answer:
        """A token, or why there is none."""
        key, secret = basic_credentials(call.headers.get("authorization"))
        view = {"consumer_key": key or "", "grant_type": call.query.get("grant_type", "")}
        namespace.journal.append(
            RequestReceived(namespace.clock.time(), self.name, view, 0, call.path)
        )
        ruling = Ruling(namespace, self.name, lambda: view)
        try:
            answer = self._decide(namespace, ruling, view["grant_type"], key, secret)
        except Refusal as refusal:
            answer = refuse(namespace, refusal)
        ruling.explain(answer)
        record(namespace, self.name, answer)
        return answer

    def _decide(
        self,
        namespace: Namespace,
        ruling: Ruling,
        grant_type: str,
        key: str | None,
        secret: str | None,
    ) -> Answer:
        admit(namespace)
        plan = ruling.plan(key or "")
        return answered(namespace, plan.reply, lambda: _issue(namespace, grant_type, key, secret))


def _issue(namespace: Namespace, grant_type: str, key: str | None, secret: str | None) -> Answer:
    profile, now = namespace.profile, namespace.clock.time()
    if grant_type != "client_credentials":
        raise Refusal(
            "invalid-grant-type", f"expected grant_type=client_credentials, found {grant_type!r}"
        )
    if key is None or secret is None:
        raise Refusal(
            "invalid-authentication",
            "expected 'Authorization: Basic base64(consumer_key:consumer_secret)'",
        )
    if not namespace.world.knows_app(key, secret):
        refusal = (
            "unknown-credentials"
            if profile.bad_credentials == "empty"
            else "invalid-authentication"
        )
        raise Refusal(refusal, f"no app has the consumer key {key!r} with this secret")
    if profile.token_invalidates_previous:
        namespace.tokens.revoke(key)
    token, lifetime = namespace.ids.token(), profile.token_lifetime
    namespace.tokens.issue(token, key, now=now, lifetime=lifetime)
    namespace.journal.append(TokenIssued(now, key, token[:6], lifetime))
    expires_in = str(lifetime) if profile.expires_in == "string" else lifetime
    return Answer(200, {"access_token": token, "expires_in": expires_in}, code="0")


def basic_credentials(header: str | None) -> tuple[str | None, str | None]:
    """Key and secret of a Basic header; (None, None) when it is not one."""
    scheme, _, encoded = (header or "").strip().partition(" ")
    if scheme.lower() != "basic":
        return None, None
    try:
        decoded = base64.b64decode(encoded.strip(), validate=True).decode()
    except ValueError:  # no base64, not ASCII, or not of UTF-8
        return None, None
    key, colon, secret = decoded.partition(":")
    return (key, secret) if colon else (None, None)


OPERATIONS = (OAuth(),)
