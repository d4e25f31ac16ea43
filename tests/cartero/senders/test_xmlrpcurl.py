"""From a URL to what an XML-RPC sender is told."""

from __future__ import annotations

import sys
from typing import Any

import pytest

from cartero import TLS, BadURL, XMLRPCSender, connect
from cartero.senders._xmlrpcurl import settings
from cartero.url import SenderURL


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        pytest.param("xmlrpc+https://mx/p", {}, id="usual"),
        pytest.param(
            "xmlrpc+http://mx/p?timeout=5&answer_timeout=1.5&batch=7",
            {"timeout": 5.0, "answer_timeout": 1.5, "batch": 7},
            id="usual-numbers",
        ),
        pytest.param("xmlrpc+http://mx/p?tls=off", {"tls": TLS("off")}, id="usual-in-the-clear"),
        pytest.param("xmlrpc+https://mx/p?ca=/etc/ca.pem", {"tls": TLS(ca="/etc/ca.pem")}, id="usual-ca"),
    ],
)
def test_each_option_is_an_argument(url: str, expected: dict[str, Any]) -> None:
    """Under the same name; those of TLS are one."""
    found = settings(SenderURL.parse(url))

    scheme, _, _ = url.removeprefix("xmlrpc+").partition(":")
    assert found == {"url": SenderURL(scheme, authority="mx", path="/p"), **expected}


@pytest.mark.parametrize(
    ("url", "problem"),
    [
        pytest.param("xmlrpc+https://mx?tiemout=5", r"xmlrpc\+https: has no such option", id="usual-misspelled"),
        pytest.param("xmlrpc+https://mx?timeout=soon", "expected a number as timeout, found 'soon'", id="usual-word"),
        pytest.param("xmlrpc+https://mx?batch=2.5", "expected a number as batch", id="odd-fraction"),
        pytest.param("xmlrpc+https://mx?timeout=nan", "seconds for timeout, above 0", id="hostile-nan"),
        pytest.param("xmlrpc+https://mx?tls=maybe", "found 'maybe'", id="odd-tls"),
        pytest.param("xmlrpc+https:(a b)", "takes no parentheses", id="odd-members"),
        pytest.param("xmlrpc+https://:x@mx?token_command=y", "a token or a token_command, found both", id="odd-both"),
        pytest.param("xmlrpc+http://mx", "would show mail and token", id="usual-in-the-clear"),
    ],
)
def test_what_makes_no_sense_is_refused(url: str, problem: str) -> None:
    """Never a part of a setting that is silently ignored."""
    with pytest.raises(BadURL, match=problem):
        connect(url)


def test_a_token_may_come_from_a_command() -> None:
    """Never an argument of a program, which everybody on a machine can read."""
    found = settings(SenderURL.parse(f"xmlrpc+https://mx?token_command={sys.executable} -c 'print(1)'"))

    assert found["token"]() == "1"


def test_a_token_may_come_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """A URL is shown in places where a secret is not to be."""
    monkeypatch.setenv("TOKEN_OF_THIS_TEST", "s3cret")

    sender = connect("xmlrpc+https://:$TOKEN_OF_THIS_TEST@mx/p")

    assert isinstance(sender, XMLRPCSender)
    assert sender._token == "s3cret"
    assert repr(sender) == "<XMLRPCSender xmlrpc+https://mx/p>"
