"""The pages that people see, and the files and sentences that they load.

    GET {prefix}/pay                        the checkout page
    GET {prefix}/admin                      the payments page; without the admin token it shows none
    GET {prefix}/static/{version}/{name}    their files, kept by browsers for a year
    GET {prefix}/static/{name}              the same, asked about each time: for pages of your own
    GET {prefix}/messages                   what to tell customers about each code, in one language

No page holds a script or a style of its own, and the policy forbids them: a text that found its way
into a page could run nothing.
"""

from html import escape
from http import HTTPStatus

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from mpesa_pochi.codes import catalogue
from mpesa_pochi.customer_messages import MessageState, customer_message, state_message
from mpesa_pochi.merchant import spoken
from mpesa_pochi.merchant.answers import Refused
from mpesa_pochi.merchant.static_files import StaticFile, etag, packaged

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
FOR_A_YEAR = "public, max-age=31536000, immutable"
ASK_EACH_TIME = "no-cache"
GUARDS = {
    "Content-Security-Policy": POLICY,
    "Cross-Origin-Opener-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}


def routes(prefix: str) -> list[Route]:
    """The addresses of the pages and of what they load."""
    return [
        Route(f"{prefix}/pay", checkout, methods=["GET"]),
        Route(f"{prefix}/admin", admin, methods=["GET"]),
        Route(f"{prefix}/messages", messages, methods=["GET"]),
        Route(f"{prefix}/static/{{path:path}}", static, methods=["GET"]),
    ]


async def checkout(request: Request) -> Response:
    """`GET /pay`: where a customer pays."""
    return _page(request, "checkout.html")


async def admin(request: Request) -> Response:
    """`GET /admin`: where the merchant looks at payments. The page itself holds none."""
    return _page(request, "admin.html")


async def static(request: Request) -> Response:
    """`GET /static/{version}/{name}` and `GET /static/{name}`.

    Raises:
        Refused: 404, there is no such file. An old version gets the present file, not for keeping.
    """
    version, _, name = request.path_params["path"].rpartition("/")
    file = packaged().files.get(name)
    if file is None or file.name.endswith(".html"):
        raise Refused(HTTPStatus.NOT_FOUND, f"there is nothing at {request.url.path}")
    fresh = version == packaged().version
    return _answer(
        request, file.content, file.media_type, caching=FOR_A_YEAR if fresh else ASK_EACH_TIME
    )


async def messages(request: Request) -> Response:
    """`GET /messages`: what to tell customers, by surface and code, by row, and by state."""
    language = spoken.language()
    codes: dict[str, dict[str, str]] = {}
    rows: dict[str, str] = {}
    for row in catalogue().rows:
        rows[row.key] = customer_message(row, language)
        # The first row of a code that has several meanings; `rows` has them all.
        codes.setdefault(row.surface, {}).setdefault(row.code, rows[row.key])
    states = {state.value: state_message(state, language) for state in MessageState}
    body = JSONResponse(
        {"language": language.value, "codes": codes, "rows": rows, "states": states}
    ).body
    return _answer(request, bytes(body), "application/json", caching=ASK_EACH_TIME)


def _page(request: Request, name: str) -> Response:
    file: StaticFile = packaged().files[name]
    business = request.app.state.payments.client.settings.name
    text = file.content.decode("utf-8")
    # The name last: whatever it is, nothing in it is filled in.
    text = text.replace("{{static}}", f"static/{packaged().version}")
    text = text.replace("{{name}}", escape(business or "M-PESA"))
    return _answer(request, text.encode("utf-8"), file.media_type, caching=ASK_EACH_TIME)


def _answer(request: Request, content: bytes, media_type: str, *, caching: str) -> Response:
    tag = etag(content)
    headers = {**GUARDS, "Cache-Control": caching, "ETag": tag, "Vary": "Accept-Language"}
    known = [held.strip().removeprefix("W/") for held in _held(request).split(",")]
    if tag in known or "*" in known:
        return Response(status_code=HTTPStatus.NOT_MODIFIED, headers=headers)
    return Response(content, media_type=media_type, headers=headers)


def _held(request: Request) -> str:
    held: str = request.headers.get("if-none-match", "")
    return held
