"""The page around the body: head and attributes, written anew."""

from __future__ import annotations

from html import escape

from ._guard import Guard
from ._outline import Outline

# The second lock. Alone it would not do: a page may be told to go elsewhere, and a file may be on another machine.
_POLICY = (
    "default-src 'none'; img-src file: data:{images}; media-src file:; font-src file: data:; "
    "style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"
)


def page(outline: Outline, guard: Guard, css: str, content: str, *, remote_images: bool) -> str:
    """A whole page of clean *content* and *css*, with what the *outline* says of it."""
    # Most mail has no doctype, and one that it did not have would change sizes and colours in its tables.
    policy = _POLICY.format(images=" https:" if remote_images else "")
    title = f"<title>{escape(outline.title, quote=False)}</title>" if outline.title else ""
    # SECURITY: filtered CSS holds no `<`. Were there one, it must not end the style.
    style = f"<style>{css.replace('<', chr(0x5C) + '3c ')}</style>" if css else ""
    return (
        f"{outline.doctype}<html{_attributes('html', outline.root, guard)}><head>"
        f'<meta charset="utf-8"><meta http-equiv="Content-Security-Policy" content="{policy}">'
        f'<meta name="referrer" content="no-referrer">{title}{style}</head>'
        f"<body{_attributes('body', outline.body, guard)}>{content}</body></html>\n"
    )


def _attributes(tag: str, found: dict[str, str], guard: Guard) -> str:
    guarded = ((name, guard(tag, name, value)) for name, value in found.items())
    return "".join(f' {name}="{escape(value)}"' for name, value in guarded if value is not None)
