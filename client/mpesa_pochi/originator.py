"""The OriginatorConversationID that a payout is sent under, made by the caller, unique for ever."""

from secrets import token_hex


def new_id() -> str:
    """A new id: `pochi-` and 128 bits of chance.

    It begins with letters, for Daraja gives an id that looks like a number back as one (seen).
    """
    return f"pochi-{token_hex(16)}"
