"""Asking an application over HTTP, as its target file says."""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlsplit

import httpx

from darajasim.harness.merchant import MerchantSilentError
from darajasim.harness.target.loading import Target
from darajasim.harness.target.model import PatiencePart
from darajasim.harness.target.placeholders import Values, document, filled
from darajasim.harness.target.process import Application
from darajasim.harness.target.recording import Recorder
from darajasim.harness.target.traffic import Traffic

ANSWER_WITHIN = 30.0
"""Real seconds that an answer of the application is waited for."""


@dataclass(frozen=True, slots=True)
class Site:
    """Where the application is, and how it is reached.

    Attributes:
        base: what its addresses begin with.
        callback_base: what its callback URLs begin with.
        stamp: makes what is to be unique different in every run.
    """

    target: Target
    http: httpx.AsyncClient
    base: str
    callback_base: str
    stamp: str
    application: Application | None = None


@dataclass(frozen=True, slots=True)
class Asking:
    """Sends the requests of one scenario."""

    site: Site
    traffic: Traffic
    recorder: Recorder

    async def ask(
        self,
        method: str,
        part: Any,
        values: Values,
        json_body: Any = None,
        form: Any = None,
        *,
        kept: bool = True,
    ) -> httpx.Response:
        quoted = {name: quote(str(value), safe="") for name, value in values.items()}
        address = filled(part.url, quoted)
        url = address if "://" in address else f"{self.site.base}{address}"
        headers = {name: filled(text, values) for name, text in (part.headers or {}).items()}
        body = b""
        if json_body is not None:
            headers = {"content-type": "application/json", **headers}
            body = json.dumps(document(json_body, values)).encode()
        elif form is not None:
            headers = {"content-type": "application/x-www-form-urlencoded", **headers}
            fields = {name: filled(text, values) for name, text in form.items()}
            body = str(httpx.QueryParams(fields)).encode()
        patience = self.site.target.file.patience or PatiencePart()
        within = ANSWER_WITHIN if patience.answer is None else patience.answer
        shown = f"{method} {urlsplit(url).path}"
        request = self.site.http.build_request(method, url, headers=headers, content=body)
        try:
            async with asyncio.timeout(within):
                return await self._send(request, kept=kept)
        except TimeoutError:
            found = f"no answer from the application to {shown} within {within:g} s"
        except httpx.HTTPError as error:
            found = (
                f"no answer from the application to {shown}: {str(error) or type(error).__name__}"
            )
        raise MerchantSilentError(f"{found}{await self._fate()}")

    async def _send(self, request: httpx.Request, *, kept: bool) -> httpx.Response:
        going, answer = None, None
        if kept:
            url, headers = str(request.url), request.headers.raw
            going = self.recorder.begin(request.method, url, headers, request.content)
        with self.traffic.asking():
            try:
                answer = await self.site.http.send(request)
            finally:
                if going is not None and answer is None:
                    going.end(None, fault="no answer")
                elif going is not None and answer is not None:
                    going.end(answer.status_code, answer.content)
        return answer

    async def _fate(self) -> str:
        """What has become of the application, where it does not answer."""
        application = self.site.application
        if application is not None:
            await application.ending_soon()
        ending = None if application is None else application.ending()
        return (
            ""
            if application is None or ending is None
            else (f"; it ended with {ending}{application.printed()}")
        )
