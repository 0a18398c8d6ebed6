"""A law that holds on each database: with all its examples on SQLite, and with some on a server."""

from hypothesis import given, settings

from support.examples import examples

SHARE = 12


def holds(shops, most, **strategies):
    """Checks the decorated function at once, on the database of `shops`."""
    few = examples(most) if shops.usual.inline else max(4, examples(most) // SHARE)

    def check(law):
        settings(max_examples=few)(given(**strategies)(law))()

    return check
