"""Why a server does not take a request."""

from __future__ import annotations

import time
from email.utils import formatdate
from xmlrpc.client import Fault, loads

import pytest

from cartero.servers import _refusals
from cartero.servers._refusals import Refusal, RefusedError, _date

_ALL = [each for each in vars(_refusals).values() if isinstance(each, Refusal)]


@pytest.mark.parametrize("refusal", _ALL, ids=lambda refusal: refusal.text)
def test_each_is_a_fault_in_an_answer(refusal: Refusal) -> None:
    """Programs that know nothing of HTTP read the fault."""
    head, _, body = refusal.response().partition(b"\r\n\r\n")

    with pytest.raises(Fault) as caught:
        loads(body)
    assert (caught.value.faultCode, caught.value.faultString) == (refusal.code, refusal.text)
    assert head.startswith(f"HTTP/1.1 {refusal.status} ".encode())
    assert f"Content-Length: {len(body)}".encode() in head.split(b"\r\n")
    assert b"Connection: close" in head.split(b"\r\n")


def test_the_date_is_that_of_the_standard_library() -> None:
    """RFC 9110, section 5.6.7: an IMF-fixdate."""
    for second in (0, 951_782_400, int(time.time())):
        assert _date(second) == formatdate(second, usegmt=True)


def test_an_error_carries_its_refusal() -> None:
    """To whoever answers."""
    assert RefusedError(_refusals.FULL).refusal is _refusals.FULL
