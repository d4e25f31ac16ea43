"""The exceptions: sorted by what the caller can do, facts as attributes, one line of text."""

from __future__ import annotations

import copy
import pickle

import pytest

from cartero import errors
from cartero.errors import BadAddress, BadEnvelope, BadMessage, BadURL, CarteroError, ConnectError, SendingError

FACTS = {
    "sender": "smtp://mx.example.org",
    "stage": "RCPT",
    "code": 450,
    "enhanced": "4.2.1",
    "reply": "mailbox busy",
    "temporary": True,
    "ambiguous": False,
    "accepted": ("ana@example.org",),
    "refused": {"you@example.org": "450 4.2.1 mailbox busy"},
    "message_id": "<1@example.org>",
}


class TestTree:
    """How the exceptions descend."""

    @pytest.mark.parametrize(
        ("leaf", "builtin"),
        [
            pytest.param(BadURL, ValueError, id="usual-url"),
            pytest.param(BadMessage, ValueError, id="usual-message"),
            pytest.param(BadEnvelope, ValueError, id="usual-envelope"),
            pytest.param(BadAddress, ValueError, id="usual-address"),
            pytest.param(ConnectError, ConnectionError, id="usual-connect"),
            pytest.param(SendingError, Exception, id="usual-sending"),
        ],
    )
    def test_each_derives_from_the_builtin_it_resembles(
        self, leaf: type[CarteroError], builtin: type[Exception]
    ) -> None:
        """One ``except CarteroError`` is always enough, and code that knows only builtins works too."""
        assert issubclass(leaf, builtin)
        assert issubclass(leaf, CarteroError)

    def test_the_docstring_shows_every_leaf(self) -> None:
        """Whoever opens the room sees the whole tree."""
        leaves = [name for name, value in vars(errors).items() if isinstance(value, type) and not name.startswith("_")]

        assert all(leaf in (errors.__doc__ or "") for leaf in leaves)


class TestFacts:
    """What they know."""

    @pytest.mark.parametrize("kind", [ConnectError, SendingError])
    def test_every_fact_is_an_attribute(self, kind: type[ConnectError | SendingError]) -> None:
        """Programs decide by attributes, never by text."""
        error = kind("refused", **FACTS)  # type: ignore[arg-type]  # one dict for all keywords

        assert {name: getattr(error, name) for name in FACTS} == FACTS

    @pytest.mark.parametrize("kind", [ConnectError, SendingError])
    def test_every_fact_has_a_default(self, kind: type[ConnectError | SendingError]) -> None:
        """A road says what it knows, and nothing is wrong about the rest."""
        error = kind("no route")

        assert (error.code, error.reply, error.accepted, error.refused, error.ambiguous) == (None, "", (), {}, False)

    def test_the_facts_are_the_errors_own(self) -> None:
        """A caller that goes on changing its dict changes no error."""
        refused = {"you@example.org": "no"}
        error = SendingError("refused", refused=refused)

        refused.clear()

        assert error.refused == {"you@example.org": "no"}

    @pytest.mark.parametrize(
        "error",
        [
            pytest.param(ConnectError("no route", **FACTS), id="usual-connect"),  # type: ignore[arg-type]
            pytest.param(SendingError("refused", **FACTS), id="usual-sending"),  # type: ignore[arg-type]
            pytest.param(BadAddress("no address", address="x"), id="usual-address"),
            pytest.param(BadURL("no sender"), id="usual-url"),
        ],
    )
    def test_an_error_survives_a_pickle_and_a_copy(self, error: CarteroError) -> None:
        """A queue on another machine gets the same error."""
        for other in (pickle.loads(pickle.dumps(error)), copy.copy(error)):  # noqa: S301 - our own
            assert type(other) is type(error)
            assert vars(other) == vars(error)
            assert str(other) == str(error)


class TestText:
    """What they say."""

    def test_it_says_what_where_and_why(self) -> None:
        """The sentence begins with what was found, says where, and ends without a full stop."""
        error = SendingError(
            "recipient refused", sender="smtp://mx", stage="RCPT", code=550, enhanced="5.1.1", reply="no such user"
        )

        assert str(error) == "recipient refused (RCPT, smtp://mx): 550 5.1.1 no such user"

    @pytest.mark.parametrize(
        ("facts", "text"),
        [
            pytest.param({"stage": "end of DATA"}, "timed out (end of DATA)", id="usual-stage"),
            pytest.param({"sender": "smtp://mx"}, "timed out (smtp://mx)", id="usual-sender"),
            pytest.param({}, "timed out", id="usual-neither"),
        ],
    )
    def test_it_says_no_more_than_it_knows(self, facts: dict[str, str], text: str) -> None:
        """Each fact may be missing."""
        assert str(SendingError("timed out", **facts)) == text  # type: ignore[arg-type]  # one dict for all keywords

    def test_it_says_when_nobody_knows(self) -> None:
        """Sending again what may have been sent is for the caller to decide."""
        assert str(SendingError("timed out", ambiguous=True)) == "timed out; it may have been delivered all the same"

    def test_it_stays_on_one_line_and_commands_no_terminal(self) -> None:
        """A reply is a stranger's text."""
        assert str(SendingError("refused", reply="one\r\ntwo \x1b[2J")) == "refused: one two \\x1b[2J"

    def test_a_bad_address_is_quoted_harmlessly(self) -> None:
        """The text shows what was given, its controls as escapes."""
        assert (
            str(BadAddress("expected an address, found", address="a\r\nb")) == r"expected an address, found: 'a\r\nb'"
        )

    def test_a_bad_address_need_not_be_given(self) -> None:
        """The text is then the sentence alone."""
        assert str(BadAddress("no address")) == "no address"
