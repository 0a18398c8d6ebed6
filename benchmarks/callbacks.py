"""Delivered callbacks per second of the courier alone, to a receiver that answers at once."""

from __future__ import annotations

import argparse
import asyncio
import statistics
import time
from collections.abc import Iterator
from dataclasses import dataclass

import report
import uvloop
from load import LoadError
from servers import pin, receiver, two_cores

from darajasim.core.courier import Letter
from darajasim.delivery.courier import HttpCourier

IN_FLIGHT = (1, 8, 32, 64)
COUNT = 5_000
BODY = (
    b'{"Body":{"stkCallback":{"MerchantRequestID":"9b2d-4c1e-8f6a-0123456789ab123456",'
    b'"CheckoutRequestID":"ws_CO_111020261405097722000000","ResultCode":0,'
    b'"ResultDesc":"The service request is processed successfully.","CallbackMetadata":{"Item":['
    b'{"Name":"Amount","Value":1.00},{"Name":"MpesaReceiptNumber","Value":"UJB6SKLWDB"},'
    b'{"Name":"Balance"},{"Name":"TransactionDate","Value":20261011140521},'
    b'{"Name":"PhoneNumber","Value":254722000000}]}}}}'
)
HEADERS = {"Content-Type": "application/json;charset=UTF-8", "Businessshortcode": "174379"}


@dataclass(frozen=True, slots=True)
class Finding:
    """COUNT deliveries. Times in seconds; `cpu` is the courier's processor time."""

    seconds: float
    cpu: float
    latencies: list[float]

    @property
    def rate(self) -> float:
        """Deliveries per second."""
        return COUNT / self.seconds

    def percentile(self, share: float) -> float:
        """A latency in milliseconds."""
        return 1000 * sorted(self.latencies)[int(share * COUNT)]


async def deliver(port: int, in_flight: int) -> Finding:
    """Deliver COUNT callbacks, `in_flight` at a time.

    Raises:
        LoadError: one was not answered 200.
    """
    courier = HttpCourier()
    letter = Letter(f"http://127.0.0.1:{port}/callback", HEADERS, BODY)
    left: Iterator[int] = iter(range(COUNT))
    latencies: list[float] = []

    async def one_after_the_other() -> None:
        for _ in left:
            since = time.perf_counter()
            receipt = await courier.send(letter)
            latencies.append(time.perf_counter() - since)
            if receipt.status != 200:
                raise LoadError(f"expected 200, found {receipt}")

    began, worked = time.perf_counter(), time.process_time()
    try:
        await asyncio.gather(*(one_after_the_other() for _ in range(in_flight)))
    finally:
        courier.close()
    return Finding(time.perf_counter() - began, time.process_time() - worked, latencies)


def main() -> None:
    """Run the rounds and print what was found."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    rounds = parser.parse_args().rounds
    cores = two_cores()
    pin(cores.server)
    report.method(
        f"{COUNT:,} callbacks of {len(BODY)} bytes each for every row; medians of {rounds} rounds.",
        "darajasim.delivery.courier.HttpCourier on uvloop; every receipt must say 200.",
        f"All on 127.0.0.1; courier on core {cores.server}, receiver on core {cores.load}.",
    )
    found: dict[int, list[Finding]] = {number: [] for number in IN_FLIGHT}
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        for _ in range(rounds):
            with receiver(cores) as target:
                for number in IN_FLIGHT:
                    found[number].append(runner.run(deliver(target.port, number)))
    report.table(
        ("in flight", "per s", "lowest", "highest", "p50 ms", "p99 ms", "courier us"),
        [_row(number, findings) for number, findings in found.items()],
    )
    best = max(statistics.median(one.rate for one in findings) for findings in found.values())
    print()
    report.target("delivered callbacks per second", best, 1_500, at_least=True)


def _row(number: int, findings: list[Finding]) -> list[str]:
    rates = [one.rate for one in findings]
    latencies = [
        f"{statistics.median(one.percentile(share) for one in findings):.2f}"
        for share in (0.5, 0.99)
    ]
    cpu = 1e6 * statistics.median(one.cpu for one in findings) / COUNT
    shown = (f"{rate:,.0f}" for rate in (statistics.median(rates), min(rates), max(rates)))
    return [str(number), *shown, *latencies, f"{cpu:.0f}"]


if __name__ == "__main__":
    main()
