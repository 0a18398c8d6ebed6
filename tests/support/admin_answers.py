"""What the payments page reads, answered in the browser from a shop's own database.

`GET payments?status=&needs_review=true&limit=&before=` is `{payments: [payment], more}`, newest
first; `GET payments/{id}` is `{payment, timeline: [{at, what, detail}]}`, oldest first. Both want
`Authorization: Bearer TOKEN`, and answer 401 without.
"""

import re
from typing import Any
from urllib.parse import parse_qs, urlsplit

from support.storefront import Storefront

TOKEN = "an admin's token"
PAGE = re.compile(r"/payments(/\d+)?(\?|$)")


class AdminAnswers:
    """Answers the page's requests. `down` makes the server one that does not answer."""

    def __init__(self, store: Storefront) -> None:
        self.store = store
        self.down = False
        self.most = 50

    def over(self, context: Any) -> "AdminAnswers":
        """Stand between a browser context and the server."""
        context.route(PAGE, self)
        return self

    def __call__(self, route: Any) -> None:
        """Answer one request."""
        if self.down:
            route.abort()
        elif route.request.headers.get("authorization") != f"Bearer {TOKEN}":
            route.fulfill(status=401, json={"error": "no such token", "details": []})
        else:
            url = urlsplit(route.request.url)
            number = PAGE.search(route.request.url)[1]
            if number:
                route.fulfill(json=self._one(int(number[1:])))
            else:
                route.fulfill(json=self._list(parse_qs(url.query)))

    def _list(self, query: dict[str, list[str]]) -> dict[str, Any]:
        payments = [view.as_json() for view in self._do("list")][::-1]
        if "status" in query:
            payments = [each for each in payments if each["status"] == query["status"][0]]
        if "needs_review" in query:
            payments = [each for each in payments if each["needs_review"]]
        if "before" in query:
            payments = [each for each in payments if each["payment_id"] < int(query["before"][0])]
        return {"payments": payments[: self.most], "more": len(payments) > self.most}

    def _one(self, number: int) -> dict[str, Any]:
        payment = self._do("get", number)
        timeline = [{"at": payment.created_at.isoformat(), "what": "asked for", "detail": None}]
        timeline += [
            {
                "at": callback.received_at.isoformat(),
                "what": f"callback {callback.judgement.value}",
                "detail": callback.reason or f"from {callback.source}",
            }
            for callback in self._do("callbacks", payment_id=number)
        ]
        return {"payment": payment.as_json(), "timeline": timeline}

    def _do(self, name: str, *arguments: Any, **named: Any) -> Any:
        return self.store.do(getattr(self.store.app.state.payments, name)(*arguments, **named))
