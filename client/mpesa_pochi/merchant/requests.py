"""What callers may ask, checked by pydantic: strictly, and all mistakes at once."""

from http import HTTPStatus
from typing import Annotated, Any, Literal, TypeVar

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, JsonValue, ValidationError
from pydantic import model_validator as validate_whole

from mpesa_pochi import arguments, push
from mpesa_pochi.errors import PhoneNumberError
from mpesa_pochi.merchant.answers import Refused
from mpesa_pochi.phone import normalise

LONGEST_REFERENCE = 64
"""Characters. Daraja documents 12 and takes more (15 seen), so it is left to judge."""
LONGEST_DESCRIPTION = 255
"""Characters. Daraja documents 13, takes 17 and refuses 280 (seen)."""

Model = TypeVar("Model", bound=BaseModel)


def _one_line(text: str) -> str:
    if not text.strip() or not text.isprintable():
        raise ValueError("must be one line of printable text")
    return text


def _phone(text: str) -> str:
    try:
        return normalise(text)
    except PhoneNumberError as error:
        raise ValueError(str(error)) from None


def _printable(text: str) -> str:
    if not text.isprintable():
        raise ValueError("must be printable text")
    return text


Line = Annotated[str, AfterValidator(_one_line)]
Phone = Annotated[
    str,
    AfterValidator(_phone),
    Field(description="In any way a Kenyan writes one: 0722 000 000, +254722000000."),
]
Shillings = Annotated[int, Field(ge=1, le=push.HIGHEST, description="Whole shillings.")]
UserId = Annotated[
    Line, Field(max_length=128, description="Your own id of the customer; it is only kept.")
]
Metadata = Annotated[
    dict[str, JsonValue], Field(description="Whatever you want to find again; it is only kept.")
]


class Strict(BaseModel):
    """No coercion, no unknown fields."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)


class StkPush(Strict):
    """`POST /stk-push`: ask a customer for money.

    Attributes:
        phone: in any way a Kenyan writes one; becomes 2547XXXXXXXX or 2541XXXXXXXX.
        amount: whole shillings.
        reference: what the customer sees as the account; made here, unique, when it is left out.
    """

    phone: Phone
    amount: Shillings
    reference: (
        Annotated[
            Line,
            Field(
                max_length=LONGEST_REFERENCE,
                description="What the customer sees as the account; made here when left out.",
            ),
        ]
        | None
    ) = None
    description: Annotated[Line, Field(max_length=LONGEST_DESCRIPTION)] = "Payment"
    user_id: UserId | None = None
    metadata: Metadata = Field(default_factory=dict)


class B2cPayment(Strict):
    """`POST /b2c-payment`: pay a customer, or give a payment back.

    Attributes:
        payment_id: the payment to give back. Then `phone` is who paid it, and `amount` all that is
            left of it, unless less is asked for.
        phone: in any way a Kenyan writes one.
        amount: whole shillings; M-PESA pays 10 to 250 000 (documented), and judges it later.
        destination: `mpesa`, or `pochi` for a trader's Pochi la Biashara wallet.
        command: of `mpesa`.
    """

    payment_id: Annotated[int, Field(ge=1, lt=2**63)] | None = None
    phone: Phone | None = None
    amount: Shillings | None = None
    destination: Literal["mpesa", "pochi"] = "mpesa"
    command: Literal["BusinessPayment", "SalaryPayment", "PromotionPayment"] = "BusinessPayment"
    remarks: Annotated[Line, Field(min_length=2, max_length=arguments.LONGEST_REMARKS)] = "Payout"
    occasion: Annotated[str, AfterValidator(_printable), Field(max_length=100)] = ""
    user_id: UserId | None = None
    metadata: Metadata = Field(default_factory=dict)

    @validate_whole(mode="after")
    def _whom(self) -> "B2cPayment":
        if self.payment_id is None and (self.phone is None or self.amount is None):
            raise ValueError("give phone and amount, or the payment_id of a payment to refund")
        if self.destination == "pochi" and self.command != "BusinessPayment":
            raise ValueError("leave out command: a Pochi la Biashara wallet has its own")
        return self


class QueryStk(Strict):
    """`POST /query-stk`: ask Daraja how a payment stands. One of the two names the payment."""

    checkout_id: Annotated[Line, Field(max_length=100)] | None = None
    payment_id: Annotated[int, Field(ge=1, lt=2**63)] | None = None

    @validate_whole(mode="after")
    def _one_name(self) -> "QueryStk":
        if (self.checkout_id is None) == (self.payment_id is None):
            raise ValueError("give either checkout_id or payment_id, not both or neither")
        return self


def checked(model: type[Model], body: dict[str, Any]) -> Model:
    """`body` as a `model`.

    Raises:
        Refused: 422, with every mistake.
    """
    try:
        return model.model_validate(body)
    except ValidationError as error:
        mistakes = [(_field(item["loc"]), _problem(item)) for item in error.errors()]
    sentence = f"expected other values in {len(mistakes)} place{'s' if len(mistakes) > 1 else ''}"
    raise Refused(HTTPStatus.UNPROCESSABLE_ENTITY, sentence, mistakes)


def _field(location: tuple[int | str, ...]) -> str:
    return ".".join(map(str, location)) or "body"


def _problem(item: Any) -> str:
    match item["type"]:
        case "missing":
            return "is missing"
        case "extra_forbidden":
            return "is not a field of this request"
        case "value_error":
            return str(item["ctx"]["error"])
        case _:
            message: str = item["msg"]
            return message[:1].lower() + message[1:]
