"""What was sent, in a list that a test can ask."""

from __future__ import annotations

import re

from mimekit import Address
from mimekit.content.rawdata import get_text

from .._display import one_line
from .preparation import MailObject

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

_SHOWN = 20


class Outbox(list[MailObject]):
    """A list of the mail that was sent, oldest first, with assertions for tests.

    What fails names each message that is there, and why it is not the one expected. ``clear()`` empties it.
    """

    def assert_sent(  # noqa: PLR0913 - what a message can be known by, each by name
        self,
        *,
        to: str | Address | Iterable[str | Address] | None = None,
        sender: str | Address | None = None,
        subject: str | re.Pattern[str] | None = None,
        text: str | re.Pattern[str] | None = None,
        attachment: str | None = None,
        count: int | None = None,
    ) -> list[MailObject]:
        """The messages that are all of what is said here; there must be *count* of them, or one at least.

        Args:
            to: who is among the recipients of its envelope; all of them, if it is several.
            sender: who its envelope is from.
            subject: its Subject, decoded; or a compiled regular expression that is found in it.
            text: what stands in its plain text, or in its HTML where it has no other; or a compiled regular expression.
            attachment: the file name of an attachment, wherever it stands.
            count: how many there must be.

        Raises:
            AssertionError: there are others than expected.
        """
        __tracebackhide__ = True  # so that pytest points to the line in the test
        tests = _tests(to=to, sender=sender, subject=subject, text=text, attachment=attachment)
        found = [mail for mail in self if all(passes(mail) for _, passes in tests)]
        if (not found) if count is None else len(found) != count:
            expected = "at least 1 message" if count is None else _messages(count)
            raise AssertionError(self._report(f"expected {expected}", tests, len(found)))
        return found

    def assert_not_sent(
        self,
        *,
        to: str | Address | Iterable[str | Address] | None = None,
        sender: str | Address | None = None,
        subject: str | re.Pattern[str] | None = None,
        text: str | re.Pattern[str] | None = None,
        attachment: str | None = None,
    ) -> None:
        """No message is all of what is said here, as `assert_sent` takes it; with nothing said, none was sent.

        Raises:
            AssertionError: one is.
        """
        __tracebackhide__ = True
        self.assert_sent(to=to, sender=sender, subject=subject, text=text, attachment=attachment, count=0)

    def _report(self, expected: str, tests: list[_Test], found: int) -> str:
        asked = "".join(f" {words}" for words, _ in tests)
        lines = [f"{expected}{asked}, found {found}; " + ("these were sent:" if self else "nothing was sent")]
        for number, mail in enumerate(self[:_SHOWN], 1):
            wrong = [words for words, passes in tests if not passes(mail)]
            verdict = f": not {', not '.join(wrong)}" if wrong else ""
            lines.append(one_line(f"{number}. {_shown(mail)}{verdict}"))
        if len(self) > _SHOWN:
            lines.append(f"and {len(self) - _SHOWN} more")
        return "\n  ".join(lines)


if TYPE_CHECKING:
    # in the words of a report, and whether a message is so
    _Test = tuple[str, Callable[[MailObject], bool]]


def _tests(
    *,
    to: str | Address | Iterable[str | Address] | None,
    sender: str | Address | None,
    subject: str | re.Pattern[str] | None,
    text: str | re.Pattern[str] | None,
    attachment: str | None,
) -> list[_Test]:
    tests: list[_Test] = []
    if to is not None:
        wanted = [_bare(one) for one in ([to] if isinstance(to, str | Address) else to)]
        tests.append((f"to {', '.join(wanted)}", lambda mail: set(wanted) <= set(mail.envelope.recipients)))
    if sender is not None:
        address = _bare(sender)
        tests.append((f"from {address or '<>'}", lambda mail: mail.envelope.sender == address))
    if isinstance(subject, re.Pattern):
        tests.append((f"with {subject.pattern!r} in its subject", lambda mail: bool(subject.search(_subject(mail)))))
    elif subject is not None:
        tests.append((f"with the subject {subject!r}", lambda mail: _subject(mail) == subject))
    if isinstance(text, re.Pattern):
        tests.append((f"with {text.pattern!r} in its text", lambda mail: bool(text.search(_text(mail)))))
    elif text is not None:
        tests.append((f"with {text!r} in its text", lambda mail: text in _text(mail)))
    if attachment is not None:
        tests.append((f"with the attachment {attachment!r}", lambda mail: attachment in _attachments(mail)))
    return tests


def _bare(address: str | Address) -> str:
    return address.addr_spec if isinstance(address, Address) else address


def _subject(mail: MailObject) -> str:
    return str(mail.message["Subject"] or "")


def _text(mail: MailObject) -> str:
    body = mail.message.get_body(("plain", "html"))
    return "" if body is None else get_text(body)


def _attachments(mail: MailObject) -> list[str | None]:
    return [part.get_filename() for part in mail.message.iter_attachments(recursive=True)]


def _messages(count: int) -> str:
    return {0: "no message", 1: "1 message"}.get(count, f"{count} messages")


def _shown(mail: MailObject) -> str:
    return f"{_subject(mail)!r} from {mail.envelope.sender or '<>'} to {', '.join(mail.envelope.recipients)}"
