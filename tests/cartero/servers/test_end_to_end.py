"""From a client by a server into a Maildir: the same message, whatever it is, but for the Received field in front."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

import cartero
from cartero import BadMessage, Envelope, SendingError
from cartero.servers import LMTPServer, ServerLimits, SMTPServer, XMLRPCServer, running
from tests import corpora
from tests.rich_mail import RICH, rich_message, told
from tests.serving import Serving, environment

ENVELOPE = Envelope("me@example.org", ["you@example.org"])
DOORS = ("smtp", "lmtp", "xmlrpc")
_LINE_END = re.compile(rb"\r?\n")
_RECEIVED = re.compile(rb"Received: [^\n]*\n(?:[ \t][^\n]*\n)*")
_SAMPLE = 12  # messages that go by the commands themselves, each of them in a process of its own


def canonical(octets: bytes) -> bytes:
    """*octets* with each line end as CRLF, the last one too. RFC 5321, section 2.3.8."""
    whole = _LINE_END.sub(b"\r\n", octets)
    return whole if whole.endswith(b"\r\n") else whole + b"\r\n"


@contextmanager
def door(kind: str, box: Path, *, limits: ServerLimits | None = None) -> Iterator[str]:
    """A server whose mail goes to the Maildir *box*; the URL by which it is reached."""
    to = f"maildir:{box}"
    if kind == "lmtp":
        path = f"{box}.lmtp"
        with running(LMTPServer(path=path, to=to, limits=limits)):
            yield f"lmtp://{path}"
    elif kind == "smtp":
        server = SMTPServer("127.0.0.1", to=to, limits=limits)
        with running(server):
            yield f"smtp://127.0.0.1:{server.port}"
    else:
        called = XMLRPCServer("127.0.0.1", to=to, limits=limits)
        with running(called):
            yield f"xmlrpc+http://127.0.0.1:{called.port}/"


def taken(box: Path) -> bytes:
    """The one message in the Maildir, without the field that was added; it is taken out."""
    [path] = (box / "new").iterdir()
    octets = canonical(path.read_bytes())
    path.unlink()
    received = _RECEIVED.match(octets)
    assert received is not None
    return octets[received.end() :]


def is_carried(kind: str, octets: bytes) -> bool:
    """Whether it can be carried: over SMTP no CR stands alone (RFC 5321, section 2.3.8); XML-RPC has any octets."""
    return kind == "xmlrpc" or b"\r" not in _LINE_END.sub(b"", octets)


@pytest.mark.parametrize("kind", DOORS)
class TestSameMessage:
    @pytest.mark.parametrize("real", corpora.messages(corpora.OWN), ids=str)
    def test_mail_of_our_own_writing_arrives(self, kind: str, real: corpora.RealMessage, tmp_path: Path) -> None:
        """Equal after canonical line ends; a CR alone is refused, and its place is told."""
        box = tmp_path / "box"
        with door(kind, box) as url:
            if is_carried(kind, real.octets):
                cartero.connect(url).send(real.octets, envelope=ENVELOPE)

                assert taken(box) == canonical(real.octets)
            else:
                with pytest.raises(BadMessage, match="a carriage return without a line feed at octet"):
                    cartero.connect(url).send(real.octets, envelope=ENVELOPE)

    @pytest.mark.corpus
    def test_every_real_message_arrives(self, kind: str, tmp_path: Path) -> None:
        """Over one connection, each as the one before."""
        box = tmp_path / "box"
        refused = []
        with door(kind, box) as url, cartero.connect(url) as sender:
            for real in corpora.required_messages():
                octets = real.octets
                try:
                    sender.send(octets, envelope=ENVELOPE)
                except BadMessage:
                    refused.append(octets)
                else:
                    assert taken(box) == canonical(octets), real

        assert [octets for octets in refused if is_carried(kind, octets)] == []

    def test_a_rich_message_arrives(self, kind: str, tmp_path: Path) -> None:
        """As the standard library reads it."""
        with door(kind, tmp_path / "box") as url:
            cartero.connect(url).send(rich_message())

        assert told(taken(tmp_path / "box")) == RICH


@pytest.mark.parametrize("kind", ["smtp", "lmtp"])
class TestWhatCannotBeCarried:
    @pytest.mark.parametrize(
        ("octets", "limits", "text"),
        [
            pytest.param(b"a: b\n\n" + b"x" * 2_000, {"line": 1_000}, "line is longer than the 1000", id="usual-line"),
            pytest.param(b"a: b\n\n" + b"x\n" * 2_000, {"size": 1_000}, "the server takes 1000", id="usual-size"),
        ],
    )
    def test_the_limit_is_told(
        self, kind: str, octets: bytes, limits: dict[str, int], text: str, tmp_path: Path
    ) -> None:
        """Whoever sent it can do something about it."""
        box = tmp_path / "box"
        with (
            door(kind, box, limits=ServerLimits(**limits)) as url,
            pytest.raises(SendingError, match=text) as refused,
        ):
            cartero.connect(url).send(octets, envelope=ENVELOPE)

        assert not refused.value.temporary
        assert not list(box.glob("new/*"))


class TestCommands:
    """`cartero-send` to `cartero-serve`."""

    @staticmethod
    def sent(octets: bytes, *arguments: str) -> subprocess.CompletedProcess[bytes]:
        """What became of *octets*, given to `cartero-send`."""
        code = "from cartero.cli import command; command()"
        return subprocess.run(
            [sys.executable, "-c", code, "--raw", "-f", "me@example.org", *arguments, "you@example.org"],
            input=octets,
            env=environment(),
            capture_output=True,
            check=False,
        )

    @pytest.mark.parametrize("name", ["--smtp", "--lmtp", "--xmlrpc"])
    def test_a_sample_arrives(self, name: str, tmp_path: Path) -> None:
        """By either command as a process of its own; some real ones among them, where there are such."""
        found = [real for real in corpora.messages() if is_carried(name, real.octets)]
        sample = found[:: max(len(found) // _SAMPLE, 1)]
        box = tmp_path / "box"
        place = f"unix:{tmp_path}/lmtp" if name == "--lmtp" else "127.0.0.1:0"
        with Serving(name, place, "--via", f"maildir:{box}") as serving:
            schemes = {"--smtp": "smtp://127.0.0.1:{}", "--xmlrpc": "xmlrpc+http://127.0.0.1:{}/"}
            url = schemes[name].format(*serving.ports) if name in schemes else f"lmtp://{tmp_path}/lmtp"
            for real in sample:
                done = self.sent(real.octets, "--via", url)

                assert (done.returncode, done.stderr) == (0, b""), real
                assert taken(box) == canonical(real.octets), real
            assert serving.end() == 0

    def test_a_line_that_is_too_long_is_told(self) -> None:
        """With the reply of the server, and the status for what is refused."""
        with Serving("--smtp", "127.0.0.1:0", "--via", "null:", "--max-line", "1000") as serving:
            url = "smtp://127.0.0.1:{}".format(*serving.ports)
            done = self.sent(b"Subject: x\n\n" + b"x" * 2_000, "--via", url)

        assert done.returncode == 69
        assert b"a line is longer than the 1000 octets" in done.stderr
