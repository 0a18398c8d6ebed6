"""What every mapping of a scenario has in common: known keys, a long form, a name in messages."""

from collections.abc import Iterator
from typing import Any, ClassVar

from pydantic import BaseModel, ConfigDict, Field, model_validator

from darajasim.scenarios.complaint import Complaint, Unfit
from darajasim.scenarios.nodes import Mapping, Scalar, described
from darajasim.scenarios.vocabulary import Vocabulary
from darajasim.scenarios.wording import listing, some


class Part(BaseModel):
    """A mapping with a fixed set of keys.

    Attributes:
        title: what messages call it.
        short_form: JSON Schema of a single value that may stand for the mapping, if any may.
        open: its keys are looked at elsewhere.
        one_or_more: keys of lists that may be written as their only item.
        checked_elsewhere: required keys whose absence somebody else can say more about.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, arbitrary_types_allowed=True)

    title: ClassVar[str]
    short_form: ClassVar[dict[str, Any] | None] = None
    open: ClassVar[bool] = False
    one_or_more: ClassVar[frozenset[str]] = frozenset()
    checked_elsewhere: ClassVar[frozenset[str]] = frozenset()

    @classmethod
    def keys(cls, vocabulary: Vocabulary) -> tuple[str, ...]:  # noqa: ARG003  # for profiles
        """The keys that the mapping may have, in the order of the documentation."""
        return tuple(field.alias or name for name, field in cls.model_fields.items())

    @classmethod
    def expected(cls, vocabulary: Vocabulary) -> str:
        """The keys that the mapping may have, for messages."""
        return some(cls.keys(vocabulary))

    @classmethod
    def complaints(cls, node: Mapping, vocabulary: Vocabulary) -> Iterator[Complaint]:  # noqa: ARG003
        """What is wrong with the keys taken together."""
        yield from ()

    @classmethod
    def about_unknown(cls, name: str) -> str:  # noqa: ARG003  # for parts that know more
        """Advice about a key that the mapping cannot have, if there is special advice."""
        return ""

    @classmethod
    def long_form(cls, short: Scalar) -> dict[str, object]:
        """The mapping that a single value stands for.

        Raises:
            Unfit: none does, or not this one.
        """
        message = f"{cls.title} has no keys" if short.is_null else f"{cls.title} is a mapping"
        example = next(iter(cls.model_fields.values()))
        name = example.alias or next(iter(cls.model_fields))
        raise Unfit(
            Complaint(
                message,
                f"keys such as `{name}: {(example.examples or ['…'])[0]}`",
                described(short),
                "lines that belong to a key are indented deeper than the key"
                if short.is_null
                else "",
            )
        )

    @model_validator(mode="before")
    @classmethod
    def _unfold(cls, raw: object) -> object:
        if isinstance(raw, Scalar):
            if raw.unknown:
                raise Unfit
            return cls.long_form(raw)
        if isinstance(raw, dict):
            return raw
        keys = [field.alias or name for name, field in cls.model_fields.items()]
        raise Unfit(
            Complaint(
                f"{cls.title} is a mapping, not a list",
                f"keys: {listing(keys)}",
                described(raw),
                "delete the `- ` or the [ ]",
            )
        )


def required(about: str, example: str, **options: Any) -> Any:
    """A key that must be there. `example` is shown when it is missing."""
    return Field(description=about, examples=[example], **options)


def optional(about: str, example: str = "…", **options: Any) -> Any:
    """A key that may be missing."""
    return Field(default=None, description=about, examples=[example], **options)


def refuse_together(node: Mapping, *names: str, advice: str = "") -> Iterator[Complaint]:
    """At most one of these keys may stand in the mapping; complain of each further one."""
    present = [name for name in node.entries if name in names]
    for name in present[1:]:
        yield Complaint(
            f"`{present[0]}` and `{name}` exclude each other",
            f"only one of {listing(names)}",
            advice=advice or f"delete `{present[0]}` or `{name}`",
            at=(name,),
            on_key=True,
        )


def needs(node: Mapping, name: str, other: str, *, advice: str = "") -> Iterator[Complaint]:
    """A key means something only beside another."""
    if name in node.entries and other not in node.entries:
        yield Complaint(
            f"`{name}` means nothing without `{other}`",
            f"`{other}` beside it",
            advice=advice or f"add `{other}`, or delete `{name}`",
            at=(name,),
            on_key=True,
        )
