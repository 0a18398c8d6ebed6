"""The description of the application: valid, whole, and true."""

import re

import pytest
from openapi_spec_validator import OpenAPIV31SpecValidator

from mpesa_pochi.merchant import pages
from mpesa_pochi.merchant.interface import ENDPOINTS
from mpesa_pochi.merchant.openapi import document
from support.declared import conforms

PREFIX = "/api/pochi"
NOT_DESCRIBED = {route.path for route in pages.routes(PREFIX)}
"""What browsers load: pages, their files and their sentences."""


def test_it_is_served_and_valid(go):
    async def scenario(shop):
        return (await shop.get("openapi.json")).json()

    served = go(scenario)
    assert served == document(PREFIX)
    OpenAPIV31SpecValidator(served).validate()


def test_it_describes_every_route_and_no_other(go):
    async def scenario(shop):
        return shop.app.routes

    described = {
        (method.upper(), path)
        for path, methods in document(PREFIX)["paths"].items()
        for method in methods
    }
    served = {
        (method, re.sub(r":\w+\}", "}", route.path))
        for route in go(scenario)
        for method in route.methods - {"HEAD"}
        if route.path not in NOT_DESCRIBED
    }
    assert described == served


def test_every_endpoint_of_an_admin_asks_for_the_token():
    for methods in document(PREFIX)["paths"].values():
        for operation in methods.values():
            assert ("security" in operation) == (operation["tags"] == ["admin"])


def test_an_answer_that_nobody_declared_is_noticed():
    push = next(endpoint for endpoint in ENDPOINTS if endpoint.name == "health")
    with pytest.raises(AssertionError, match="never said"):
        conforms(push, 418, b"{}")
    with pytest.raises(AssertionError, match="otherwise than it said"):
        conforms(push, 200, b'{"status":"ok"}')
    conforms(push, 200, b'{"status":"ok","database":"answers"}')
