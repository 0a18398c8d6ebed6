"""IoT SIM management: the thirteen paths of /simportal/v1, as one table."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from darajasim.core.clock import NAIROBI, nairobi
from darajasim.core.profile import Profile
from darajasim.operations.fields import (
    Check,
    Field,
    FieldProblem,
    limited,
    one_of,
    optional,
    scalar,
    shape,
    shown,
)
from darajasim.operations.iot_fleet import ACTIVE, FIRST_SIM, GROUPS, IDLE, SUSPENDED, Message, Sim
from darajasim.operations.iot_operation import (
    FOREIGN_GROUP,
    GROUP,
    MALFORMED,
    PAGE,
    PAYLOAD,
    SIZE,
    Ask,
    IotOperation,
    exactly,
    groups,
    page,
)

MOST_DAYS = 31
"""Days of activation trends that are told at once (guessed)."""
FIRST_YEAR = 1970
_DAY = "%d-%m-%Y"
_MOMENT = "%d-%m-%Y %H:%M:%S"
_DATE = re.compile(r"\d{2}-\d{2}-\d{4}( \d{2}:\d{2}:\d{2})?", re.ASCII)


def _moment(value: Any, _profile: Profile) -> str:
    """Seconds since the epoch, as text."""
    moment = _parsed(scalar(value) or "")
    if moment is None:
        raise FieldProblem(f"expected DD-MM-YYYY HH:mm:ss, found {shown(value)}")
    return str(int(moment.timestamp()))


def _parsed(text: str) -> datetime | None:
    matched = _DATE.fullmatch(text)
    if matched is None:
        return None
    try:
        moment = datetime.strptime(text, _MOMENT if matched[1] else _DAY).replace(tzinfo=NAIROBI)
    except ValueError:
        return None
    return moment if moment.year >= FIRST_YEAR else None


def _field(name: str, check: Check, alias: str, example: Any = ..., about: str = "") -> Field:
    return Field(name, PAYLOAD, check, alias, example, about)


def _date(name: str, alias: str, example: str, refusal: str = PAYLOAD) -> Field:
    schema = {"type": "string", "pattern": f"^(?:{_DATE.pattern})$"}
    return Field(name, refusal, Check(_moment, schema), alias, example)


_NUMBER = shape(r"\d{1,9}", "a whole number")
_SIM = shape(r"254\d{9}", "a SIM number as 254XXXXXXXXX")
_MSISDN = _field("msisdn", _SIM, "phone", str(FIRST_SIM))
_GROUP = Field(GROUP, FOREIGN_GROUP, groups, "group", GROUPS[0])
_GROUPS = Field(GROUP, FOREIGN_GROUP, groups, "group", list(GROUPS))
_USERNAME = _field("username", limited(100), "username", "testapi")
_THREE = (_MSISDN, _GROUP, _USERNAME)


# ------------------------------------------------------------------------------------- SIM cards


def _all_sims(ask: Ask) -> Any:
    """Part of the list; where it starts has two spellings (documented)."""
    request = ask.request
    start = int(request["startAtIndex"] or request["startAtInde"] or 0)
    sims = ask.fleet.listed(ask.groups)
    return {"Desc": sims[start : start + int(request[SIZE])]}


def _life_cycle(ask: Ask) -> Any:
    return {"desc": "Success", "status": ask.sim().life_cycle_status, "statusCode": "0"}


def _customer(ask: Ask) -> Any:
    sim = ask.sim()
    return {
        "offeringName": "IoT Data",
        "offeringStatus": sim.product_status,
        "subscriberStatus": sim.life_cycle_status,
        "offeringId": "100001",
        "vpnGroup": sim.vpn_group,
    }


def _activate(ask: Ask) -> Any:
    _set(ask.sim(), ACTIVE)
    ids = ask.namespace.ids
    return {"Desc": "Success", "requestId": ids.request_id(), "ID": ids.uuid()}


def _trends(ask: Ask) -> Any:
    """The account as it is now, once for each day that was asked for."""
    start = nairobi(int(ask.request["startDate"]))
    until = int(ask.request["stopDate"] or ask.request["endDate"] or ask.request["startDate"])
    days = min(max(0, (nairobi(until) - start).days), MOST_DAYS - 1)
    counted = ask.fleet.counted(ask.groups)
    return {
        "body": [
            {
                "pooledTrend": sum(counted.values()),
                "suspendedTrend": counted[SUSPENDED],
                "dates": (start + timedelta(day)).strftime(_DAY),
                "activeTrend": counted[ACTIVE],
                "idleTrend": counted[IDLE],
            }
            for day in range(days + 1)
        ]
    }


def _rename(ask: Ask) -> Any:
    ask.sim().asset_name = ask.request["assetName"]
    return {"result": "Success", "desc": "Asset renamed"}


def _suspend(ask: Ask) -> Any:
    suspended = ask.request["operation"] == "suspend"
    _set(ask.sim(), SUSPENDED if suspended else ACTIVE)
    return {"statusCode": 0, "statusDesc": "Success"}


def _set(sim: Sim, state: str) -> None:
    sim.life_cycle_status = sim.product_status = state


# -------------------------------------------------------------------------------------- messages


def _search(ask: Ask) -> Any:
    wanted = ask.request["searchValue"]
    return page(ask, ask.fleet.messages(lambda message: message.msisdn == wanted))


def _filter(ask: Ask) -> Any:
    start, end = int(ask.request["startDate"]), int(ask.request["endDate"])
    status = ask.request["status"].upper()

    def wanted(message: Message) -> bool:
        return start <= message.at <= end and status in ("", message.status)

    return page(ask, ask.fleet.messages(wanted))


def _messages(ask: Ask) -> Any:
    return page(ask, ask.fleet.messages(lambda message: message.group in ask.groups))


def _send(ask: Ask) -> Any:
    now = ask.namespace.clock.time()
    return ask.fleet.send(ask.sim(), ask.request["message"], now).as_json()


def _delete(ask: Ask) -> None:
    number = int(ask.request["id"])
    ask.fleet.delete(lambda message: message.number == number)


def _delete_thread(ask: Ask) -> None:
    msisdn = ask.sim().msisdn
    ask.fleet.delete(lambda message: message.msisdn == msisdn)


# ----------------------------------------------------------------------------------- the answers

_STRING, _INTEGER, _BOOLEAN = {"type": "string"}, {"type": "integer"}, {"type": "boolean"}


def _strings(*keys: str) -> Mapping[str, Any]:
    return exactly(dict.fromkeys(keys, _STRING))


def _list_of(item: Mapping[str, Any]) -> Mapping[str, Any]:
    return {"type": "array", "items": item}


_MESSAGE = exactly(
    {"id": _INTEGER, **dict.fromkeys(("msisdn", "message", GROUP, "status", "createdAt"), _STRING)}
)
_SORT = exactly(dict.fromkeys(("sorted", "unsorted", "empty"), _BOOLEAN))
_PAGE = exactly(
    {
        "content": _list_of(_MESSAGE),
        "pageable": exactly(
            {
                "sort": _SORT,
                **dict.fromkeys(("pageNumber", "pageSize", "offset"), _INTEGER),
                **dict.fromkeys(("paged", "unpaged"), _BOOLEAN),
            }
        ),
        **dict.fromkeys(
            ("totalPages", "totalElements", "numberOfElements", "size", "number"), _INTEGER
        ),
        **dict.fromkeys(("last", "first", "empty"), _BOOLEAN),
        "sort": _SORT,
    }
)
_TREND = exactly(
    {
        "dates": _STRING,
        **dict.fromkeys(("pooledTrend", "suspendedTrend", "activeTrend", "idleTrend"), _INTEGER),
    }
)
_NULL: Mapping[str, Any] = {"type": "null"}

# -------------------------------------------------------------------------------------- the table

OPERATIONS = (
    IotOperation(
        "all_sims",
        "allsims",
        "The SIM cards of the account.",
        (
            _GROUPS,
            _field("startAtIndex", optional(_NUMBER), "start", "0"),
            _field("startAtInde", optional(_NUMBER), "start_misspelt", ..., "so in the sample"),
            _field(SIZE, optional(_NUMBER, "10"), "page_size", "10"),
            _USERNAME,
        ),
        work=_all_sims,
        body=exactly({"Desc": _list_of(_strings(*Sim.__dataclass_fields__))}),
    ),
    IotOperation(
        "life_cycle",
        "queryLifeCycleStatus",
        "The state of a SIM card.",
        _THREE,
        work=_life_cycle,
        body=_strings("desc", "status", "statusCode"),
    ),
    IotOperation(
        "customer_info",
        "querycustomerinfo",
        "The state of a SIM card and of its product.",
        _THREE,
        work=_customer,
        body=_strings("offeringName", "offeringStatus", "subscriberStatus", "offeringId", GROUP),
    ),
    IotOperation(
        "activate",
        "simactivation",
        "Activate a SIM card.",
        _THREE,
        work=_activate,
        body=_strings("Desc", "requestId", "ID"),
    ),
    IotOperation(
        "trends",
        "getactivationtrends",
        "How many SIM cards were active, idle and suspended, day by day.",
        (
            _GROUP,
            _date("startDate", "start_date", "01-10-2026"),
            _field("stopDate", optional(Check(_moment)), "stop_date", "03-10-2026"),
            _field("endDate", optional(Check(_moment)), "end_date", ..., "so in the table"),
            _USERNAME,
        ),
        work=_trends,
        body=exactly({"body": _list_of(_TREND)}),
    ),
    IotOperation(
        "rename",
        "renameasset",
        "Rename a SIM card.",
        (*_THREE, _field("assetName", limited(100), "asset_name", "Meter at the gate")),
        work=_rename,
        body=_strings("result", "desc"),
    ),
    IotOperation(
        "suspend",
        "suspend_unsuspend_sub",
        "Suspend a SIM card, or resume it.",
        (
            *_THREE,
            _field("product", limited(100), "product", "DATA"),
            _field("operation", one_of("suspend", "resume"), "operation", "suspend"),
        ),
        work=_suspend,
        body=exactly({"statusCode": _INTEGER, "statusDesc": _STRING}),
    ),
    IotOperation(
        "search_messages",
        "searchmessages",
        "The messages of one SIM card.",
        (_field("searchValue", _SIM, "phone", str(FIRST_SIM), "254 and the SIM number"),),
        work=_search,
        body=_PAGE,
    ),
    IotOperation(
        "filter_messages",
        "filtermessages",
        "The messages of some days, or of one status.",
        (
            _date("startDate", "start_date", "01-10-2026 00:00:00", MALFORMED),
            _date("endDate", "end_date", "31-12-2030 23:59:59", MALFORMED),
            Field("status", MALFORMED, optional(limited(30)), "status", "DELIVERED"),
        ),
        work=_filter,
        body=_PAGE,
    ),
    IotOperation(
        "all_messages",
        "getallmessages",
        "The messages of a group.",
        (
            _GROUP,
            _field(PAGE, optional(_NUMBER), "page", "0"),
            _field(SIZE, optional(_NUMBER), "page_size", "10"),
        ),
        work=_messages,
        body=_PAGE,
    ),
    IotOperation(
        "send_message",
        "sendsinglemessage",
        "Send an SMS to a SIM card.",
        (_MSISDN, _field("message", limited(1_000), "message", "Report"), _GROUP),
        work=_send,
        body=_MESSAGE,
    ),
    IotOperation(
        "delete_message",
        "deletemessage",
        "Delete an SMS; one that is not there is deleted, too (guessed).",
        (_field("id", _NUMBER, "message_id", 1),),
        work=_delete,
        body=_NULL,
    ),
    IotOperation(
        "delete_thread",
        "deleteMessageThread",
        "Delete all SMS of a SIM card.",
        (_MSISDN,),
        work=_delete_thread,
        body=_NULL,
    ),
)
"""Shapes of requests and answers are documented, values are made up; the order is the page's."""
