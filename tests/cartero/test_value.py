"""What frozen values share."""

from __future__ import annotations

import copy
import pickle

import pytest

from cartero import Envelope, MailObject, Outcome, Receipt
from cartero.url import SenderURL
from mimekit import MIMEMessage

VALUES = [
    pytest.param(Envelope("me@example.org", ["you@example.org"]), id="usual-envelope"),
    pytest.param(Outcome(accepted=False, reply="no", code=550, enhanced="5.1.1", temporary=False), id="usual-outcome"),
    pytest.param(
        Receipt({"you@example.org": Outcome(accepted=True)}, message_id="<1@x>", sender="null:"), id="usual-receipt"
    ),
    pytest.param(SenderURL.parse("smtp://me:secret@mx.example.org/a?b"), id="usual-url"),
]


@pytest.mark.parametrize("value", VALUES)
class TestValue:
    """Every one of them."""

    def test_it_cannot_be_changed(self, value: object) -> None:
        """What a caller holds, no other caller changes."""
        for name in type(value).__slots__:  # type: ignore[attr-defined]
            with pytest.raises(AttributeError, match="frozen"):
                setattr(value, name, "other")
            with pytest.raises(AttributeError, match="frozen"):
                delattr(value, name)

    def test_it_has_no_other_attributes(self, value: object) -> None:
        """A misspelled name is an error."""
        with pytest.raises(AttributeError):
            value.reciepients = ()  # type: ignore[attr-defined]

    def test_it_survives_a_pickle_and_a_copy_equal_and_of_the_same_hash(self, value: object) -> None:
        """Equal by meaning, wherever it has been."""
        for other in (pickle.loads(pickle.dumps(value)), copy.copy(value), copy.deepcopy(value)):  # noqa: S301 - our own
            assert other == value
            assert hash(other) == hash(value)

    def test_it_equals_nothing_of_another_kind(self, value: object) -> None:
        """Not even what holds the same."""
        assert value != "me@example.org"
        assert value != Outcome(accepted=True)


def test_a_value_shows_its_fields() -> None:
    """A repr that can be read."""
    assert repr(Envelope("me@x.org", ["you@x.org"])) == "Envelope(sender='me@x.org', recipients=('you@x.org',))"


def test_a_mail_object_survives_a_pickle() -> None:
    """A queue can hold it."""
    mail = MailObject(MIMEMessage(), envelope=Envelope("", ["you@x.org"]), message_id="<1@x>")

    other = pickle.loads(pickle.dumps(mail))  # noqa: S301 - our own

    assert (other.envelope, other.message_id, other.as_bytes()) == (mail.envelope, "<1@x>", mail.as_bytes())
