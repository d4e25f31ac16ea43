"""Mail through the mail API of Google App Engine."""

from __future__ import annotations

import os
import warnings

from mimekit import MimeError

from ..errors import BadMessage, ConnectError, SendingError
from ..outcome import Outcome
from ..receipt import Receipt
from .base import Sender

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from ._carried import Carried
    from .preparation import MailObject

# Of the errors of its calls: those the same call may get past later, those after which nobody knows what became of
# it, and those of a program that cannot call it at all.
_TEMPORARY = frozenset({"OverQuotaError", "CapabilityDisabledError"})
_AMBIGUOUS = frozenset(
    {"DeadlineExceededError", "CancelledError", "InterruptedError", "RPCFailedError", "ResponseTooLargeError"}
)
_INTERNAL_ERROR = 1  # the one answer of the mail service that says nothing of the message
_UNCALLED = frozenset({"RpcAuthorityError"})
_ADVICE = {
    "InvalidSenderError": "; only an address that is authorised in the settings of the application may stand in From",
    "FeatureNotEnabledError": "; app_engine_apis: true belongs in app.yaml",
}


class AppEngineSender(Sender):
    """Sends by the mail API of App Engine, from a program that runs there. It needs the extra ``appengine``.

    The API takes no message but its parts, and makes one of its own of them. What it cannot carry is refused before
    anything is sent, with a `BadMessage` or a `BadEnvelope` that names it:

    - From, To, Cc, Reply-To and Subject are carried, as are Auto-Submitted, In-Reply-To, List-Id, List-Unsubscribe,
      On-Behalf-Of, References, Resent-Date, Resent-From and Resent-To. Any other field is refused, but for those the
      API writes itself: Date, Message-ID, MIME-Version and what Content-* fields say. So the receipt has no
      Message-ID: nobody is told which it is.
    - There is one address in From, and one at most in Reply-To; Sender, if there is one, says the same as From.
      Groups are refused, but for empty ones, such as undisclosed recipients.
    - It is sent to the envelope's recipients: those who are not in To or Cc are given to the API as Bcc, and an
      envelope that leaves out somebody in To or Cc is refused. The envelope's sender must be the address in From:
      the API reports failures to the application.
    - One plain text, one page and one AMP page are carried, as versions of each other; not a calendar or another
      version beside them, a second text, an attached message or a part that is signed.
    - Files are carried octet for octet with their names and Content-IDs. Their type is what the API makes of the
      ending of the name. A name needs an ending, and none that the API takes for dangerous, such as ``.exe``; an
      image that a page shows may be without a name and gets one. All of it, with the texts, has 32 MB at most.

    The API says nothing of single recipients: it takes a message for all or for none.

    Raises:
        BadMessage, BadEnvelope: as said above, when a message is sent.
        ConnectError: this is no App Engine, the SDK is not installed, or it is set to send over SMTP.
        SendingError: the API refused the message; ``temporary`` where a quota was used up, ``ambiguous`` where its
            answer did not come.
    """

    def __init__(self) -> None:
        super().__init__()
        self._sdk: Any = None

    @property
    def name(self) -> str:
        """``gae:``."""
        return "gae:"

    def _open(self) -> None:
        try:
            self._sdk = self._sdk or _sdk()
        except ImportError as error:
            raise self._closed("it needs the extra appengine: pip install 'cartero-mail[appengine]'") from error
        # SECURITY: the SDK would not look at the certificate of the server, and would change binary files.
        if os.environ.get("APPENGINE_USE_SMTP_MAIL_SERVICE") == "true":
            raise self._closed("APPENGINE_USE_SMTP_MAIL_SERVICE is set; send by an SMTP sender instead, smtp://...")
        if self._sdk.apiproxy_stub_map.apiproxy.GetStub("mail") is None:
            raise self._closed(
                "there is no mail API here; on App Engine it takes app_engine_apis: true in app.yaml and "
                "google.appengine.api.wrap_wsgi_app() around the application, in a test a testbed"
            )

    def _closed(self, problem: str) -> ConnectError:
        return ConnectError(f"cannot send by App Engine: {problem}", sender=self.name, stage="open")

    def _deliver(self, mail: MailObject) -> Receipt:
        # Imported with the first mail, as the SDK is: there for few.
        from ._carried import carried  # noqa: PLC0415

        sdk = self._sdk
        try:
            given = carried(mail, forbidden=sdk.EXTENSION_BLACKLIST)
        except MimeError as error:
            raise BadMessage(str(error)) from error
        try:
            _message(sdk, given).send()
        except (sdk.Error, sdk.apiproxy_errors.Error) as error:
            raise self._failure(error, mail) from error
        # No Message-ID: the API gives the message one, and does not say which.
        return Receipt(dict.fromkeys(mail.envelope.recipients, Outcome(accepted=True)), sender=self.name)

    def _failure(self, error: Exception, mail: MailObject) -> ConnectError | SendingError:
        kind = type(error).__name__
        if kind in _UNCALLED:
            return self._closed(f"{kind}: {error}")
        is_ambiguous = kind in _AMBIGUOUS or getattr(error, "application_error", None) == _INTERNAL_ERROR
        said = str(error) or kind
        return SendingError(
            f"App Engine did not take the message: {kind}{_ADVICE.get(kind, '')}",
            sender=self.name,
            stage="send",
            reply="" if said == kind else said,
            temporary=is_ambiguous or kind in _TEMPORARY,
            ambiguous=is_ambiguous,
            refused={} if is_ambiguous else dict.fromkeys(mail.envelope.recipients, said),
        )


def _sdk() -> Any:  # noqa: ANN401 -- the SDK says nothing of its types
    """The SDK's module ``mail``, which has the others it needs as attributes.

    Raises:
        ImportError: it is not installed.
    """
    with warnings.catch_warnings():
        # It imports `cgi`, which Python 3.11 and 3.12 warn about; nobody but its authors can help that.
        warnings.filterwarnings("ignore", "'cgi' is deprecated", DeprecationWarning)
        # Imported with the first mail: it is half a second's work, and there for few.
        from google.appengine.api import mail  # noqa: PLC0415

    return mail


def _message(sdk: Any, given: Carried) -> Any:  # noqa: ANN401 -- as above
    """*given* as the API has it."""
    message = sdk.EmailMessage(**given.properties)
    if given.files:
        message.attachments = [
            sdk.Attachment(file.name, file.octets, content_id=file.content_id) for file in given.files
        ]
    return message
