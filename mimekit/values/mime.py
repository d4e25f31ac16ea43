"""The two short MIME fields: Content-Transfer-Encoding and MIME-Version."""

from __future__ import annotations

import re

from .. import _folding, _grammar, charsets, transfer
from ..errors import BadValue, Defect
from .base import HeaderValue
from .parameters import is_plain

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Self

_VERSION = r"[ \t]*+([0-9]{1,9})[ \t]*+\.[ \t]*+([0-9]{1,9})(?![0-9])[ \t]*+"


def _is_closed(text: str) -> bool:
    """Whether every comment in *text* is closed: if so, one parenthesis more stands outside them all."""
    return _grammar.strip_comments(text + ")")[0].endswith(")")


class TransferEncoding(HeaderValue):
    """The value of a Content-Transfer-Encoding field, such as ``base64``. Frozen.

    As text it stands as it came where that is valid, else it is the token. RFC 2045, section 6.
    """

    __slots__ = ("_cte",)

    _cte: str

    @classmethod
    def parse(cls, name: str, body: str) -> Self:
        """The value of a received field; ``7bit`` where nothing stands there (RFC 2045, section 6.1)."""
        text = _folding.unfold(body)
        cte, clean = transfer.token(text)
        clean = clean and bool(cte)
        cte = cte or "7bit"
        valid = clean and is_plain(text) and _is_closed(text)
        defects = () if valid else (Defect("bad-transfer-encoding-field"),)
        return cls._of(name, text if valid else cte, cte, body=text, defects=defects)

    @classmethod
    def compose(cls, name: str, value: object) -> Self:
        """The value for a field to be written: a `TransferEncoding`, or a token as text.

        Raises:
            BadValue: the text is none of RFC 2045, section 6.1, nor a name of uuencode.
        """
        text = str(value).strip(" \t") if isinstance(value, str) else ""
        cte = value.cte if isinstance(value, TransferEncoding) else text.lower()
        # what was received can be written again
        if not isinstance(value, TransferEncoding) and not transfer.is_known(cte):
            raise BadValue(
                f"unknown transfer encoding {value!r:.200}; there are 7bit, 8bit, binary, quoted-printable, base64"
            )
        return cls._of(name, text, cte)

    @classmethod
    def _of(cls, name: str, text: str, cte: str, *, body: str = "", defects: tuple[Defect, ...] = ()) -> Self:
        self = cls._make(name, text, body=body, defects=defects)
        self._cte = cte
        return self

    def encode_body(self, *, utf8: bool = False, offset: int = 0) -> str:  # noqa: ARG002
        """The field body as it is written."""
        return str(self)

    @property
    def cte(self) -> str:
        """The token, in lower case."""
        return self._cte


class MimeVersion(HeaderValue):
    """The value of a MIME-Version field, such as ``1.0``. Frozen. RFC 2045, section 4."""

    __slots__ = ("_numbers",)

    _numbers: tuple[int, int] | None

    @classmethod
    def parse(cls, name: str, body: str) -> Self:
        """The value of a received field; without a version where there is none to read."""
        text = _folding.unfold(body)
        bare = _grammar.strip_comments(text)[0]
        match = re.match(_VERSION, bare)
        if match is None:
            shown, _damaged = _grammar.clean(charsets.decode_8bit(text)[0])
            return cls._of(name, shown, None, body=text, defects=(Defect("bad-mime-version"),))
        numbers = int(match[1]), int(match[2])
        if match.end() == len(bare) and is_plain(text) and _is_closed(text):
            return cls._of(name, text, numbers, body=text)
        shown = "{}.{}".format(*numbers)
        return cls._of(name, shown, numbers, body=text, defects=(Defect("bad-mime-version"),))

    @classmethod
    def compose(cls, name: str, value: object) -> Self:
        """The value for a field to be written: a `MimeVersion`, or text such as ``1.0``.

        Raises:
            BadValue: the text is no version.
        """
        if isinstance(value, str) and value.isascii():
            _grammar.check_text(value)
            composed = cls.parse(name, value)
            if not composed.defects:
                return composed
        raise BadValue(f"expected two numbers with a dot between, found {value!r:.200}")

    @classmethod
    def _of(
        cls,
        name: str,
        text: str,
        numbers: tuple[int, int] | None,
        *,
        body: str = "",
        defects: tuple[Defect, ...] = (),
    ) -> Self:
        self = cls._make(name, text, body=body, defects=defects)
        self._numbers = numbers
        return self

    def encode_body(self, *, utf8: bool = False, offset: int = 0) -> str:  # noqa: ARG002
        """The field body as it is written."""
        return str(self)

    @property
    def major(self) -> int | None:
        """The number before the dot; None where there is no version to read."""
        return None if self._numbers is None else self._numbers[0]

    @property
    def minor(self) -> int | None:
        """The number behind the dot; None where there is no version to read."""
        return None if self._numbers is None else self._numbers[1]

    @property
    def version(self) -> str | None:
        """Both numbers, such as ``1.0``; None where there is no version to read."""
        return None if self._numbers is None else "{}.{}".format(*self._numbers)
