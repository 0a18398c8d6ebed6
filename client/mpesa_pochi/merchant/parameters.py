"""Parameters of the query, understood or refused with 400."""

from http import HTTPStatus

from starlette.requests import Request

from mpesa_pochi.merchant.answers import Refused
from mpesa_pochi.merchant.law import PaymentStatus

USUAL_PAGE, LARGEST_PAGE = 50, 200
LARGEST_ID = 2**63 - 1
_WORDS = {"true": True, "false": False}


def only(request: Request, known: tuple[str, ...]) -> None:
    """Refuse a parameter that is not known."""
    for name in request.query_params:
        if name not in known:
            raise wrong(name, f"is none of {', '.join(known)}")


def page_size(request: Request) -> int:
    """`limit`: how many are shown at once."""
    return whole(request, "limit", usual=USUAL_PAGE, most=LARGEST_PAGE)


def identifier(request: Request, name: str) -> int:
    """An id; the largest there can be when it is left out."""
    return whole(request, name, usual=LARGEST_ID, most=LARGEST_ID)


def whole(request: Request, name: str, *, usual: int, most: int, least: int = 1) -> int:
    """A whole number from `least` to `most`; `usual` when it is left out."""
    text = request.query_params.get(name)
    if text is None:
        return usual
    number = int(text) if text.isascii() and text.isdecimal() and len(text) < 20 else -1
    if not least <= number <= most:
        raise wrong(name, f"is not a whole number from {least} to {most}")
    return number


def status(request: Request) -> PaymentStatus | None:
    """`status`: pending, success or failed; None when it is left out."""
    text = request.query_params.get("status")
    if text is None:
        return None
    try:
        return PaymentStatus(text)
    except ValueError:
        raise wrong("status", f"is none of {', '.join(PaymentStatus)}") from None


def flag(request: Request, name: str) -> bool | None:
    """`true` or `false`; None when it is left out."""
    text = request.query_params.get(name)
    if text is None:
        return None
    if text not in _WORDS:
        raise wrong(name, "is neither true nor false")
    return _WORDS[text]


def wrong(field: str, problem: str) -> Refused:
    """The refusal of a parameter."""
    return Refused(HTTPStatus.BAD_REQUEST, f"expected another `{field}`", [(field, problem)])
