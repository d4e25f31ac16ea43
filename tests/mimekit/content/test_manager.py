"""The registry: what is found for which MIME type, and for which Python type."""

from __future__ import annotations

import enum
import io
from email.message import EmailMessage
from pathlib import PurePath
from typing import Any

import pytest

from mimekit import ContentManager, MIMEMessage, MIMEPart, NoHandler, parse
from mimekit.errors import BadValue


class Outer:
    """A place for a type whose qualified name differs from its name."""

    class Thing:
        """Something to be set."""


class Special(Outer.Thing):
    """Something that derives from a registered type."""


def named(found: list[str], name: str) -> Any:
    """A handler that only says that it was called."""

    def handler(_part: MIMEPart, *args: object, **kw: object) -> str:
        found.append(name)
        return f"{name}{args}{kw}"

    return handler


class TestGetting:
    @pytest.mark.parametrize(
        ("keys", "expected"),
        [
            pytest.param(["image/png", "image", ""], "image/png", id="the whole type first"),
            pytest.param(["image", ""], "image", id="then the main type"),
            pytest.param([""], "", id="then what is for all"),
        ],
    )
    def test_the_most_exact_key_wins(self, keys: list[str], expected: str) -> None:
        """The email6 proposal: the "get" mapping maps from MIME types to functions."""
        manager = ContentManager()
        for key in keys:
            manager.add_get_handler(key, named([], key))
        part = MIMEPart().set_content(b"x", "image", "png")

        assert part.get_content(1, content_manager=manager, a=2) == f"{expected}(1,){{'a': 2}}"

    def test_no_entry_is_an_error_that_names_the_type(self) -> None:
        """NoHandler is a LookupError and says for which type."""
        with pytest.raises(NoHandler, match="text/plain") as caught:
            parse(b"\nx").get_content(content_manager=ContentManager())

        assert isinstance(caught.value, LookupError)


class TestSetting:
    @pytest.mark.parametrize(
        ("keys", "expected"),
        [
            pytest.param([Outer.Thing, "Outer.Thing", "Thing"], Outer.Thing, id="the type itself"),
            pytest.param(["Outer.Thing", "Thing"], "Outer.Thing", id="its qualified name"),
            pytest.param(["Thing", None], "Thing", id="its name"),
            pytest.param([None], None, id="what is for all"),
        ],
    )
    def test_types_are_looked_up_by_identity_then_by_their_names(self, keys: list[Any], expected: object) -> None:
        """The email6 proposal: identity, then ``__qualname__``, then ``__name__``."""
        manager, found = ContentManager(), list[str]()
        for key in keys:
            manager.add_set_handler(key, named(found, str(key)))

        MIMEPart().set_content(Outer.Thing(), content_manager=manager)

        assert found == [str(expected)]

    def test_a_name_with_its_module_is_found_too(self) -> None:
        """A type can be registered whose library is not imported."""
        manager, found = ContentManager(), list[str]()
        manager.add_set_handler(f"{__name__}.Outer.Thing", named(found, "module"))

        MIMEPart().set_content(Outer.Thing(), content_manager=manager)

        assert found == ["module"]

    def test_what_a_type_derives_from_serves(self) -> None:
        """The look-up goes along the method resolution order."""
        manager, found = ContentManager(), list[str]()
        manager.add_set_handler(Outer.Thing, named(found, "base"))

        MIMEPart().set_content(Special(), content_manager=manager)

        assert found == ["base"]

    def test_an_enum_of_strings_is_a_string(self) -> None:
        """A subclass of `str` needs no entry of its own."""

        class Word(enum.StrEnum):
            HELLO = "hello"

        assert MIMEPart().set_content(Word.HELLO).get_content() == "hello"

    def test_no_entry_is_an_error_that_names_the_type(self) -> None:
        """NoHandler says which Python type nobody knows."""
        with pytest.raises(NoHandler, match="Thing"):
            MIMEPart().set_content(Outer.Thing())

    def test_no_content_is_an_error(self) -> None:
        """The object to be set is a required argument."""
        with pytest.raises(BadValue, match="first argument"):
            MIMEPart().set_content()

    def test_the_old_content_is_gone_before_the_handler_runs(self) -> None:
        """A content manager populates a bare message."""
        seen: list[str] = []
        manager = ContentManager()
        manager.add_set_handler(str, lambda part, *_: seen.extend(part.keys()))
        message = MIMEMessage()
        message["Subject"] = "kept"
        message["Content-Foo"] = "dropped"

        message.set_content("x", content_manager=manager)

        assert seen == ["Subject"]

    def test_entries_of_one_manager_do_not_show_in_another(self) -> None:
        """Applications register types without touching the default."""
        ContentManager().add_set_handler(int, named([], "int"))

        with pytest.raises(NoHandler):
            MIMEPart().set_content(3)


class TestDispatch:
    def test_a_class_serves_as_well_as_an_instance(self) -> None:
        """``content_manager`` is an instance or a class."""

        class Shout(ContentManager):
            def __init__(self) -> None:
                super().__init__()
                self.add_get_handler("", lambda part: part.octets.upper())

        assert parse(b"\nhello").get_content(content_manager=Shout) == b"HELLO"
        assert parse(b"\nhello").get_content(content_manager=Shout()) == b"HELLO"

    def test_a_stranger_with_the_two_methods_is_a_manager(self) -> None:
        """Only the names of the methods and their first argument are part of the interface."""

        class Stranger:
            def get_content(self, part: object, /, *_args: object, **_kw: object) -> object:
                return repr(part)

            def set_content(self, part: Any, /, *_args: object, **_kw: object) -> object:
                part["X-Stranger"] = "was here"
                return None

        message = MIMEMessage().set_content("ignored", content_manager=Stranger())

        assert message["x-stranger"] == "was here"
        assert message.get_content(content_manager=Stranger()) == "<MIMEMessage composed text/plain>"

    def test_a_handler_that_fails_leaves_the_message_as_it_was(self) -> None:
        """A caller's mistake leaves the message as it was."""

        def fail(part: MIMEPart, _obj: object) -> None:
            part["X-Half"] = "done"
            msg = "on purpose"
            raise RuntimeError(msg)

        manager = ContentManager()
        manager.add_set_handler(str, fail)
        message = parse(b"Content-Type: text/html\n\nbefore\n")

        with pytest.raises(RuntimeError, match="on purpose"):
            message.set_content("x", content_manager=manager)

        assert bytes(message) == b"Content-Type: text/html\n\nbefore\n"
        assert not message.composed


class TestMistakes:
    """What cannot be registered, or called."""

    @pytest.mark.parametrize(
        ("add", "problem"),
        [
            pytest.param(lambda m: m.add_get_handler("text", 3), "a handler is a function, not int", id="no getter"),
            pytest.param(lambda m: m.add_set_handler(str, "x"), "a handler is a function, not str", id="no setter"),
            pytest.param(lambda m: m.add_get_handler(3, len), "get handler is a str, not int", id="no MIME type"),
            pytest.param(lambda m: m.add_get_handler("text/*", len), "is added as 'text'", id="a star"),
            pytest.param(lambda m: m.add_get_handler("*/*", len), "is added as ''", id="two stars"),
            pytest.param(lambda m: m.add_set_handler(3, len), "a type, its name or None, not int", id="no type"),
        ],
    )
    def test_what_is_no_entry_is_refused(self, add: Any, problem: str) -> None:
        """It would be found out when mail is read or written, by somebody else."""
        with pytest.raises(BadValue, match=problem):
            add(ContentManager())

    def test_a_type_is_registered_in_any_case(self) -> None:
        """RFC 2045, section 5.1: matching of media types is case-insensitive."""
        manager = ContentManager()
        manager.add_get_handler("TEXT/Plain", lambda _part: "found")

        assert parse(b"Content-Type: text/PLAIN\n\nx").get_content(content_manager=manager) == "found"

    @pytest.mark.parametrize("call", ["get", "set"])
    def test_what_a_handler_raises_is_its_own(self, call: str) -> None:
        """Arguments are looked at only where the call itself was wrong."""

        def fail(*_given: object) -> None:
            raise TypeError("on purpose")

        manager = ContentManager()
        manager.add_get_handler("", fail)
        manager.add_set_handler(str, fail)
        part = MIMEMessage()

        with pytest.raises(TypeError, match="on purpose"):
            manager.get_content(part) if call == "get" else manager.set_content(part, "x")

    def test_a_handler_that_does_not_say_what_it_takes_is_believed(self) -> None:
        """Some functions that are built in have no signature to be seen."""
        manager = ContentManager()
        manager.add_set_handler(str, getattr)

        with pytest.raises(TypeError):
            manager.set_content(MIMEMessage(), "x", 1, 2)

    def test_a_handler_that_takes_nothing_more_says_so(self) -> None:
        """The error names what the call takes."""
        manager = ContentManager()
        manager.add_set_handler(str, lambda _part, _text: None)

        with pytest.raises(BadValue, match="of str: too many positional arguments; it takes nothing else"):
            manager.set_content(MIMEMessage(), "x", "html")

    @pytest.mark.parametrize(
        ("content", "advice"),
        [
            pytest.param(PurePath("a.pdf"), r"PurePosixPath|PureWindowsPath; .*path\.read_bytes\(\)", id="a path"),
            pytest.param(io.BytesIO(b"x"), r"BytesIO; read it first: file\.read\(\)", id="a file"),
            pytest.param(EmailMessage(), r"EmailMessage; .*from_email\(\)", id="a message of the standard library"),
            pytest.param(io.StringIO("x"), r"StringIO; open a file for octets, .*file\.read\(\)", id="a file of text"),
            pytest.param(5, r"int; add_set_handler\(\)", id="anything else"),
        ],
    )
    def test_what_is_not_content_itself_is_to_be_read(self, content: object, advice: str) -> None:
        """The error says what to do about it."""
        with pytest.raises(NoHandler, match=advice):
            ContentManager().set_content(MIMEMessage(), content)
