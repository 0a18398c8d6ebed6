"""Holds what the merchant application answers against what it says that it answers."""

import re

from pydantic import TypeAdapter

from mpesa_pochi.merchant.interface import ENDPOINTS


def declared(app):
    """A hook of httpx for answers of `app`."""
    prefix = getattr(app.state, "prefix", None) if hasattr(app, "state") else None

    async def check(response):
        await response.aread()
        request = response.request
        if prefix is None:
            return
        path = request.url.path.removeprefix(prefix)
        endpoint = _endpoint(request.method, path)
        if endpoint is None:
            return
        conforms(endpoint, response.status_code, response.content)

    return check


def conforms(endpoint, status, content):
    """Whether an endpoint has declared this answer."""
    models = endpoint.all_answers.get(status)
    assert models, f"{endpoint.name} never said that it answers {status}: {content[:200]}"
    wrong = []
    for model in models:
        try:
            TypeAdapter(model).validate_json(content)
        except ValueError as error:
            wrong.append(str(error))
        else:
            return
    raise AssertionError(f"{endpoint.name} answered {status} otherwise than it said: {wrong}")


def _endpoint(method, path):
    for endpoint in ENDPOINTS:
        pattern = re.sub(r"\{\w+:int\}", r"[0-9]+", endpoint.path)
        pattern = re.sub(r"\{\w+:path\}", r".*", pattern)
        if method == endpoint.method and re.fullmatch(pattern, path):
            return endpoint
    return None
