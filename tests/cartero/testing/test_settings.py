"""What a scripted server has and can do."""

from __future__ import annotations

import pytest

from cartero.testing import FaultyServer


class TestMistakes:
    def test_a_mechanism_that_is_not_known(self) -> None:
        """It could not be spoken."""
        with pytest.raises(ValueError, match=r"expected a mechanism .*, found 'NTLM'"):
            FaultyServer(mechanisms=["NTLM"])

    def test_tls_at_once_without_a_certificate(self) -> None:
        """There is no TLS without one."""
        with pytest.raises(ValueError, match="expected tls=, a context with a certificate, for implicit_tls"):
            FaultyServer(implicit_tls=True)
