"""What the tests of the command share: no setting of this machine, and files of a server's certificate."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.certificates import issued


@pytest.fixture(autouse=True)
def _no_setting(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever the machine is set up for."""
    for name in ("CARTERO_URL", "CARTERO_TOKEN", "NOTIFY_SOCKET"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def certificate(tmp_path: Path) -> tuple[str, str]:
    """A certificate for this machine, and its key, as files."""
    made = issued("localhost", "127.0.0.1")
    cert, key = tmp_path / "cert.pem", tmp_path / "key.pem"
    cert.write_bytes(b"".join(pem.bytes() for pem in made.cert_chain_pems))
    key.write_bytes(made.private_key_pem.bytes())
    return str(cert), str(key)
