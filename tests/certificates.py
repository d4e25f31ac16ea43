"""Certificates for tests: one authority, and what servers and clients show. All are made when this is imported."""

from __future__ import annotations

import atexit
import datetime as dt
import os
import ssl
import tempfile

import trustme

_CA = trustme.CA()
_HANDLE, AUTHORITY = tempfile.mkstemp(suffix=".pem")  # the file of the authority
os.close(_HANDLE)
atexit.register(os.unlink, AUTHORITY)
_CA.cert_pem.write_to_path(AUTHORITY)


def issued(*names: str, not_after: dt.datetime | None = None) -> trustme.LeafCert:
    """A certificate for *names*."""
    return _CA.issue_cert(*names, not_after=not_after)


def server_context(
    *names: str, not_after: dt.datetime | None = None, asks_for_certificate: bool = False
) -> ssl.SSLContext:
    """What a server needs that is called by *names*."""
    return context(issued(*names, not_after=not_after), asks_for_certificate=asks_for_certificate)


def context(certificate: trustme.LeafCert, *, asks_for_certificate: bool = False) -> ssl.SSLContext:
    """What a server needs that shows *certificate*."""
    found = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    certificate.configure_cert(found)
    if asks_for_certificate:
        found.verify_mode = ssl.CERT_REQUIRED
        _CA.configure_trust(found)
    return found


MINE = issued("me@example.org")
RIGHT = server_context("localhost")
OTHER = issued("other.example")
WRONG = context(OTHER)
EXPIRED = server_context("localhost", not_after=dt.datetime(2020, 1, 1, tzinfo=dt.UTC))
