"""What is expected of an SDK, and how what was seen differs from it."""

from dataclasses import dataclass

from compat.driving import PAID, Run

PUSHED = {"ResponseCode": "0", "CustomerMessage": "Success. Request accepted for processing"}
PAID_FOR = {"ResponseCode": "0", "ResultCode": "0"}
ACKNOWLEDGED = {
    "ResponseCode": "0",
    "ResponseDescription": "Accept the service request successfully.",
}
REGISTERED = {"ResponseCode": "0"}
CONFIRMED = (PAID,)


@dataclass(frozen=True)
class Refused:
    """A refusal that the real Daraja, or the SDK itself, gives as well.

    Attributes:
        says: what its text has to hold, all of it.
        because: why this is right.
    """

    says: tuple[str, ...]
    because: str


def differences(wanted: object, found: object, place: str = "") -> list[str]:
    """Where `found` is not what was wanted; of a mapping only the keys that are wanted count."""
    if isinstance(wanted, Refused):
        missing = [part for part in wanted.says if part not in str(found)]
        return [f"{place}: expected {missing} ({wanted.because}), found {found}"] if missing else []
    if isinstance(wanted, dict) and isinstance(found, dict):
        pairs = ((key, value, found.get(key, "nothing")) for key, value in wanted.items())
        return [
            line for key, one, other in pairs for line in differences(one, other, f"{place}.{key}")
        ]
    if isinstance(wanted, list) and isinstance(found, list) and len(wanted) == len(found):
        pairs = zip(range(len(wanted)), wanted, found, strict=True)
        return [
            line for at, one, other in pairs for line in differences(one, other, f"{place}[{at}]")
        ]
    return [] if wanted == found else [f"{place}: expected {wanted!r}, found {found!r}"]


def check(run: Run, operations: dict, models: dict, callbacks: dict) -> None:
    """Everything that the SDK has was done, with the answers, readings and callbacks expected."""
    forgotten = run.surface - run.operations.keys() - run.models.keys()
    assert not forgotten, f"the driver forgets {sorted(forgotten)}"
    assert run.operations.keys() == operations.keys()
    assert run.models.keys() == models.keys()
    assert run.results == callbacks
    wrong = [
        line
        for wanted, found in ((operations, run.operations), (models, run.models))
        for name in wanted
        for line in differences(wanted[name], found[name], name)
    ]
    assert not wrong, "\n".join([*wrong, *run.refusals])
