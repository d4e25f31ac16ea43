"""mimekit.values.base: the contract of header values."""

from __future__ import annotations

import inspect

import pytest

from mimekit.errors import Defect
from mimekit.values import registry
from mimekit.values.base import HeaderValue
from mimekit.values.text import Text

# one field of each class, and a body that class reads without defects
_BODIES = {
    "Subject": "a text",
    "To": "Ada <ada@example.org>",
    "Date": "Mon, 2 Nov 2020 10:00:00 +0100",
    "Message-ID": "<a@example.org>",
    "Content-Type": "text/plain; charset=utf-8",
    "Content-Disposition": "attachment; filename=a.txt",
    "Content-Transfer-Encoding": "base64",
    "MIME-Version": "1.0",
    "List-Unsubscribe": "<mailto:leave@example.org>",
    "Received": "from a.example by b.example; Mon, 2 Nov 2020 10:00:00 +0100",
    "DKIM-Signature": "v=1; a=rsa-sha256",
}


def classes() -> list[type[HeaderValue]]:
    """Every class of values."""
    return sorted(
        {type(registry.parse_value(name, name, body)) for name, body in _BODIES.items()}, key=lambda made: made.__name__
    )


class TestContract:
    """What every value is."""

    @pytest.mark.parametrize("name", _BODIES)
    def test_a_value_is_its_text_and_knows_its_field(self, name: str) -> None:
        """A `str` that knows its field; it equals every `str` of the same text."""
        value = registry.parse_value(name, name.upper(), f" {_BODIES[name]}")

        assert isinstance(value, HeaderValue)
        assert value == _BODIES[name]
        assert hash(value) == hash(_BODIES[name])
        assert (value.name, value.defects) == (name.upper(), ())

    @pytest.mark.parametrize("name", _BODIES)
    def test_a_composed_value_is_written_as_it_is_read(self, name: str) -> None:
        """What you compose is valid, and comes back."""
        value = registry.compose_value(name, _BODIES[name])

        assert registry.parse_value(name, name, value.encode_body()) == value == _BODIES[name]
        assert (value.name, value.defects) == (name, ())

    @pytest.mark.parametrize("name", _BODIES)
    def test_a_value_is_frozen(self, name: str) -> None:
        """Every value is frozen and slotted: it takes no attribute that its class does not have."""
        value = registry.parse_value(name, name, _BODIES[name])

        with pytest.raises(AttributeError):
            value.name = "Bcc"  # type: ignore[misc]  # what a caller may try
        with pytest.raises(AttributeError):
            value.remark = "x"  # type: ignore[attr-defined]  # what a caller may try

    @pytest.mark.parametrize("made", classes(), ids=lambda made: made.__name__)
    def test_every_class_fulfils_the_contract_and_shadows_no_str(self, made: type[HeaderValue]) -> None:
        """A value is a `str` for everybody who knows nothing of mail: no method of `str` means something else."""
        own = {name for parent in made.__mro__ for name in vars(parent) if issubclass(parent, HeaderValue)}

        assert not inspect.isabstract(made)
        assert not {name for name in own if not name.startswith("_")} & set(dir(str))

    def test_the_base_itself_is_abstract(self) -> None:
        """Reading, composing and writing differ from class to class."""
        assert {name for name, made in vars(HeaderValue).items() if getattr(made, "__isabstractmethod__", False)} == {
            "parse",
            "compose",
            "encode_body",
        }


class TestMake:
    """How a class makes its values."""

    def test_a_value_carries_what_it_was_made_of(self) -> None:
        """The text, the name, the raw body for lazy attributes, and the defects."""
        value = Text._make("subject", "é", body=" =?x?", defects=(Defect("bad-encoded-word"),))

        assert (value, value.name, value._body, value.defects) == (
            "é",
            "subject",
            " =?x?",
            (Defect("bad-encoded-word"),),
        )

    def test_a_composed_value_has_neither_body_nor_defects(self) -> None:
        """Those belong to what was received."""
        value = Text._make("Subject", "a")

        assert (value._body, value.defects) == ("", ())
