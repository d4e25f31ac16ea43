"""What the shell is told, and what people are told to do."""

from __future__ import annotations

import errno
import socket

import pytest

from cartero import BadURL, ConnectError
from cartero.cli._exits import ConfigurationError, NoInputError, UsageError
from cartero.servers.cli._exits import Exit, exit_for, explained


def caused(error: Exception, cause: Exception | None) -> Exception:
    """*error*, raised from *cause*."""
    error.__cause__ = cause
    return error


def listening(cause: Exception) -> Exception:
    """That a server cannot listen."""
    return caused(ConnectError("cannot listen at x", stage="listen"), cause)


@pytest.mark.parametrize(
    ("error", "status"),
    [
        pytest.param(UsageError("?"), Exit.USAGE, id="usual-usage"),
        pytest.param(BadURL("?"), Exit.USAGE, id="usual-no-road"),
        pytest.param(NoInputError("?"), Exit.NO_INPUT, id="usual-no-file"),
        pytest.param(caused(BadURL("?"), FileNotFoundError()), Exit.NO_INPUT, id="usual-no-file-of-users"),
        pytest.param(ConfigurationError("?"), Exit.CONFIGURATION, id="usual-not-configured"),
        pytest.param(listening(OSError(errno.EADDRINUSE, "?")), Exit.UNAVAILABLE, id="usual-in-use"),
        pytest.param(listening(PermissionError(errno.EACCES, "?")), Exit.NOT_PERMITTED, id="usual-port-25"),
        pytest.param(listening(socket.gaierror(-2, "?")), Exit.UNKNOWN_HOST, id="usual-no-host"),
        pytest.param(ConnectError("?", stage="resolve"), Exit.UNKNOWN_HOST, id="odd-no-such-name"),
        pytest.param(OSError(errno.ENOSPC, "?"), Exit.IO, id="odd-disk-full"),
    ],
)
def test_scripts_are_told_by_number(error: Exception, status: Exit) -> None:
    """As sysexits.h has them."""
    assert exit_for(error) == status


@pytest.mark.parametrize(
    ("number", "advice"),
    [
        pytest.param(errno.EADDRINUSE, "stop the program that listens there", id="usual-in-use"),
        pytest.param(errno.EEXIST, "that is no socket file", id="usual-another-file"),
        pytest.param(errno.EADDRNOTAVAIL, "an address that this machine has", id="usual-not-here"),
        pytest.param(errno.EACCES, "CAP_NET_BIND_SERVICE", id="usual-port-25"),
        pytest.param(errno.ENOENT, "make the folder", id="usual-no-folder"),
    ],
)
def test_people_are_told_what_to_do(number: int, advice: str) -> None:
    """A line that says what is wrong alone is half of one."""
    assert advice in explained(listening(OSError(number, "?")))


def test_a_host_is_to_be_checked() -> None:
    """A name that is not found is mostly a slip."""
    assert explained(listening(socket.gaierror(-2, "?"))).endswith("; check the name of the host")


def test_an_address_that_is_not_here_is_told_without_a_number() -> None:
    """Python 3.13 gives none."""
    assert "an address that this machine has" in explained(listening(OSError("could not bind on any address")))


def test_what_nobody_knows_more_of_is_said_as_it_is() -> None:
    """No advice is better than a wrong one."""
    assert explained(listening(OSError(errno.EIO, "?"))) == "cannot listen at x (listen)"
    assert explained(ConnectError("closed", stage="connect")) == "closed (connect)"
    assert explained(caused(ConnectError("closed", stage="listen"), None)) == "closed (listen)"


def test_options_are_called_as_they_are_here() -> None:
    """What a program is told to name is an option here."""
    text = explained(ConfigurationError("x: name users, domains of its own, or the networks that need no login"))

    assert text.startswith("x: --users, --domain or --allow")
