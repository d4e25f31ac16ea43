"""The examples of the how-to pages that stand in files: with a library of somebody else's where that is there."""

from __future__ import annotations

import email
import email.policy
import importlib.util
import io
import os
import re
import runpy
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from cartero import SpoolSender
from mimekit import MIMEMessage, parse
from tests import mailservers
from tests.house.sources import DOCS, ROOT
from tests.inbox import unused_port

if TYPE_CHECKING:
    from collections.abc import Callable


def example(name: str) -> dict[str, Any]:
    """What the file of that name defines."""
    return runpy.run_path(str(DOCS / "howto" / "examples" / f"{name}.py"))


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
