"""Pages that attack who opens them, from two files, with the files that a message of theirs would have beside it.

A page of the files says what must not be found in what is made of it (in any case of letters), and what must. There,
``leak.test`` and ``evil.test`` are the attacker's, ``safe.example`` is a link to be kept, ``SAFE1`` and ``SAFE2`` are
words to be kept.
"""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import NamedTuple
from urllib.parse import unquote

_FOLDER = Path(__file__).parent / "mimekit" / "html"
_CONTENT_IDS = {"logo@mk": "logo.png", "bg@mk": "bg.gif", "style@mk": "style.css", "a+b/c@mk": "odd.png"}
_LOCATIONS = {"http://loc.test/pic.png": "pic.png", "http://loc.test/images/rel.jpg": "images/rel.jpg"}
#: The image that all of them are, in base64.
PIXEL = "R0lGODlhAQABAIAAAP///wAAACH5BAAAAAAALAAAAAABAAEAAAICRAEAOw=="


class AttackPage(NamedTuple):
    """One page, and what is to be true of it when it has been sanitised."""

    name: str
    category: str
    html: str
    must_not_contain: list[str]
    must_contain: list[str]
    note: str = ""


def pages() -> list[AttackPage]:
    """All of them."""
    files = (_FOLDER / "attack_pages.json", _FOLDER / "more_attack_pages.json")
    return [AttackPage(**one) for file in files for one in json.loads(file.read_text(encoding="utf-8"))]


def resolve(reference: str) -> str | None:
    """The file that was extracted for a reference."""
    if reference[:4].lower() == "cid:":
        return _CONTENT_IDS.get(unquote(reference[4:]))
    return _LOCATIONS.get(reference)


def stylesheet(reference: str) -> str | None:
    """The text of the one sheet there is, which attacks too."""
    return '@import "http://leak.test/";p{color:red;behavior:url(x)}' if resolve(reference) == "style.css" else None


def extract(folder: Path) -> None:
    """Write the images beside the pages."""
    for name in (*_CONTENT_IDS.values(), *_LOCATIONS.values()):
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(base64.b64decode(PIXEL))
