"""What a server says of itself: for `cartero-send --server-info`."""

from __future__ import annotations

from hashlib import sha256

from .._display import harmless
from ..errors import ConnectError
from ..senders.smtp import SMTPSender
from ._advice import is_distrust
from ._exits import UsageError
from ._report import print_json, print_text

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    from ..senders.base import Sender
    from ..smtp.conversation import Conversation
    from ..wires.blocking import Wire
    from ._options import Options


def show_server(sender: Sender, options: Options) -> None:
    """Connect, log in if there is a user, and print what the server says of itself.

    Raises:
        UsageError: *sender* goes to no server.
        ConnectError: the road is closed.
        OSError: as for `print_text`.
    """
    if not isinstance(sender, SMTPSender):
        raise UsageError(f"--server-info is for smtp:, smtps: and lmtp:, and this road is {sender.name}")
    try:
        facts = _asked(sender)
    except ConnectError as error:
        strange = _asked_of_stranger(sender) if is_distrust(error) else None
        if strange is not None:
            _print(strange, options)
        raise
    _print(facts, options)


def _print(facts: dict[str, Any], options: Options) -> None:
    if options.json:
        print_json({"server_info": facts})
        return
    print_text("".join(f"{harmless(line)}\n" for line in _lines(facts)))


def _asked(sender: SMTPSender) -> dict[str, Any]:
    with sender:
        try:
            connection = sender._taken()
        except ConnectError as error:
            error.sender = sender.name
            raise
        try:
            is_believed = sender._tls.is_believed
            return {"sender": sender.name, **_facts(connection.conversation, connection.wire, is_believed=is_believed)}
        finally:
            sender._given(connection)


def _asked_of_stranger(sender: SMTPSender) -> dict[str, Any] | None:
    """What a server says of itself that is not believed; None where it does not say it again."""
    from ..wires.blocking import Wire  # noqa: PLC0415 - it imports the network
    from ..wires.tls import TLS  # noqa: PLC0415 - as this

    # SECURITY: nobody knows who that is, so nobody logs in, and no certificate of ours is shown.
    is_secure = sender._protocol == "smtps"
    try:
        tls = TLS("opportunistic", server_name=sender._tls.server_name)
        wire = Wire.open(sender._place, tls, timeout=sender._timeouts.connect, secure=is_secure)
        try:
            conversation = sender._conversation(wire.own_address)
            wire.run(conversation.open(starttls="off" if is_secure else "require", login=None, is_private=False))
            facts = {"sender": sender.name, **_facts(conversation, wire, is_believed=False)}
            wire.run(conversation.quit())
        finally:
            wire.close()
    except ConnectError:
        return None
    return facts


def _facts(conversation: Conversation, wire: Wire, *, is_believed: bool) -> dict[str, Any]:
    capabilities, greeting = conversation.capabilities, conversation.greeting
    return {
        "greeting": "" if greeting is None else f"{greeting.code} {greeting.text}",
        "tls": wire.tls_version,
        "certificate": _certificate(wire.peer_certificate, wire.certificate_info, is_believed=is_believed),
        "most_octets": capabilities.most_octets,
        "mechanisms": list(capabilities.mechanisms),
        "extensions": dict(capabilities.extensions),
    }


def _certificate(octets: bytes | None, info: dict[str, Any], *, is_believed: bool) -> dict[str, Any] | None:
    if octets is None:
        return None
    return {
        "names": [str(name) for _kind, name in info.get("subjectAltName", ())],
        "issuer": _title(info.get("issuer", ())),
        "until": info.get("notAfter", ""),
        "fingerprint": sha256(octets).hexdigest(),
        "believed": is_believed,
    }


def _title(names: tuple[tuple[tuple[str, str], ...], ...]) -> str:
    """Who that is, as people call it."""
    said = {kind: text for part in names for kind, text in part}
    kinds = ("organizationName", "organizationalUnitName", "commonName")
    return ", ".join(dict.fromkeys(said[kind] for kind in kinds if kind in said))


def _lines(facts: dict[str, Any]) -> Iterator[str]:
    """*facts* for people."""
    yield facts["sender"]
    yield f"greeting: {facts['greeting']}"
    is_offered = " (STARTTLS is offered: --tls require)" if "STARTTLS" in facts["extensions"] else ""
    yield f"TLS: {facts['tls'] or f'none{is_offered}'}"
    certificate = facts["certificate"]
    if certificate is not None:
        yield f"certificate: for {', '.join(certificate['names']) or 'nobody'}"
        yield f"certified by: {certificate['issuer']}"
        yield f"valid until: {certificate['until']}"
        yield f"fingerprint: {certificate['fingerprint']}"
        yield f"believed: {'yes' if certificate['believed'] else 'no; this may be any server'}"
    most = facts["most_octets"]
    yield f"largest message: {'no limit is said' if most is None else f'{most:,} octets'}"
    yield f"log in by: {', '.join(facts['mechanisms']) or 'nothing'}"
    yield "extensions:"
    yield from (f"  {keyword} {parameters}".rstrip() for keyword, parameters in facts["extensions"].items())
