"""What a request finds in the application that answers it."""

from starlette.requests import Request

from mpesa_pochi.merchant.admin import Admin
from mpesa_pochi.merchant.limits import Limiter
from mpesa_pochi.merchant.payments import Payments
from mpesa_pochi.merchant.payouts import Payouts


def payments(request: Request) -> Payments:
    """The service of money that comes in."""
    service: Payments = request.app.state.payments
    return service


def payouts(request: Request) -> Payouts:
    """The service of money that goes out."""
    service: Payouts = request.app.state.payouts
    return service


def admin(request: Request) -> Admin:
    """Who may see the books and move money."""
    found: Admin = request.app.state.admin
    return found


def limiter(request: Request) -> Limiter:
    """What counts requests."""
    found: Limiter = request.app.state.limiter
    return found
