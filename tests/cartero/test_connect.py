"""From a URL to the sender it names."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from cartero import (
    AppEngineSender,
    BadURL,
    ConsoleSender,
    FailoverSender,
    FileSender,
    MailboxSender,
    MemorySender,
    NullSender,
    RoundRobinSender,
    Sender,
    SendmailSender,
    SMTPSender,
    SpoolSender,
    connect,
)

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize(
    ("url", "kind", "name"),
    [
        pytest.param("maildir:outbox", MailboxSender, "maildir:outbox", id="usual-maildir"),
        pytest.param("maildir:///var/my%20box", MailboxSender, "maildir:/var/my box", id="odd-maildir-escaped"),
        pytest.param("mbox:outbox", MailboxSender, "mbox:outbox", id="usual-mbox"),
        pytest.param("mbox:///var/mail/me?timeout=2.5", MailboxSender, "mbox:/var/mail/me", id="odd-mbox-timeout"),
        pytest.param("mh:/home/me/Mail/inbox", MailboxSender, "mh:/home/me/Mail/inbox", id="usual-mh"),
        pytest.param("babyl:RMAIL", MailboxSender, "babyl:RMAIL", id="usual-babyl"),
        pytest.param("mmdf:outbox", MailboxSender, "mmdf:outbox", id="usual-mmdf"),
        pytest.param("file:sent", FileSender, "file:sent", id="usual-file"),
        pytest.param("file:///var/sent", FileSender, "file:/var/sent", id="usual-file-absolute"),
        pytest.param("console:", ConsoleSender, "console:", id="usual-console"),
        pytest.param("gae:", AppEngineSender, "gae:", id="usual-app-engine"),
        pytest.param("memory:", MemorySender, "memory:", id="usual-memory"),
        pytest.param("sendmail:", SendmailSender, "sendmail:", id="usual-sendmail"),
        pytest.param(
            "sendmail:/opt/send%20mail?timeout=60", SendmailSender, "sendmail:/opt/send mail", id="odd-sendmail"
        ),
        pytest.param("failover:(null: memory:)", FailoverSender, "failover:(null: memory:)", id="usual-failover"),
        pytest.param(
            "roundrobin:(failover:(null: console:) maildir:a%20b)?retry_after=1.5",
            RoundRobinSender,
            "roundrobin:(failover:(null: console:) maildir:a b)",
            id="odd-chain-of-chains",
        ),
        pytest.param("spool:queue", SpoolSender, "spool:queue", id="usual-spool"),
        pytest.param("spool:///var/my%20queue", SpoolSender, "spool:/var/my queue", id="usual-spool-absolute"),
        pytest.param("NULL:", NullSender, "null:", id="odd-null-in-capitals"),
        pytest.param("smtp://mx", SMTPSender, "smtp://mx:25", id="usual-smtp"),
        pytest.param("smtps://me:pw@mx", SMTPSender, "smtps://me@mx:465", id="usual-smtps"),
        pytest.param("lmtp:///run/lmtp", SMTPSender, "lmtp:///run/lmtp", id="usual-lmtp"),
    ],
)
def test_each_scheme_has_its_sender(url: str, kind: type[Sender], name: str) -> None:
    """The sender is called after its URL."""
    sender = connect(url)

    assert type(sender) is kind
    assert sender.name == name
    assert repr(sender) == f"<{kind.__name__} {name}>"


@pytest.mark.parametrize("url", [3, b"memory:"], ids=["int", "bytes"])
def test_a_url_is_text(url: Any) -> None:
    """A caller's mistake says what was expected and found."""
    with pytest.raises(BadURL, match=f"expected a URL such as maildir:outbox, found {type(url).__name__}"):
        connect(url)


def test_connecting_opens_nothing(tmp_path: Path) -> None:
    """A setting can be checked without doing anything."""
    connect(f"maildir:{tmp_path}/outbox")

    assert list(tmp_path.iterdir()) == []


def test_an_unknown_scheme_is_told_those_there_are() -> None:
    """The text is what somebody needs who mistyped a setting."""
    with pytest.raises(
        BadURL,
        match=r"maildri:; did you mean maildir:\? \(there are babyl:, console:, .*maildir:, .*null:.*, smtp:, smtps:",
    ):
        connect("maildri:outbox")


@pytest.mark.parametrize(
    ("url", "problem"),
    [
        pytest.param("maildir:", "expected the path", id="usual-no-path"),
        pytest.param("maildir://outbox/x", "takes no host", id="usual-two-slashes"),
        pytest.param("maildir:box?kind=x", "maildir: has no such option", id="odd-options"),
        pytest.param("maildir:box?timeout=3", "maildir: has no such option", id="odd-no-lock-to-wait-for"),
        pytest.param("mh:box?timeout=3", "mh: has no such option", id="odd-no-lock-in-mh"),
        pytest.param("mbox:", "expected the path of a mailbox behind mbox:", id="usual-no-mbox"),
        pytest.param("mbox:box?timeout=soon", "expected a number as timeout, found 'soon'", id="odd-timeout"),
        pytest.param("mbox:box?timeout=-1", "seconds for timeout, 0 or more, found -1", id="odd-timeout-negative"),
        pytest.param("file:", "expected the path of a folder behind file:", id="usual-no-folder"),
        pytest.param("mbox:(a b)", "mbox: takes no parentheses", id="odd-members"),
        pytest.param("file://sent", "takes no host", id="usual-file-two-slashes"),
        pytest.param("maildir:out#f", "maildir: takes no fragment; a # is written %23", id="odd-fragment"),
        pytest.param("maildir:a\nb", r"a control character \(U\+000A\) at 9 cannot stand", id="hostile-line-end"),
        pytest.param("maildir:a\x7f", r"a control character \(U\+007F\)", id="hostile-control"),
        pytest.param("console:stderr", "nothing behind console:", id="odd-console-path"),
        pytest.param("gae:my-app", "nothing behind gae:", id="odd-app-engine-path"),
        pytest.param("memory:x", "nothing behind memory:", id="odd-memory-path"),
        pytest.param("sendmail://host", "takes no host", id="usual-sendmail-host"),
        pytest.param("sendmail:(a:)", "takes no parentheses", id="odd-sendmail-members"),
        pytest.param("sendmail:?timeout=soon", "expected a number as timeout, found 'soon'", id="odd-sendmail-timeout"),
        pytest.param("sendmail:?timeout=0", "seconds for timeout, .*, found 0", id="odd-sendmail-no-time"),
        pytest.param("failover:", r"one sender at least, as in failover:\(a b\)", id="usual-failover-of-none"),
        pytest.param("roundrobin:()", "one sender at least", id="odd-round-robin-of-none"),
        pytest.param("failover:(maildri:x)", "no sender is called maildri:", id="usual-failover-of-a-stranger"),
        pytest.param(
            "failover:(null:)?retry_after=-1", "seconds for retry_after, 0 or more, found -1", id="odd-negative-rest"
        ),
        pytest.param("spool:", "expected the path of a spool", id="usual-spool-of-no-path"),
        pytest.param("spool:(null:)", "takes no parentheses", id="odd-spool-members"),
        pytest.param("memory:(null:)", "memory: takes no parentheses", id="odd-parentheses"),
        pytest.param("null:x", "nothing behind null:", id="odd-null-path"),
    ],
)
def test_what_a_sender_cannot_do_is_refused(url: str, problem: str) -> None:
    """Never a part of a setting that is silently ignored."""
    with pytest.raises(BadURL, match=problem):
        connect(url)


@pytest.mark.parametrize(
    "url",
    [
        "smpt://me:s3cret@mx",
        "failover:(null: x://me:s3cret@mx)",
        "maildir://me:s3cret@mx",
        "null:s3cret",
        "maildir:?s3cret",
    ],
)
def test_no_error_shows_a_password(url: str) -> None:
    """What is wrong with a setting ends in logs."""
    with pytest.raises(BadURL) as caught:
        connect(url)

    assert "s3cret" not in str(caught.value)


@pytest.mark.parametrize(
    ("url", "problem"),
    [
        pytest.param("localhost:8025", "a mail server is smtp://localhost:8025", id="usual-name"),
        pytest.param("mail.example.org:587", "a mail server is smtp://mail.example.org:587", id="usual-domain"),
        pytest.param("127.0.0.1:25", "found no scheme", id="usual-address"),
        pytest.param("me:s3cret@mx", "no sender is called me: (there are", id="hostile-password"),
        pytest.param("smtp://me:pa/s3cret@mx", "in a password, @ / ? and : are written %40, %2F", id="usual-slash"),
        pytest.param("smtp://me:12/s3cret@mx", "in a password, @ / ? and : are written %40, %2F", id="odd-as-a-port"),
        pytest.param("smtp://me:pa?s3cret=x@mx", "in a password, @ / ? and : are written", id="usual-question"),
        pytest.param("smtp://me:12?s3cret=x@mx", "has no such option (", id="hostile-question-behind-a-port"),
        pytest.param("smtp://mx?tsl=off", "no such option as tsl; did you mean tls? (there are", id="usual-option"),
        pytest.param("smtp://mx?colour=red", "no such option as colour (there are", id="usual-strange-option"),
        pytest.param("smtp://mx?s3cret", "has no such option (there are", id="odd-no-value"),
        pytest.param("smtp://mx?s3cret=x", "has no such option (there are", id="odd-no-name-of-an-option"),
    ],
)
def test_a_mistake_is_told_with_what_was_meant(url: str, problem: str) -> None:
    """SECURITY: what may be a part of a password is not shown."""
    with pytest.raises(BadURL) as caught:
        connect(url)

    assert problem in str(caught.value)
    assert "s3cret" not in str(caught.value)
