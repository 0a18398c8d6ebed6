"""Whether Daraja lets us in."""

from mpesa_pochi.desk import Desk
from mpesa_pochi.steps import Steps, TakeToken


def sign_in(_desk: Desk) -> Steps[None]:
    """Get an access token, unless a good one is held: so Daraja answers, and knows the app.

    No call needs it; each gets its token by itself. It is for those who want to know beforehand.

    Raises:
        CredentialsRefused: Daraja does not know the consumer key and secret.
        Unreachable: no answer came.
        PochiError: anything else that a request for a token may meet.
    """
    yield TakeToken()
