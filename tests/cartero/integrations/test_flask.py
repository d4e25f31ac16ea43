"""Mail from a Flask application."""

from __future__ import annotations

import gc
import importlib
import logging
import os
import subprocess
import sys
import threading
import weakref
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import jinja2
import pytest
from flask import Flask

from cartero import (
    BadEnvelope,
    BadURL,
    CarteroError,
    ConnectError,
    Envelope,
    MailObject,
    Receipt,
    SendingError,
)
from cartero.integrations.flask import Cartero, State, message_failed, message_sent
from mimekit import Address, BadValue, Image, MIMEMessage, MissingExtra
from tests import mailservers
from tests.house.sources import ROOT
from tests.rich_mail import RICH, rich_message, told

TEMPLATES = {
    "both.txt": "Hello {{ name }}!\n",
    "both.html": "<p>Hello <b>{{ name }}</b>!</p>\n",
    "text.txt": "Only {{ name }}",
    "page.html": "<p>Only <b>{{ name }}</b></p>",
    "broken.txt": "{% include 'gone.txt' %}",
    "shown.html": "<img src='cid:logo'>",
    "where.txt": "{{ url_for('static', filename='a.css', _external=True) }}",
}
CLUB = "The club <club@example.org>"


def message(subject: str = "Hi") -> MIMEMessage:
    """One of two short lines."""
    made = MIMEMessage()
    made["From"], made["To"], made["Subject"] = "me@example.org", "you@example.org", subject
    return made.set_content("Hello\n")


def application(**config: Any) -> Flask:
    """An application with templates, which has no `Cartero` yet."""
    app = Flask(__name__)
    app.jinja_loader = jinja2.DictLoader(TEMPLATES)
    app.config.update(config)
    return app


@pytest.fixture(autouse=True)
def _without_a_url(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CARTERO_URL", raising=False)


@pytest.fixture
def mail() -> Cartero:
    """An extension that serves no application yet."""
    return Cartero()


@pytest.fixture
def app(mail: Cartero) -> Flask:
    """An application under test."""
    app = application(TESTING=True, CARTERO_DEFAULT_SENDER=CLUB)
    mail.init_app(app)
    return app


class TestInit:
    def test_an_application_can_be_given_at_once(self, tmp_path: Path) -> None:
        """A program of one file has one application."""
        app = application(CARTERO_URL=f"maildir:{tmp_path}/box")
        mail = Cartero(app)

        with app.app_context():
            receipt = mail.send(message())

        assert Path(receipt.location).parent == tmp_path / "box" / "new"

    def test_one_object_serves_several_applications(self, mail: Cartero, tmp_path: Path) -> None:
        """What belongs to an application stands in its extensions, so that a factory may make many."""
        apps = [application(CARTERO_URL=f"maildir:{tmp_path}/{number}") for number in range(2)]
        for app in apps:
            mail.init_app(app)

        for app in [apps[0], apps[0], apps[1]]:
            with app.app_context():
                mail.send(message())

        assert [len(list((tmp_path / str(number) / "new").iterdir())) for number in range(2)] == [2, 1]

    def test_the_environment_has_the_url_too(
        self, mail: Cartero, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """As for `cartero.connect`; a config that says None says nothing."""
        monkeypatch.setenv("CARTERO_URL", f"maildir:{tmp_path}/box")
        app = application(CARTERO_URL=None)
        mail.init_app(app)

        with app.app_context():
            receipt = mail.send(message())

        assert receipt.sender == f"maildir:{tmp_path}/box"

    @pytest.mark.parametrize("url", ["maildri:box", "smtp://me:$CARTERO_NONE@host", "", 25], ids=repr)
    def test_a_url_that_is_none_is_found_out_at_once(self, mail: Cartero, url: object) -> None:
        """A mistake in the settings is seen when the server starts, not with the first mail."""
        with pytest.raises(BadURL):
            mail.init_app(application(CARTERO_URL=url))

    def test_a_url_that_is_none_does_not_matter_to_tests(self, mail: Cartero) -> None:
        """Where nothing goes out, nobody needs the password of the mail server."""
        app = application(CARTERO_URL="smtp://me:$CARTERO_NONE@host", TESTING=True)
        mail.init_app(app)

        with app.app_context():
            mail.send(message())
            assert len(mail.outbox) == 1

            app.config["CARTERO_SUPPRESS_SEND"] = False
            with pytest.raises(BadURL, match="CARTERO_NONE"):
                mail.send(message())

    def test_without_a_url_it_is_an_error_to_send(self, mail: Cartero) -> None:
        """An application that sends no mail needs none, nor does one whose tests begin later."""
        app = application()
        mail.init_app(app)

        with app.app_context(), pytest.raises(BadURL, match="CARTERO_URL, in the config or in the environment"):
            mail.send(message())

    def test_an_application_has_one(self, mail: Cartero, app: Flask) -> None:
        """A second one would leave the first one's mail in another outbox."""
        with pytest.raises(RuntimeError, match="found one with"):
            mail.init_app(app)

    def test_an_application_without_is_told_what_to_do(self, mail: Cartero) -> None:
        """Who forgot `init_app` sees its name."""
        with application().app_context(), pytest.raises(RuntimeError, match=r"call init_app\(app\) first"):
            mail.send(message())

    def test_outside_of_an_application_flask_says_what_to_do(self, mail: Cartero) -> None:
        """Flask's own words are known to those who use it."""
        with pytest.raises(RuntimeError, match="application context"):
            mail.send(message())

    def test_the_missing_extra_is_named(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Who installed cartero alone learns what is missing."""
        monkeypatch.setitem(sys.modules, "flask", None)
        monkeypatch.delitem(sys.modules, "cartero.integrations.flask")

        with pytest.raises(MissingExtra, match=r"needs the extra flask: pip install 'cartero-mail\[flask\]'$"):
            importlib.import_module("cartero.integrations.flask")

    def test_importing_cartero_imports_no_flask(self) -> None:
        """Nobody pays for what others need."""
        script = "import sys, cartero; sys.exit('flask' in sys.modules)"

        subprocess.run([sys.executable, "-c", script], cwd=ROOT, check=True)


class TestSending:
    def test_an_envelope_may_be_given(self, mail: Cartero, app: Flask) -> None:
        """As every sender takes it."""
        with app.app_context():
            mail.send(message(), envelope=Envelope("bounce@example.org", ["ana@example.org"]))

            mail.outbox.assert_sent(to="ana@example.org", sender="bounce@example.org", count=1)

    def test_a_password_may_stand_in_the_config(self, mail: Cartero) -> None:
        """Not in the URL, which people show each other."""
        inbox = mailservers.Inbox()
        with mailservers.serve(inbox, auth_require_tls=False) as server:
            app = application(
                CARTERO_URL=f"smtp://me:$MAIL_PASSWORD@{server.host}:{server.port}", MAIL_PASSWORD=mailservers.PASSWORD
            )
            mail.init_app(app)

            with app.app_context():
                receipt = mail.send(message())

        assert inbox.mails[0].login == "me"
        assert mailservers.PASSWORD not in receipt.sender

    def test_a_password_that_is_no_text_is_refused(self, mail: Cartero) -> None:
        """``from_prefixed_env`` makes a number of what looks like one."""
        with pytest.raises(BadURL, match="expected text as PW in the settings, found int"):
            mail.init_app(application(CARTERO_URL="smtp://me:$PW@localhost", PW=1234))

    def test_rich_mail_arrives(self, mail: Cartero) -> None:
        """Text, page, image and attachment, by SMTP and read by somebody else."""
        inbox = mailservers.Inbox()
        with mailservers.serve(inbox) as server:
            app = application(CARTERO_URL=f"smtp://{server.host}:{server.port}")
            mail.init_app(app)

            with app.app_context():
                mail.send(rich_message())

        assert told(inbox.mails[0].octets) == RICH
        assert sorted(inbox.mails[0].recipients) == ["hid@example.org", "you@example.org"]

    def test_many_go_over_one_connection(self, mail: Cartero) -> None:
        """`connect` gives a sender of the application's, for `send_all` too."""
        with mailservers.Script() as server:
            app = application(CARTERO_URL=f"smtp://{server.address.host}:{server.address.port}")
            mail.init_app(app)

            with app.app_context(), mail.connect() as sender:
                receipts = list(sender.send_all([message(), message()]))
                receipts.append(sender.send(message()))

            assert server.connection_count == 1
        assert len(receipts) == 3

    def test_requests_share_connections(self, mail: Cartero) -> None:
        """Each request has a thread of its own, and none waits for another one's connection to be made."""
        inbox = mailservers.Inbox()
        with mailservers.serve(inbox) as server:
            app = application(CARTERO_URL=f"smtp://{server.host}:{server.port}?connections=3")
            mail.init_app(app)

            @app.get("/<int:number>")
            def view(number: int) -> str:
                return mail.send(message(str(number))).message_id

            def ask(number: int) -> int:
                return app.test_client().get(f"/{number}").status_code

            with ThreadPoolExecutor(6) as threads:
                statuses = list(threads.map(ask, range(30)))

        assert set(statuses) == {200}
        assert len(inbox.mails) == 30
        assert inbox.connection_count <= 3

    def test_hooks_are_called_for_each_message(self, mail: Cartero, tmp_path: Path) -> None:
        """Such as one that signs; whether mail goes out or not."""

        def stamp(mail: MailObject) -> MailObject:
            mail.message["X-Origin"] = "shop"
            return mail

        app = application(CARTERO_URL=f"maildir:{tmp_path}/box")
        mail.init_app(app, before_send=[stamp])

        with app.app_context():
            receipt = mail.send(message())
            app.testing = True
            mail.send(message())

            assert mail.outbox[0].message["X-Origin"] == "shop"
        assert b"X-Origin: shop" in Path(receipt.location).read_bytes()


_AT_THE_END = """
import sys
from flask import Flask
from cartero.integrations.flask import Cartero
mail = Cartero()

def create_app():
    app = Flask(__name__)
    app.config["CARTERO_URL"] = sys.argv[1]
    mail.init_app(app)
    return app

app = create_app()
with app.app_context():
    mail.send(b"From: me@x.org\\nTo: you@x.org\\n\\nHi!\\n")
"""


class TestTheEnd:
    def test_a_program_that_ends_says_goodbye(self) -> None:
        """A connection that is left is none the server has to wait for."""
        with mailservers.Script() as server:
            url = f"smtp://{server.address.host}:{server.address.port}"
            done = subprocess.run(
                [sys.executable, "-X", "dev", "-W", "error", "-c", _AT_THE_END, url],
                capture_output=True,
                text=True,
                check=True,
                cwd=ROOT,
                timeout=60,
            )

            assert server.verbs()[-1] == "QUIT"
        assert done.stderr == ""

    def test_an_application_that_goes_takes_its_connections_along(self, mail: Cartero) -> None:
        """Tests make an application each."""
        with mailservers.Script() as server:
            app = application(CARTERO_URL=f"smtp://{server.address.host}:{server.address.port}")
            mail.init_app(app)
            with app.app_context():
                mail.send(message())
            gone = weakref.ref(app)

            del app
            gc.collect()

            assert gone() is None
            assert server.verbs()[-1] == "QUIT"

    @pytest.mark.skipif(not hasattr(os, "fork"), reason="there are no forks here")
    def test_workers_of_a_server_that_loaded_it_first_have_their_own(self) -> None:
        """As gunicorn does with ``--preload``: the application is made, has sent mail perhaps, and then it forks."""
        script = f"""{_AT_THE_END}
import os
children = []
for _ in range(2):
    if not (child := os.fork()):
        children.clear()
        break
    children.append(child)
assert all(os.waitpid(child, 0)[1] == 0 for child in children)
with app.app_context():
    mail.send(b"From: me@x.org\\nTo: you@x.org\\n\\nHi!\\n")
"""
        with mailservers.Script() as server:
            url = f"smtp://{server.address.host}:{server.address.port}"
            subprocess.run([sys.executable, "-c", script, url], check=True, cwd=ROOT, timeout=60)

            sent = [number for number, line in server.said if line.startswith("MAIL")]
            parted = [number for number, line in server.said if line == "QUIT"]

        assert sorted(sent) == [0, 0, 1, 2]
        assert sorted(parted) == [0, 1, 2]


class TestComposing:
    def test_text_and_page_are_versions_of_each_other(self, mail: Cartero, app: Flask) -> None:
        """Who reads no HTML gets the same letter."""
        with app.app_context():
            made = mail.compose("both", subject="Grüße", to="Zoë <zoe@example.org>", name="Zoë")

        assert made.get_content_type() == "multipart/alternative"
        assert [part.get_content() for part in made.parts] == ["Hello Zoë!\n", "<p>Hello <b>Zoë</b>!</p>\n"]
        assert (made["From"], made["To"], made["Subject"]) == (CLUB, "Zoë <zoe@example.org>", "Grüße")

    def test_text_alone_is_text(self, mail: Cartero, app: Flask) -> None:
        """A letter needs no page."""
        with app.app_context():
            made = mail.compose("text", subject="Hi", to="zoe@example.org", name="Zoë")

        assert (made.get_content_type(), made.get_content()) == ("text/plain", "Only Zoë\n")

    def test_a_page_alone_gets_its_text(self, mail: Cartero, app: Flask) -> None:
        """A page says what to read where there is no HTML."""
        with app.app_context():
            made = mail.compose("page", subject="Hi", to="zoe@example.org", name="Zoë")

        assert [part.get_content() for part in made.parts] == ["Only Zoë\n", "<p>Only <b>Zoë</b></p>\n"]

    def test_a_page_is_escaped_and_text_is_not(self, mail: Cartero, app: Flask) -> None:
        """What somebody calls himself is no markup, as on any page of Flask's."""
        with app.app_context():
            made = mail.compose("both", subject="Hi", to="zoe@example.org", name="<script>")

        text, page = (str(part.get_content()) for part in made.parts)
        assert "<script>" in text
        assert "&lt;script&gt;" in page

    def test_neither_template_is_an_error_that_names_both(self, mail: Cartero, app: Flask) -> None:
        """An empty letter would be sent to a thousand people."""
        with app.app_context(), pytest.raises(jinja2.TemplatesNotFound, match=r"a\.txt or a\.html, or both, found"):
            mail.compose("a", subject="Hi", to="zoe@example.org")

    def test_a_template_that_is_missing_in_another_one_is_named(self, mail: Cartero, app: Flask) -> None:
        """It is not as if the first one were not there."""
        with app.app_context(), pytest.raises(jinja2.TemplateNotFound, match=r"^gone\.txt$"):
            mail.compose("broken", subject="Hi", to="zoe@example.org")

    def test_a_request_lends_its_address(self, mail: Cartero, app: Flask) -> None:
        """A link in a letter leads to where the letter was asked for."""
        with app.test_request_context(base_url="https://club.example"):
            made = mail.compose("where", subject="Hi", to="zoe@example.org")

        assert made.get_content() == "https://club.example/static/a.css\n"

    def test_each_field_has_who_is_given(self, mail: Cartero, app: Flask) -> None:
        """Texts and addresses, one or several."""
        with app.app_context():
            made = mail.compose(
                "text",
                subject="Hi",
                to=["a@x.org", Address("B", "b", "x.org")],
                cc=Address("", "c", "x.org"),
                bcc=("d@x.org",),
                from_="e@x.org",
                reply_to="F <f@x.org>",
            )

        assert [made[name] for name in ("To", "Cc", "Bcc", "From", "Reply-To")] == [
            "a@x.org, B <b@x.org>", "c@x.org", "d@x.org", "e@x.org", "F <f@x.org>",
        ]  # fmt: skip

    def test_a_field_of_nobody_is_left_out(self, mail: Cartero, app: Flask) -> None:
        """RFC 5322, section 3.6.3: To needs an address where it stands."""
        with app.app_context():
            made = mail.compose("text", subject="Hi", to=[], bcc="d@x.org")
            mail.send(made)

        assert "To" not in made
        assert "Cc" not in made

    @pytest.mark.parametrize(
        ("name", "who"),
        [
            pytest.param("to", "you@x.org, victim@y.org", id="hostile-a-second-address"),
            pytest.param("to", "all: you@x.org, victim@y.org;", id="hostile-a-group"),
            pytest.param("to", "you@x.org\r\nBcc: victim@y.org", id="hostile-a-second-field"),
            pytest.param("subject", "Hi\nBcc: victim@y.org", id="hostile-in-the-subject"),
            pytest.param("cc", ["you@x.org", "you at x"], id="odd-no-address"),
            pytest.param("from_", "a@x.org, b@x.org", id="odd-two-authors"),
            pytest.param("to", None, id="odd-nothing"),
            pytest.param("to", "", id="odd-empty"),
            pytest.param("to", [None], id="odd-nothing-in-a-list"),
            pytest.param("reply_to", 5, id="odd-a-number"),
        ],
    )
    def test_what_is_no_address_is_refused(self, mail: Cartero, app: Flask, name: str, who: object) -> None:
        """What somebody typed into a form is one address, or an error; never a second recipient."""
        given: dict[str, Any] = {"subject": "Hi", "to": "you@x.org", name: who}

        with app.app_context(), pytest.raises(BadValue):
            mail.compose("text", **given)

    def test_somebody_must_have_written_it(self, mail: Cartero, app: Flask) -> None:
        """RFC 5322, section 3.6.2: a message has a From."""
        app.config.pop("CARTERO_DEFAULT_SENDER")

        with app.app_context(), pytest.raises(BadEnvelope, match="CARTERO_DEFAULT_SENDER in the config"):
            mail.compose("text", subject="Hi", to="zoe@example.org")

    @pytest.mark.parametrize("who", [("Ana", "ana@example.org"), ["ana@example.org"], 5], ids=repr)
    def test_a_pair_is_no_author(self, mail: Cartero, app: Flask, who: object) -> None:
        """Other extensions have a name and an address as a pair; two authors would be made of it."""
        app.config["CARTERO_DEFAULT_SENDER"] = who

        with app.app_context(), pytest.raises(BadEnvelope, match="expected text such as"):
            mail.compose("text", subject="Hi", to="zoe@example.org")

    def test_more_can_be_added(self, mail: Cartero, app: Flask) -> None:
        """It is a message as any other of mimekit's."""
        with app.app_context():
            made = mail.compose("shown", subject="Hi", to="zoe@example.org")
        made.embed(Image(b"\x89PNG\r\n\x1a\n"), cid="logo")
        made.add_attachment(b"%PDF-", filename="terms.pdf")
        made["List-Unsubscribe"] = "<https://club.example/leave>"

        assert [part.get_content_type() for part in made.walk()] == [
            "multipart/mixed", "multipart/alternative", "text/plain", "multipart/related", "text/html", "image/png",
            "application/pdf",
        ]  # fmt: skip


class TestOutbox:
    def test_nothing_goes_out_while_testing(self, mail: Cartero, tmp_path: Path) -> None:
        """Also where tests begin when the application is there, as in Flask's own tutorial."""
        app = application(CARTERO_URL=f"maildir:{tmp_path}/box")
        mail.init_app(app)
        app.config.update(TESTING=True)

        with app.app_context():
            mail.send(message())

            mail.outbox.assert_sent(to="you@example.org", subject="Hi", count=1)
        assert not (tmp_path / "box").exists()

    def test_tests_may_send_and_others_may_not(self, mail: Cartero, tmp_path: Path) -> None:
        """``CARTERO_SUPPRESS_SEND`` says so, whatever ``TESTING`` is."""
        app = application(CARTERO_URL=f"maildir:{tmp_path}/box", TESTING=True, CARTERO_SUPPRESS_SEND=False)
        mail.init_app(app)

        with app.app_context():
            mail.send(message("sent"))
            app.config.update(TESTING=False, CARTERO_SUPPRESS_SEND=True)
            mail.send(message("kept"))

            mail.outbox.assert_sent(subject="kept", count=1)
            mail.outbox.assert_not_sent(subject="sent")

    @pytest.mark.parametrize("said", ["0", "false", "", 0, 1], ids=repr)
    def test_neither_true_nor_false_is_refused(self, mail: Cartero, said: object) -> None:
        """Text of the environment's would be true whatever it says, and no mail would ever go."""
        with pytest.raises(BadURL, match="expected True or False as CARTERO_SUPPRESS_SEND"):
            mail.init_app(application(CARTERO_SUPPRESS_SEND=said))

    def test_a_test_finds_it_without_a_context(self, mail: Cartero, app: Flask) -> None:
        """The application under test has it among its extensions."""

        @app.post("/")
        def view() -> str:
            return mail.send(message()).message_id

        app.test_client().post("/")

        state = app.extensions["cartero"]
        assert isinstance(state, State)
        state.memory.outbox.assert_sent(count=1)

    def test_a_test_says_what_becomes_of_mail(self, mail: Cartero, app: Flask) -> None:
        """An application has to live with mail that does not go."""
        app.extensions["cartero"].memory.script(["450 4.2.1 Busy"])

        with app.app_context():
            with pytest.raises(SendingError):
                mail.send(message())
            mail.send(message())

            assert len(mail.outbox) == 1

    def test_many_are_kept_too(self, mail: Cartero, app: Flask) -> None:
        """`connect` sends nothing out either."""
        with app.app_context(), mail.connect() as sender:
            list(sender.send_all([message(), message()]))

            assert len(mail.outbox) == 2

    def test_messages_are_recorded_for_a_while(self, mail: Cartero, app: Flask) -> None:
        """An application that all tests share has an outbox they share."""
        with app.app_context():
            mail.send(message("before"))
            with mail.record_messages() as recorded:
                mail.send(message("meanwhile"))
            mail.send(message("later"))

        assert [str(kept.message["Subject"]) for kept in recorded] == ["meanwhile"]

    def test_what_is_recorded_is_what_was_accepted(self, mail: Cartero) -> None:
        """Those who refused a message that went out have not got it."""
        inbox = mailservers.Inbox()
        with mailservers.serve(inbox) as server:
            app = application(CARTERO_URL=f"smtp://{server.host}:{server.port}")
            mail.init_app(app)

            with app.app_context(), mail.record_messages() as recorded:
                mail.send(message(), envelope=Envelope("me@x.org", ["you@x.org", "nobody@x.org"]))

        assert recorded[0].envelope == Envelope("me@x.org", ["you@x.org"])

    def test_another_application_is_not_recorded(self, mail: Cartero, app: Flask) -> None:
        """Two applications of one program are two."""
        other = application(TESTING=True)
        mail.init_app(other)

        with app.app_context(), mail.record_messages() as recorded, other.app_context():
            mail.send(message())

        assert recorded == []

    def test_threads_of_a_test_lose_nothing(self, mail: Cartero, app: Flask) -> None:
        """A test may have its requests in threads."""

        def send(_: int) -> None:
            with app.app_context():
                mail.send(message())

        with ThreadPoolExecutor(8) as threads:
            list(threads.map(send, range(80)))

        assert len(app.extensions["cartero"].memory.outbox) == 80


class TestSignals:
    def test_what_was_sent_is_told(self, mail: Cartero, app: Flask) -> None:
        """With the mail as it went, and the receipt."""
        heard: list[tuple[Flask, MailObject, Receipt]] = []

        def hear(app: Flask, *, mail: MailObject, receipt: Receipt) -> None:
            heard.append((app, mail, receipt))

        with message_sent.connected_to(hear, sender=app), app.app_context():
            receipt = mail.send(message())

        [(heard_app, heard_mail, heard_receipt)] = heard
        assert heard_app is app
        assert heard_mail.message_id == receipt.message_id
        assert heard_receipt == receipt

    def test_what_was_not_is_told(self, mail: Cartero, app: Flask) -> None:
        """With the error that is raised then."""
        heard: list[CarteroError] = []

        def hear(_app: Flask, *, mail: MailObject, error: CarteroError) -> None:
            assert mail.message["Subject"] == "Hi"
            heard.append(error)

        app.extensions["cartero"].memory.script([ConnectError("no route")])
        with message_failed.connected_to(hear, sender=app), app.app_context(), pytest.raises(ConnectError) as caught:
            mail.send(message())

        assert heard == [caught.value]

    def test_who_listens_and_fails_does_not_undo_it(
        self, mail: Cartero, app: Flask, caplog: pytest.LogCaptureFixture
    ) -> None:
        """The message has gone; who is told otherwise sends it again."""

        def fail(_app: Flask, **_: object) -> None:
            raise LookupError("no such table")

        with message_sent.connected_to(fail, sender=app), app.app_context(), caplog.at_level(logging.ERROR):
            receipt = mail.send(message())

        assert receipt.accepted == ("you@example.org",)
        assert "no such table" in caplog.text

    def test_who_listens_may_send_itself(self, mail: Cartero, tmp_path: Path) -> None:
        """A report of what failed goes by the same application, whose senders are not waited for."""
        app = application(CARTERO_URL=f"failover:(maildir:{tmp_path}/missing/box)")
        mail.init_app(app)
        depth = threading.local()

        def report(_app: Flask, *, mail: MailObject, error: CarteroError) -> None:
            assert mail.message_id
            assert isinstance(error, SendingError | ConnectError)
            if not getattr(depth, "is_inside", False):
                depth.is_inside = True
                (tmp_path / "missing").mkdir()
                outer.send(message("report"))

        outer = mail
        with message_failed.connected_to(report, sender=app), app.app_context(), pytest.raises(CarteroError):
            mail.send(message())

        [path] = (tmp_path / "missing" / "box" / "new").iterdir()
        assert b"Subject: report" in path.read_bytes()
