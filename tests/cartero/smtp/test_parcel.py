"""What a transaction carries."""

from __future__ import annotations

from cartero.smtp.parcel import Parcel


def test_a_parcel_is_what_mail_and_rcpt_and_data_say() -> None:
    """Paths as one server has them, each with the address that the caller knows it by."""
    parcel = Parcel("me@x.org", {"you@xn--bcher-kva.example": "you@bücher.example"}, lambda: [b"Hi\r\n"], size=4)

    assert list(parcel.pieces()) == [b"Hi\r\n"]
    assert list(parcel.pieces()) == [b"Hi\r\n"]
    assert (parcel.is_8bit, parcel.is_utf8, parcel.dsn) == (False, False, None)
