"""Asking a running simulator over its control API."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any, TypeVar
from urllib.error import HTTPError, URLError
from urllib.parse import urlencode, urlsplit
from urllib.request import ProxyHandler, Request, build_opener

import click

F = TypeVar("F", bound=Callable[..., object])

USUAL_URL = "http://127.0.0.1:8700"
ANSWER_SECONDS = 330.0
"""Longer than the longest wait that the control API grants."""


class Remote:
    """The control API of a running simulator, for one namespace.

    Args:
        url: the simulator's base URL.
        namespace: None means the default one.
    """

    def __init__(self, url: str, namespace: str | None) -> None:
        if urlsplit(url).scheme not in {"http", "https"} or not urlsplit(url).netloc:
            raise click.BadParameter(
                f"expected a URL such as {USUAL_URL}, found {url!r}", param_hint="--url"
            )
        self._url = url.rstrip("/")
        self._namespace = namespace
        self._opener = build_opener(ProxyHandler({}))

    def get(self, page: str, query: Mapping[str, Any] | None = None) -> dict[str, Any]:
        """What a page answers.

        Raises:
            click.ClickException: no simulator answers, or it refuses.
        """
        return self._ask("GET", page, query or {}, None)

    def post(self, page: str, body: Mapping[str, Any]) -> dict[str, Any]:
        """The same, with a JSON body."""
        return self._ask("POST", page, {}, json.dumps(body).encode())

    def _ask(
        self, method: str, page: str, query: Mapping[str, Any], body: bytes | None
    ) -> dict[str, Any]:
        wanted = dict(query)
        if self._namespace is not None:
            wanted["namespace"] = self._namespace
        url = f"{self._url}/_sim/{page}"
        if wanted:
            url += f"?{urlencode(wanted, doseq=True)}"
        asked = Request(url, body, {"content-type": "application/json"}, method=method)  # noqa: S310  # http(s), see above
        try:
            with self._opener.open(asked, timeout=ANSWER_SECONDS) as answer:
                return self._read(answer.read())
        except HTTPError as error:
            told = self._read(error.read()).get("error", f"HTTP {error.code}")
            raise click.UsageError(str(told)) from None
        except (URLError, OSError, ValueError) as error:
            reason = getattr(error, "reason", None) or error
            raise click.UsageError(
                f"no simulator answers at {self._url} ({reason}). Start one with "
                "`darajasim serve`, or name another with --url."
            ) from None

    def _read(self, raw: bytes) -> dict[str, Any]:
        try:
            found = json.loads(raw)
        except ValueError:
            found = None
        if not isinstance(found, dict):
            raise click.UsageError(
                f"expected a darajasim server at {self._url}, found another: it answers no JSON"
            )
        return found


def remote_options(command: F) -> F:
    """The options of every command that speaks to a running simulator."""
    url = click.option(
        "--url",
        default=USUAL_URL,
        envvar="DARAJASIM_URL",
        show_envvar=True,
        show_default=True,
        help="Base URL of the running simulator.",
    )
    namespace = click.option(
        "--namespace",
        metavar="NAME",
        help="Which of its worlds is meant, instead of the default one.",
    )
    return url(namespace(command))
