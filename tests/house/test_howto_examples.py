"""The examples of the how-to pages that stand in files: with a library of somebody else's where that is there."""

from __future__ import annotations

import contextlib
import email
import email.policy
import importlib.util
import io
import mailbox
import os
import re
import runpy
import signal
import subprocess
import sys
import textwrap
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from cartero import SpoolSender
from cartero.servers.passwords import password_line
from mimekit import MIMEMessage, parse
from tests import mailservers
from tests.house.sources import DOCS, ROOT
from tests.mailservers import PASSWORD, Inbox, serve
from tests.ports import unused_port
from tests.serving import Serving

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from email.message import Message

_FILE = re.compile(r"^\.\. code-block:: python\n {3}:caption: (.+)\n\n((?: {3}.*\n|\n)+)", re.MULTILINE)


def example(name: str) -> dict[str, Any]:
    """What the file of that name defines."""
    return runpy.run_path(str(DOCS / "howto" / "examples" / f"{name}.py"))


def files_on(page: str) -> dict[str, str]:
    """The files that a page shows, by their captions."""
    found = _FILE.findall((DOCS / "howto" / f"{page}.rst").read_text(encoding="utf-8"))
    return {caption: textwrap.dedent(text) for caption, text in found}


def run(folder: Path, *arguments: str) -> str:
    """What Python says in *folder*, which ends well."""
    paths = os.pathsep.join([str(ROOT), str(DOCS / "howto" / "examples"), str(folder)])
    environment = os.environ | {"PYTHONPATH": paths, "MAIL_PASSWORD": PASSWORD}
    done = subprocess.run(
        [sys.executable, *arguments], cwd=folder, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout + done.stderr


@contextlib.contextmanager
def mail_server() -> Iterator[tuple[Inbox, str]]:
    """A server that runs: what it took, and its host and port."""
    inbox = Inbox("PIPELINING")
    with serve(inbox, auth_require_tls=False) as address:
        yield inbox, f"{address.host}:{address.port}"


class TestPillow:
    def test_an_image_comes_back(self) -> None:
        """Pixel for pixel, by the default's own name of the type."""
        image = pytest.importorskip("PIL.Image", reason="Pillow is not installed")
        manager = example("pillow_images")["PillowManager"]()
        picture = image.new("RGB", (3, 2), (255, 0, 10))
        message = MIMEMessage().set_content(picture, filename="a.png", content_manager=manager)

        again = parse(bytes(message))

        assert (again.get_content_type(), again.get_filename()) == ("image/png", "a.png")
        back: Any = again.get_content(content_manager=manager)
        assert (back.size, back.tobytes()) == (picture.size, picture.tobytes())

    def test_it_goes_as_what_it_was_opened_as(self) -> None:
        """A JPEG stays one."""
        image = pytest.importorskip("PIL.Image", reason="Pillow is not installed")
        manager = example("pillow_images")["PillowManager"]()
        file = io.BytesIO()
        image.new("L", (8, 8)).save(file, "JPEG")

        message = MIMEMessage().set_content(image.open(file), content_manager=manager)

        assert message.get_content_type() == "image/jpeg"

    def test_a_damaged_one_is_octets(self) -> None:
        """Bad mail is never an exception."""
        pytest.importorskip("PIL.Image", reason="Pillow is not installed")
        manager = example("pillow_images")["PillowManager"]()

        assert parse(b"Content-Type: image/png\n\n\x89PNG").get_content(content_manager=manager) == b"\x89PNG"


class TestPandas:
    def test_a_frame_comes_back(self) -> None:
        """Value for value."""
        pandas = pytest.importorskip("pandas", reason="pandas is not installed")
        manager = example("pandas_frames")["FrameManager"]()
        frame = pandas.DataFrame({"name": ["Ana", "Бен"], "seats": [4, 2]})
        message = MIMEMessage().set_content(frame, filename="a.csv", content_manager=manager)

        again = parse(bytes(message))

        assert (again.get_content_type(), again.get_param("header")) == ("text/csv", "present")
        back: Any = again.get_content(content_manager=manager)
        assert back.equals(frame)

    def test_what_is_no_frame_is_text(self) -> None:
        """Bad mail is never an exception."""
        pytest.importorskip("pandas", reason="pandas is not installed")
        manager = example("pandas_frames")["FrameManager"]()

        assert parse(b"Content-Type: text/csv\n\n").get_content(content_manager=manager) == ""


class TestSpoolRunner:
    def test_it_sends_and_stops(self, tmp_path: Path) -> None:
        """As a service does: it runs until it gets a signal."""
        script = DOCS / "howto" / "examples" / "spool_runner.py"
        environment = os.environ | {"CARTERO_URL": f"maildir:{tmp_path}/box", "PYTHONPATH": str(ROOT)}
        SpoolSender(tmp_path / "queue").send(b"From: me@x.org\nTo: you@x.org\n\nHi!\n")

        with subprocess.Popen([sys.executable, script, tmp_path / "queue"], env=environment) as running:
            while list((tmp_path / "queue" / "new").iterdir()) and running.poll() is None:
                time.sleep(0.01)
            running.send_signal(signal.SIGTERM)

        assert running.returncode == 0
        [path] = (tmp_path / "box" / "new").iterdir()
        assert path.read_bytes().endswith(b"\nHi!\n")


@pytest.fixture
def signup(monkeypatch: pytest.MonkeyPatch) -> Callable[..., Any]:
    """Makes a client of the application of that name, as `flask --app` loads it, with a URL to send by."""
    pytest.importorskip("flask", reason="Flask is not installed")
    spec = importlib.util.spec_from_file_location("signup", DOCS / "howto" / "examples" / "signup" / "app.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    monkeypatch.setitem(sys.modules, "signup", module)  # where Flask looks for the folder of the templates
    spec.loader.exec_module(module)
    monkeypatch.setenv("FLASK_SECRET_KEY", "a secret")

    def client(url: str) -> Any:
        monkeypatch.setenv("FLASK_CARTERO_URL", url)
        return module.create_app().test_client()

    return client


class TestSignup:
    def test_who_follows_the_link_is_a_member(self, signup: Callable[..., Any]) -> None:
        """The letter goes by SMTP, and what stands in its text leads back."""
        inbox = mailservers.Inbox()
        with mailservers.serve(inbox) as server, signup(f"smtp://{server.host}:{server.port}") as client:
            answer = client.post("/", data={"address": "zoe@example.org"}, follow_redirects=True)
        letter = email.message_from_bytes(inbox.mails[0].octets, policy=email.policy.default)
        text, page = (str(part.get_content()) for part in letter.iter_parts())
        [link] = re.findall(r"http://\S+", text)

        joined = client.get(link, follow_redirects=True)

        assert "You have got mail." in answer.text
        assert (letter["From"], letter["To"]) == ("The club <club@example.org>", "zoe@example.org")
        assert f'<a href="{link}">' in page
        assert "<li>zoe@example.org</li>" in joined.text

    @pytest.mark.parametrize("address", ["zoe", "zoe@example.org, ana@example.org", "zoe@example.org\nBcc: a@b.c", ""])
    def test_what_is_no_address_gets_no_letter(self, signup: Callable[..., Any], tmp_path: Path, address: str) -> None:
        """A form is filled in by anybody, with anything."""
        client = signup(f"maildir:{tmp_path}/box")

        answer = client.post("/", data={"address": address}, follow_redirects=True)

        assert "This is no address." in answer.text
        assert not (tmp_path / "box").exists()

    def test_a_letter_that_does_not_go_is_told(self, signup: Callable[..., Any]) -> None:
        """Who waits for a letter is told that none comes; the log has the reason."""
        client = signup(f"smtp://127.0.0.1:{unused_port()}")

        answer = client.post("/", data={"address": "zoe@example.org"}, follow_redirects=True)

        assert "We cannot write to this address now." in answer.text

    def test_a_link_that_was_made_up_leads_nowhere(self, signup: Callable[..., Any], tmp_path: Path) -> None:
        """Nobody joins for others."""
        client = signup(f"maildir:{tmp_path}/box")

        answer = client.get("/join/zoe@example.org", follow_redirects=True)

        assert "This link is no longer good." in answer.text
        assert "<li>" not in answer.text


class TestDjango:
    _BASE = "SECRET_KEY, ROOT_URLCONF, ALLOWED_HOSTS = 'none', 'mysite.urls', ['testserver']\n"
    _VISIT = """
        import django
        django.setup()
        from django.test import Client
        answer = Client().post("/welcome", {"address": "zoe@example.org"})
        assert answer.status_code == 200, answer.content
    """
    _REFUSED = """
        answer = Client().post("/welcome", {"address": "nobody@example.org"})
        assert answer.status_code == 503, answer.content
    """

    def _site(self, folder: Path, server: str) -> None:
        """The site of the page, for the Django that is here."""
        version = pytest.importorskip("django", reason="Django is not installed").VERSION
        files = files_on("django")
        settings = files[f"mysite/settings.py (Django {'6.1' if version >= (6, 1) else '5.2'})"]
        assert "mail.example.org" in settings
        files["mysite/settings.py"] = settings.replace("mail.example.org", server) + self._BASE
        (folder / "mysite").mkdir()
        for name in ("settings", "urls", "views", "backends", "tests"):
            (folder / "mysite" / f"{name}.py").write_text(files[f"mysite/{name}.py"], encoding="utf-8")
        (folder / "mysite" / "__init__.py").touch()

    def test_the_site_sends(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        """Over SMTP, and says what does not go."""
        monkeypatch.setenv("DJANGO_SETTINGS_MODULE", "mysite.settings")
        with mail_server() as (inbox, server):
            self._site(tmp_path, server)

            run(tmp_path, "-c", textwrap.dedent(self._VISIT) + textwrap.dedent(self._REFUSED))

        [mail] = inbox.mails
        assert (mail.sender, mail.recipients, mail.login) == ("club@example.org", ["zoe@example.org"], "me@example.org")
        message = parse(mail.octets)
        assert (message["Subject"], message.get_content()) == ("Grüße", "Hello!\n")

    def test_its_tests_pass(self, tmp_path: Path) -> None:
        """By Django's own runner, which lets no mail out."""
        with mail_server() as (inbox, server):
            self._site(tmp_path, server)

            said = run(tmp_path, "-m", "django", "test", "--settings=mysite.settings")

        assert "Ran 1 test" in said
        assert inbox.mails == []

    def test_its_hook_is_called(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        """A backend of one's own, that the settings may name."""
        monkeypatch.setenv("DJANGO_SETTINGS_MODULE", "mysite.settings")
        self._site(tmp_path, "localhost")
        script = """
            from django.core.mail import EmailMessage
            from mysite.backends import ArchivingBackend
            backend = ArchivingBackend(url="memory:")
            backend.send_messages([EmailMessage("Hi", "Hi!", "me@example.org", ["you@example.org"])])
            backend.sender.outbox.assert_sent(to=["you@example.org", "archive@example.org"], count=1)
        """

        run(tmp_path, "-c", textwrap.dedent(script))

    def test_its_options_are_such(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        """Each mailer can be made."""
        monkeypatch.setenv("DJANGO_SETTINGS_MODULE", "options")
        pytest.importorskip("django", reason="Django is not installed")
        (tmp_path / "options.py").write_text(files_on("django")["mysite/settings.py (options)"], encoding="utf-8")
        script = """
            import options
            from django.utils.module_loading import import_string
            for alias, mailer in options.MAILERS.items():
                print(import_string(mailer["BACKEND"])(alias=alias, **mailer["OPTIONS"]).sender.name)
        """

        said = run(tmp_path, "-c", textwrap.dedent(script))

        assert said.splitlines() == [
            "failover:(smtp://mail1.example.org:25 smtp://mail2.example.org:25)",
            "smtp://me@example.org@bulk.example.org:587",
        ]


class TestFastAPI:
    def test_the_application_sends(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Over SMTP, at once or in the background; all of it over one connection."""
        client = pytest.importorskip("fastapi.testclient", reason="FastAPI is not installed").TestClient
        with mail_server() as (inbox, server):
            monkeypatch.setenv("CARTERO_URL", f"smtp://{server}")
            with client(example("fastapi_app")["app"]) as browser:
                answers = [
                    browser.post(path, params={"address": f"{name}@example.org"}).status_code
                    for path, name in (
                        ("welcome", "zoe"),
                        ("remind", "ana"),
                        ("welcome", "nobody"),
                        ("remind", "nobody"),
                    )
                ]

        assert answers == [200, 202, 503, 202]
        assert [(mail.recipients, mail.connection) for mail in inbox.mails] == [
            (["zoe@example.org"], 0),
            (["ana@example.org"], 0),
        ]
        assert parse(inbox.mails[0].octets)["Subject"] == "Grüße"

    def test_its_tests_pass(self, tmp_path: Path) -> None:
        """As the page shows them."""
        pytest.importorskip("fastapi.testclient", reason="FastAPI is not installed")
        (tmp_path / "test_fastapi_app.py").write_text(files_on("fastapi")["test_fastapi_app.py"], encoding="utf-8")

        said = run(tmp_path, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-W", "error", "test_fastapi_app.py")

        assert "4 passed" in said

    def test_starlette_alone_sends(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """The same without FastAPI."""
        client = pytest.importorskip("starlette.testclient", reason="Starlette is not installed").TestClient
        with mail_server() as (inbox, server):
            monkeypatch.setenv("CARTERO_URL", f"smtp://{server}")
            with client(example("starlette_app")["app"]) as browser:
                answer = browser.post("report", content="Grüße\n".encode())

        [mail] = inbox.mails
        message = parse(mail.octets)
        assert (answer.text, message.get_content()) == (message["Message-ID"], "Grüße\n")


class TestThroughCarteroServe:
    """The whole way: an application, `cartero-serve` as a process, a Maildir."""

    @pytest.fixture
    def box(self, tmp_path: Path) -> Path:
        """Where the mail arrives."""
        return tmp_path / "box"

    def _arrived(self, box: Path) -> Message:
        """The one message that is there."""
        [message] = mailbox.Maildir(box, create=False)
        assert "with ESMTP" in message["Received"]
        return message

    def test_flask(self, signup: Callable[..., Any], box: Path) -> None:
        """The letter of the club."""
        with (
            Serving("--smtp", "127.0.0.1:0", "--via", f"maildir:{box}") as server,
            signup(f"smtp://127.0.0.1:{server.ports[0]}") as client,
        ):
            client.post("/", data={"address": "zoe@example.org"})

        assert self._arrived(box)["To"] == "zoe@example.org"

    def test_fastapi(self, monkeypatch: pytest.MonkeyPatch, box: Path) -> None:
        """The welcome of the page."""
        client = pytest.importorskip("fastapi.testclient", reason="FastAPI is not installed").TestClient
        with Serving("--smtp", "127.0.0.1:0", "--via", f"maildir:{box}") as server:
            monkeypatch.setenv("CARTERO_URL", f"smtp://127.0.0.1:{server.ports[0]}")
            with client(example("fastapi_app")["app"]) as browser:
                assert browser.post("welcome", params={"address": "zoe@example.org"}).status_code == 200

        assert self._arrived(box)["To"] == "zoe@example.org"

    def test_django(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, box: Path) -> None:
        """The site of the page, which logs in."""
        monkeypatch.setenv("DJANGO_SETTINGS_MODULE", "mysite.settings")
        users = tmp_path / "users"
        users.write_text(f"{password_line('me@example.org', PASSWORD)}\n", encoding="utf-8")
        with Serving("--smtp", "127.0.0.1:0", "--users", str(users), "--via", f"maildir:{box}") as server:
            TestDjango()._site(tmp_path, f"127.0.0.1:{server.ports[0]}")
            run(tmp_path, "-c", textwrap.dedent(TestDjango._VISIT))

        assert self._arrived(box)["To"] == "zoe@example.org"


class TestFixtures:
    def test_the_tests_of_an_application_pass(self) -> None:
        """With the fixtures that pytest finds by itself, and in a folder that knows nothing of ours."""
        tests = DOCS / "howto" / "examples" / "signup_tests.py"
        environment = {name: value for name, value in os.environ.items() if not name.startswith(("COV_", "PYTEST_"))}

        done = subprocess.run(
            [sys.executable, "-m", "pytest", "-q", "-c", os.devnull, "-p", "no:cacheprovider", str(tests)],
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )

        assert (done.returncode, "2 passed" in done.stdout) == (0, True), done.stdout

    def test_a_catcher_of_ones_own_takes_the_place_of_ours(self) -> None:
        """The fixture of the page is one that pytest takes."""
        catcher = example("conftest_lmtp")["mailcatcher"]

        with contextlib.contextmanager(catcher.__wrapped__)() as mail:
            assert mail.url.startswith("lmtp://")
