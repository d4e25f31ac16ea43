"""CSS of a received page: what only says how something looks.

Nothing is taken over as text: what is parsed and allowed is written anew, so that it cannot be read another way by the
next program. Allowed are properties that neither fetch nor move things out of their place, with values that know no
functions but those of colours, sizes and gradients, and addresses of the page's own files.
"""

from __future__ import annotations

import re

import tinycss2  # type: ignore[import-untyped]  # it has no annotations

from ._resources import PREFIX, Resources

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from tinycss2.ast import Node  # type: ignore[import-untyped]  # it has no annotations

_LONGEST_ATTRIBUTE_LENGTH = 32 << 10
_LONGEST_SHEETS_LENGTH = 256 << 10  # of a page, together
_DEEPEST = 8  # functions in functions
_DEEPEST_RULE = 4  # rules in rules

_SIDES = ("top", "right", "bottom", "left")
_BOX = ("margin", "padding")
#: Properties that stay. Not: position, behavior, filter, content, cursor, mask, clip-path, animations, custom ones.
PROPERTIES = frozenset(
    {
        *(f"{box}-{side}" for box in _BOX for side in (*_SIDES, "block", "inline", "block-start", "block-end")),
        *(f"{box}-{side}" for box in _BOX for side in ("inline-start", "inline-end")),
        *(f"border-{side}" for side in (*_SIDES, "block", "inline")),
        *(f"border-{side}-{what}" for side in _SIDES for what in ("color", "style", "width")),
        *(f"border-{y}-{x}-radius" for y in ("top", "bottom") for x in ("left", "right")),
        *("border", "border-collapse", "border-color", "border-radius", "border-spacing", "border-style"),
        *("border-width", "margin", "padding", "outline", "outline-color", "outline-offset", "outline-style"),
        *("outline-width", "box-shadow", "box-sizing", "box-decoration-break"),
        *("background", "background-attachment", "background-blend-mode", "background-clip", "background-color"),
        *("background-image", "background-origin", "background-position", "background-position-x"),
        *("background-position-y", "background-repeat", "background-size"),
        *("color", "color-scheme", "opacity", "visibility", "display", "float", "clear", "vertical-align"),
        *("width", "height", "min-width", "min-height", "max-width", "max-height", "aspect-ratio"),
        *("block-size", "inline-size", "overflow", "overflow-x", "overflow-y", "overflow-wrap", "object-fit"),
        *("object-position", "font", "font-family", "font-feature-settings", "font-kerning", "font-size"),
        *("font-size-adjust", "font-stretch", "font-style", "font-variant", "font-variant-caps"),
        *("font-variant-ligatures", "font-variant-numeric", "font-weight", "line-height", "letter-spacing"),
        *("word-spacing", "word-break", "word-wrap", "white-space", "text-align", "text-align-last"),
        *("text-decoration", "text-decoration-color", "text-decoration-line", "text-decoration-skip-ink"),
        *("text-decoration-style", "text-decoration-thickness", "text-emphasis", "text-indent", "text-justify"),
        *("text-overflow", "text-rendering", "text-shadow", "text-size-adjust", "text-transform"),
        *("text-underline-offset", "text-underline-position", "text-wrap", "tab-size", "hyphens", "line-break"),
        *("-webkit-text-size-adjust", "-ms-text-size-adjust", "-moz-text-size-adjust", "-webkit-font-smoothing"),
        *("-moz-osx-font-smoothing", "-webkit-text-fill-color", "-webkit-hyphens", "-webkit-border-radius"),
        *("-moz-border-radius", "-webkit-box-sizing", "-moz-box-sizing", "-webkit-box-shadow", "-moz-box-shadow"),
        *("direction", "unicode-bidi", "writing-mode", "text-orientation", "text-combine-upright"),
        *("list-style", "list-style-image", "list-style-position", "list-style-type", "quotes"),
        *("table-layout", "caption-side", "empty-cells", "page-break-after", "page-break-before"),
        *("page-break-inside", "break-after", "break-before", "break-inside", "orphans", "widows"),
        *("columns", "column-count", "column-fill", "column-gap", "column-rule", "column-rule-color"),
        *("column-rule-style", "column-rule-width", "column-span", "column-width", "row-gap", "gap"),
        *("flex", "flex-basis", "flex-direction", "flex-flow", "flex-grow", "flex-shrink", "flex-wrap", "order"),
        *("align-content", "align-items", "align-self", "justify-content", "justify-items", "justify-self"),
        *("place-content", "place-items", "place-self", "grid-template-columns", "grid-template-rows"),
        *("grid-column", "grid-row", "grid-auto-flow", "image-rendering", "accent-color", "caret-color"),
    }
)
_GRADIENTS = frozenset(
    f"{prefix}{again}{kind}-gradient"
    for prefix in ("", "-webkit-", "-moz-", "-o-")
    for again in ("", "repeating-")
    for kind in ("linear", "radial", "conic")
)
# SECURITY: not image, image-set, src, cross-fade, element, paint, attr, var, env, expression.
_FUNCTIONS = _GRADIENTS | {
    *("rgb", "rgba", "hsl", "hsla", "hwb", "lab", "lch", "oklab", "oklch", "color", "color-mix", "light-dark"),
    *("calc", "min", "max", "clamp", "fit-content", "minmax", "repeat"),
}
_SELECTING = frozenset(
    {
        *("not", "is", "where", "has", "lang", "dir", "nth-child", "nth-last-child", "nth-of-type"),
        *("nth-last-of-type", "nth-col", "nth-last-col"),
    }
)
_IDENTIFIER = re.compile(r"-{0,2}[A-Za-z_\x80-\U0010ffff][\w\x80-\U0010ffff-]*+")
_UNSAFE = re.compile("[^A-Za-z0-9 _.,/:;%=+?&#~@!*-]")  # in strings; all others are escaped

# Most style attributes are of this form. It has no escapes, no functions but colours, and no way to leave a string, so
# that it can stay as it is.
_WORD = r"[A-Za-z0-9 \t\n\r#.,%+-]"
_QUOTED = r"[A-Za-z0-9 .,-]*+"
_SIMPLE = re.compile(
    r"[ \t\n\r;]*+([A-Za-z-]++)[ \t\n\r]*+:"
    rf"""((?:(?<![A-Za-z0-9-])rgba?+\([0-9 .,%]*+\)|{_WORD}|"{_QUOTED}"|'{_QUOTED}')*+)"""
    r"(!important)?[ \t\n\r]*+(?:;|\Z)"
)


class Styles:
    """The CSS of one page, filtered."""

    __slots__ = ("_left", "_resources", "_seen")

    def __init__(self, resources: Resources) -> None:
        self._resources = resources
        self._left = _LONGEST_SHEETS_LENGTH
        self._seen: dict[str, str | None] = {}

    def attribute(self, text: str) -> str | None:
        """What may stay of a ``style`` attribute; None if nothing does."""
        if text not in self._seen:
            self._seen[text] = self._filtered(text) if len(text) <= _LONGEST_ATTRIBUTE_LENGTH else None
        return self._seen[text]

    def sheet(self, text: str, *, media: str = "", base: str | None = None) -> str:
        """What may stay of a style sheet that is for *media*.

        Args:
            text: the sheet; of a long one, nothing.
            media: a media query, or nothing.
            base: the address of the sheet, which its own addresses are relative to.
        """
        self._left -= len(text)
        if self._left < 0:
            return ""
        writer = _Writer(self._resources if base is None else self._resources.below(base))
        return _caught(lambda: writer.sheet(text, media))

    def _filtered(self, text: str) -> str | None:
        simple = _simple(text)
        if simple is not None:
            return simple or None
        return _caught(lambda: ";".join(_Writer(self._resources).declarations(text))) or None


def _caught(write: Callable[[], str]) -> str:
    """What *write* gives; nothing if blocks in blocks are too many for the parser."""
    try:
        return write()
    except RecursionError:
        return ""


def _simple(text: str) -> str | None:
    """What may stay of declarations of the simplest form; None if they are not."""
    kept = []
    place = 0
    end = len(text.rstrip(" \t\n\r;"))
    while place < end:
        found = _SIMPLE.match(text, place)
        if found is None:
            return None
        place = found.end()
        name = found[1].lower()
        if name in PROPERTIES and (value := found[2].strip()):
            kept.append(f"{name}:{value}{found[3] or ''}")
    return ";".join(kept)


class _Writer:
    """Writes what is allowed of parsed CSS; each method gives None for what is not."""

    __slots__ = ("_resources",)

    def __init__(self, resources: Resources) -> None:
        self._resources = resources

    def sheet(self, text: str, media: str) -> str:
        """A style sheet; nothing if the query is none."""
        rules = "\n".join(self.rules(tinycss2.parse_stylesheet(text), 0))
        condition = _condition(tinycss2.parse_component_value_list(media), 0)
        if not rules or condition is None:
            return ""
        return f"@media {condition.strip()}{{{rules}}}" if condition.strip() else rules

    def rules(self, nodes: Iterable[Node], depth: int) -> list[str]:
        return [written for node in nodes if (written := self._rule(node, depth)) is not None]

    def _rule(self, node: Node, depth: int) -> str | None:
        if node.type == "qualified-rule":
            selector = _selector(node.prelude, 0)
            declarations = ";".join(self.declarations(node.content)) if selector else ""
            return f"{selector}{{{declarations}}}" if declarations else None
        if node.type == "at-rule" and node.lower_at_keyword in {"media", "supports"} and node.content is not None:
            condition = _condition(node.prelude, 0)
            if condition is None or depth == _DEEPEST_RULE:
                return None
            inner = tinycss2.parse_rule_list(node.content)
            rules = "\n".join(self.rules(inner, depth + 1))
            return f"@{node.lower_at_keyword} {condition.strip()}{{{rules}}}" if rules else None
        return None

    def declarations(self, content: str | Iterable[Node]) -> list[str]:
        """Each allowed declaration of a block."""
        nodes = tinycss2.parse_blocks_contents(content)
        return [written for node in nodes if (written := self._declaration(node)) is not None]

    def _declaration(self, node: Node) -> str | None:
        if node.type != "declaration" or node.lower_name not in PROPERTIES:
            return None
        value = self._value(node.value, 0)
        if value is None or not value.strip():
            return None
        return f"{node.lower_name}:{value.strip()}{'!important' if node.important else ''}"

    def _value(self, nodes: Iterable[Node], depth: int) -> str | None:
        pieces = [self._component(node, depth) for node in nodes]
        return None if None in pieces else "".join(filter(None, pieces))

    def _component(self, node: Node, depth: int) -> str | None:
        kind = node.type
        if kind in {"url", "function"} and (kind == "url" or node.lower_name == "url"):
            return self._url(node)
        if kind == "function":
            return self._function(node, depth)
        if kind == "() block":
            inner = self._value(node.content, depth + 1) if depth < _DEEPEST else None
            return None if inner is None else f"({inner})"
        if kind == "literal":
            return node.value if node.value in {",", "/", "+", "-", "*"} else None
        return _plain(node)

    def _function(self, node: Node, depth: int) -> str | None:
        if node.lower_name not in _FUNCTIONS or depth == _DEEPEST:
            return None
        inner = self._value(node.arguments, depth + 1)
        return None if inner is None else f"{node.lower_name}({inner})"

    def _url(self, node: Node) -> str | None:
        if node.type == "function":
            strings = [argument for argument in node.arguments if argument.type != "whitespace"]
            if len(strings) != 1 or strings[0].type != "string":
                return None
            node = strings[0]
        url = self._resources.url(node.value)
        return None if url is None else f"url({_string(url)})"


def _plain(node: Node) -> str | None:
    """A component that says the same whatever stands around it."""
    kind = node.type
    if kind in {"whitespace", "comment"}:
        return " "  # SECURITY: without a comment that stood there, `url` and `(` would be one
    if kind == "string":
        return _string(node.value)
    if kind == "ident":
        value: str = node.value
        return value if _IDENTIFIER.fullmatch(value) else None
    if kind in {"number", "percentage", "dimension", "hash"}:
        written: str = node.serialize()
        return written if "<" not in written else None
    return None


def _string(value: str) -> str:
    # SECURITY: no quote, backslash, line end or `<` stands in a string as itself, whoever reads it.
    return '"' + _UNSAFE.sub(lambda found: f"\\{ord(found[0]):x} ", value) + '"'


def _selector(nodes: Iterable[Node], depth: int) -> str | None:
    """A selector, with the page's names as they are now."""
    pieces: list[str] = []
    for node in nodes:
        piece = _selecting(node, pieces[-1] if pieces else "", depth)
        if piece is None or "<" in piece:
            return None
        pieces.append(piece)
    return "".join(pieces).strip() or None


def _selecting(node: Node, before: str, depth: int) -> str | None:
    if node.type == "[] block":
        return _attribute(node.content)
    if node.type != "function":
        return _selecting_simply(node)
    inner = _selector(node.arguments, depth + 1) if depth < _DEEPEST and node.lower_name in _SELECTING else None
    return f"{node.lower_name}({inner})" if inner and before == ":" else None


def _selecting_simply(node: Node) -> str | None:
    kind = node.type
    if kind == "ident":
        escaped: str = node.serialize()  # a class may be called `sm:half`
        return escaped
    if kind == "hash":
        return f"#{PREFIX}{node.value}" if _IDENTIFIER.fullmatch(node.value) else None
    if kind == "literal":
        return node.value if node.value in {".", ">", "+", "~", "*", ",", ":", "::"} else None
    if kind == "comment":
        return "/**/"  # white space would be another selector
    return _plain(node) if kind in {"whitespace", "number", "dimension"} else None


def _attribute(nodes: Iterable[Node]) -> str | None:
    pieces = [
        node.value if node.type == "literal" and node.value in {"=", "~=", "|=", "^=", "$=", "*="} else _plain(node)
        for node in nodes
    ]
    return None if None in pieces else f"[{''.join(filter(None, pieces))}]"


def _condition(nodes: Iterable[Node], depth: int) -> str | None:
    """A media query, or what a browser is asked to know."""
    pieces: list[str | None] = []
    for node in nodes:
        if node.type == "() block":
            inner = _condition(node.content, depth + 1) if depth < _DEEPEST else None
            pieces.append(None if inner is None else f"({inner})")
        elif node.type == "literal":
            pieces.append(node.value if node.value in {":", ",", "/", ">", "=", ">="} else None)
        else:
            pieces.append(_plain(node))
    return None if None in pieces else "".join(filter(None, pieces))
