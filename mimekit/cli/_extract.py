"""``mimekit extract``: the attachments as files in a folder."""

from __future__ import annotations

import os

from ..content.files import save
from ._exits import NoInputError
from ._input import Input
from ._output import print_line
from ._progress import Progress

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ..message import MIMEPart
    from ._exits import Exit
    from ._options import Options

# pathlib would be a good part of what starting the command may cost.
# ruff: noqa: PTH112

_BASE64 = 1.37  # octets that stand for one, line ends too


def extract(options: Options) -> Exit:
    """Write every attachment of each message, and print the paths.

    Raises:
        NoInputError: there is no such folder.
        OSError: a file cannot be written.
    """
    directory = os.curdir if options.directory is None else options.directory
    check_folder(directory)
    messages = Input(options.files)
    with Progress(messages.size) as progress:
        done = 0
        for _name, message in messages:
            for number, part in enumerate(message.iter_attachments(recursive=True), 1):
                path = _save(part, directory, number, done, progress)
                progress.pause()
                print_line(path)
            done += _end(message)
            progress.reach(done)
    return messages.status


def check_folder(path: str) -> None:
    """See that *path* is a folder.

    Raises:
        NoInputError: it is not.
    """
    if not os.path.isdir(path):
        raise NoInputError(f"there is no folder {path}")


def _save(part: MIMEPart, directory: str, number: int, before: int, progress: Progress) -> str:
    start = before + (part.span or (0, 0))[0]
    weight = _BASE64 if part.transfer_encoding() == "base64" else 1.0
    # a name without blanks is easier to go on with in a shell
    return save(
        part,
        directory,
        unnamed=f"part-{number}",
        numbered="-{}",
        told=lambda octets: progress.reach(start + int(octets * weight)),
    )


def _end(part: MIMEPart) -> int:
    return (part.span or (0, 0))[1]
