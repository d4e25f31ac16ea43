"""The backend for Django, with Django itself and a mail server on this machine."""

from __future__ import annotations

import contextlib
import email.message
import email.mime.image
import importlib
import pickle
import random
import sys
import threading
import time
import warnings
from typing import TYPE_CHECKING, Any

import django
import pytest
from django.conf import settings
from django.core import mail
from django.core.mail import EmailMessage, EmailMultiAlternatives, send_mail
from django.core.mail.backends.smtp import EmailBackend as SMTPBackend
from django.test.utils import override_settings, setup_test_environment, teardown_test_environment
from django.utils.functional import lazystr

from cartero import (
    AuthenticationFailed,
    BadAddress,
    BadURL,
    Cancelled,
    CarteroError,
    ConnectError,
    MailObject,
    MemorySender,
    Sender,
    SendingError,
    SMTPSender,
)
from cartero.integrations.django import EmailBackend
from mimekit import MissingExtra
from tests.mailservers import HOST, PASSWORD, Inbox, Script, serve

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.mailservers import Address

if not settings.configured:
    settings.configure()

HAS_MAILERS = django.VERSION >= (6, 1)
BACKEND = "cartero.integrations.django.EmailBackend"
ONE, TWO, NOBODY = "one@example.org", "two@example.org", "no@example.org"


@pytest.fixture
def inbox() -> Inbox:
    """What the server does, and got."""
    return Inbox("PIPELINING")


@pytest.fixture
def server(inbox: Inbox) -> Iterator[Address]:
    """A server that runs."""
    with serve(inbox, auth_require_tls=False) as address:
        yield address


@pytest.fixture
def url(server: Address) -> str:
    """What it is called."""
    return f"smtp://{server.host}:{server.port}"


@contextlib.contextmanager
def site(url: str) -> Iterator[None]:
    """A site that sends by *url*, as this version of Django is told."""
    mailer = {"BACKEND": BACKEND, "OPTIONS": {"url": url}}
    said = {"MAILERS": {"default": mailer}} if HAS_MAILERS else {"EMAIL_BACKEND": BACKEND, "CARTERO_URL": url}
    with override_settings(**said):
        yield


def written(*to: str, subject: str = "Hello", **more: Any) -> EmailMessage:
    """A message of Django's."""
    return EmailMessage(subject, "Hi!\n", "me@example.org", to, **more)


def outbox_of(backend: EmailBackend) -> list[MailObject]:
    """What a sender in memory keeps, which is empty to begin with."""
    sender = backend.sender
    assert isinstance(sender, MemorySender)
    return sender.outbox


@pytest.fixture
def memory() -> EmailBackend:
    """A backend that sends into a list."""
    backend = EmailBackend(url="memory:")
    outbox_of(backend).clear()
    return backend


def inline_image() -> Any:
    """An image for a page, as this version of Django takes one."""
    octets = b"\x89PNG\r\n\x1a\n" + bytes(range(256))
    if HAS_MAILERS:
        part: Any = email.message.MIMEPart()
        part.set_content(octets, "image", "png", disposition="inline", cid="<logo>")
        return part
    image = email.mime.image.MIMEImage(octets, "png")
    image["Content-ID"], image["Content-Disposition"] = "<logo>", "inline"
    return image


def rich() -> EmailMultiAlternatives:
    """Text, page, inline image, files and a message; names in other scripts; addresses of each kind."""
    message = EmailMultiAlternatives(
        "Grüße, 世界",
        "Grüße\r\n.\r\nFrom the club\n" + "lang " * 300,
        "Zoë <me@example.org>",
        ["Ana Öz <ana@exämple.org>", "you@example.org"],
        cc=['"Lovelace, Ada" <ada@example.org>'],
        bcc=["hid@example.org"],
        reply_to=["Zoë <zoe@example.org>"],
        headers={"Date": "Thu, 26 Nov 2026 09:00:00 +0000", "Message-ID": "<1@example.org>", "X-Club": "Ж"},
    )
    message.attach_alternative("<p>Grüße <img src='cid:logo'></p>\n", "text/html")
    message.attach(inline_image())
    message.attach("März.bin", bytes(range(256)) * 3, "application/octet-stream")
    message.attach("a,b;c.csv", "Name;Stück\nÖ;1\n", "text/csv")
    message.attach("forwarded.eml", b"From: you@example.org\nSubject: Old\n\nBody\n", "message/rfc822")
    return message


class TestWhatGoes:
    def test_it_is_what_django_itself_sends(self, url: str, inbox: Inbox, server: Address) -> None:
        """Octet for octet: text, page, images, files, names and addresses come through identically."""
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # Django 6.1: to be made by its mailers
            peer = SMTPBackend(host=server.host, port=server.port, username="", password="")

        for backend in (peer, EmailBackend(url=url)):
            random.seed(1)  # the standard library's boundaries
            backend.send_messages([rich()])

        theirs, ours = inbox.mails
        assert ours.octets.splitlines() == theirs.octets.splitlines()
        assert (ours.sender, ours.recipients) == (theirs.sender, theirs.recipients)

    def test_the_envelope_is_the_messages(self, memory: EmailBackend) -> None:
        """From from_email, to all of its recipients, hidden ones too; names are no part of it."""
        memory.send_messages([rich()])

        [sent] = outbox_of(memory)
        assert sent.envelope.sender == "me@example.org"
        assert sent.envelope.recipients == ("ana@exämple.org", "you@example.org", "ada@example.org", "hid@example.org")

    def test_a_bcc_of_the_users_own_is_not_written(self, memory: EmailBackend) -> None:
        """SECURITY: Django 5.2 writes a Bcc that is among the headers, and its own backend sends it to everybody."""

        class WithBcc(EmailMessage):  # type: ignore[misc]  # Django says nothing of its types
            def message(self) -> Any:
                built = super().message()
                built["Bcc"] = "hid@example.org"
                return built

        memory.send_messages([WithBcc("Hello", "Hi!\n", "me@example.org", [ONE])])

        [sent] = outbox_of(memory)
        assert b"hid@" not in sent.as_bytes()
        assert sent.envelope.recipients == (ONE,)

    @pytest.mark.skipif(HAS_MAILERS, reason="Django 6.1 refuses it itself")
    def test_a_bcc_among_the_headers_is_not_written(self, memory: EmailBackend) -> None:
        """SECURITY: as above, the way people do it."""
        memory.send_messages([written(ONE, headers={"bCC": "hid@example.org"})])

        assert b"hid@" not in outbox_of(memory)[0].as_bytes()

    def test_a_null_sender(self, memory: EmailBackend) -> None:
        """RFC 5321, section 4.5.5: mail that must not be answered has one; From says who wrote it."""
        message = EmailMessage("Away", "Back soon\n", "<>", [ONE], headers={"From": "Ana <ana@example.org>"})

        memory.send_messages([message])

        [sent] = outbox_of(memory)
        assert (sent.envelope.sender, sent.message["From"]) == ("", "Ana <ana@example.org>")

    def test_lazy_texts(self, memory: EmailBackend) -> None:
        """Django's translations become texts when they are asked."""
        message = EmailMessage(lazystr("Hallo"), "Hi!\n", lazystr("Zoë <me@example.org>"), [lazystr(ONE)])

        memory.send_messages([message])

        [sent] = outbox_of(memory)
        assert (sent.message["Subject"], sent.envelope.recipients) == ("Hallo", (ONE,))

    def test_the_receipt_says_what_became_of_each_recipient(self, url: str) -> None:
        """Django's count says 1 where one of two was refused."""
        message = written(ONE, NOBODY)

        count = EmailBackend(url=url).send_messages([message])

        assert count == 1
        assert message.receipt.accepted == (ONE,)
        assert message.receipt.refused == {NOBODY: "nobody here"}


class TestCounting:
    @pytest.mark.parametrize("given", [None, [], ()], ids=["usual-none", "usual-list", "usual-tuple"])
    def test_nothing_to_send(self, given: Any) -> None:
        """Nothing is opened for it: at this place nobody listens."""
        assert EmailBackend(url="smtp://127.0.0.1:1").send_messages(given) == 0

    def test_messages_without_recipients_are_left_out(self, memory: EmailBackend) -> None:
        """By Django's convention, they are neither sent nor counted."""
        messages = [written(), written(ONE), written("")]

        assert memory.send_messages(messages) == 1
        assert EmailBackend(url="smtp://127.0.0.1:1").send_messages([written()]) == 0

    def test_any_iterable_of_messages(self, memory: EmailBackend) -> None:
        """A list is not asked for."""
        assert memory.send_messages(written(name) for name in (ONE, TWO)) == 2

    def test_the_first_error_ends_it(self, url: str, inbox: Inbox) -> None:
        """It is cartero's, and says how many went before."""
        messages = [written(ONE), written(NOBODY), written(TWO)]

        with pytest.raises(SendingError) as caught:
            EmailBackend(url=url).send_messages(messages)

        assert caught.value.refused == {NOBODY: "nobody here"}
        assert caught.value.__notes__ == ["1 of 3 messages were sent before it"]
        assert [mail.recipients for mail in inbox.mails] == [[ONE]]
        assert [message.receipt is None for message in messages] == [False, True, True]

    def test_silently_the_others_go(self, url: str, inbox: Inbox) -> None:
        """What cannot be sent is not counted, and has no receipt."""
        messages = [written(NOBODY), written(ONE), written("no address"), written(ONE, subject="spam"), written(TWO)]

        count = EmailBackend(url=url, fail_silently=True).send_messages(messages)

        assert count == 2
        assert [message.receipt is not None for message in messages] == [False, True, False, False, True]
        assert inbox.connection_count == 1

    def test_silently_a_closed_road_is_tried_once(self) -> None:
        """A server that is down would be waited for again and again."""
        with Script(connect=b"554 5.3.2 closed\r\n") as script:
            backend = EmailBackend(url=f"smtp://{HOST}:{script.address.port}", fail_silently=True)

            assert backend.send_messages([written(ONE), written(TWO)]) == 0

        assert script.connection_count == 1

    def test_silently_a_mailbox_that_cannot_be_opened(self, tmp_path: Path) -> None:
        """As above, on roads that are opened before the first message."""
        backend = EmailBackend(url=f"maildir:{tmp_path}/none/box", fail_silently=True)

        assert backend.send_messages([written(ONE)]) == 0

    def test_a_closed_road_is_an_error(self) -> None:
        """Nothing was sent."""
        with pytest.raises(ConnectError) as caught:
            EmailBackend(url="smtp://127.0.0.1:1").send_messages([written(ONE)])

        assert not hasattr(caught.value, "__notes__")

    def test_a_forged_field_is_djangos_error(self, memory: EmailBackend) -> None:
        """Views catch ``BadHeaderError``, which is a ValueError from Django 6.1 on."""
        forged = written(TWO, subject="Hello\nBcc: everybody@example.org")

        with pytest.raises(ValueError, match=r"(?i)newline|linefeed") as caught:
            memory.send_messages([written(ONE), forged])

        assert not isinstance(caught.value, CarteroError)
        assert caught.value.__notes__ == ["1 of 2 messages were sent before it"]

    def test_silently_a_forged_field_is_left_out(self) -> None:
        """It does not stop the others."""
        backend = EmailBackend(url="memory:", fail_silently=True)

        assert backend.send_messages([written(ONE, subject="a\nb"), written(TWO)]) == 1

    @pytest.mark.parametrize(
        "address",
        [
            "no address",
            "a@example.org, b@example.org",
            "a@example.org>\r\nRCPT TO:<b@example.org",
            "@",
            "ana",
            "ü@x.org",
        ],
        ids=["odd-words", "odd-two", "hostile-command", "odd-at", "odd-local", "odd-script"],
    )
    def test_what_is_no_address(self, address: str, memory: EmailBackend) -> None:
        """SECURITY: it would be a command, or a second recipient."""
        outbox_of(memory).clear()

        with pytest.raises(ValueError, match=r".") as caught:
            memory.send_messages([written(ONE, bcc=[address])])

        assert isinstance(caught.value, BadAddress)
        assert caught.value.address == address
        assert outbox_of(memory) == []

    def test_an_error_of_a_hook_is_never_silent(self) -> None:
        """A mistake in a program is no message that cannot be sent."""

        class Mistaken(EmailBackend):
            @classmethod
            def make_sender(cls, url: str) -> Sender:
                sender = super().make_sender(url)
                sender.before_send.append(_fails)
                return sender

        with pytest.raises(ValueError, match="mistake"):
            Mistaken(url="memory:", fail_silently=True).send_messages([written(ONE)])


def _fails(_mail: MailObject) -> MailObject:
    raise ValueError("a mistake")


class TestConnections:
    def test_several_messages_go_over_one(self, url: str, inbox: Inbox) -> None:
        """One connection a call."""
        backend = EmailBackend(url=url)

        backend.send_messages([written(ONE), written(TWO)])
        backend.send_messages([written(ONE)])

        assert [mail.connection for mail in inbox.mails] == [0, 0, 1]

    def test_with_keeps_it(self, url: str, inbox: Inbox) -> None:
        """Django's backends are context managers."""
        with EmailBackend(url=url) as backend:
            backend.send_messages([written(ONE)])
            EmailBackend(url=url).send_messages([written(TWO)])
        backend.send_messages([written(ONE)])

        assert [mail.connection for mail in inbox.mails] == [0, 0, 1]

    def test_open_says_whether_it_was_open(self, memory: EmailBackend) -> None:
        """True and False, as Django's own; and what is closed may be closed."""
        assert [memory.open(), memory.open()] == [True, False]
        memory.close()
        memory.close()
        assert memory.open() is True
        memory.close()

    def test_what_cannot_be_opened(self, tmp_path: Path) -> None:
        """An error, or None where that is silent, as Django's own."""
        url = f"maildir:{tmp_path}/none/box"

        with pytest.raises(ConnectError):
            EmailBackend(url=url).open()
        assert EmailBackend(url=url, fail_silently=True).open() is None

    def test_a_connection_that_died_of_waiting_is_replaced(self, inbox: Inbox) -> None:
        """Django's own backend fails from then on."""
        with (
            serve(inbox, timeout=0.2) as server,
            EmailBackend(url=f"smtp://{server.host}:{server.port}") as backend,
        ):
            counts = [backend.send_messages([written(ONE)])]
            time.sleep(0.5)
            counts += [backend.send_messages([written(TWO)]), backend.send_messages([written(ONE)])]

        assert counts == [1, 1, 1]
        assert [mail.connection for mail in inbox.mails] == [0, 1, 1]

    def test_a_backend_in_many_threads(self, url: str, inbox: Inbox) -> None:
        """Nothing is lost or doubled, whatever the sender is."""
        with EmailBackend(url=url) as backend:
            threads = [
                threading.Thread(target=backend.send_messages, args=([written(f"n{number}@example.org")],))
                for number in range(8)
            ]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()

        assert sorted(mail.recipients[0] for mail in inbox.mails) == [f"n{number}@example.org" for number in range(8)]


class TestSenders:
    def test_backends_of_a_url_have_one_sender(self) -> None:
        """It remembers which server rests and whose turn it is, though Django makes a backend for each mail."""
        assert (
            EmailBackend(url="roundrobin:(null: null:)").sender is EmailBackend(url="roundrobin:(null: null:)").sender
        )
        assert EmailBackend(url="null:").sender is not EmailBackend(url="memory:").sender

    def test_each_thread_has_its_own(self) -> None:
        """A sender is for one thread at a time, if it does not say otherwise."""
        backend = EmailBackend(url="null:")
        found = []
        thread = threading.Thread(target=lambda: found.append(backend.sender))
        thread.start()
        thread.join()

        assert found[0] is not backend.sender

    def test_a_backend_of_ones_own_gives_it_hooks(self) -> None:
        """What no URL can say is said once."""

        class Marked(EmailBackend):
            @classmethod
            def make_sender(cls, url: str) -> Sender:
                sender = super().make_sender(url)
                sender.before_send.append(_marked)
                return sender

        Marked(url="memory:").send_messages([written(ONE)])
        Marked(url="memory:").send_messages([written(TWO)])

        assert [sent.message["X-Marked"] for sent in outbox_of(Marked(url="memory:"))] == ["yes", "yes"]

    def test_a_hook_may_cancel(self) -> None:
        """It is an error of cartero's like others."""

        class Closed(EmailBackend):
            @classmethod
            def make_sender(cls, url: str) -> Sender:
                sender = super().make_sender(url)
                sender.before_send.append(_cancels)
                return sender

        with pytest.raises(Cancelled):
            Closed(url="memory:").send_messages([written(ONE)])
        assert Closed(url="memory:", fail_silently=True).send_messages([written(ONE)]) == 0

    def test_a_backend_is_not_pickled(self) -> None:
        """SECURITY: it has a password, and messages with their backend are put into queues."""
        with pytest.raises(TypeError):
            pickle.dumps(EmailBackend(url="memory:"))


def _marked(mail: MailObject) -> MailObject:
    mail.message["X-Marked"] = "yes"
    return mail


def _cancels(_mail: MailObject) -> MailObject:
    raise Cancelled("not today")


class TestSettings:
    def test_the_option_goes_before_the_setting_and_that_before_the_environment(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Who says it nearest, says it."""
        monkeypatch.setenv("CARTERO_URL", "console:")
        names = [EmailBackend().sender.name]
        with override_settings(CARTERO_URL="null:"):
            names += [EmailBackend().sender.name, EmailBackend(url="memory:").sender.name]

        assert names == ["console:", "null:", "memory:"]

    def test_no_url_at_all(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """The error says where one belongs."""
        monkeypatch.delenv("CARTERO_URL", raising=False)

        with pytest.raises(BadURL, match=r"the setting CARTERO_URL, or the option url of the mailer, or \$CARTERO_URL"):
            EmailBackend()

    def test_options_are_those_of_the_url(self, url: str, inbox: Inbox) -> None:
        """What MAILERS has as OPTIONS is given as keyword arguments."""
        backend = EmailBackend(url=f"{url}?timeout=5", alias="bulk", own_name="me.example.org", ca=None)

        backend.send_messages([written(ONE)])

        assert (backend.alias, inbox.hellos) == ("bulk", ["me.example.org"])

    @pytest.mark.parametrize(
        ("options", "expected"),
        [
            ({"timeout": 5}, {"command": 5.0}),
            ({"chunking": False}, {"chunking": False}),
            ({"repair": True}, {"repair": True}),
            ({"notify": ["success", "failure"]}, {"notify": ("success", "failure")}),
            ({"envid": "$a%20b&c=d?#+"}, {"envid": "$a%20b&c=d?#+"}),
            ({"envid": "$HOME"}, {"envid": "$HOME"}),
        ],
        ids=["usual-number", "usual-off", "usual-on", "usual-list", "hostile-escapes", "hostile-variable"],
    )
    def test_values_are_taken_as_they_are(self, options: dict[str, Any], expected: dict[str, Any]) -> None:
        """Only a URL is written in the way of URLs."""
        sender = EmailBackend(url="smtp://mail.example.org", **options).sender

        assert isinstance(sender, SMTPSender)
        found = {
            "command": sender._timeouts.command,
            "chunking": sender._chunking,
            "repair": sender._repair,
            "notify": tuple(sender._dsn.notify) if sender._dsn else (),
            "envid": sender._dsn.envid if sender._dsn else "",
        }
        assert {name: found[name] for name in expected} == expected

    @pytest.mark.parametrize(
        ("url", "options", "expected"),
        [
            ("smtp://h", {"username": "a@b", "password": "p:/?#@%41$X"}, ("a@b", "p:/?#@%41$X")),
            ("smtp://me:old@h", {"password": "new"}, ("me", "new")),
            ("smtp://me:old@h:25?timeout=3", {"username": "you"}, ("you", "old")),
            ("smtps://h?timeout=3", {"username": "me", "password": "$HOME"}, ("me", "$HOME")),
            ("smtp://me:old@h", {"username": None, "password": None}, ("me", "old")),
            ("smtp://me:old@h", {"username": "", "password": ""}, None),
        ],
        ids=["hostile-both", "usual-password", "usual-user", "odd-variable", "usual-neither", "odd-nobody"],
    )
    def test_who_logs_in(self, url: str, options: dict[str, Any], expected: tuple[str, str] | None) -> None:
        """Secrets may stand apart from the URL, without escapes."""
        sender = EmailBackend(url=url, **options).sender

        assert isinstance(sender, SMTPSender)
        assert (sender._login and (sender._login.user, sender._login.password)) == expected

    def test_a_login_for_real(self, url: str, inbox: Inbox) -> None:
        """The right password goes, and a wrong one is an error that does not show it."""
        EmailBackend(url=url, username="me", password=PASSWORD).send_messages([written(ONE)])
        with pytest.raises(AuthenticationFailed) as caught:
            EmailBackend(url=url, username="me", password="wr0ng-pass").send_messages([written(ONE)])

        assert [mail.login for mail in inbox.mails] == ["me"]
        assert "wr0ng" not in str(caught.value)

    @pytest.mark.parametrize(
        ("options", "problem"),
        [
            ({"url": "smtp://h", "host": "h"}, "no such option as host"),
            ({"url": "smtp://h?timeout=3", "timeout": 5}, "once"),
            ({"url": "console:", "username": "me"}, "a URL with a host"),
            ({"url": "failover:(smtp://a smtp://b)", "password": "secret"}, "a URL with a host"),
            ({"url": 5}, "expected a URL such as"),
            ({"url": "smpt://h"}, "did you mean smtp"),
        ],
        ids=["odd-option", "odd-twice", "odd-console", "odd-chain", "odd-number", "usual-typo"],
    )
    def test_settings_that_cannot_be(self, options: dict[str, Any], problem: str) -> None:
        """A mistake is found when the backend is made, and not with the first mail of the night."""
        with pytest.raises(BadURL, match=problem) as caught:
            EmailBackend(**options)

        assert "secret" not in str(caught.value)


class TestInDjango:
    def test_send_mail_goes_through_it(self, url: str, inbox: Inbox) -> None:
        """The functions of ``django.core.mail`` find it by the settings."""
        with (
            site(url),
            override_settings(ADMINS=["root@example.org"] if HAS_MAILERS else [("Root", "root@example.org")]),
        ):
            count = send_mail("Grüße", "Hi!\n", "me@example.org", [ONE], html_message="<p>Hi!</p>")
            mail.mail_admins("Down", "It is down.\n")

        assert count == 1
        assert [taken.recipients for taken in inbox.mails] == [[ONE], ["root@example.org"]]

    @pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::PendingDeprecationWarning")
    def test_the_arguments_that_are_going_away(self, url: str, inbox: Inbox) -> None:
        """Django 6.1 still takes them, and gives them on."""
        with site(url):
            sent = send_mail("Hi", "Hi!\n", "me@example.org", [ONE], auth_user="me", auth_password=PASSWORD)
            lost = send_mail("Hi", "Hi!\n", "me@example.org", [NOBODY], fail_silently=True)
            backend: Any = mail.get_connection(fail_silently=True)

        assert (sent, lost, backend.fail_silently) == (1, 0, True)
        assert [taken.login for taken in inbox.mails] == ["me"]

    @pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::PendingDeprecationWarning")
    def test_the_setting_that_is_going_away(self, url: str, inbox: Inbox) -> None:
        """``EMAIL_BACKEND`` and ``CARTERO_URL``, in Django 6.1 too."""
        with override_settings(EMAIL_BACKEND=BACKEND, CARTERO_URL=url):
            send_mail("Hi", "Hi!\n", "me@example.org", [ONE])

        assert len(inbox.mails) == 1

    def test_what_was_sent_into_memory_is_found(self) -> None:
        """In a test without Django's runner: each call makes a backend, and all of them have one outbox."""
        with site("memory:"):
            backend = mail.mailers.default if HAS_MAILERS else mail.get_connection()
            backend.sender.outbox.clear()
            send_mail("Hi", "Hi!\n", "me@example.org", [ONE])

            backend.sender.outbox.assert_sent(to=ONE, subject="Hi", count=1)

    def test_djangos_own_test_outbox_still_works(self, url: str, inbox: Inbox) -> None:
        """Its test runner puts a backend of its own in place of any, and tests look into ``mail.outbox``."""
        with site(url):
            setup_test_environment()
            try:
                send_mail("Hi", "Hi!\n", "me@example.org", [ONE])
                subjects = [message.subject for message in mail.outbox]
            finally:
                teardown_test_environment()

        assert (subjects, inbox.mails) == (["Hi"], [])


def test_without_django_the_error_names_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    """A missing extra is an error that names it."""
    monkeypatch.setitem(sys.modules, "django", None)
    monkeypatch.delitem(sys.modules, "cartero.integrations.django")

    with pytest.raises(MissingExtra, match=r"cartero-mail\[django\]"):
        importlib.import_module("cartero.integrations.django")
