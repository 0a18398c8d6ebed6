"""`/_sim/openapi.json` and `/_sim/certificate` are what the commands print."""

from cryptography import x509

from darajasim.http.description import serialised
from darajasim.operations import credentials
from support.daraja import daraja, in_virtual_time


def got(path):
    async def main():
        async with daraja() as d:
            return await d.request("GET", path)

    return in_virtual_time(main())


def test_the_description():
    answer = got("/_sim/openapi.json")
    assert (answer.status, answer.headers["content-type"]) == (200, "application/json")
    assert answer.raw == serialised()


def test_the_certificate():
    answer = got("/_sim/certificate")
    assert answer.status == 200
    assert answer.raw == credentials.certificate().encode()
    assert x509.load_pem_x509_certificate(answer.raw).public_key().key_size >= 1024
