"""From a URL to what an SMTP sender is told."""

from __future__ import annotations

import pickle
import traceback
from typing import TYPE_CHECKING, Any

import pytest

from cartero import DSN, TLS, BadEnvelope, BadURL, Limits, SMTPSender, Timeouts, aio, connect
from cartero.aio import AsyncSMTPSender
from cartero.senders._smtpurl import settings
from cartero.url import SenderURL

if TYPE_CHECKING:
    from pathlib import Path

FINGERPRINT = "ab" * 32


@pytest.mark.parametrize(
    ("url", "said"),
    [
        pytest.param("smtp://mx", {}, id="usual-host"),
        pytest.param("smtp://mx:2525", {"port": 2525}, id="usual-port"),
        pytest.param("smtp://me:pw@mx", {"user": "me", "password": "pw"}, id="usual-login"),
        pytest.param("smtp://me%40x.org:p%2Fw@mx", {"user": "me@x.org", "password": "p/w"}, id="odd-escapes"),
        pytest.param("smtp://me@x.org:pw@mx", {"user": "me@x.org", "password": "pw"}, id="odd-at-in-user"),
        pytest.param("smtp://mx/", {}, id="odd-slash"),
        pytest.param("smtp://[::1]:25", {"host": "::1", "port": 25}, id="odd-ipv6"),
        pytest.param("smtp://me:p@mx?auth=login", {"user": "me", "password": "p", "auth": "login"}, id="usual-auth"),
        pytest.param("smtp://mx?own_name=a.example", {"own_name": "a.example"}, id="usual-own-name"),
        pytest.param("smtp://mx?repair=on&chunking=off", {"repair": True, "chunking": False}, id="usual-switches"),
        pytest.param("smtp://mx?tls=opportunistic", {"tls": TLS("opportunistic")}, id="usual-tls"),
        pytest.param("smtp://mx?ca=/etc/ca.pem", {"tls": TLS(ca="/etc/ca.pem")}, id="usual-ca"),
        pytest.param(
            f"smtp://mx?fingerprint={FINGERPRINT}&certificate=c.pem&key=k.pem&server_name=n",
            {"tls": TLS(fingerprint=FINGERPRINT, certificate="c.pem", key="k.pem", server_name="n")},
            id="odd-all-of-tls",
        ),
        pytest.param(
            "smtp://mx?timeout=5&final=700",
            {"timeouts": Timeouts(connect=5, command=5, data=5, final=700)},
            id="usual-timeout-for-all-but-the-last",
        ),
        pytest.param(
            "smtp://mx?connect=1&command=2&data=3",
            {"timeouts": Timeouts(connect=1, command=2, data=3)},
            id="odd-timeouts",
        ),
        pytest.param(
            "smtp://mx?timeout=5&data=9", {"timeouts": Timeouts(connect=5, command=5, data=9)}, id="odd-mixed"
        ),
        pytest.param(
            "smtp://mx?connections=1&messages=2&idle=3.5&rate=0.5",
            {"limits": Limits(connections=1, messages=2, idle=3.5, rate=0.5)},
            id="usual-limits",
        ),
        pytest.param(
            "smtp://mx?notify=failure,delay&ret=hdrs&envid=x",
            {"dsn": DSN(["failure", "delay"], ret="hdrs", envid="x")},
            id="usual-dsn",
        ),
        pytest.param("smtp://mx?ret=full", {"dsn": DSN(ret="full")}, id="odd-dsn-without-notify"),
    ],
)
def test_each_option_is_a_setting(url: str, said: dict[str, Any]) -> None:
    """What is not said is not told, so that the sender's defaults hold."""
    host = {} if "host" in said else {"host": "mx"}

    assert settings(SenderURL.parse(url)) == {"protocol": "smtp", **host, **said}


def test_a_path_is_that_of_a_socket() -> None:
    """Such as Dovecot has for LMTP."""
    assert settings(SenderURL.parse("lmtp:///run/my%20lmtp")) == {"protocol": "lmtp", "path": "/run/my lmtp"}
    assert settings(SenderURL.parse("lmtp:run/lmtp")) == {"protocol": "lmtp", "path": "run/lmtp"}


@pytest.mark.parametrize(
    ("url", "problem"),
    [
        pytest.param("smtp:", "expected the host of a mail server, found none", id="usual-nothing"),
        pytest.param("smtp://", "expected the host of a mail server, found none", id="usual-no-host"),
        pytest.param("smtp://mx:0", "expected a port from 1 to 65535", id="usual-port-zero"),
        pytest.param("smtp://mx:99999", "expected a host, or host:port", id="usual-port-too-high"),
        pytest.param("smtp://mx/inbox", "takes no path behind its host", id="usual-path"),
        pytest.param("smtp:(a b)", "smtp: takes no parentheses", id="odd-parentheses"),
        pytest.param("smtp://me@mx", "expected a password or token for me, found none", id="usual-no-password"),
        pytest.param("smtp://mx?password_command=x", "of use only beside its user", id="usual-no-user"),
        pytest.param("smtp://me:s3cret@mx?password_command=x", "found both", id="odd-two-passwords"),
        pytest.param("smtp://mx?auth=plain", "of use only beside its user", id="odd-auth-alone"),
        pytest.param("smtp://mx?tls=yes", "expected require, opportunistic or off for tls", id="usual-tls"),
        pytest.param("smtp://mx?tls=off&ca=x", "ca: of no use where tls=off", id="odd-ca-without-tls"),
        pytest.param("smtps://mx?tls=off", "smtps is TLS from the first octet on", id="usual-smtps-without-tls"),
        pytest.param("smtp://mx?fingerprint=12", "64 hexadecimal digits", id="usual-fingerprint"),
        pytest.param("smtp://mx?key=k.pem", "of use only beside its certificate", id="odd-key-alone"),
        pytest.param("smtps:///run/x", "a socket file has no host: server_name= or", id="odd-tls-at-a-socket"),
        pytest.param("smtp://mx?timeout=soon", "expected a number as timeout, found 'soon'", id="usual-timeout"),
        pytest.param("smtp://mx?timeout=0", "expected seconds for the timeout connect, above 0", id="usual-no-time"),
        pytest.param("smtp://mx?final=nan", "expected seconds for the timeout final, above 0", id="odd-nan"),
        pytest.param("smtp://mx?connections=0", "expected a number above 0 as limit connections", id="usual-limit"),
        pytest.param("smtp://mx?connections=1.5", "expected a number as connections", id="odd-half"),
        pytest.param("smtp://mx?rate=nan", "expected a number above 0 as limit rate", id="odd-rate"),
        pytest.param("smtp://mx?repair=yes", "expected on or off as repair, found 'yes'", id="usual-switch"),
        pytest.param("smtp://mx?ret=body", "expected full or hdrs", id="usual-ret"),
        pytest.param("smtp://mx?notify=never,delay", "never to be notified", id="odd-notify"),
        pytest.param("smtp://mx?own_name=me", "expected a domain name of this host", id="usual-own-name"),
        pytest.param("smtp://mx?own_name=a.b%0D%0AMAIL", "expected a domain name of this host", id="hostile-own-name"),
        pytest.param("smtp://mx?colour=red", "smtp: has no such option", id="usual-unknown"),
        pytest.param("smtp://me:$NO_SUCH_VARIABLE_s3cret@mx", "expected the environment variable", id="odd-variable"),
    ],
)
@pytest.mark.parametrize("connected", [connect, aio.connect], ids=["cartero", "aio"])
def test_what_cannot_be_is_refused(url: str, problem: str, connected: Any) -> None:
    """When the sender is made, not when the first message goes; and no password is shown."""
    with pytest.raises((BadURL, BadEnvelope), match=problem) as caught:
        connected(url)

    shown = [str(caught.value), repr(caught.value), repr(pickle.dumps(caught.value))]
    assert "s3cret" not in "".join(shown).replace("NO_SUCH_VARIABLE_s3cret", "")
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("url", "name"),
    [
        pytest.param("smtp://mx", "smtp://mx:25", id="usual-smtp"),
        pytest.param("smtp://me:s3cret@mx", "smtp://me@mx:587", id="usual-submission"),
        pytest.param("smtps://me:s3cret@mx", "smtps://me@mx:465", id="usual-smtps"),
        pytest.param("lmtp://mx", "lmtp://mx:24", id="usual-lmtp"),
        pytest.param("LMTP:///run/lmtp", "lmtp:///run/lmtp", id="usual-socket"),
        pytest.param("lmtp:run/lmtp", "lmtp:run/lmtp", id="odd-relative-socket"),
        pytest.param("smtp://[::1]:2525", "smtp://[::1]:2525", id="odd-ipv6"),
        pytest.param("smtp://a%3Ab%2F%24c%20d:s3cret@mx", "smtp://a%3Ab%2F%24c%20d@mx:587", id="odd-user"),
        pytest.param("smtp://m%C3%A9@x.org:s3cret@mx", "smtp://m%C3%A9@x.org@mx:587", id="odd-user-is-address"),
        pytest.param("smtp://mx?timeout=3", "smtp://mx:25", id="odd-options"),
    ],
)
@pytest.mark.parametrize(("connected", "kind"), [(connect, SMTPSender), (aio.connect, AsyncSMTPSender)])
def test_the_name_is_a_url_without_a_password(url: str, name: str, connected: Any, kind: type[Any]) -> None:
    """The port follows from what is said; the name makes a sender of the same name again."""
    sender = connected(url)

    assert type(sender) is kind
    assert sender.name == name
    assert repr(sender) == f"<{kind.__name__} {name}>"
    login = "?password_command=x" if "@" in name else ""
    assert connected(name + login).name == name


def test_a_variable_holds_what_nobody_should_read(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """In a setting, a password by its name alone."""
    monkeypatch.setenv("MAIL_PASSWORD", "s3cr3t/@:")

    assert settings(SenderURL.parse("smtp://me:$MAIL_PASSWORD@mx"))["password"] == "s3cr3t/@:"
    assert "s3cr3t" not in repr(vars(connect("smtp://me:${MAIL_PASSWORD}@mx")))
    with pytest.raises(BadURL) as caught:
        connect(f"smtp://me:$MAIL_PASSWORD@mx/{tmp_path}")
    assert "s3cr3t" not in "".join(traceback.format_exception(caught.value))


def test_a_command_fetches_the_secret() -> None:
    """When it is needed."""
    found = settings(SenderURL.parse("smtp://me@mx?password_command=echo%20one&token_command=echo%20two"))

    assert (found["password"](), found["token"]()) == ("one", "two")
