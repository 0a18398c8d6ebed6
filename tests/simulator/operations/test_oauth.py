import re

import pytest

from darajasim.core.world import App, WorldOverlay
from support.daraja import daraja, in_virtual_time


def test_a_token_is_28_characters_and_expires_in_a_string():
    async def main():
        async with daraja() as d:
            answer = await d.token()
            assert answer.status == 200
            assert list(answer.json) == ["access_token", "expires_in"]
            assert re.fullmatch(r"[A-Za-z0-9]{28}", answer.json["access_token"])
            assert answer.json["expires_in"] == "3599"

    in_virtual_time(main())


def test_the_documented_profile_counts_in_numbers():
    async def main():
        async with daraja(base="documented") as d:
            assert (await d.token()).json["expires_in"] == 3599

    in_virtual_time(main())


@pytest.mark.parametrize("query", ["", "grant_type=password", "grant_type=client_credentials%20"])
def test_another_grant_type(query):
    async def main():
        async with daraja() as d:
            answer = await d.token(query=query)
            assert answer.status == 400
            assert answer.json["errorCode"] == "400.008.02"
            assert answer.json["errorMessage"] == "Invalid grant type passed"
            assert list(answer.json) == ["requestId", "errorCode", "errorMessage"]

    in_virtual_time(main())


@pytest.mark.parametrize("header", [None, "Bearer abc", "Basic", "Basic ???", "Basic bm9jb2xvbg=="])
def test_another_scheme(header):
    async def main():
        async with daraja() as d:
            headers = {} if header is None else {"authorization": header}
            answer = await d.request(
                "GET", "/oauth/v1/generate?grant_type=client_credentials", headers=headers
            )
            assert answer.status == 400
            assert answer.json["errorCode"] == "400.008.01"
            assert answer.json["errorMessage"] == "Invalid Authentication passed"

    in_virtual_time(main())


def test_unknown_credentials_are_400_without_a_body_when_the_world_names_apps():
    async def main():
        async with daraja() as d:
            d.namespace.world.lay(WorldOverlay(apps=(App("known", "s3cr3t"),)))
            assert (await d.token("known", "s3cr3t")).status == 200
            for key, secret in [("known", "wrong"), ("other", "s3cr3t")]:
                answer = await d.token(key, secret)
                assert (answer.status, answer.raw) == (400, b"")
                assert "no app has the consumer key" in answer.hint
                assert secret not in answer.hint

    in_virtual_time(main())


def test_post_is_an_invalid_authentication_header():
    async def main():
        async with daraja() as d:
            answer = await d.request("POST", "/oauth/v1/generate?grant_type=client_credentials")
            assert answer.status == 404
            assert answer.json["errorCode"] == "404.001.04"

    in_virtual_time(main())


def test_a_token_expires():
    async def main():
        async with daraja() as d:
            assert (await d.push(token_seconds=1e9)).status == 200
            await d.simulator.clock.sleep(3598)
            assert (await d.push(token_seconds=1e9)).status == 200
            await d.simulator.clock.sleep(2)
            answer = await d.push(token_seconds=1e9)
            assert answer.status == 404
            assert answer.json["errorCode"] == "404.001.03"
            assert answer.json["errorMessage"] == "Invalid Access Token"
            assert "expired" in answer.hint

    in_virtual_time(main())


@pytest.mark.parametrize(("invalidates", "status"), [(False, 200), (True, 404)])
def test_whether_a_new_token_ends_the_old_one(invalidates, status):
    async def main():
        async with daraja(token_invalidates_previous=invalidates) as d:
            assert (await d.push(token_seconds=1e9)).status == 200
            await d.token()
            assert (await d.push(PhoneNumber=254722000001)).status == status

    in_virtual_time(main())
