"""What goes wrong: the exceptions for callers' mistakes, and `Defect` for mail that breaks a rule.

The tree, sorted by what you can do about it::

    MimeError
    |- BadValue     (ValueError)         mail cannot carry what you gave: fix the value
    |- ParseError   (ValueError)         strict reading was asked for, and the mail has a defect
    |- Forbidden    (ValueError)         the message does not allow this call here: the text names the one that does
    |- NoHandler    (LookupError)        no content manager entry for this type: register one, or use another manager
    |- MissingField (KeyError)           there is no field of that name to be changed
    |- MissingFile  (FileNotFoundError)  there is no such file
    |- ChangedFile  (OSError)            a file is not what it was when it was attached: attach it again
    |- MissingExtra (ImportError)        what this call needs is not installed: the text says how to

One ``except MimeError`` is enough, but for what the system says of a file (an `OSError`) and for calls Python itself
refuses (a `TypeError` for arguments nobody takes). Reading received mail raises none of them (but for
`ParseError`, by request): what is wrong there is a `Defect`.
"""

from __future__ import annotations


class MimeError(Exception):
    """Root of everything mimekit raises; never raised itself."""


class BadValue(MimeError, ValueError):
    """You asked for something mail cannot carry, or gave something of another type than is wanted."""


class Forbidden(MimeError, ValueError):
    """The message, as it stands, does not allow this call."""


class NoHandler(MimeError, LookupError):
    """The content manager knows nothing for this type."""


class MissingField(MimeError, KeyError):
    """There is no field of the name you gave."""

    def __str__(self) -> str:
        return Exception.__str__(self)  # a KeyError would show the sentence in quotes


class MissingFile(MimeError, FileNotFoundError):
    """A path you gave leads to no file."""


class ChangedFile(MimeError, OSError):
    """A file that you attached by its path is not what it was then; ``filename`` says which.

    What it holds now would be another message: attach it again.
    """

    def __init__(self, path: str) -> None:
        super().__init__(path)
        self.filename = path

    def __str__(self) -> str:
        return f"{self.filename} is not what it was when it was attached, or changes while it is read; attach it again"


class MissingExtra(MimeError, ImportError):
    """What only this call needs is not installed; the text names the extra that has it."""


# code -> (what is wrong, where the rule stands). Codes are for programs, sentences for people.
_RULES: dict[str, tuple[str, str]] = {
    # structure
    "stray-line": ("a line among the headers is no field", "RFC 5322, section 2.2"),
    "missing-separator": ("no empty line between the headers and the body", "RFC 5322, section 2.1"),
    "byte-order-mark": ("a byte order mark stands before the headers", "RFC 5322, section 2.2"),
    "missing-boundary": ("a multipart without a boundary parameter", "RFC 2046, section 5.1.1"),
    "boundary-not-found": ("the boundary of a multipart never occurs in it", "RFC 2046, section 5.1.1"),
    "missing-close-delimiter": ("a multipart without its closing delimiter", "RFC 2046, section 5.1.1"),
    "multipart-encoded": ("a multipart that claims a transfer encoding", "RFC 2045, section 6.4"),
    "message-encoded": ("a message/rfc822 that is transfer encoded", "RFC 2046, section 5.2.1"),
    "depth-limit": ("nested more deeply than the policy allows; left unopened", "RFC 2046, section 5.1.2"),
    "part-limit": ("more parts than the policy allows; the rest left unopened", "RFC 2046, section 5.1"),
    "header-limit": ("more octets of headers than the policy allows; the rest left as body", "RFC 5322, section 2.1"),
    # transfer encodings
    "unknown-transfer-encoding": ("a transfer encoding nobody defined; taken as it stands", "RFC 2045, section 6.1"),
    "bad-transfer-encoding-field": ("more than a token names the transfer encoding", "RFC 2045, section 6.1"),
    "bad-base64": ("characters or padding out of place in base64", "RFC 2045, section 6.8"),
    "bad-quoted-printable": ("a malformed escape in quoted-printable", "RFC 2045, section 6.7"),
    "bad-uuencode": ("uuencoded lines that are damaged, or no such lines", "RFC 2045, section 6.3"),
    # charsets
    "unknown-charset": ("a charset label nobody defined", "RFC 2046, section 4.1.2"),
    "wrong-charset": ("octets that the labelled charset does not have", "RFC 2046, section 4.1.2"),
    "undeclared-8bit": ("8-bit octets with no charset, or with us-ascii, declared", "RFC 2045, section 5.2"),
    "undecodable-octets": ("octets that decode to nothing", "RFC 2046, section 4.1.2"),
    # fields
    "repeated-field": ("a field that stands once, for the second time; the first counts", "RFC 5322, section 3.6"),
    "8bit-in-header": ("8-bit octets in a header field", "RFC 5322, section 2.2"),
    "control-in-value": ("a CR, LF or NUL inside a value, read as U+FFFD", "RFC 5322, section 2.2"),
    "bad-encoded-word": ("an encoded word that breaks the rules", "RFC 2047, section 2"),
    "bad-address": ("an address that breaks the grammar", "RFC 5322, section 3.4"),
    "bad-date": ("a date that cannot be read", "RFC 5322, section 3.3"),
    "obsolete-date": ("a date in an obsolete or foreign form", "RFC 5322, section 4.3"),
    "bad-message-id": ("a message identifier that breaks the grammar", "RFC 5322, section 3.6.4"),
    "bad-content-type": ("a Content-Type that breaks the grammar", "RFC 2045, section 5.1"),
    "bad-disposition": ("a Content-Disposition that breaks the grammar", "RFC 2183, section 2"),
    "bad-parameter": ("a parameter that breaks the grammar", "RFC 2045, section 5.1"),
    "bad-extended-parameter": ("an extended parameter that breaks the grammar", "RFC 2231, section 3"),
    "duplicate-parameter": ("a parameter given twice; the first counts", "RFC 2045, section 5"),
    "encoded-word-in-parameter": ("an encoded word inside a parameter", "RFC 2047, section 5"),
    "bad-mime-version": ("a MIME-Version that breaks the grammar", "RFC 2045, section 4"),
    "bad-list-field": ("a List-* field that breaks the grammar", "RFC 2369, section 2"),
    "bad-received": ("a Received field that breaks the grammar", "RFC 5321, section 4.4"),
}


class Defect:
    """Something in received mail that breaks a rule and could still be read. A value: frozen, equal by meaning.

    `code` is for programs (``"missing-close-delimiter"``), `message` for people, `rfc` the section of
    the standard that is broken, and `offset` the place in octets from the start of what was parsed
    (None where there is no one place; inside a message that stands transfer encoded in another, from the start of
    its decoded octets).

    Raises:
        KeyError: *code* is not one of mimekit's.
    """

    __slots__ = ("_code", "_offset")

    def __init__(self, code: str, offset: int | None = None) -> None:
        if code not in _RULES:
            raise KeyError(code)
        self._code = code
        self._offset = offset

    @property
    def code(self) -> str:
        """The defect's name, for programs."""
        return self._code

    @property
    def offset(self) -> int | None:
        """Octets from the start of what was parsed, or of a message that stood encoded in that; or None."""
        return self._offset

    @property
    def message(self) -> str:
        """What is wrong, for people."""
        return _RULES[self._code][0]

    @property
    def rfc(self) -> str:
        """The section that holds the rule, such as ``"RFC 2046, section 5.1.1"``."""
        return _RULES[self._code][1]

    def at(self, offset: int | None) -> Defect:
        """The same defect, placed at *offset*."""
        return Defect(self._code, offset)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Defect):
            return NotImplemented
        return self._code == other._code and self._offset == other._offset

    def __hash__(self) -> int:
        return hash((self._code, self._offset))

    def __reduce__(self) -> tuple[type[Defect], tuple[str, int | None]]:
        return Defect, (self._code, self._offset)

    def __str__(self) -> str:
        place = "" if self._offset is None else f" at {self._offset}"
        return f"{self.message}{place} ({self.rfc})"

    def __repr__(self) -> str:
        return f"Defect({self._code!r}, {self._offset!r})"


class ParseError(MimeError, ValueError):
    """Strict reading was asked for, and the mail breaks a rule; `defect` says which and where."""

    def __init__(self, defect: Defect) -> None:
        super().__init__(defect)
        self.defect = defect

    def __str__(self) -> str:
        return str(self.defect)
