"""Requests made of the examples that operations state, and the Results that follow."""

import json
from decimal import Decimal

from darajasim.operations import operations
from darajasim.operations.fields import CALLBACK

B2C = "/mpesa/b2c/v3/paymentrequest"
POCHI = "/mpesa/b2pochi/v1/paymentrequest"
B2B = "/mpesa/b2b/v1/paymentrequest"
TAX = "/mpesa/b2b/v1/remittax"
BALANCE = "/mpesa/accountbalance/v1/query"
STATUS = "/mpesa/transactionstatus/v1/query"
REVERSAL = "/mpesa/reversal/v1/request"
COMMANDS = (B2C, POCHI, B2B, TAX, BALANCE, STATUS, REVERSAL)


def example(path, **changes):
    """A request that is accepted, with changes; a change to `...` leaves the field out."""
    fields = {field.name: field.example for field in operations()[path].fields}
    for name, value in fields.items():
        if value == CALLBACK:
            fields[name] = f"http://merchant/{name}"
    return {name: value for name, value in (fields | changes).items() if value is not ...}


async def command(d, path, **changes):
    """Send a command and wait for everything that follows; its acknowledgement."""
    answer = await d.post(path, example(path, **changes))
    await d.simulator.settled()
    return answer


async def result(d, path, **changes):
    """Send a command; the Result that comes, as JSON."""
    before = len(d.merchant.received)
    answer = await command(d, path, **changes)
    assert answer.status == 200, answer
    ((_at, _headers, raw),) = d.merchant.received[before:]
    return json.loads(raw, parse_float=Decimal)["Result"]


def parameters(found):
    """ResultParameter as a mapping; a missing Value is None."""
    items = found.get("ResultParameters", {}).get("ResultParameter", [])
    items = items if isinstance(items, list) else [items]
    return {item["Key"]: item.get("Value") for item in items}
