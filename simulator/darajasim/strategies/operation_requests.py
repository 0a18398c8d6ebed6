"""Requests to every Daraja operation, valid and almost valid."""

from __future__ import annotations

import base64
import difflib
from collections.abc import Mapping, Sequence
from typing import Any, Literal

from hypothesis import strategies as st
from hypothesis.errors import InvalidArgument

from darajasim.operations import named
from darajasim.operations.business import BusinessOperation
from darajasim.operations.fields import MISSING, Field
from darajasim.strategies.arguments import choice
from darajasim.strategies.field_values import may_be_left_out, right_values, wrong_values
from darajasim.strategies.request import DarajaRequest

Valid = Literal[True, "almost"]
Drawn = dict[str, st.SearchStrategy[Any]]
MOST_ITEMS = 3
"""Items of a request that takes many."""
_KEYS = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"


def requests(
    operation: str = "stk_push",
    *,
    valid: Valid = True,
    fields: Mapping[str, Any] | None = None,
    callback_url: str | None = None,
) -> st.SearchStrategy[DarajaRequest]:
    """Requests to one operation, at each path that it has, the newest first.

    What must agree stays as in the operation's example: shortcodes with passwords, commands with
    parties. Amounts, phones, references, free texts, spellings (`"4"` or `4`) and optional fields
    vary. Valid under every profile, or wrong under every profile.

    Args:
        operation: a name of the scenario language; all 40-odd of them.
        valid: True, or "almost" for exactly one thing wrong, which the request names.
        fields: values by their names on the wire, or strategies of them, that stand as they are;
            none of them is ever the wrong one.
        callback_url: for every URL that Daraja calls back; by default hosts that do not exist.

    Raises:
        InvalidArgument: there is no such operation or field, or another argument is wrong.
    """
    choice("valid", valid, (True, "almost"))
    choice("operation", operation, named())
    if operation == "oauth":
        return _tokens(valid, fields or {})
    if callback_url is not None and not isinstance(callback_url, str):
        raise InvalidArgument(f"callback_url is text, not {callback_url!r}")
    versions = [each for each in named()[operation] if isinstance(each, BusinessOperation)]
    fixed = _fixed(operation, versions, fields or {})
    found: list[st.SearchStrategy[DarajaRequest]] = []
    for version in reversed(versions):
        right = _right(version, fixed, callback_url)
        if valid == "almost":
            found += _almost(version, right, fixed)
        else:
            found.append(_valid(version, right))
    if not found:
        raise InvalidArgument("every field is fixed by `fields`: nothing is left to be wrong")
    return st.one_of(found)


def _fixed(
    operation: str, versions: Sequence[BusinessOperation], fields: Mapping[str, Any]
) -> Drawn:
    known = sorted({field.name for version in versions for field in version.fields})
    for name in fields:
        if name not in known:
            near = difflib.get_close_matches(str(name), known, 1)
            hint = f"; did you mean {near[0]!r}?" if near else f"; it has {', '.join(known)}"
            raise InvalidArgument(f"{operation} has no field {name!r}{hint}")
    return {
        name: value if isinstance(value, st.SearchStrategy) else st.just(value)
        for name, value in fields.items()
    }


def _right(version: BusinessOperation, fixed: Drawn, callback_url: str | None) -> st.SearchStrategy:
    """The fields of one accepted body."""
    mandatory: Drawn = {}
    optional: Drawn = {}
    for field in version.fields:
        if field.name in fixed:
            mandatory[field.name] = fixed[field.name]
        elif (values := right_values(field, callback_url=callback_url)) is not None:
            (optional if may_be_left_out(field) else mandatory)[field.name] = values
    return st.fixed_dictionaries(mandatory, optional=optional)


def _valid(
    version: BusinessOperation, right: st.SearchStrategy[dict[str, Any]]
) -> st.SearchStrategy[DarajaRequest]:
    bodies = _many(version, right) if version.lists else right
    return bodies.map(
        lambda body: DarajaRequest(version.name, version.method, version.path, body=body)
    )


def _many(
    version: BusinessOperation, right: st.SearchStrategy[dict[str, Any]]
) -> st.SearchStrategy[list[dict[str, Any]]]:
    """Several, unlike one another in the field that must not stand twice."""
    return st.lists(
        right, min_size=1, max_size=MOST_ITEMS, unique_by=lambda item: item[version.magic_field]
    )


def _almost(
    version: BusinessOperation, right: st.SearchStrategy[dict[str, Any]], fixed: Drawn
) -> list[st.SearchStrategy[DarajaRequest]]:
    """One strategy a field that can be wrong."""
    found = []
    for field in version.fields:
        wrong = wrong_values(field)
        if field.name in fixed or wrong.is_empty:
            continue
        items = _many(version, right) if version.lists else right.map(lambda item: [item])
        found.append(
            st.builds(
                _spoilt, st.just(version), st.just(field), items, wrong, st.integers(0, MOST_ITEMS)
            )
        )
    return found


def _spoilt(
    version: BusinessOperation,
    field: Field,
    items: list[dict[str, Any]],
    wrong: tuple[str, Any],
    place: int,
) -> DarajaRequest:
    problem, value = wrong
    bodies = [dict(item) for item in items]
    spoilt = bodies[place % len(bodies)]
    if value is MISSING:
        spoilt.pop(field.name, None)
    else:
        spoilt[field.name] = value
    return DarajaRequest(
        operation=version.name,
        method=version.method,
        path=version.path,
        body=bodies if version.lists else spoilt,
        wrong=field.name,
        problem=problem,
        refusal=field.refusal,
    )


# ---------------------------------------------------------------------------------------- oauth


def _tokens(valid: Valid, fields: Mapping[str, Any]) -> st.SearchStrategy[DarajaRequest]:
    """Requests for an access token, whose fields are a query and a header."""
    if fields:
        raise InvalidArgument("oauth has no fields: its key and secret stand in Authorization")
    words = st.text(_KEYS, min_size=1, max_size=16)
    good = st.builds(_basic, words, words)
    if valid is True:
        return good.map(lambda header: _token(header=header))
    grants = st.sampled_from([None, "", "client_credential", "password", "CLIENT_CREDENTIALS"])
    headers = st.sampled_from([None, "", "Basic", "Bearer abc", "Basic ???", "Basic bm9jb2xvbg=="])
    return st.builds(
        lambda header, grant: _token(
            header=header,
            grant=grant,
            wrong="grant_type",
            problem="missing" if grant is None else "not one of them",
            refusal="invalid-grant-type",
        ),
        good,
        grants,
    ) | headers.map(
        lambda header: _token(
            header=header,
            wrong="Authorization",
            problem="missing" if header is None else "malformed",
            refusal="invalid-authentication",
        )
    )


def _basic(key: str, secret: str) -> str:
    return f"Basic {base64.b64encode(f'{key}:{secret}'.encode()).decode()}"


def _token(
    *,
    header: str | None,
    grant: str | None = "client_credentials",
    wrong: str | None = None,
    problem: str | None = None,
    refusal: str | None = None,
) -> DarajaRequest:
    (endpoint,) = named()["oauth"]
    return DarajaRequest(
        operation="oauth",
        method=endpoint.method,
        path=endpoint.path,
        query={} if grant is None else {"grant_type": grant},
        headers={} if header is None else {"Authorization": header},
        wrong=wrong,
        problem=problem,
        refusal=refusal,
    )
