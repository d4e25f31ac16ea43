"""Mail from a Flask application: `Cartero`, an extension."""

from __future__ import annotations

import contextlib
import os
import weakref
from collections.abc import Iterable

from mimekit import Address, BadValue, MIMEMessage, MissingExtra
from mimekit.html.totext import totext

from .._connect import connect
from ..errors import BadEnvelope, BadURL, CarteroError
from ..senders.memory import MemorySender
from ._lending import Lender
from ._variables import with_values

try:
    from blinker import Namespace
    from flask import Flask, current_app, render_template
    from jinja2 import Template, TemplateNotFound, TemplatesNotFound
except ModuleNotFoundError as error:
    raise MissingExtra("mail from Flask needs the extra flask: pip install 'cartero-mail[flask]'") from error

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import TypeAlias

    from ..envelope import Envelope
    from ..receipt import Receipt
    from ..senders._outbox import Outbox
    from ..senders.base import Sender
    from ..senders.preparation import MailObject, Sendable

    # Each text is one address: a comma in what somebody typed into a form makes no second recipient.
    Who: TypeAlias = str | Address | Iterable[str | Address]
    Hook: TypeAlias = Callable[[MailObject], MailObject]

_signals = Namespace()
message_sent = _signals.signal("message-sent")
message_failed = _signals.signal("message-failed")


class Cartero:
    """Sends the mail of Flask applications, of each one by the URL in its config.

    One object serves as many applications as you like; what one of them has is in its ``app.extensions["cartero"]``, a
    `State`. All but `init_app` wants an application context, which a view has. Threads may share it, whichever sender
    the URL names, and so may the processes of a server that forks. Connections over SMTP are kept from one request to
    the next.

    In the config:

    ``CARTERO_URL``
        how mail is sent, as `cartero.connect` has it; else the environment variable ``CARTERO_URL`` says so. Where the
        URL may name an environment variable, as in ``smtp://me:$MAIL_PASSWORD@host``, a value of the config of that
        name comes first.

    ``CARTERO_DEFAULT_SENDER``
        what stands in From where `compose` is told nothing else: text or a `mimekit.Address`.

    ``CARTERO_SUPPRESS_SEND``
        whether mail goes nowhere but into the `outbox`. If it is not said, what ``TESTING`` says.

    The URL is read by `init_app`, the others when they are needed.

    Args:
        app: the application, for which `init_app` is called; or None, and you call it.
    """

    def __init__(self, app: Flask | None = None) -> None:
        if app is not None:
            self.init_app(app)

    def init_app(self, app: Flask, *, before_send: Iterable[Hook] = ()) -> None:
        """Let *app* send mail.

        Args:
            app: the application.
            before_send: hooks for its senders, as `cartero.Sender` has them, such as a `cartero.DKIMSigner`. All
                threads call the same.

        Raises:
            BadURL: there is a URL and it is none, unless nothing is to be sent; or ``CARTERO_SUPPRESS_SEND`` is neither
                true nor false. Where there is no URL, it is an error to send.
            RuntimeError: *app* has one already.
        """
        if "cartero" in app.extensions:
            raise RuntimeError("expected an application without a Cartero, found one with; call init_app once")
        app.extensions["cartero"] = State(app, before_send)

    def send(self, message: Sendable, *, envelope: Envelope | None = None) -> Receipt:
        """Send *message*, and say what became of it for each recipient; as `cartero.Sender.send`, and raises the same.

        Raises:
            BadURL: there is no URL to send by.
        """
        with _state().lend() as sender:
            return sender.send(message, envelope=envelope)

    @contextlib.contextmanager
    def connect(self) -> Iterator[Sender]:
        """A sender for many messages, for this thread and until the end of the block.

        Raises:
            BadURL: there is no URL to send by.
        """
        with _state().lend() as sender, sender:
            yield sender

    def compose(  # noqa: PLR0913 - the fields of a message, each by name
        self,
        template: str,
        *,
        subject: str,
        to: Who,
        cc: Who = (),
        bcc: Who = (),
        from_: str | Address | None = None,
        reply_to: Who = (),
        **context: object,
    ) -> MIMEMessage:
        r"""A message whose text is made of ``TEMPLATE.txt``, and its page of ``TEMPLATE.html``, where there is one.

        Where there is no ``.txt``, the text is that of the page. What is put into a page is escaped, as Flask does it.

        Args:
            template: the name of the templates, without its ending: ``"mail/welcome"``.
            subject: the Subject.
            to: who it goes to: text or a `mimekit.Address`, or several. Each text is one address,
                ``"Ana <ana@example.org>"`` or ``"ana@example.org"``, and a second one in it is refused.
            cc: who it goes to as well.
            bcc: who it goes to without being named.
            from\_: who it is from, if not ``CARTERO_DEFAULT_SENDER``.
            reply_to: who answers go to, if not to *from_*.
            context: what the templates are given, as with ``flask.render_template``.

        Returns:
            the message, to be sent, or to be given attachments and more fields first.

        Raises:
            jinja2.TemplatesNotFound: there is neither template.
            BadEnvelope: there is neither *from_* nor ``CARTERO_DEFAULT_SENDER``, or it is no single address.
            mimekit.BadValue: an address is none, or a field cannot carry what it was given, such as a line break.
        """
        text, page = _rendered(template, context)
        message = MIMEMessage()
        named = {"From": _author(from_), "Reply-To": reply_to, "To": to, "Cc": cc, "Bcc": bcc}
        for name, who in named.items():
            if addresses := _addresses(name, who):
                message[name] = addresses
        message["Subject"] = subject
        message.set_content(_ended(totext(page or "") if text is None else text))
        if page is not None:
            message.add_alternative(_ended(page), "html")
        return message

    @property
    def outbox(self) -> Outbox:
        """What was sent while nothing went out, as in tests: the outbox of a `cartero.MemorySender`."""
        return _state().memory.outbox

    @contextlib.contextmanager
    def record_messages(self) -> Iterator[Outbox]:
        """An outbox of what the application sends until the end of the block, whether it goes out or not."""
        recorder = MemorySender()

        def record(_app: Flask, *, mail: MailObject, receipt: Receipt) -> None:
            recorder._carry(mail.replace(envelope=mail.envelope.replace(recipients=receipt.accepted)))

        with message_sent.connected_to(record, sender=_application()):
            yield recorder.outbox


class State:
    """What one application has, in ``app.extensions["cartero"]``.

    Attributes:
        memory: the `cartero.MemorySender` by which mail is sent while nothing goes out. A test can ask its ``outbox``,
            and say by its ``script`` what becomes of the messages.
    """

    memory: MemorySender

    def __init__(self, app: Flask, before_send: Iterable[Hook]) -> None:
        hooks, tell = list(before_send), _telling(app)

        def hooked(sender: Sender) -> Sender:
            sender.before_send.extend(hooks)
            sender.after_send.append(tell)
            return sender

        self.memory = MemorySender()
        hooked(self.memory)
        self._lender: Lender | None = None
        self._problem = "expected a URL as CARTERO_URL, in the config or in the environment, found neither"
        is_suppressed = _is_suppressed(app)
        said = app.config.get("CARTERO_URL")
        url = os.environ.get("CARTERO_URL") if said is None else said
        if url is None:
            return
        try:
            # What is no text is refused by `connect`.
            filled = with_values(url, app.config) if isinstance(url, str) else url
            self._lender = Lender(lambda: hooked(connect(filled)))
        except BadURL as error:
            if not is_suppressed:
                raise
            self._problem = str(error)
            return
        # When the application goes, or the interpreter; what is closed knows the application by a weak reference alone.
        weakref.finalize(app, self._lender.close)

    def lend(self) -> contextlib.AbstractContextManager[Sender]:
        """A sender, to be had until the end of a block.

        Raises:
            BadURL: there is none to be had.
        """
        if _is_suppressed(current_app):
            # Threads may have it all at once: it opens nothing, and appends to a list.
            return contextlib.nullcontext(self.memory)
        if self._lender is None:
            raise BadURL(self._problem)
        return self._lender.lend()


def _application() -> Flask:
    app: Flask = current_app._get_current_object()  # type: ignore[attr-defined]  # what current_app is, besides a Flask
    return app


def _state() -> State:
    state: State | None = current_app.extensions.get("cartero")
    if state is None:
        raise RuntimeError("expected an application that sends mail, found one without: call init_app(app) first")
    return state


def _is_suppressed(app: Flask) -> bool:
    said = app.config.get("CARTERO_SUPPRESS_SEND")
    if said is None:
        return bool(app.testing)
    if not isinstance(said, bool):
        # Text, as it comes from the environment, would be true whatever it says, and no mail would go.
        raise BadURL(f"expected True or False as CARTERO_SUPPRESS_SEND in the config, found {said!r}")
    return said


def _telling(app: Flask) -> Callable[[MailObject, Receipt | CarteroError], None]:
    """A hook that sends the signals of *app*."""
    found = weakref.ref(app)

    def tell(mail: MailObject, outcome: Receipt | CarteroError) -> None:
        app = found()
        assert app is not None  # else there were no context to send in
        if isinstance(outcome, CarteroError):
            message_failed.send(app, _async_wrapper=app.ensure_sync, mail=mail, error=outcome)
        else:
            message_sent.send(app, _async_wrapper=app.ensure_sync, mail=mail, receipt=outcome)

    return tell


def _rendered(name: str, context: dict[str, object]) -> tuple[str | None, str | None]:
    """The text and the page; None for the one that has no template."""
    names = f"{name}.txt", f"{name}.html"
    found = [_template(each) for each in names]
    if not any(found):
        raise TemplatesNotFound(names, f"expected a template {names[0]} or {names[1]}, or both, found neither")
    text, page = (None if each is None else render_template(each, **context) for each in found)
    return text, page


def _template(name: str) -> Template | None:
    try:
        return current_app.jinja_env.get_template(name)
    except TemplateNotFound:
        return None


def _author(said: str | Address | None) -> str | Address:
    author = said or current_app.config.get("CARTERO_DEFAULT_SENDER")
    if not author:
        raise BadEnvelope("expected from_, or CARTERO_DEFAULT_SENDER in the config, found neither")
    if not isinstance(author, str | Address):
        # Elsewhere a name and an address are a pair; here that would be two authors.
        raise BadEnvelope(f"expected text such as 'Ana <ana@example.org>' in From, found {type(author).__name__}")
    return author


def _addresses(name: str, who: object) -> list[Address]:
    several = [who] if isinstance(who, str | Address) else who
    if not isinstance(several, Iterable):
        raise BadValue(f"expected an address or several in {name}, found {type(who).__name__}")
    return [each if isinstance(each, Address) else Address.parse(each) for each in several]


def _ended(text: str) -> str:
    """*text* with the line end that Jinja takes off."""
    return text if text.endswith("\n") else f"{text}\n"
