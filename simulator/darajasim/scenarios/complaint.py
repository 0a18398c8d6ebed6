"""A value that cannot be what stands at its place, and why. Places are found later, from paths."""

from dataclasses import dataclass

from darajasim.scenarios.nodes import Path


@dataclass(frozen=True, slots=True)
class Complaint:
    """What is wrong with a value, before it is known where the value stands.

    Attributes:
        at: from the value that is looked at down to the one that is meant.
        on_key: the key is meant, not its value.
    """

    message: str
    expected: str = ""
    found: str = ""
    advice: str = ""
    at: Path = ()
    on_key: bool = False


class Unfit(ValueError):  # noqa: N818  # not an error of the program: the value is unfit
    """The value cannot be used. Without complaints: they have been made elsewhere."""

    def __init__(self, *complaints: Complaint) -> None:
        super().__init__(*(complaint.message for complaint in complaints))
        self.complaints = complaints
