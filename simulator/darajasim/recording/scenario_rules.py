"""The rules, answers and expectations of a recorded scenario."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any

from darajasim.core.catalogue import Row, catalogue
from darajasim.harness.called import first
from darajasim.harness.leaves import Leaves, text
from darajasim.recording.plays import Play, fields_of, json_of
from darajasim.recording.redaction import Redactor
from darajasim.recording.volatile import is_volatile

SLOW_SECONDS = 0.5
"""An answer that takes longer is slow on purpose; less is the network's."""
ACCEPTED = ("0", "00", "00000000")
_RESULT_KINDS = ("stk", "result")


def rules(plays: Iterable[Play], redactor: Redactor) -> list[dict[str, Any]]:
    """What makes the simulator do it again. The last call's rule stands first: a rule counts
    the calls that come as far as it.
    """
    counts: Counter[str] = Counter()
    found = []
    for play in plays:
        operation = play.operation
        if operation is None or play.exchange is None or play.bad_token:
            continue
        if json_of(play.exchange.body) is None and play.exchange.body:
            continue  # refused before any rule is asked
        counts[operation.name] += 1
        plan = _plan(play, redactor)
        if plan:
            found.append({"on": operation.name, "when": {"call": counts[operation.name]}} | plan)
    return found[::-1]


def _plan(play: Play, redactor: Redactor) -> dict[str, Any]:
    exchange, operation = play.exchange, play.operation
    assert exchange is not None  # noqa: S101  # see `rules`
    assert operation is not None  # noqa: S101  # see `rules`
    plan: dict[str, Any] = {}
    took = play.ended - play.began
    if exchange.fault:
        plan["reply"] = {"fault": exchange.fault} | ({"accepted": True} if play.heard else {})
        if not play.heard:
            return plan
    elif play.pinned:
        body = redactor.body(exchange.answer)
        return {"reply": {
            "http": exchange.status, "body": body,
            "content_type": redactor.content_type(exchange.content_type),
        }}  # fmt: skip
    elif took > SLOW_SECONDS:
        plan["reply"] = {"after": f"{took:.1f}s"}
    if operation.callbacks and (play.heard or accepted(play)):
        plan |= _course(play)
    return plan


def accepted(play: Play) -> bool:
    """Whether Daraja took the request on, so that a callback is owed."""
    code = first(play.fields, "ResponseCode") or first(play.fields, "responseCode")
    return play.exchange is not None and play.exchange.status == 200 and code in ACCEPTED


def _course(play: Play) -> dict[str, Any]:
    assert play.operation is not None  # noqa: S101  # see `rules`
    plan: dict[str, Any] = {}
    if "bill" in play.operation.callbacks or "validation" in play.operation.callbacks:
        return plan
    if not play.heard:
        return {"callback": "never"}
    surface = play.operation.result_surface
    row = ending(play)
    if row is not None and (surface == "stk" or row.code != "0"):
        plan["result"] = row.key
    callback: dict[str, Any] = {}
    kinds = [heard.kind for heard in play.heard]
    results = [heard.delivery.asked for heard in play.heard if heard.kind != "timeout"]
    if "timeout" in kinds:
        callback["timeout"] = "first" if results else "only"
    if len(results) > 1:
        callback |= {"times": len(results), "apart": f"{max(0.0, results[1] - results[0]):.2f}s"}
    if play.after is not None:
        callback["after"] = f"{play.after:.2f}s"
    return plan | ({"callback": callback} if callback else {})


def ending(play: Play) -> Row | None:
    """The row of the catalogue that tells how it ended; None when there is none."""
    operation = play.operation
    said = next((each.fields for each in reversed(play.heard) if each.kind != "timeout"), {})
    code = first(said, "ResultCode") or first(said, "resultCode")
    if operation is None or code is None or not operation.result_surface:
        return None
    rows = [
        row
        for row in catalogue().lookup(code, operation.result_surface)
        if row.operation in ("", operation.name)
    ]
    said_text = first(said, "ResultDesc") or ""
    return next((row for row in rows if said_text in row.texts), rows[0] if rows else None)


def answers(plays: Sequence[Play], redactor: Redactor) -> list[dict[str, Any]]:
    """What the application answered to callbacks, where it is not the usual; the last first."""
    counts: Counter[str] = Counter()
    found = []
    every = sorted((each for play in plays for each in play.heard), key=lambda h: h.delivery.asked)
    for heard in every:
        delivery = heard.delivery
        counts[heard.kind] += 1
        entry: dict[str, Any] = {"to": heard.kind, "call": counts[heard.kind]}
        took = (delivery.answered or delivery.asked) - delivery.asked
        if took > SLOW_SECONDS:
            entry["after"] = f"{took:.1f}s"
        if delivery.fault or delivery.status is None:
            found.append(entry | {"fault": delivery.fault or "hang"})
            continue
        body = json_of(delivery.answer)
        if delivery.status != 200:
            entry["status"] = delivery.status
        if delivery.answer:
            json = isinstance(body, dict | list)
            entry["body"] = redactor.document(body) if json else redactor.body(delivery.answer)
        found.append(entry)
    return found[::-1]


def expected(play: Play, redactor: Redactor, sent: set[str]) -> dict[str, Any]:
    """What must come of a play again."""
    found: dict[str, Any] = {}
    if play.exchange is not None:
        if play.exchange.fault:
            found["fault"] = play.exchange.fault
        else:
            found["status"] = play.exchange.status
        values = _values(fields_of(play.exchange.answer), redactor, sent, pinned=play.pinned)
        if values := _met(values, play, "answer"):
            found["answer"] = values
    if play.heard:
        found["callbacks"] = sum(each.delivery.status is not None for each in play.heard)
        values = _values(play.heard[-1].fields, redactor, sent)
        if values := _met(values, play, "callback"):
            found["callback"] = values
    return {key: value for key, value in found.items() if key not in play.unmet}


def _met(values: dict[str, Any], play: Play, where: str) -> dict[str, Any]:
    return {key: value for key, value in values.items() if f"{where}: {key}" not in play.unmet}


def _values(
    values: Leaves, redactor: Redactor, sent: set[str], *, pinned: bool = False
) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, leaf in values.items():
        name = redactor.key(key)
        value = leaf[0]
        if not name or (name != key and not pinned):
            continue
        found[name] = _value(key, value, redactor, sent)
    return found


def _value(key: str, value: object, redactor: Redactor, sent: set[str]) -> Any:
    if value is None:
        return None
    written = text(value)
    if not written:
        return ""
    shown = redactor.document(value, key)
    kept = shown == value or written in sent
    if is_volatile(key) and written not in sent:
        return "present"
    if not kept or text(shown)[:1] in "<>!/=" or text(shown) in ("present", "absent", "null"):
        return "present"
    return shown if not isinstance(shown, Decimal) else format(shown, "f")


def passkeys(plays: Iterable[Play], redactor: Redactor) -> list[Mapping[str, Any]]:
    """The organisations that M-Pesa Express must know, with the stand-ins of their passkeys."""
    found: dict[str, Mapping[str, Any]] = {}
    for play in plays:
        if play.operation is None or play.exchange is None:
            continue
        said = fields_of(play.exchange.body)
        password, shortcode = first(said, "Password"), first(said, "BusinessShortCode")
        if not (password and shortcode and accepted(play)):
            continue
        passkey = redactor.password(password)[1]
        code = redactor.shortcode(shortcode)
        if passkey is not None and (code, passkey) != ("174379", redactor.sandbox_passkey):
            found[code] = {"shortcode": code, "kind": "paybill", "passkey": passkey}
        if (till := first(said, "PartyB")) and till != shortcode:
            number = redactor.shortcode(till)
            found.setdefault(number, {"shortcode": number, "kind": "till"})
    return list(found.values())
