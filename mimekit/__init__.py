"""Content into MIME and MIME into content: build and read mail without knowing MIME."""

from . import policy
from .content.files import FileManager
from .content.manager import ContentManager
from .content.media import Audio, Calendar, Image, Video
from .content.objects import ObjectManager
from .content.rawdata import RawDataManager
from .content.webpage import Webpage
from .errors import (
    BadValue,
    ChangedFile,
    Defect,
    Forbidden,
    MimeError,
    MissingExtra,
    MissingField,
    MissingFile,
    NoHandler,
    ParseError,
)
from .mbox import read_mbox
from .message import MIMEMessage, MIMEPart
from .parser import parse, parse_file
from .policy import Policy
from .values.address import Address, Group

__all__ = [
    "Address",
    "Audio",
    "BadValue",
    "Calendar",
    "ChangedFile",
    "ContentManager",
    "Defect",
    "FileManager",
    "Forbidden",
    "Group",
    "Image",
    "MIMEMessage",
    "MIMEPart",
    "MimeError",
    "MissingExtra",
    "MissingField",
    "MissingFile",
    "NoHandler",
    "ObjectManager",
    "ParseError",
    "Policy",
    "RawDataManager",
    "Video",
    "Webpage",
    "parse",
    "parse_file",
    "policy",
    "read_mbox",
]
