"""``mimekit html``: a message as a page that is safe to open in a browser."""

from __future__ import annotations

from html import escape
from itertools import islice

from ..content import pagefiles, rawdata
from ..html.sanitize import sanitize
from ..message import MIMEPart
from ._exits import Exit, UsageError
from ._extract import check_folder
from ._input import Input
from ._output import print_line, print_page

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ..message import MIMEMessage
    from ._options import Options


def html(options: Options) -> Exit:
    """Print the page of the message, or write that of each into a folder and print the paths.

    Raises:
        NoInputError: there is no such folder.
        UsageError: there is more than one message, and no folder.
        MissingExtra: what sanitises is not installed.
        OSError: a file cannot be written.
    """
    messages = Input(options.files)
    if options.directory is None:
        _print(messages, options)
    else:
        check_folder(options.directory)
        for _name, message in messages:
            page = _page(message)
            print_line(
                pagefiles.save_page(page, options.directory, around=message, remote_images=options.remote_images)
            )
    return messages.status


def _print(messages: Input, options: Options) -> None:
    found = [message for _name, message in islice(messages, 2)]
    if len(found) > 1:
        raise UsageError("more than one message makes more than one page: write them into a folder with -d")
    for message in found:
        print_page(sanitize(rawdata.get_text(_page(message)), remote_images=options.remote_images))


def _page(message: MIMEMessage) -> MIMEPart:
    """The page of *message*, or one of its text where there is none."""
    page = message.get_body(("html",))
    if page is not None:
        return page
    title, text = escape(str(message["subject"] or "")), escape(message.get_text().strip("\n"))
    source = f'<title>{title}</title><pre style="white-space: pre-wrap">{text}</pre>'
    return MIMEPart().set_content(source, "html")
