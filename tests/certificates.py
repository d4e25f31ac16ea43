"""Certificates for tests: one authority, what servers and clients show, and whom they believe.

All are made when this is imported.
"""

from __future__ import annotations

import atexit
import datetime as dt
import os
import ssl
import tempfile
from hashlib import sha256

import trustme


def _written(authority: trustme.CA) -> str:
    """The path of a file that holds its certificate, until all tests are over."""
    handle, path = tempfile.mkstemp(suffix=".pem")
    os.close(handle)
    atexit.register(os.unlink, path)
    authority.cert_pem.write_to_path(path)
    return path


_CA = trustme.CA()
AUTHORITY = _written(_CA)  # the file of the authority
STRANGER = _written(trustme.CA())  # of one that vouches for nobody here


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


def client_context(authority: str = AUTHORITY) -> ssl.SSLContext:
    """What a client needs that believes the *authority* of this file, and no other."""
    return ssl.create_default_context(cafile=authority)


def fingerprint(certificate: trustme.LeafCert) -> str:
    """The SHA-256 of *certificate* itself, without those behind it."""
    return sha256(ssl.PEM_cert_to_DER_cert(certificate.cert_chain_pems[0].bytes().decode())).hexdigest()


MINE = issued("me@example.org")
RIGHT = server_context("localhost")
OTHER = issued("other.example")
WRONG = context(OTHER)
EXPIRED = server_context("localhost", not_after=dt.datetime(2020, 1, 1, tzinfo=dt.UTC))
