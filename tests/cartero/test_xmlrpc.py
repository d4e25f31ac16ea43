"""XML-RPC, as both sides of a call have it."""

from __future__ import annotations

import binascii
import tracemalloc
from typing import Any
from xmlrpc.client import Fault, dumps, loads

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cartero._xmlrpc import GarbageError, NotXMLError, Reader, write
from tests import strategies

_TEXTS = st.text(st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="\ufffe\uffff"))
_SCALARS = _TEXTS | strategies.octets() | st.booleans() | st.integers(-(2**31), 2**31 - 1) | st.floats(allow_nan=False)
values = st.recursive(_SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_TEXTS, inner, max_size=3))


def written(value: Any) -> bytes:
    """An answer that holds *value*."""
    markup = ["<methodResponse><params><param>"]
    write(value, markup, lambda octets: markup.append(binascii.b2a_base64(octets).decode()))
    return "".join([*markup, "</param></params></methodResponse>"]).encode()


def read(octets: bytes, step: int) -> tuple[object, ...]:
    """What *octets* hold, fed in pieces."""
    reader = Reader()
    for start in range(0, len(octets), step):
        reader.feed(octets[start : start + step])
    return reader.values()


class TestWriting:
    """Values to XML."""

    @given(values)
    def test_the_standard_library_reads_it(self, value: Any) -> None:
        """Value for value."""
        assert loads(written(value), use_builtin_types=True)[0] == (value,)


class TestReading:
    """XML to values."""

    @given(values, st.integers(1, 100))
    def test_what_is_written_is_read_back(self, value: Any, step: int) -> None:
        """However it is cut."""
        assert read(written(value), step) == (value,)

    def test_a_call_has_a_method(self) -> None:
        """And an answer has none."""
        calling, answering = Reader(), Reader()
        calling.feed(dumps(([],), "mail.send").encode())
        answering.feed(written([]))

        assert (calling.values(), calling.method) == (([],), "mail.send")
        assert (answering.values(), answering.method) == (([],), None)

    def test_a_fault_is_raised(self) -> None:
        """As the standard library has it."""
        with pytest.raises(Fault):
            read(dumps(Fault(1, "x")).encode(), 1_000)

    @pytest.mark.parametrize(
        "octets",
        [
            pytest.param(b"", id="usual-nothing"),
            pytest.param(b"\x1f\x8b\x08\0\0\0\0\0\0\3", id="usual-gzip"),
            pytest.param(b"<methodCall>", id="usual-cut-off"),
            pytest.param(b"<!DOCTYPE a><a/>", id="odd-document-type"),
            pytest.param(
                b"<!DOCTYPE a [<!ENTITY b 'bbbbbbbbbb'><!ENTITY c '&b;&b;&b;'>]><a>&c;</a>", id="hostile-bomb"
            ),
            pytest.param(b"<!DOCTYPE a [<!ENTITY b SYSTEM 'file:///etc/passwd'>]><a>&b;</a>", id="hostile-file"),
            pytest.param(b"<!DOCTYPE a SYSTEM 'http://127.0.0.1:9/x'><a/>", id="hostile-fetch"),
        ],
    )
    def test_what_is_no_xml_is_told_apart(self, octets: bytes) -> None:
        """The faults for it are two."""
        with pytest.raises(NotXMLError):
            read(octets, 10_000)

    def test_empty_lines_take_no_memory(self) -> None:
        """A text is held once, and not a list of its lines."""
        octets = b"<params><param><value>" + b"\n" * 3_000_000 + b"</value></param></params>"
        tracemalloc.start()
        try:
            assert len(str(read(octets, 65_536)[0])) == 3_000_000
            assert tracemalloc.get_traced_memory()[1] < 4 * len(octets)
        finally:
            tracemalloc.stop()

    def test_base64_has_to_be_sound(self) -> None:
        """The standard library passes over what is none of it; a message that is cut off is not to be sent."""
        octets = b"<params><param><value><base64>QUJ!D</base64></value></param></params>"
        with pytest.raises(GarbageError):
            read(octets, 1_000)

    def test_nothing_else_is_raised(self) -> None:
        """What is no XML-RPC is garbage."""
        with pytest.raises(GarbageError, match="ResponseError"):
            read(b"<html/>", 10)
