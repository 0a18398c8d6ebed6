"""When the reconciler asks about what nobody has told."""

from dataclasses import dataclass
from datetime import datetime, timedelta


@dataclass(frozen=True, slots=True, kw_only=True)
class Schedule:
    """A back-off that ends.

    Attributes:
        first: after a payment is asked for. A prompt lies on the phone for a minute or so, and its
            callback follows at once (seen), so most need never be asked about.
        longest: at most this long between two questions; each pause is twice the one before.
        give_up: after this long it is asked no more. What is unknown then stays so, flagged for a
            person.

    Raises:
        ValueError: a time that is not positive, or `longest` below `first`.
    """

    first: timedelta = timedelta(seconds=90)
    longest: timedelta = timedelta(hours=1)
    give_up: timedelta = timedelta(hours=24)

    def __post_init__(self) -> None:
        if not timedelta(0) < self.first <= self.longest or self.give_up <= timedelta(0):
            raise ValueError(f"expected 0 < first <= longest and 0 < give_up, found {self}")

    def pause(self, asks: int) -> timedelta:
        """How long to wait after having asked `asks` times."""
        doubled: timedelta = self.first * (1 << min(asks, 30))
        return min(doubled, self.longest)

    def is_over(self, created_at: datetime, at: datetime) -> bool:
        """Whether it is given up."""
        return at - created_at >= self.give_up
