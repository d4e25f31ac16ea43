"""A real browser, to see what a page makes it do: requests, dialogs, scripts, images.

Driven over the DevTools protocol by pipe: messages of JSON, each ended by a NUL, on descriptors 3 and 4. It has no
network: its proxy is a port nobody listens on.
"""

from __future__ import annotations

import fcntl
import json
import os
import select
import shutil
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import pytest

_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
_FLAGS = (
    *("--headless=new", "--no-sandbox", "--remote-debugging-pipe", "--no-first-run", "--disable-gpu"),
    *("--proxy-server=127.0.0.1:9", "--proxy-bypass-list=<-loopback>", "--disable-background-networking"),
    *("--disable-component-update", "--disable-extensions", "--disable-sync", "--disable-dev-shm-usage"),
)
_PATIENCE = 30.0  # seconds for an answer
_LOADING = 20.0  # seconds for a page
_MOMENT = 0.5  # seconds until a dialog is looked at again
_SETTLING = 0.05  # seconds in which a loaded page may do something yet
_SEEN = "[...document.images].map(image => [image.getAttribute('src') ?? '', image.naturalWidth])"


class Visit(NamedTuple):
    """What a page made the browser do."""

    requests: list[str]
    """Addresses that were asked for, beyond the page itself and what it has in itself."""
    dialogs: list[str]
    scripts: int
    """How many scripts were compiled to be run."""
    images: dict[str, int]
    """The address of each image, and its width; 0 if it did not load."""


def path() -> str:
    """Where the browser is; skips the test where there is none."""
    found = next(filter(None, map(shutil.which, _NAMES)), None)
    return found or pytest.skip(f"no browser on PATH: {', '.join(_NAMES)}")


@contextmanager
def started(profile: Path) -> Iterator[Chromium]:
    """A browser that runs meanwhile, with *profile* as its folder; skips the test where there is none."""
    browser = Chromium(path(), profile)
    try:
        yield browser
    finally:
        browser.stop()


class Chromium:
    """One browser, with a tab for each page: one may leave its tab waiting for something."""

    def __init__(self, executable: str, profile: Path) -> None:
        reading, theirs_out = _high_pipe()
        theirs_in, writing = _high_pipe()
        null = [(os.POSIX_SPAWN_OPEN, number, os.devnull, os.O_RDWR, 0) for number in range(3)]
        pipes = [(os.POSIX_SPAWN_DUP2, theirs_in, 3), (os.POSIX_SPAWN_DUP2, theirs_out, 4)]
        arguments = [executable, *_FLAGS, f"--user-data-dir={profile}", "about:blank"]
        self._process = os.posix_spawn(
            executable, arguments, dict(os.environ), file_actions=[*null, *pipes], setpgroup=0
        )
        os.close(theirs_in)
        os.close(theirs_out)
        self._reading, self._writing = reading, writing
        self._pending = b""
        self._number = 0
        self._session: str | None = None
        self._events: list[tuple[str, dict[str, Any]]] = []
        self._dialog = False
        self._target = ""

    def _open_tab(self) -> None:
        """A fresh tab; what is told of the one before is not heard any more."""
        self._session = None
        if self._target:
            self._send(0, "Target.closeTarget", {"targetId": self._target})
        self._dialog = False
        self._events.clear()
        self._target = self._ask("Target.createTarget", url="about:blank")["targetId"]
        self._session = self._ask("Target.attachToTarget", targetId=self._target, flatten=True)["sessionId"]
        for domain in ("Page", "Network", "Runtime", "Debugger"):
            self._ask(f"{domain}.enable")

    def visit(self, page: Path) -> Visit:
        """Open *page* from disk, and wait until it has loaded and a little longer."""
        url = page.as_uri()
        self._open_tab()
        self._ask("Page.navigate", url=url)
        self._wait(_LOADING, until="Page.loadEventFired")
        self._wait(_SETTLING)
        told = list(self._events)
        images = self._evaluate(_SEEN)
        asked = [event["request"]["url"] for name, event in told if name == "Network.requestWillBeSent"]
        return Visit(
            [address for address in asked if address != url and not address.startswith("data:")],
            [event["message"] for name, event in told if name == "Page.javascriptDialogOpening"],
            sum(name == "Debugger.scriptParsed" for name, _ in told),
            dict(images or ()),
        )

    def scrolled_by_link(self, page: Path) -> int:
        """How far *page* is scrolled when its first link has been clicked."""
        self.visit(page)
        self._evaluate("document.links[0].click()")
        self._wait(_SETTLING)
        return int(self._evaluate("scrollY"))

    def stop(self) -> None:
        """End the browser, and what it has started."""
        os.close(self._writing)
        os.close(self._reading)
        os.killpg(self._process, signal.SIGKILL)
        os.waitpid(self._process, 0)

    def _evaluate(self, expression: str) -> Any:
        # An unsanitised page may be on its way elsewhere: then there is no answer.
        answer = self._ask("Runtime.evaluate", expression=expression, returnByValue=True)
        return answer.get("result", {}).get("value")

    def _ask(self, method: str, **parameters: object) -> dict[str, Any]:
        self._number += 1
        number = self._number
        self._send(number, method, parameters)
        limit = time.monotonic() + _PATIENCE
        while time.monotonic() < limit:
            for message in self._receive(limit):
                if message.get("id") == number:
                    result: dict[str, Any] = message.get("result", {})
                    return result
        raise TimeoutError(method)

    def _send(self, number: int, method: str, parameters: dict[str, object]) -> None:
        message: dict[str, object] = {"id": number, "method": method, "params": parameters}
        if self._session is not None:
            message["sessionId"] = self._session
        os.write(self._writing, json.dumps(message).encode() + b"\0")

    def _wait(self, seconds: float, *, until: str = "") -> None:
        limit = time.monotonic() + seconds
        while time.monotonic() < limit:
            if until and any(name == until for name, _ in self._events):
                return
            self._receive(limit)

    def _receive(self, limit: float) -> list[dict[str, Any]]:
        """What has come until *limit*, at the latest; events are kept, and a dialog is closed."""
        if not select.select([self._reading], [], [], max(0.0, min(limit - time.monotonic(), _MOMENT)))[0]:
            if self._dialog:  # it may not have been there yet when it was to be closed
                self._send(0, "Page.handleJavaScriptDialog", {"accept": True})
            return []
        octets = os.read(self._reading, 1 << 20)
        if not octets:
            raise ConnectionError("the browser has ended")
        *whole, self._pending = (self._pending + octets).split(b"\0")
        messages: list[dict[str, Any]] = [json.loads(one) for one in whole]
        for message in messages:
            if message.get("sessionId") == self._session and "method" in message:
                self._notice(message["method"], message["params"])
        return messages

    def _notice(self, event: str, parameters: dict[str, Any]) -> None:
        self._events.append((event, parameters))
        if event == "Page.javascriptDialogOpening":
            self._dialog = True
            self._send(0, "Page.handleJavaScriptDialog", {"accept": True})
        elif event == "Page.javascriptDialogClosed":
            self._dialog = False


def _high_pipe() -> tuple[int, int]:
    """A pipe whose ends are none of the numbers that the browser's will get."""
    reading, writing = os.pipe()
    high = tuple(fcntl.fcntl(end, fcntl.F_DUPFD_CLOEXEC, 10) for end in (reading, writing))
    os.close(reading)
    os.close(writing)
    return high[0], high[1]
