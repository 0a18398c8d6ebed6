"""The fixture `shop`: an application that is started and spoken to from outside."""

import httpx
import pytest
from shop import Shop


class Started:
    def start(self, **environment):
        self.base = environment["MPESA_BASE_URL"]

    def post(self, path, phone, amount):
        with httpx.Client(verify=False) as http:

            class Line:
                def get(self, url, **more):
                    return http.get(url.replace("https://sandbox.safaricom.co.ke", base), **more)

                def post(self, url, **more):
                    return http.post(url.replace("https://sandbox.safaricom.co.ke", base), **more)

            base = self.base
            Shop(Line()).charge(phone, amount, f"{base.partition('/_ns/')[0]}/_sim/inbox")


@pytest.fixture
def shop():
    return Started()
