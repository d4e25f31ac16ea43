"""How Sphinx builds these pages: ``sphinx-build -n -W docs docs/_build``; nothing is fetched."""

from __future__ import annotations

import builtins
import importlib
import re
import sys
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING

from sphinx.util.nodes import make_refnode

if TYPE_CHECKING:
    from docutils import nodes
    from sphinx.addnodes import pending_xref
    from sphinx.application import Sphinx
    from sphinx.environment import BuildEnvironment

project = "cartero"
author = "the cartero authors"
copyright = "2026, the cartero authors"  # noqa: A001  Sphinx's own name
release = tomllib.loads(Path(__file__).parent.with_name("pyproject.toml").read_text())["project"]["version"]

extensions = ["sphinx.ext.autodoc", "sphinx.ext.napoleon"]
exclude_patterns = ["_build"]
html_theme = "furo"
html_title = "cartero and mimekit"
default_role = "py:obj"  # `name` is a link where there is such a name, and an error where there is none
nitpicky = True
nitpick_ignore = [
    ("py:class", "_T"),  # a type variable has no page
    ("py:class", "_S"),  # another
    ("py:class", "Rule"),  # a name for type checkers; the rules themselves are on the page
    ("py:class", "PrivateKey"),  # another
    ("py:class", "Links"),  # another; the three are said beside it
    ("py:class", "Mode"),  # another; `cartero.TLS` says which there are
    ("py:class", "Startable"),  # another: any server
    ("py:class", "Token"),  # another: a text, or a function that gives it
    ("py:class", "dt.datetime"),  # the standard library's, under the name it is imported by
    ("py:class", "flask.app.Flask"),  # Flask's inventory is not at hand without a network
    ("py:exc", "jinja2.TemplatesNotFound"),  # nor that of Jinja
    ("py:class", "Buffer"),  # what holds octets: in the standard library from Python 3.12 on, as collections.abc.Buffer
]

autodoc_member_order = "bysource"
autodoc_typehints = "signature"
autodoc_typehints_format = "short"
autodoc_preserve_defaults = True  # a default policy by its name, not by its eleven options
autodoc_type_aliases = {
    "Action": "cartero.testing.script.Action",
    "Actions": "cartero.testing.script.Actions",
    "Answers": "cartero.senders.memory.Answers",
    "Check": "cartero.servers.passwords.Check",
    "Destination": "cartero.servers.delivery.Destination",
    "Enveloped": "cartero.senders.base.Enveloped",
    "Hook": "cartero.integrations.flask.Hook",
    "Outbox": "cartero.senders.memory.Outbox",
    "OnFailure": "cartero.senders.base.OnFailure",
    "Secret": "cartero.smtp.conversation.Secret",
    "Sendable": "cartero.senders.preparation.Sendable",
    "Trace": "cartero.smtp.conversation.Trace",
    "Who": "cartero.integrations.flask.Who",
}
napoleon_google_docstring = True
napoleon_numpy_docstring = False


def _standard(name: str) -> bool:
    """Whether *name* is in the standard library, as `datetime.datetime` is."""
    first, _, rest = name.partition(".")
    if not rest:
        return hasattr(builtins, first) or first in sys.stdlib_module_names
    if first not in sys.stdlib_module_names:
        return False
    module, _, attribute = name.rpartition(".")
    return hasattr(importlib.import_module(module), attribute)


def _resolve(app: Sphinx, env: BuildEnvironment, node: pending_xref, shown: nodes.TextElement) -> nodes.Element | None:
    """What a name means that is not written in full; None is an error.

    A name of the standard library is shown without a link: its inventory is not at hand without a network. Any other
    is looked for by its last words, and shown without a link where several end in them.
    """
    if node.get("refdomain") != "py":
        return None
    if _standard(node["reftarget"]):
        return shown
    python = env.domains.python_domain
    found = python.find_obj(env, node.get("py:module"), node.get("py:class"), node["reftarget"], None, 1)
    if len(found) != 1:
        return shown if found else None
    [(name, entry)] = found
    return make_refnode(app.builder, node["refdoc"], entry.docname, entry.node_id, shown, name)


def _attribute_as_it_stands(
    _app: Sphinx, what: str, _name: str, _documented: object, _options: object, lines: list[str]
) -> None:
    """Napoleon takes ``What is said: and more`` for a type and a text, but not behind an empty comment."""
    if what in ("attribute", "data", "property"):
        lines[:0] = ["..", ""]


def _alias_by_its_name(
    _app: Sphinx,
    _what: str,
    _name: str,
    _documented: object,
    _options: object,
    signature: str | None,
    returned: str | None,
) -> tuple[str | None, str | None]:
    """QUIRK: Sphinx 9 shows an alias that stands inside another type as the object it keeps it in."""
    found = (text and re.sub(r"TypeAliasForwardRef\('([\w.]+)'\)", r"\1", text) for text in (signature, returned))
    return next(found), next(found)


def setup(app: Sphinx) -> None:
    """What Sphinx calls first."""
    app.connect("autodoc-process-signature", _alias_by_its_name)
    app.connect("missing-reference", _resolve)
    app.connect("autodoc-process-docstring", _attribute_as_it_stands, priority=400)  # before napoleon's 500
