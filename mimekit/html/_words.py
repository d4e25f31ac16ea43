"""Words of a page: white space, what cannot be seen, and addresses."""

from __future__ import annotations

import re

#: A line break among the words of a paragraph; the page itself has none.
BREAK = "\0"

# Pads the line that lists show of a mail, so that nothing else comes into it. Between letters joiners have a meaning:
# Persian, the languages of India and some emoji are written with them.
_PADDING = "\u034f\u200c\u200d\u2060"
_SOFT = dict.fromkeys(map(ord, "\u00ad\u200b\ufeff"))  # never seen, wherever they stand
_INVISIBLE = re.compile("[\u00ad\u034f\u200b-\u200d\u2060\ufeff]")
_NOWHERE = ("#", "javascript:", "vbscript:", "data:", "cid:")
_SAME = re.compile(r"(?:mailto:|tel:|https?://)?+(?:www\.)?+", re.IGNORECASE)
_TRIMMED = re.compile(r"[\t\n\r]++")  # as browsers read an address
_NEVER_IN_URL = re.compile(r"[\s<>]")


def squeeze(text: str) -> str:
    """*text* with one space for each run of white space, and without what cannot be seen."""
    words = text.split()
    if not text.isascii() and _INVISIBLE.search(text):
        words = [word for word in text.translate(_SOFT).split() if word.strip(_PADDING)]
    return " ".join(words)


def address(href: str) -> str:
    """The address that *href* leads to, as one word; empty if it leads nowhere outside the page."""
    url = _TRIMMED.sub("", href).strip()
    return "" if url.lower().startswith(_NOWHERE) else _NEVER_IN_URL.sub(_quote, url)


def is_address(text: str, url: str) -> bool:
    """Whether *text* says no less than *url*: the same but for its scheme, ``www.`` and a last slash."""
    return _bare("".join(text.replace(BREAK, "").split())) == _bare(url)


def _bare(url: str) -> str:
    return _SAME.sub("", url, count=1).removesuffix("/").lower()


def _quote(found: re.Match[str]) -> str:
    return "".join(f"%{octet:02X}" for octet in found[0].encode("utf-8", "surrogatepass"))
