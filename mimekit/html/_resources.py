"""Addresses on a received page: which may stay, and what becomes of them.

A link may lead out to the web and to mail. A resource, which a browser gets without being asked, may only be a file
that was extracted beside the page, or an image that the page has in itself.
"""

from __future__ import annotations

import re
from urllib.parse import quote, urljoin

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    Resolve = Callable[[str], str | None]

_LONGEST_LENGTH = 8192  # of an address
_LARGEST_IMAGE_LENGTH = 4 << 20  # of one in a data: address
_MOST_CANDIDATES = 64
# WHATWG URL, basic parser: C0 controls and spaces around an address go, tabs and line ends go everywhere.
_AROUND = "".join(map(chr, range(0x21)))
_NOWHERE = dict.fromkeys(map(ord, "\t\n\r"))
_LINK = re.compile(r"#|https?://[^/\\?#\s]|mailto:|tel:|ftp://[^/\\?#\s]", re.IGNORECASE)
_REMOTE = re.compile(r"https://[^/\\?#\s]", re.IGNORECASE)
_ABSOLUTE = re.compile(r"[a-z][a-z0-9+.-]*:", re.IGNORECASE)
_IMAGE = re.compile(
    r"data:image/(?:png|gif|jpe?g|webp|bmp|x-icon|avif)(?:;base64,[A-Za-z0-9+/=]*+|,[A-Za-z0-9%._~-]*+)", re.IGNORECASE
)
_CANDIDATE = re.compile(r"[\s,]*+(\S++)([^,]*+)")
_DESCRIPTOR = re.compile(r"\d++(?:\.\d++)?+[wxh]")

#: What stands before every name on the page, so that none is one of the program's that shows it.
PREFIX = "m-"


class Resources:
    """The files beside a page, and how its addresses lead to them."""

    __slots__ = ("_base", "_remote", "_resolve")

    def __init__(self, resolve: Resolve | None, *, base: str | None = None, remote: bool = False) -> None:
        self._resolve = resolve
        self._base = _absolute(base)
        self._remote = remote

    def below(self, base: str | None) -> Resources:
        """The same for what has an address of its own: a style sheet, a page with a ``<base>``."""
        whole = None if base is None else self.address(base)
        return Resources(self._resolve, base=whole or self._base, remote=self._remote)

    def address(self, reference: str) -> str | None:
        """*reference* as browsers read it, whole where it is relative to something known; None if it is none."""
        address = _plain(reference)
        if not address or len(address) > _LONGEST_LENGTH:
            return None
        if self._base is None or _ABSOLUTE.match(address):
            return address
        try:
            return urljoin(self._base, address)
        except ValueError:  # brackets that hold no network address
            return None

    def url(self, reference: str) -> str | None:
        """What to write in place of *reference*, an address that is got without a click; None to leave it out."""
        if reference[:100].lstrip(_AROUND)[:5].lower() == "data:":
            image = _plain(reference)
            return image if len(image) <= _LARGEST_IMAGE_LENGTH and _IMAGE.fullmatch(image) else None
        address = self.address(reference)
        if address is None:
            return None
        # QUIRK: a part may say its Content-Location as the page does, relative to what nobody knows.
        for asked in dict.fromkeys((address, _plain(reference))):
            if (name := self._file(asked)) is not None:
                return name
        return address if self._remote and _REMOTE.match(address) else None

    def _file(self, address: str) -> str | None:
        if self._resolve is None:
            return None
        try:
            name = self._resolve(address)
        # SECURITY: whatever goes wrong in it, what it was to decide on does not stay.
        except Exception:  # noqa: BLE001
            return None
        return None if name is None else _file_url(name)

    def candidates(self, srcset: str) -> str | None:
        """Those candidates of a ``srcset`` that may stay."""
        kept = []
        place = 0
        for _ in range(_MOST_CANDIDATES):
            found = _CANDIDATE.match(srcset, place)
            if found is None:
                break
            place = found.end()
            address, descriptor = found[1], found[2].strip()
            if address.endswith(","):
                # WHATWG HTML, srcset: a comma right behind the address ends the candidate.
                place = found.end(1)
                address, descriptor = address.rstrip(","), ""
            url = self.url(address)
            if url is not None and (not descriptor or _DESCRIPTOR.fullmatch(descriptor)):
                kept.append(f"{url} {descriptor}".rstrip())
        return ", ".join(kept) or None


def link(reference: str) -> str | None:
    """Where a link leads, if it may lead there: the web, mail, a telephone, a place on the page."""
    address = _plain(reference)
    return address if _LINK.match(address) else None


def _plain(reference: str) -> str:
    return reference.strip(_AROUND).translate(_NOWHERE)


def _absolute(base: str | None) -> str | None:
    """*base*, if addresses can be relative to it."""
    if base is None or len(base) > _LONGEST_LENGTH:
        return None
    address = _plain(base)
    return address if _ABSOLUTE.match(address) else None


def _file_url(name: str) -> str | None:
    # SECURITY: what begins with a slash would lead out of the folder, with two even to another machine.
    return None if name.startswith("/") else quote(name, safe="/", errors="surrogateescape") or None
