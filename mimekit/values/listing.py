"""What a mailing list says of itself: the List-* fields."""

from __future__ import annotations

import re
from collections.abc import Iterable

from .._folding import unfold
from .._grammar import check_text, clean, is_dot_atom, quote, strip_comments, unquote
from ..charsets import decode_8bit
from ..encodedword import decode, encode
from ..errors import BadValue, Defect
from .base import HeaderValue
from .brackets import Brackets, find_brackets
from .verbatim import can_stand, check_verbatim, readable, write_verbatim

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Self

_ONE_CLICK = "List-Unsubscribe=One-Click"
# RFC 3986 3.1, and nothing that RFC 2369 2 or a line of mail could not hold.
_URL = r"[A-Za-z][A-Za-z0-9+.-]*+:[!-;=?-~]++"
_LONGEST_URL = 990
# RFC 2919 3.
_LONGEST_LIST_ID = 255
# RFC 5322 3.2.3: words that need no quotes, other scripts aside.
_PLAIN_WORDS = r"(?a:[\w!#$%&'*+/=?^`{|}~\x80-\U0010ffff-]++ ?+)++"


class ListField(HeaderValue):
    """The URLs in List-Unsubscribe, List-Post, List-Archive, List-Help, List-Owner, List-Subscribe and their like.

    The text is the field body as it stands; `urls` are what it means. Never written in encoded words.

    >>> ListField.parse("List-Post", " <mailto:list@example.org> (Postings are moderated)").urls
    ('mailto:list@example.org',)

    RFC 2369, section 2; RFC 8058, section 3.
    """

    __slots__ = ()

    _meaning: Brackets | None

    @classmethod
    def parse(cls, name: str, body: str) -> Self:
        """The unfolded text; the URLs in it are looked for when they are asked for."""
        text, defects = readable(body)
        return cls._make(name, text, defects=defects)

    @classmethod
    def compose(cls, name: str, value: object) -> Self:
        """The value for one URL or several, or for the text of a field body, kept as it is.

        Raises:
            BadValue: a URL that is none, that holds white space or other than ASCII, or is longer than a line; a text
                that the field's grammar does not allow.
        """
        if isinstance(value, str):
            text = value.strip(" \t")
            if re.fullmatch(r"[^\s<>():]++:[^<>]*+", text):
                text = _bracketed(text)
        elif isinstance(value, Iterable):
            text = ", ".join([_bracketed(item) for item in value])
        else:
            raise BadValue(f"expected a URL or several as str, found {type(value).__name__}")
        if not text.isascii():
            raise BadValue("expected ASCII only; percent-encode what is not in a URL")
        check_verbatim(text)
        self = cls._make(name, text)
        if not self._is_strict():
            raise BadValue(f"expected URLs in angle brackets with commas between, found {text[:80]!r}")
        return self

    def encode_body(self, *, utf8: bool = False, offset: int = 0) -> str:  # noqa: ARG002
        """The text itself."""
        return write_verbatim(self, utf8=utf8)

    @property
    def urls(self) -> tuple[str, ...]:
        """The URLs in order, best first, without angle brackets and white space."""
        found = self._read()
        if found.items:
            return tuple(found.items)
        # QUIRK: URLs without the angle brackets of RFC 2369 2.
        bare = re.split(r"\s++|,(?=[A-Za-z][A-Za-z0-9+.-]*+:)", found.rest)
        return tuple(url for url in (word.strip(',"') for word in bare) if re.fullmatch(_URL, url))

    @property
    def comment(self) -> str:
        """What the comments say, one after the other; empty if there is none."""
        return decode(re.sub(r"\\(.)", r"\1", " ".join(self._read().comments)))[0]

    @property
    def is_closed(self) -> bool:
        """Whether List-Post says ``NO``: nobody may post (RFC 2369, section 3.4)."""
        return self._name.lower() == "list-post" and self._read().rest.strip(" \t").lower() == "no"

    @property
    def is_one_click(self) -> bool:
        """Whether this is the List-Unsubscribe-Post by which one click is enough (RFC 8058, section 3.1)."""
        return self.replace(" ", "").lower() == _ONE_CLICK.lower()

    @property
    def defects(self) -> tuple[Defect, ...]:
        """What was wrong with the field as it came."""
        return self._defects if self._is_strict() else (*self._defects, Defect("bad-list-field"))

    def _read(self) -> Brackets:
        if self._meaning is None:
            self._meaning = find_brackets(self)
        return self._meaning

    def _is_strict(self) -> bool:
        if self._name.lower() == "list-unsubscribe-post":
            return self.lower() == _ONE_CLICK.lower()
        if self.is_closed:
            return self._read().is_whole
        found = self._read()
        between = re.sub(r"[ \t]++", "", found.rest)
        return (
            found.is_whole
            and re.fullmatch("<>(?:,<>)*+", between) is not None
            and all(re.fullmatch(_URL, url) for url in found.items)
        )


class ListId(HeaderValue):
    """The identifier of a mailing list, with the words that describe it.

    As text ``words <identifier>``, the words decoded, and quoted where they must be.

    >>> ListId.parse("List-Id", ' "Ham, eggs" <breakfast.example.org>').id
    'breakfast.example.org'

    RFC 2919, section 3.
    """

    __slots__ = ("_id", "_phrase")

    _id: str
    _phrase: str

    @classmethod
    def parse(cls, name: str, body: str) -> Self:
        """The words and the identifier; an identifier without its angle brackets is taken too."""
        text, is_8bit = decode_8bit(unfold(body))
        phrase, item, problems = _list_id(text)
        return cls._of(name, phrase, item, defects=(Defect("8bit-in-header"),) * is_8bit + problems)

    @classmethod
    def compose(cls, name: str, value: object) -> Self:
        """The value for a text such as ``words <identifier>``, or an identifier alone.

        Raises:
            BadValue: the identifier is no dot-atom of at most 255 characters; a comment or text behind it, which would
                be lost.
        """
        if isinstance(value, ListId):
            phrase, item = value._phrase, value._id
        elif isinstance(value, str):
            check_text(value)
            phrase, item, defects = _list_id(value.strip(" \t"))
            if strip_comments(value)[1] or ("<" in value and Defect("bad-list-field") in defects):
                raise BadValue(f"expected words, or quoted ones, and an identifier, found {value[:80]!r}")
        else:
            raise BadValue(f"expected a str, found {type(value).__name__}")
        # A value that came without an identifier can be written without one.
        is_bare = isinstance(value, ListId) and not item
        if not is_bare and (not is_dot_atom(item) or len(item) > _LONGEST_LIST_ID):
            raise BadValue(f"expected 'words <list.example.org>', found {value[:80]!r}")
        return cls._of(name, phrase, item)

    def encode_body(self, *, utf8: bool = False, offset: int = 0) -> str:
        """The words, in encoded words where they must be, and the identifier."""
        # Words alone would be taken for an identifier.
        if not self or (self._id and "=?" not in self and can_stand(self, utf8=utf8)):
            return str(self)
        return f"{encode(self._phrase, offset=offset, phrase=True)} <{self._id}>"

    @property
    def id(self) -> str:
        """The identifier without angle brackets; empty if there is none."""
        return self._id

    @property
    def phrase(self) -> str:
        """The words before the identifier, decoded and without quotes; empty if there are none."""
        return self._phrase

    @classmethod
    def _of(cls, name: str, phrase: str, item: str, *, defects: tuple[Defect, ...] = ()) -> Self:
        words = phrase if re.fullmatch(_PLAIN_WORDS, phrase) else quote(phrase)
        shown = " ".join([words] * (phrase != "") + [f"<{item}>"] * (item != ""))
        self = cls._make(name, shown, defects=defects)
        self._id = item
        self._phrase = phrase
        return self


def _bracketed(url: object) -> str:
    """*url* in angle brackets, if it can stand in a field."""
    if not isinstance(url, str):
        raise BadValue(f"expected URLs as str, found {type(url).__name__}")
    text = url.strip(" \t")
    inner = text[1:-1] if text[:1] == "<" and text[-1:] == ">" else text
    if not re.fullmatch(_URL, inner):
        raise BadValue(f"expected a URL, all but its ASCII percent-encoded, not {url[:80]!r}")
    if len(inner) > _LONGEST_URL:
        raise BadValue(f"a URL fits on a line of mail, not {len(inner)} characters: {url[:40]!r}...")
    return f"<{inner}>"


def _list_id(text: str) -> tuple[str, str, tuple[Defect, ...]]:
    """The words and the identifier in *text*, unfolded, and what is wrong with it."""
    head, opening, tail = text.rpartition("<")
    item, closing, behind = tail.partition(">")
    is_sound = bool(opening and closing) and not strip_comments(behind)[0].strip(" \t") and is_dot_atom(item)
    if not opening:
        # QUIRK: an identifier without the angle brackets of RFC 2919 3, or words alone.
        bare = strip_comments(text)[0].strip(" \t")
        head, item = ("", bare) if is_dot_atom(bare) else (text, "")
    words = re.sub(r'"(?:[^"\\]++|\\.)*+"?', lambda match: unquote(match[0]), strip_comments(head)[0])
    phrase, defects = decode(words.strip(" \t"))
    item, is_damaged = clean("".join(item.split()))
    defects += (Defect("control-in-value"),) * is_damaged + (Defect("bad-list-field"),) * (not is_sound)
    return phrase.strip(" \t"), item, defects
