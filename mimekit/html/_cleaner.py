"""The body of a received page through nh3: only elements and attributes that are allowed, well-formed."""

from __future__ import annotations

import nh3

from ._guard import ATTRIBUTES, CLEANED, TAGS, Guard

_TAGS = set(TAGS)
_CLEANED = set(CLEANED)
_ATTRIBUTES = {tag: set(names) for tag, names in ATTRIBUTES.items()}
_SCHEMES = {"http", "https", "mailto", "tel", "ftp", "cid", "data"}


def clean(html: str, guard: Guard) -> str:
    """*html* as the inside of a body, with the attributes that *guard* lets through."""
    cleaner = nh3.Cleaner(
        tags=_TAGS,
        clean_content_tags=_CLEANED,
        attributes=_ATTRIBUTES,
        attribute_filter=guard,
        url_schemes=_SCHEMES,
        strip_comments=True,
        link_rel="noopener noreferrer",
    )
    return cleaner.clean(html)
