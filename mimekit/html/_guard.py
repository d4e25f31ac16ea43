"""Which elements and attributes of a received page stay, and what may stand in each attribute."""

from __future__ import annotations

import re
from urllib.parse import unquote

from ._resources import PREFIX, Resources, link

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    Rule = Callable[[str], str | None]

#: Elements that stay. SECURITY: never one whose content is raw text or of another language (style, noscript, template,
#: title, svg, math): what is text to one parser is markup to the next.
TAGS = frozenset(
    {
        *("a", "abbr", "acronym", "address", "area", "article", "aside", "b", "bdi", "bdo", "big", "blockquote", "br"),
        *("caption", "center", "cite", "code", "col", "colgroup", "data", "dd", "del", "details", "dfn", "dir", "div"),
        *("dl", "dt", "em", "figcaption", "figure", "font", "footer", "h1", "h2", "h3", "h4", "h5", "h6", "header"),
        *("hgroup", "hr", "i", "img", "ins", "kbd", "li", "main", "map", "mark", "menu", "nav", "nobr", "ol", "p"),
        *("picture", "pre", "q", "rp", "rt", "ruby", "s", "samp", "section", "small", "source", "span", "strike"),
        *("strong", "sub", "summary", "sup", "table", "tbody", "td", "tfoot", "th", "thead", "time", "tr", "tt", "u"),
        *("ul", "var", "wbr"),
    }
)
#: Elements that go with all that is in them. Of any other element its content stays.
CLEANED = frozenset(
    {
        *("applet", "audio", "bgsound", "canvas", "comment", "datalist", "embed", "fencedframe", "frame", "frameset"),
        *("iframe", "math", "noembed", "noframes", "noscript", "object", "optgroup", "option", "plaintext", "portal"),
        *("script", "select", "server", "style", "svg", "template", "textarea", "title", "video", "xml", "xmp"),
    }
)
_EVERYWHERE = frozenset(
    {
        *("align", "aria-hidden", "aria-label", "bgcolor", "border", "bordercolor", "class", "color", "dir", "height"),
        *("hidden", "id", "lang", "role", "style", "title", "valign", "width"),
    }
)
_CELL = frozenset({"abbr", "background", "colspan", "headers", "nowrap", "rowspan", "scope"})
#: The attributes that stay, by element; ``*`` is any.
ATTRIBUTES = {
    "*": _EVERYWHERE,
    "a": frozenset({"href", "name"}),
    "area": frozenset({"alt", "coords", "href", "shape"}),
    "br": frozenset({"clear"}),
    "col": frozenset({"span"}),
    "colgroup": frozenset({"span"}),
    "del": frozenset({"datetime"}),
    "details": frozenset({"open"}),
    "font": frozenset({"face", "size"}),
    "hr": frozenset({"noshade", "size"}),
    "img": frozenset({"alt", "hspace", "ismap", "sizes", "src", "srcset", "usemap", "vspace"}),
    "ins": frozenset({"datetime"}),
    "li": frozenset({"type", "value"}),
    "map": frozenset({"name"}),
    "ol": frozenset({"reversed", "start", "type"}),
    "pre": frozenset({"wrap"}),
    "source": frozenset({"media", "sizes", "srcset", "type"}),
    "table": frozenset({"background", "cellpadding", "cellspacing", "frame", "rules", "summary"}),
    "td": _CELL,
    "th": _CELL,
    "time": frozenset({"datetime"}),
    "tr": frozenset({"background"}),
    "ul": frozenset({"type"}),
}


_NAMED = re.compile(
    r"""\b(?:id|name)[\t\n\f\r ]*+=[\t\n\f\r ]*+(?:"([^"]*+)"|'([^']*+)'|([^"'\s>][^\s>]*+))""", re.IGNORECASE
)


class Guard:
    """Says for each attribute what is to stand in it, on a page that had *html*."""

    __slots__ = ("_html", "_names", "_rules")

    def __init__(self, resources: Resources, style: Rule, html: str = "") -> None:
        self._html = html
        self._names: frozenset[str] | None = None  # what places on the page are called
        self._rules: dict[str, Rule] = {
            "background": resources.url,
            "headers": _headers,
            "href": self._link,
            "id": _name,
            "name": _name,
            "src": resources.url,
            "srcset": resources.candidates,
            "style": style,
            "usemap": self._usemap,
        }

    def __call__(self, _tag: str, attribute: str, value: str) -> str | None:
        """What is to stand in *attribute* in place of *value*; None to leave it out."""
        rule = self._rules.get(attribute)
        if rule is None:
            return value
        try:
            return rule(value)
        # SECURITY: nh3 before 0.3.8 keeps an attribute whose filter raises.
        except Exception:  # noqa: BLE001
            return None

    def _link(self, reference: str) -> str | None:
        address = link(reference)
        return self._named(address) if address is not None and address.startswith("#") else address

    def _usemap(self, reference: str) -> str | None:
        place = reference.strip()
        return self._named(place) if place.startswith("#") else None

    def _named(self, fragment: str) -> str:
        """A place on the page, by the name that it has now; what leads nowhere stays."""
        if self._names is None:
            self._names = frozenset("".join(found) for found in _NAMED.findall(self._html))
        name = fragment[1:]
        return f"#{PREFIX}{name}" if name in self._names or unquote(name) in self._names else fragment


def _name(value: str) -> str | None:
    return PREFIX + value if value else None


def _headers(value: str) -> str:
    return " ".join(PREFIX + name for name in value.split())
