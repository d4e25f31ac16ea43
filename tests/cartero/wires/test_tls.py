"""How TLS is spoken."""

from __future__ import annotations

import errno
import ssl
from typing import TYPE_CHECKING

import pytest

from cartero import TLS, BadURL, ConnectError
from cartero.wires.tls import failure
from tests.certificates import AUTHORITY

if TYPE_CHECKING:
    from pathlib import Path


class TestSettings:
    def test_it_is_required_and_certificates_are_checked(self) -> None:
        """RFC 8314, section 4.1: nobody has to ask for it."""
        context = TLS().context()

        assert TLS().mode == "require"
        assert (context.verify_mode, context.check_hostname) == (ssl.CERT_REQUIRED, True)
        assert context.minimum_version >= ssl.TLSVersion.TLSv1_2

    @pytest.mark.parametrize(
        ("tls", "is_checked"),
        [
            pytest.param(TLS("opportunistic"), False, id="opportunistic"),
            pytest.param(TLS("opportunistic", ca=AUTHORITY), True, id="opportunistic-authority"),
            pytest.param(TLS(fingerprint="0" * 64), False, id="fingerprint"),
        ],
    )
    def test_who_asks_for_less_gets_it(self, tls: TLS, is_checked: bool) -> None:
        """RFC 7435, section 3: any certificate keeps out who only listens; a fingerprint is a check of its own."""
        assert tls.context().check_hostname is is_checked

    @pytest.mark.parametrize(
        ("tls", "is_believed"),
        [
            pytest.param(TLS(), True, id="usual-required"),
            pytest.param(TLS("opportunistic"), False, id="usual-any-certificate"),
            pytest.param(TLS("opportunistic", ca=AUTHORITY), True, id="usual-authority"),
            pytest.param(TLS("opportunistic", fingerprint="0" * 64), True, id="usual-fingerprint"),
        ],
    )
    def test_who_takes_any_certificate_does_not_know_the_server(self, tls: TLS, is_believed: bool) -> None:
        """RFC 7435, section 3: opportunistic security keeps out who only listens."""
        assert tls.is_believed is is_believed

    @pytest.mark.parametrize(
        "settings",
        [
            pytest.param({"mode": "always"}, id="odd-mode"),
            pytest.param({"fingerprint": "00"}, id="odd-short-fingerprint"),
            pytest.param({"fingerprint": "g" * 64}, id="odd-fingerprint"),
            pytest.param({"key": "key.pem"}, id="odd-key-alone"),
            pytest.param({"server_name": ".example"}, id="odd-name"),
        ],
    )
    def test_what_it_cannot_be_is_refused(self, settings: dict[str, str]) -> None:
        """When the sender is made, and not with the first message."""
        with pytest.raises(BadURL):
            TLS(**settings)  # type: ignore[arg-type]  # that is the point

    def test_it_is_a_value(self) -> None:
        """However a fingerprint is written."""
        digits = "ab" * 32

        assert TLS(fingerprint=":".join(["AB"] * 32)) == TLS(fingerprint=digits)

    def test_authorities_may_be_a_folder(self, tmp_path: Path) -> None:
        """As systems keep them; one without certificates believes nobody."""
        assert TLS(ca=tmp_path).context().get_ca_certs() == []

    @pytest.mark.parametrize("name", ["none.pem", "text.pem"])
    def test_a_file_of_no_use_is_a_setting_to_be_mended(self, tmp_path: Path, name: str) -> None:
        """It is absent, or it is something else."""
        (tmp_path / "text.pem").write_text("hello")

        with pytest.raises(BadURL, match="certificate or key"):
            TLS(certificate=tmp_path / name).context()

    def test_the_name_that_is_expected(self) -> None:
        """RFC 6125, section 6.2.1: the host that was asked for, or what is said in its place."""
        assert TLS().expected("mx.example")[0] == "mx.example"
        assert TLS(server_name="b\u00fccher.example").expected("127.0.0.1")[0] == "xn--bcher-kva.example"
        assert TLS(fingerprint="0" * 64).expected("")[0] == ""

    def test_there_must_be_one(self) -> None:
        """A socket file has none."""
        with pytest.raises(BadURL, match="server_name="):
            TLS().expected("")


class TestFingerprints:
    def test_without_one_any_certificate_will_do(self) -> None:
        """It was checked by other means, or not at all."""
        TLS().check_certificate(b"any")

    @pytest.mark.parametrize("certificate", [b"another", None])
    def test_another_certificate_is_refused_and_named(self, certificate: bytes | None) -> None:
        """So that it can be compared, and put in."""
        with pytest.raises(ConnectError, match=r"[0-9a-f]{64}"):
            TLS(fingerprint="0" * 64).check_certificate(certificate)


class TestFailures:
    @pytest.mark.parametrize(
        ("error", "words", "temporary"),
        [
            pytest.param(TimeoutError(), "did not answer in time", True, id="late"),
            pytest.param(ConnectionResetError(104, "reset by peer"), "failed: reset by peer", True, id="reset"),
            pytest.param(ConnectionResetError(), "failed: ConnectionResetError", True, id="reset-without-a-word"),
            pytest.param(ssl.SSLEOFError(8, "EOF occurred"), "failed: EOF occurred", True, id="closed"),
            pytest.param(OSError(errno.ENOTCONN, "not connected"), "failed: not connected", True, id="gone"),
            pytest.param(ssl.SSLError(1, "[SSL] tlsv1 alert"), "failed: [SSL] tlsv1 alert", False, id="alert"),
            pytest.param(ssl.SSLError(1, "WRONG_VERSION_NUMBER"), "smtps: at once", False, id="no-tls"),
        ],
    )
    def test_it_is_said_why(self, error: OSError, words: str, temporary: bool) -> None:
        """And whether it may go better next time."""
        raised = failure(error, "mx.example")

        assert words in str(raised)
        assert (raised.stage, raised.temporary) == ("TLS", temporary)
