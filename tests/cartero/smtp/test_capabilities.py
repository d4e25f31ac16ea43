"""What a server can do."""

from __future__ import annotations

import pytest

from cartero.smtp.capabilities import Capabilities
from cartero.smtp.replies import Reply


def said(*lines: str) -> Capabilities:
    """What a server can do that says *lines* behind its greeting."""
    return Capabilities.of(Reply(250, ("mx.example at your service", *lines)))


class TestExtensions:
    def test_each_line_but_the_first_is_one(self) -> None:
        """RFC 5321, section 4.1.1.1: the first is a greeting, even where it reads like an extension."""
        capabilities = Capabilities.of(Reply(250, ("PIPELINING", "8BITMIME", "SIZE 1000")))

        assert dict(capabilities.extensions) == {"8BITMIME": "", "SIZE": "1000"}
        assert "8BITMIME" in capabilities
        assert "PIPELINING" not in capabilities

    @pytest.mark.parametrize(
        ("lines", "extensions"),
        [
            pytest.param(["pipelining"], {"PIPELINING": ""}, id="odd-small-letters"),
            pytest.param([" DSN  "], {"DSN": ""}, id="odd-spaces"),
            pytest.param(["", " "], {}, id="odd-empty"),
            pytest.param(["SIZE  10 "], {"SIZE": "10"}, id="odd-many-spaces"),
            pytest.param(["AUTH PLAIN", "AUTH LOGIN"], {"AUTH": "PLAIN LOGIN"}, id="odd-said-twice"),
            pytest.param(["X=Y"], {"X=Y": ""}, id="odd-equals-sign"),
        ],
    )
    def test_servers_say_it_in_many_ways(self, lines: list[str], extensions: dict[str, str]) -> None:
        """RFC 5321, section 4.1.1.1: keywords are in any case."""
        assert dict(said(*lines).extensions) == extensions

    def test_a_server_that_said_nothing_has_none(self) -> None:
        """RFC 5321, section 3.2: one that knows HELO alone."""
        assert Capabilities() == said()

    def test_they_are_a_value(self) -> None:
        """Equal by meaning, in whatever order they were said."""
        assert said("DSN", "SIZE") == said("SIZE", "DSN")
        assert hash(said("DSN", "SIZE")) == hash(said("SIZE", "DSN"))
        assert repr(said("DSN")) == "Capabilities(extensions={'DSN': ''})"


class TestSize:
    @pytest.mark.parametrize(
        ("line", "size"),
        [
            pytest.param("SIZE 1000", 1000, id="usual"),
            pytest.param("SIZE", None, id="usual-not-said"),
            pytest.param("DSN", None, id="usual-not-offered"),
            pytest.param("SIZE 0", None, id="usual-no-limit"),
            pytest.param("SIZE many", None, id="odd-a-word"),
            pytest.param("SIZE -1", None, id="odd-negative"),
            pytest.param("SIZE ٣", None, id="hostile-digits-of-another-script"),
            pytest.param("SIZE " + "9" * 4_000, None, id="hostile-long"),
        ],
    )
    def test_the_largest_message_is_a_number_of_octets(self, line: str, size: int | None) -> None:
        """RFC 1870, section 4: up to twenty digits; none, or 0, where there is no limit that it tells."""
        assert said(line).most_octets == size


class TestMechanisms:
    @pytest.mark.parametrize(
        ("lines", "mechanisms"),
        [
            pytest.param(["AUTH PLAIN LOGIN"], ("PLAIN", "LOGIN"), id="usual"),
            pytest.param(["DSN"], (), id="usual-none"),
            pytest.param(["AUTH plain"], ("PLAIN",), id="odd-small-letters"),
            pytest.param(["AUTH=LOGIN PLAIN"], ("LOGIN", "PLAIN"), id="odd-old"),
            pytest.param(["AUTH=LOGIN"], ("LOGIN",), id="odd-old-and-one"),
            pytest.param(["AUTH PLAIN LOGIN", "AUTH=LOGIN"], ("PLAIN", "LOGIN"), id="odd-both"),
        ],
    )
    def test_each_is_told_once(self, lines: list[str], mechanisms: tuple[str, ...]) -> None:
        """RFC 4954, section 3: the parameters of AUTH."""
        assert said(*lines).mechanisms == mechanisms
