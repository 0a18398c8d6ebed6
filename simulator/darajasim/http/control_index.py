"""Every page of `/_sim/`, in the order in which they are described."""

from __future__ import annotations

from darajasim.http import (
    control_callbacks,
    control_clock,
    control_inbox,
    control_journal,
    control_namespaces,
    control_scenarios,
    control_self,
)
from darajasim.http.control_page import WRONG_QUERY, Page, Verb

DESCRIPTION = Page(
    "/_sim/openapi.json",
    {
        "GET": Verb(
            "sim_openapi",
            "This description.",
            {"type": "object"},
            problems=(WRONG_QUERY,),
            namespaced=False,
        )
    },
)
PAGES = (
    *control_self.PAGES,
    *control_inbox.PAGES,
    DESCRIPTION,
    *control_journal.PAGES,
    *control_scenarios.PAGES,
    *control_clock.PAGES,
    *control_callbacks.PAGES,
    *control_namespaces.PAGES,
)


def listed() -> str:
    """The pages by name, for who asked for one that is not there."""
    named = (f"{' and '.join(page.verbs)} {page.path}" for page in PAGES if ":" not in page.path)
    return "; ".join(named)
