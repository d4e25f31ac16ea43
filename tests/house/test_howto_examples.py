"""The examples of the how-to pages that stand in files: with a library of somebody else's where that is there."""

from __future__ import annotations

import io
import os
import runpy
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from cartero import SpoolSender
from mimekit import MIMEMessage, parse
from tests.house.sources import DOCS, ROOT


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
