"""The body of a received page through nh3: only elements and attributes that are allowed, well-formed."""

from __future__ import annotations

import re

import nh3

from ._guard import ATTRIBUTES, CLEANED, TAGS, Guard

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

# WHATWG HTML, "in body": a line end right behind this tag is not read.
_PRE = re.compile(r"<pre(?: [^<>]*+)?>(?=\n)")

#: What nh3 is asked for, but for the guard, which is another for every page.
OPTIONS: Mapping[str, Any] = {
    "tags": set(TAGS),
    "clean_content_tags": set(CLEANED),
    "attributes": {tag: set(names) for tag, names in ATTRIBUTES.items()},
    # what the guard is asked about; what names a part may be a file, or the message itself (RFC 2557, section 5)
    "url_schemes": {"http", "https", "mailto", "tel", "ftp", "cid", "data", "file", "thismessage"},
    "strip_comments": True,
    "link_rel": "noopener noreferrer",
}


def clean(html: str, guard: Guard) -> str:
    """*html* as the inside of a body, with the attributes that *guard* lets through."""
    cleaned: str = nh3.Cleaner(attribute_filter=guard, **OPTIONS).clean(html)
    return _PRE.sub(lambda found: f"{found[0]}\n", cleaned) if "<pre" in cleaned else cleaned
