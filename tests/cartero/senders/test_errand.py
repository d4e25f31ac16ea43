"""What an SMTP sender does with a message: the order of things, without a wire."""

from __future__ import annotations

import ssl
from collections.abc import Iterator
from typing import Any

import pytest

from cartero import BadMessage, CarteroError, SendingError, SMTPSender
from cartero.senders._errand import Errand, Give, Item, Say, Take, Wait, prepared, with_following
from cartero.senders._pool import Connection, Limits
from cartero.smtp.conversation import Conversation, Timeouts
from mimekit import MIMEMessage, parse

MAIL = b"From: a@x.org\r\nTo: b@x.org\r\nDate: x\r\nMessage-ID: <1@x>\r\n\r\n"


class Silent:
    """A wire over which nobody speaks."""

    def has_input(self) -> bool:
        """Nothing comes."""
        return False

    def close(self) -> None:
        """Nothing is open."""


def connection() -> Connection[Any]:
    """One on which a message has gone before."""
    kept: Connection[Any] = Connection(Silent(), Conversation(own_name="me.example", timeouts=Timeouts()), now=1e9)
    kept.message_count = 1
    return kept


def dead(kept: Connection[Any], *, stage: str = "MAIL", **facts: Any) -> SendingError:
    """What is raised where *kept* turns out to be closed."""
    kept.conversation.is_usable = False
    error = SendingError("the connection broke", stage=stage, **facts)
    error.__cause__ = ConnectionResetError()
    return error


def item(name: str) -> Item:
    """Something to be sent, of that name."""
    return Item(name.encode())


class TestErrand:
    def needs(self, **settings: Any) -> Any:
        """What is needed for one message."""
        sender = SMTPSender("mx", **settings)
        return Errand(sender).carry(prepared(sender, MAIL).mail)  # type: ignore[arg-type]  # it is prepared

    def test_a_connection_is_taken_before_anything_is_said(self) -> None:
        """One errand keeps it to its end."""
        needs = self.needs()

        assert isinstance(next(needs), Take)
        said = needs.send(connection())

        assert isinstance(said, Say)

    def test_a_dead_one_is_given_back_and_another_taken(self) -> None:
        """As often as those that were kept are dead."""
        needs = self.needs()
        next(needs)
        for _ in range(3):
            kept = connection()
            assert isinstance(needs.send(kept), Say)
            given = needs.throw(dead(kept))
            assert isinstance(given, Give)
            assert given.connection is kept
            assert isinstance(next(needs), Take)

    @pytest.mark.parametrize("cause", [BrokenPipeError(), ConnectionResetError(), ssl.SSLEOFError(), OSError()])
    def test_a_dead_one_says_so_in_several_ways(self, cause: OSError) -> None:
        """Under TLS, and when it is written to, too."""
        needs = self.needs()
        next(needs)
        kept = connection()
        needs.send(kept)
        error = dead(kept)
        error.__cause__ = cause

        assert isinstance(needs.throw(error), Give)

    @pytest.mark.parametrize(
        ("stage", "cause"),
        [
            pytest.param("dot", ConnectionResetError(), id="usual-behind-the-dot"),
            pytest.param("body", BrokenPipeError(), id="usual-in-the-message"),
            pytest.param("MAIL", TimeoutError(), id="odd-silent"),
            pytest.param("RCPT", None, id="odd-refused"),
        ],
    )
    def test_nothing_else_is_tried_again(self, stage: str, cause: Exception | None) -> None:
        """What may have been sent, or may have been meant, is for the caller to decide."""
        needs = self.needs()
        next(needs)
        kept = connection()
        needs.send(kept)
        error = dead(kept, stage=stage)
        error.__cause__ = cause

        with pytest.raises(SendingError) as caught:
            needs.throw(error)

        assert caught.value is error
        assert (error.sender, error.message_id) == ("smtp://mx:25", "<1@x>")

    def test_time_is_waited_for_first(self) -> None:
        """A connection that waits for its time is of no use to anybody."""
        sender = SMTPSender("mx", limits=Limits(rate=1))
        mail = prepared(sender, MAIL).mail
        assert mail is not None

        assert isinstance(next(Errand(sender).carry(mail)), Take)
        pause = next(Errand(sender).carry(mail))

        assert isinstance(pause, Wait)
        assert 0 < pause.seconds <= 1

    def test_an_errand_without_a_connection_ends_at_once(self) -> None:
        """There is nothing to give back."""
        assert list(Errand(SMTPSender("mx")).end()) == []


class TestWithFollowing:
    @pytest.mark.parametrize("names", ["", "a", "ab", "abc"])
    def test_each_comes_with_the_one_behind_it(self, names: str) -> None:
        """None behind the last."""
        items = [item(name) for name in names]

        assert list(with_following(items)) == list(zip(items, [*items[1:], None], strict=False))

    def test_an_error_waits_for_the_one_in_front_of_it(self) -> None:
        """What was given is sent."""

        def items() -> Iterator[Item]:
            yield item("a")
            raise LookupError

        pairs = with_following(items())

        first, behind = next(pairs)
        assert (first.message, behind) == (b"a", None)
        with pytest.raises(LookupError):
            next(pairs)


class TestPrepared:
    def test_what_cannot_be_prepared_says_why(self) -> None:
        """When its turn comes, not while another one is being sent."""
        found = prepared(SMTPSender("mx"), b"Subject: nobody\r\n\r\n")

        assert found.mail is None
        assert isinstance(found.error, CarteroError)

    def test_three_things_are_no_message_and_envelope(self) -> None:
        """A caller's mistake, as everywhere."""
        with pytest.raises(BadMessage, match="found 3 things"):
            prepared(SMTPSender("mx"), (MAIL, None, None))  # type: ignore[arg-type]  # as the mistake is

    def test_your_own_message_may_be_changed_meanwhile(self) -> None:
        """A copy is made of one that needed no change; octets need none."""
        message = parse(MAIL)
        message["Subject"] = "x"
        assert isinstance(message, MIMEMessage)

        found = prepared(SMTPSender("mx"), message)

        assert found.mail is not None
        assert found.mail.message is not message
        assert bytes(found.mail.message) == bytes(message)
