"""The files of one folder, found by the addresses in a page."""

# ruff: noqa: PTH116, PTH114, PTH118

from __future__ import annotations

import os
import re
import stat
from urllib.parse import unquote_to_bytes

from ..errors import BadValue, MissingFile

# what is of this disk, or of a drive of it, is looked for in vain, so that whoever sends the page is told
_REMOTE = re.compile(r"(?!(?i:file):)[a-zA-Z][a-zA-Z0-9+.-]++:|//")
_TEMPLATE = re.compile(r"\{[{%]|<[%?]|\$\{")  # what some program is to fill in


def local_path(url: str, base: str = "") -> str:
    """What *url*, starting from *base*, says of a place on this disk, still percent-encoded.

    Empty for an address with a scheme, but for ``file:``, or with a host; for one in the page itself; and for one that
    is not there yet.
    """
    path = _path_of(url)
    if not path or _REMOTE.match(path) or _TEMPLATE.search(url):
        return ""
    if path.startswith("/") or not base:
        return path
    start = _path_of(base)
    return "" if _REMOTE.match(start) else f"{start[: start.rfind('/') + 1]}{path}"


def _path_of(url: str) -> str:
    """*url* without its query and fragment, written as browsers read it."""
    return re.split("[?#]", url, maxsplit=1)[0].replace("\\", "/")


class Places:
    """The files in *root*, at any depth, and none that is elsewhere once links on disk are followed.

    Raises:
        MissingFile: there is no such folder.
        BadValue: no folder is such a text.
    """

    __slots__ = ("_found", "_prefix", "_real", "missing", "outside", "root")

    def __init__(self, root: str) -> None:
        try:
            self.root = os.path.realpath(root)
            os.stat(os.path.join(self.root, ""))  # which says so where it is no folder
        except (FileNotFoundError, NotADirectoryError) as error:
            raise MissingFile(error.errno, error.strerror, root) from error
        except ValueError as error:
            raise BadValue(f"no path: {root!r:.200} ({error})") from error
        self._prefix = os.path.normcase(os.path.join(self.root, ""))
        self._real: dict[str, str] = {}  # folders without links in their paths
        self._found: dict[tuple[str, str], str | None] = {}
        #: Addresses at which there is no file, and those that are not in *root*.
        self.missing: dict[str, None] = {}
        self.outside: dict[str, None] = {}

    def find(self, folder: str, local: str, url: str) -> str | None:
        """The file at the place *local*, seen from *folder*; None if there is none to be had, which *url* is noted for.

        SECURITY: what is outside is told to be, whether there is something or not.
        """
        key = folder, local
        if key not in self._found:
            self._found[key] = self._look(folder, local, url)
        return self._found[key]

    def _look(self, folder: str, local: str, url: str) -> str | None:
        # what begins at the top of this disk is outside, if the folder of the site has no such file
        wrong = self.outside if local.startswith("/") else self.missing
        try:
            name = os.fsdecode(unquote_to_bytes(local))
            path = self._real_path(
                os.path.join(self.root, name.lstrip("/")) if local[0] == "/" else os.path.join(folder, name)
            )
            if not self._is_inside(path):
                wrong = self.outside
            elif stat.S_ISREG(os.stat(path).st_mode):
                return path
        except (OSError, ValueError):
            pass  # a name that no file can have, or that none has
        wrong[url] = None
        return None

    def _real_path(self, path: str) -> str:
        folder, name = os.path.split(path)
        if name in {"", ".", ".."}:
            return os.path.realpath(path)
        if folder not in self._real:
            self._real[folder] = os.path.realpath(folder)
        path = os.path.join(self._real[folder], name)
        return os.path.realpath(path) if os.path.islink(path) else path

    def _is_inside(self, path: str) -> bool:
        return os.path.normcase(os.path.join(path, "")).startswith(self._prefix)
