"""Where results come: beside the callbacks, unless the settings say otherwise."""

from urllib.parse import urlsplit, urlunsplit

from mpesa_pochi.settings import Settings

CALLBACK, RESULT, TIMEOUT = "/callback", "/result", "/timeout"


def result(settings: Settings) -> str | None:
    """The address of results without a token; None when it is not known."""
    return settings.result_url or _beside(settings.callback_url, RESULT)


def timeout(settings: Settings) -> str | None:
    """The address of queue timeouts without a token; None when it is not known."""
    return settings.timeout_url or _beside(settings.callback_url, TIMEOUT)


def _beside(callback_url: str, name: str) -> str | None:
    parts = urlsplit(callback_url)
    before, found, after = parts.path.rpartition(CALLBACK)
    if not found or after.strip("/"):
        return None
    return urlunsplit(parts._replace(path=before + name))
