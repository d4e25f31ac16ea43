"""XML-RPC, as a client has it."""

from __future__ import annotations

from typing import Any
from xmlrpc.client import Fault, dumps, loads

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cartero._plain import Plain
from cartero._xmlrpc import GarbageError
from cartero.senders._calls import _CHUNK, Call, FaultError, read_answer
from tests import strategies

# what XML can hold
_TEXTS = st.text(st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="\ufffe\uffff")) | st.just(
    "<&>]]>\n\t"
)
parameters = st.recursive(
    _TEXTS | strategies.octets(), lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_TEXTS, inner, max_size=3)
)


def answer(value: object) -> bytes:
    """An answer that holds *value*."""
    return dumps((value,), methodresponse=True).encode()  # type: ignore[arg-type]  # its stubs


class TestCall:
    """What is sent."""

    @given(parameters)
    def test_the_standard_library_reads_it(self, parameter: Any) -> None:
        """Value for value."""
        octets = b"".join(Call("mail.send", parameter))

        assert loads(octets, use_builtin_types=True) == ((parameter,), "mail.send")

    @given(parameters)
    def test_its_size_is_known_before_it_is_written(self, parameter: Any) -> None:
        """HTTP wants it first."""
        call = Call("mail.send", parameter)

        assert call.size == sum(map(len, call))

    @pytest.mark.parametrize("size", [_CHUNK - 1, _CHUNK, _CHUNK + 1, 3 * _CHUNK + 2])
    def test_large_octets_go_in_pieces(self, size: int) -> None:
        """No copy of a large message is made."""
        octets = bytes(range(256)) * (size // 256 + 1)
        call = Call("mail.send", [{"message": octets[:size]}])

        pieces = list(call)

        assert max(map(len, pieces)) <= _CHUNK * 4 // 3
        assert loads(b"".join(pieces), use_builtin_types=True)[0] == ([{"message": octets[:size]}],)
        assert call.size == sum(map(len, pieces))

    def test_it_can_be_written_again(self) -> None:
        """Over a new connection, where the old one had died."""
        call = Call("mail.send", ["x", b"y"])

        assert list(call) == list(call)


class TestAnswer:
    """What is read."""

    @pytest.mark.parametrize("value", [[], [{"a": "b"}], True, 3, "text", b"octets", 1.5], ids=repr)
    def test_its_one_value_is_given(self, value: Plain) -> None:
        """As the standard library reads it."""
        assert read_answer(answer(value)) == value

    def test_a_fault_is_raised(self) -> None:
        """With its number and text."""
        with pytest.raises(FaultError) as caught:
            read_answer(dumps(Fault(-32603, "no\nroom")).encode())

        assert (caught.value.code, caught.value.text) == (-32603, "no\nroom")

    @pytest.mark.parametrize(
        ("octets", "problem"),
        [
            pytest.param(b"", "no well-formed XML", id="usual-nothing"),
            pytest.param(b"<html><body>Not found<br></html>", "no well-formed XML", id="usual-page"),
            pytest.param(answer("x")[:-20], "no well-formed XML", id="usual-cut-off"),
            pytest.param(b"<html/>", "no XML-RPC: ResponseError", id="usual-other-xml"),
            pytest.param(
                b"<methodResponse><params></params></methodResponse>", "one value in it, found 0", id="odd-no-value"
            ),
            pytest.param(dumps(([], 2), "x").encode(), "one value in it, found 2", id="odd-two-values"),
            pytest.param(dumps(Fault("x", "y")).encode(), "a fault without a number", id="odd-fault"),  # type: ignore[arg-type]
            pytest.param(
                b"<methodResponse><fault><value>x</value></fault></methodResponse>",
                "no XML-RPC: TypeError",
                id="odd-bare",
            ),
            pytest.param(
                b"<params><param><value><int>" + b"9" * 5_000 + b"</int></value></param></params>",
                "no XML-RPC: ValueError",
                id="hostile-number",
            ),
            pytest.param(b"<params><param></struct></param></params>", "no well-formed", id="hostile-nesting"),
            pytest.param(b"<?xml version='1.0' encoding='x'?><a/>", "no XML-RPC: LookupError", id="hostile-charset"),
            pytest.param(
                b"<!DOCTYPE a [<!ENTITY b 'bbbb'>]><params>&b;</params>",
                "no XML-RPC: DTDForbidden",
                id="hostile-entity",
            ),
            pytest.param(
                b"<!DOCTYPE a SYSTEM 'file:///etc/passwd'><a/>", "no XML-RPC: DTDForbidden", id="hostile-external"
            ),
        ],
    )
    def test_what_is_none_is_garbage(self, octets: bytes, problem: str) -> None:
        """A server is not trusted, and nothing but this is raised."""
        with pytest.raises(GarbageError, match=problem):
            read_answer(octets)

    @given(strategies.octets() | st.text().map(str.encode))
    def test_nothing_else_is_raised(self, octets: bytes) -> None:
        """Whatever the octets are."""
        for given_octets in (octets, b"<methodResponse><params>" + octets + b"</params></methodResponse>"):
            with pytest.raises((GarbageError, FaultError)):
                read_answer(given_octets)

    def test_nesting_does_not_recurse(self) -> None:
        """As deep as an answer can be."""
        depth = 20_000
        octets = b"<params><param>%s%s</param></params>" % (
            b"<value><array><data>" * depth,
            b"</data></array></value>" * depth,
        )

        assert isinstance(read_answer(octets), list)
