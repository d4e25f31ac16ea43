"""Cuts HTML into tags, comments and the text between them, with their places.

The cuts are those of the WHATWG's tokenizer, so that what a browser takes for text is text here. `html.parser` is not
used: it takes quadratic time over some input, and differs between micro releases of Python.

Every repeat is possessive: a character is gone over a bounded number of times, and what is not closed goes to the end.
What may be there or not and has a group in it is not (early releases of Python 3.11 fail over that); nothing that could
fail comes behind it.
"""

from __future__ import annotations

import re

from ._references import unescape_attribute

_SPACE = r"\t\n\f\r "
_NAME = rf"[a-zA-Z][^{_SPACE}/>]*+"
_ATTRIBUTES = (
    rf"(?:[{_SPACE}/]++|[^{_SPACE}/>][^{_SPACE}/>=]*+"
    rf"""(?:[{_SPACE}]*+=[{_SPACE}]*+(?:"[^"]*+(?:"|\Z)|'[^']*+(?:'|\Z)|[^{_SPACE}>"'][^{_SPACE}>]*+)?+)?+)*+"""
)
# What these hold is no markup, up to the end tag.
_RAW = r"(?i:script|style|title|textarea|iframe|noembed|noframes)"

#: A comment behind its `<`.
COMMENT = r"!--(?:-?>|(?:[^-]++|-(?!-!?>))*+(?:--!?>|\Z))"
_BOGUS = r"[!?][^>]*+(?:>|\Z)|/(?!\Z)[^>]*+(?:>|\Z)"

#: A match is a tag, with its groups `SLASH` (empty in a start tag), `NAME` and `ATTRIBUTES`; or a raw element as a
#: whole, with `RAW_NAME`, `RAW_ATTRIBUTES` and `RAW_TEXT`; or, with none of them, something to pass over: a comment, a
#: doctype. Between the matches is text.
TOKEN = re.compile(
    r"<(?:"
    rf"(/?+)(?!{_RAW}[{_SPACE}/>])({_NAME})({_ATTRIBUTES})(?:>|\Z)"
    rf"|{COMMENT}"
    rf"|({_RAW})(?=[{_SPACE}/>])({_ATTRIBUTES})"
    rf"(?:>((?:[^<]++|<(?!/(?i:\4)[{_SPACE}/>]))*+)(?:</{_NAME}{_ATTRIBUTES})?+)?(?:>|\Z)"
    rf"|{_BOGUS}"
    r")"
)
SLASH, NAME, ATTRIBUTES, RAW_NAME, RAW_ATTRIBUTES, RAW_TEXT = range(1, 7)

#: The same inside SVG and MathML, where nothing is raw but what says so; only tags have groups.
FOREIGN_TOKEN = re.compile(
    r"<(?:"
    rf"(/?+)({_NAME})({_ATTRIBUTES})(?:>|\Z)"
    rf"|{COMMENT}"
    r"|!\[CDATA\[(?:[^\]]++|\](?!\]>))*+(?:\]\]>|\Z)"
    rf"|{_BOGUS}"
    r")"
)

#: One attribute among a tag's: its name, and its value by how it is quoted, or no value.
ATTRIBUTE = re.compile(
    rf"([^{_SPACE}/>][^{_SPACE}/>=]*+)"
    rf"""(?:[{_SPACE}]*+=[{_SPACE}]*+(?:"([^"]*+)(?:"|\Z)|'([^']*+)(?:'|\Z)|([^{_SPACE}>"'][^{_SPACE}>]*+))?)?"""
)


def attributes(text: str) -> dict[str, str]:
    """The attributes of a tag by their names in lower case, values without quotes and references; the first counts."""
    found: dict[str, str] = {}
    for name, *values in ATTRIBUTE.findall(text):
        found.setdefault(name.lower(), unescape_attribute("".join(values)))
    return found
