"""What a framework's settings hold, in place of the variables that a sender's URL names."""

from __future__ import annotations

import re

from ..errors import BadURL

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

_NAME = r"\$(?:\{([A-Za-z_]\w*)\}|([A-Za-z_]\w*))"
# Where `cartero.connect` takes variables: a user or a password, or the value of an option, as a whole.
_VARIABLE = rf"(?:(?<=//)|(?<=:)){_NAME}(?=[:@])|(?<==){_NAME}(?=[&) ]|\Z)"
_SPECIAL = r"[\x00-,/:-@\[-^`{-}\x7f]"


def with_values(url: str, settings: Mapping[str, object]) -> str:
    """*url* with the values of those variables in it that *settings* has; others stay as they are.

    Raises:
        BadURL: a value is no text; the error does not show it.

    >>> with_values("smtp://me:$MAIL_PASSWORD@mail.example.org", {"MAIL_PASSWORD": "a@b"})
    'smtp://me:a%40b@mail.example.org'
    """

    def value(found: re.Match[str]) -> str:
        name = found[found.lastindex or 0]
        if name not in settings:
            return found[0]
        text = settings[name]
        if not isinstance(text, str):
            raise BadURL(f"expected text as {name} in the settings, found {type(text).__name__}")
        return re.sub(_SPECIAL, lambda special: f"%{ord(special[0]):02X}", text)

    return re.sub(_VARIABLE, value, url, flags=re.ASCII)
