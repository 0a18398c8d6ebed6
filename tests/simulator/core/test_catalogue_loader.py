"""The loader's own errors: each names the row, the field, what was expected and what was found."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from darajasim.core.catalogue import CatalogueError, catalogue, parse

STK = {
    "key": '"a"',
    "code": '"1"',
    "surface": '"stk"',
    "json_type": '"integer"',
    "http_status": "200",
    "text": '"t"',
    "appears_in": '["callback"]',
    "terminal": "true",
    "meaning": '"m"',
    "customer": '"c"',
    "merchant": '"m"',
    "retry": '"never"',
    "source": '"seen"',
    "operation": '"stk_push"',
    "reproduce": '{ PhoneNumber = "254700000001" }',
    "how": '"h"',
}

ANY_SURFACE = "stk or result or notice or c2b or inline or http"


def row_text(**changes: str | None) -> str:
    """A good stk row as TOML, with some fields changed or (None) left out."""
    fields = {**STK, **changes}
    lines = [f"{name} = {value}" for name, value in fields.items() if value is not None]
    return "\n".join(["[[code]]", *lines, ""])


class TestLoaderErrors:
    def test_a_good_row(self):
        (row,) = parse(row_text()).rows
        assert (row.key, row.query_text, dict(row.variants)) == ("a", "", {})

    @pytest.mark.parametrize("field", sorted(STK))
    def test_a_missing_field_is_named(self, field):
        with pytest.raises(CatalogueError) as caught:
            parse(row_text(**{field: None}))
        assert caught.value.field == field
        assert caught.value.row == ("1" if field == "key" else "a")

    @pytest.mark.parametrize(
        ("field", "value", "problem"),
        [
            (
                "surface",
                '"sdk"',
                f"expected {ANY_SURFACE}, found 'sdk'",
            ),
            ("surface", "7", f"expected {ANY_SURFACE}, found 7"),
            ("retry", '"soon"', "expected never or now or later or ask, found 'soon'"),
            ("appears_in", '["sms"]', "expected callback or query or answer or reply, found 'sms'"),
            ("appears_in", "[]", "expected a value, found an empty one"),
            ("http_status", '"200"', "expected a value of type int, found '200'"),
            ("http_status", "true", "expected a value of type int, found True"),
            ("meaning", '""', "expected a value, found an empty one"),
            ("variants", "{ legacy = 1 }", "expected text under every name, found {'legacy': 1}"),
            (
                "reproduce",
                '{ Amount = "0" }',
                "expected the PhoneNumber that yields this result, found none",
            ),
            ("meening", '"m"', "a row of surface stk does not have it"),
            ("how", None, "expected a value (str), found none"),
        ],
    )
    def test_a_wrong_field(self, field, value, problem):
        with pytest.raises(CatalogueError) as caught:
            parse(row_text(**{field: value}))
        assert str(caught.value) == f"catalogue.toml, row a, field {field}: {problem}"

    def test_a_field_of_another_surface(self):
        with pytest.raises(CatalogueError) as caught:
            parse(row_text(surface='"http"'))
        assert caught.value.field == "json_type"

    def test_terminal_is_for_pushes_alone(self):
        with pytest.raises(CatalogueError, match="row a, field terminal: a row of surface result"):
            parse(row_text(surface='"result"'))

    def test_a_row_of_another_surface_may_have_nothing_to_reproduce(self):
        (row,) = parse(row_text(surface='"inline"', terminal=None, reproduce="{}")).rows
        assert row.reproduce == {}

    def test_a_magic_value_is_shared_by_two_operations(self):
        one = row_text(surface='"inline"', terminal=None, reproduce="{}")
        other = row_text(
            key='"b"', surface='"inline"', terminal=None, reproduce="{}", operation='"pull_query"'
        )
        assert [row.key for row in parse(one + other).rows] == ["a", "b"]

    def test_a_key_twice(self):
        other = row_text(reproduce='{ PhoneNumber = "254700000002" }')
        with pytest.raises(CatalogueError, match=r"row a, field key: .* found it twice"):
            parse(row_text() + other)

    def test_a_magic_value_twice(self):
        with pytest.raises(CatalogueError, match=r"row b, field reproduce: .* found that of a$"):
            parse(row_text() + row_text(key='"b"'))

    @pytest.mark.parametrize(
        ("source", "message"),
        [
            ("code = [", "^catalogue.toml: not TOML: "),
            ("", r"^catalogue.toml: expected \[\[code\]\] tables, found none"),
            ("code = 1", r"^catalogue.toml: expected \[\[code\]\] tables, found none"),
            ("code = [1]", r"^catalogue.toml, row 1: expected a table, found 1"),
        ],
    )
    def test_no_catalogue_at_all(self, source, message):
        with pytest.raises(CatalogueError, match=message):
            parse(source)

    @given(st.text())
    def test_never_another_error(self, text):
        try:
            parse(text)
        except CatalogueError as error:
            assert str(error).startswith("catalogue.toml")


def test_a_missing_file_says_where_it_was_sought(monkeypatch, tmp_path):
    monkeypatch.setattr("darajasim.core.catalogue.FILE_NAME", "no-such.toml")
    with pytest.raises(CatalogueError, match=r"package mpesa_pochi.*looked in .*mpesa_pochi"):
        catalogue.__wrapped__()


def test_a_missing_package_is_said(monkeypatch):
    monkeypatch.setattr("darajasim.core.catalogue.HOME_PACKAGE", "no_such_package")
    with pytest.raises(CatalogueError, match="the package is not installed"):
        catalogue.__wrapped__()
