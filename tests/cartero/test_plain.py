"""Plain values that somebody else wrote."""

from __future__ import annotations

from typing import Any
from xmlrpc.client import dumps, loads

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cartero import BadMessage
from cartero._plain import Struct, carried

KNOWN = ("a", "b")


def texts_read(given: dict[str, Any]) -> list[str]:
    """What stands at ``a``."""
    return Struct(given, *KNOWN).texts("a")


class TestCarried:
    """Text on its way through XML."""

    @pytest.mark.parametrize(
        ("text", "expected"),
        [
            pytest.param("Grüße\n\t世界 <&>]]>", "Grüße\n\t世界 <&>]]>", id="usual-text"),
            pytest.param("a\r\nb", b"a\r\nb", id="odd-carriage-return"),
            pytest.param("\x85\u2028\x7f", "\x85\u2028\x7f", id="odd-allowed"),
            pytest.param("\x1b[2J", b"\x1b[2J", id="hostile-escape"),
            pytest.param("\0", b"\0", id="hostile-nul"),
            pytest.param("\ufffe", b"\xef\xbf\xbe", id="hostile-noncharacter"),
            pytest.param("\udcff", b"\xed\xb3\xbf", id="hostile-surrogate"),
        ],
    )
    def test_what_xml_cannot_hold_is_octets(self, text: str, expected: str | bytes) -> None:
        """XML 1.0, sections 2.2 and 2.11: few controls are characters, and line ends become line feeds."""
        assert carried(text) == expected

    @given(st.text(st.characters()))
    def test_every_text_comes_back_through_xml(self, text: str) -> None:
        """Never silently changed: controls, carriage returns, lone surrogates."""
        read, _ = loads(dumps(({"a": carried(text)},)), use_builtin_types=True)

        assert Struct(read[0], *KNOWN).text("a") == text


class TestStruct:
    """One key after the other."""

    def test_each_key_has_its_type(self) -> None:
        """What is right is given as it is."""
        struct = Struct({"a": "x", "b": b"\xff"}, *KNOWN)

        assert (struct.text("a"), struct.octets("b")) == ("x", b"\xff")
        assert Struct({"a": True}, *KNOWN).flag("a") is True
        assert Struct({"a": 250}, *KNOWN).integer("a") == 250
        assert Struct({"a": 1}, *KNOWN).seconds("a") == 1.0

    def test_what_is_not_there_is_nothing(self) -> None:
        """XML-RPC has no None."""
        struct = Struct({}, *KNOWN)

        assert (struct.text("a"), struct.texts("a"), struct.flag("a")) == ("", [], False)
        assert struct.integer("a") is struct.seconds("a") is None
        assert list(struct.structs("a")) == []
        assert list(struct.items("a")) == []

    @pytest.mark.parametrize("value", ["", b"", []], ids=repr)
    def test_what_is_empty_is_as_nothing(self, value: object) -> None:
        """Programs in other languages send empty text for what they have not."""
        struct = Struct({"a": value}, *KNOWN)

        assert "a" in struct
        assert not struct.has("a")

    def test_one_text_is_a_list_of_one(self) -> None:
        """And octets are text, where that is UTF-8."""
        assert texts_read({"a": "x"}) == ["x"]
        assert texts_read({"a": ["x", b"\xc3\xa9"]}) == ["x", "é"]

    def test_names_may_be_anything(self) -> None:
        """As those of header fields."""
        assert list(Struct({"a": {"X": ["1", "2"], "Y": "3"}}, "a").items("a")) == [
            ("X", "a.X", ["1", "2"]),
            ("Y", "a.Y", ["3"]),
        ]

    @pytest.mark.parametrize("value", [None, [], "a", 3], ids=repr)
    def test_a_struct_is_a_dict(self, value: Any) -> None:
        """Everything else is refused."""
        with pytest.raises(BadMessage, match=r"^message: expected a struct, found"):
            Struct(value, *KNOWN)

    @pytest.mark.parametrize("method", ["text", "texts", "octets", "flag", "integer", "seconds", "structs", "items"])
    @pytest.mark.parametrize("value", [None, 1j, {1: 2}, [3], [None], {"x": None}], ids=repr)
    def test_a_wrong_type_names_the_key(self, method: str, value: Any) -> None:
        """A program in another language learns where it is wrong; and no value raises anything else."""
        with pytest.raises(BadMessage, match=r"^a[.:\[]"):
            list(getattr(Struct({"a": value}, *KNOWN), method)("a"))

    @pytest.mark.parametrize(
        ("method", "value", "problem"),
        [
            pytest.param("octets", "YQ==", r"a: expected octets \(base64\), found text", id="usual-text-for-octets"),
            pytest.param("text", b"\xff", "a: expected text, found octets that are no UTF-8", id="odd-latin-1"),
            pytest.param("integer", True, "a: expected an integer, found a boolean", id="odd-boolean"),
            pytest.param("seconds", True, "a: expected a number of seconds, from 0 to", id="odd-true-seconds"),
            pytest.param("seconds", -1, "from 0 to 1000000000$", id="odd-negative"),
            pytest.param("seconds", float("nan"), "from 0 to", id="hostile-nan"),
            pytest.param("seconds", float("inf"), "from 0 to", id="hostile-endless"),
            pytest.param("seconds", 10**5_000, "from 0 to", id="hostile-large"),
            pytest.param("integer", -(10**5_000), "an integer of 32 bits, found a larger one", id="hostile-integer"),
            pytest.param("flag", 1, "a: expected a boolean, found int", id="odd-one"),
        ],
    )
    def test_the_text_says_what_was_expected_and_found(self, method: str, value: Any, problem: str) -> None:
        """Which is what somebody needs who has to repair it."""
        with pytest.raises(BadMessage, match=problem):
            getattr(Struct({"a": value}, *KNOWN), method)("a")

    def test_octets_that_are_missing_are_said_to_be(self) -> None:
        """Nothing is nothing."""
        with pytest.raises(BadMessage, match="found nothing"):
            Struct({}, *KNOWN).octets("a")

    def test_an_unknown_key_is_told_those_there_are(self) -> None:
        """A misspelled key would be lost in silence."""
        with pytest.raises(BadMessage, match=r"^c: no such key \(there are a, b\)$"):
            Struct({"a": 1, "c": 2}, *KNOWN)

    @pytest.mark.parametrize(
        "key", ["x" * 1_000, "a\nb", 3, None, b"a"], ids=["long", "line-end", "int", "None", "bytes"]
    )
    def test_a_hostile_key_is_shown_on_one_short_line(self, key: Any) -> None:
        """Errors end in logs."""
        with pytest.raises(BadMessage) as caught:
            Struct({key: 1}, *KNOWN, place="attachments[0]")

        assert str(caught.value).startswith("attachments[0].")
        assert "\n" not in str(caught.value)
        assert len(str(caught.value)) < 150

    def test_places_nest(self) -> None:
        """The error names the whole way to what is wrong."""
        [inside] = Struct({"a": [{"b": {"c": 3}}]}, *KNOWN).structs("a", "b")

        with pytest.raises(BadMessage, match=r"^a\[0\]\.b\.c: expected text, found int$"):
            inside.struct("b", "c").text("c")
