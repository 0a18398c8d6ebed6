"""What a driver tells the test that started it, one JSON line each, and what it asks for.

A driver is started with the simulator's base URL, the recorder's, and the file of the simulator's
certificate for SecurityCredential.
"""

import base64
import dataclasses
import json
import os
import sys
import urllib.request

SIMULATOR, RECORDER, CERTIFICATE = sys.argv[1:4]
KEY, SECRET = "key", "secret"
PASSKEY = "bfb279f9aa9bdbcf158e97dd71a467cd2e0c893059b10f78e6b72ada1ed2c919"
PAYBILL, TILL, PAYER, COLLECTOR, RECEIVER = 174379, 600100, 600998, 600997, 600000
INITIATOR, PASSWORD = "testapi", "Safaricom999!*!"
PHONE = 254708374149
CREDENTIAL = os.environ["COMPAT_CREDENTIAL"]
LONGEST = 2000


def url(path):
    """Where the recorder hears of something."""
    return RECORDER + path


def call(operation, function, *args, **options):
    """Have the SDK do one thing, and tell what it gave back or how it complained."""
    try:
        answer = function(*args, **options)
    except Exception as error:  # noqa: BLE001  # whatever an SDK raises is what it says
        say(operation=operation, refused=complaint(error))
        return None
    say(operation=operation, answered=plain(answer))
    return answer


def reads(model, function, *args):
    """Have the SDK read a callback, and tell what it made of it."""
    try:
        found = function(*args)
    except Exception as error:  # noqa: BLE001  # whatever an SDK raises is what it says
        say(model=model, refused=complaint(error))
        return
    say(model=model, accepted=plain(found))


def callback(path):
    """The body of the next callback that arrives at `path`, as text."""
    say(wait=path)
    return json.loads(sys.stdin.readline())


def surface(names):
    """Tell every operation that the SDK has."""
    say(surface=sorted(names))


def public_methods(kind):
    """The names of what a class lets its users call."""
    return {
        name for name in dir(kind) if not name.startswith("_") and callable(getattr(kind, name))
    }


def customer_pays(shortcode, shillings, reference):
    """A customer pays a shortcode: the sandbox's simulate call, not made by the SDK."""
    basic = base64.b64encode(f"{KEY}:{SECRET}".encode()).decode()
    path = "/oauth/v1/generate?grant_type=client_credentials"
    token = _ask(path, None, f"Basic {basic}")["access_token"]
    payment = {
        "ShortCode": shortcode,
        "CommandID": "CustomerPayBillOnline",
        "Amount": shillings,
        "Msisdn": PHONE,
        "BillRefNumber": reference,
    }
    _ask("/mpesa/c2b/v2/simulate", payment, f"Bearer {token}")


def _ask(path, body, authorization):
    headers = {"Authorization": authorization, "Content-Type": "application/json"}
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(SIMULATOR + path, data, headers)  # noqa: S310  # loopback
    with urllib.request.urlopen(request) as answer:  # noqa: S310  # loopback
        return json.load(answer)


def complaint(error):
    """An error in one line, with what an SDK keeps beside its message."""
    kept = [str(getattr(error, name, "")) for name in ("status_code", "raw_response", "raw")]
    text = " ".join([type(error).__name__, str(error), *filter(None, kept)])
    return " ".join(text.split())[:LONGEST]


def plain(value):
    """Anything an SDK gives back, as JSON can carry it."""
    if hasattr(value, "model_dump"):
        return value.model_dump(mode="json")
    if dataclasses.is_dataclass(value):
        return dataclasses.asdict(value)
    return value


def say(**line):
    """Write one line to the test."""
    sys.stdout.write(json.dumps(line, default=str) + "\n")
    sys.stdout.flush()
