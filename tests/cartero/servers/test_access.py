"""Who may send mail to whom."""

from __future__ import annotations

from typing import Any

import pytest

from cartero import BadURL
from cartero.servers.access import Access
from cartero.servers.passwords import Users

USERS = Users(lambda _user, _password: True)


class TestSettings:
    def test_beyond_this_machine_somebody_is_named(self) -> None:
        """A server that carries on anything for anybody is found within hours."""
        with pytest.raises(BadURL, match="who may send by this server"):
            Access()

    @pytest.mark.parametrize(
        "settings",
        [
            pytest.param({"is_local": True}, id="usual-local"),
            pytest.param({"users": USERS}, id="usual-users"),
            pytest.param({"domains": ["example.org"]}, id="usual-domains"),
            pytest.param({"domains": "example.org"}, id="odd-one-domain"),
            pytest.param({"networks": "10.0.0.0/8"}, id="odd-one-network"),
        ],
    )
    def test_one_of_them_is_enough(self, settings: Any) -> None:
        """Whichever."""
        Access(**settings)

    @pytest.mark.parametrize(
        "settings",
        [
            pytest.param({"domains": [""]}, id="odd-no-domain"),
            pytest.param({"domains": ["ana@example.org"]}, id="odd-address"),
            pytest.param({"domains": ["example.org, example.com"]}, id="odd-two"),
            pytest.param({"domains": ["example..org"]}, id="odd-dots"),
            pytest.param({"domains": [b"example.org"]}, id="odd-octets"),
            pytest.param({"networks": ["10.0.0.1/8"]}, id="odd-host-of-a-network"),
            pytest.param({"networks": ["example.org"]}, id="odd-name"),
            pytest.param({"networks": [10]}, id="odd-number"),
            pytest.param({"networks": [""]}, id="odd-nothing"),
        ],
    )
    def test_what_is_no_domain_or_network_is_refused(self, settings: Any) -> None:
        """At once, and not with the first client."""
        with pytest.raises(BadURL, match=r"expected an? (domain|address)"):
            Access(**settings, is_local=True)


class TestRelaying:
    @pytest.mark.parametrize(
        ("settings", "host", "recipient", "may"),
        [
            pytest.param({"is_local": True}, "127.0.0.1", "you@other.example", True, id="usual-local"),
            pytest.param({"users": USERS}, "192.0.2.1", "you@example.org", False, id="usual-no-login"),
            pytest.param({"users": USERS, "is_local": True}, "127.0.0.1", "you@x.example", False, id="odd-local-users"),
            pytest.param({"domains": ["example.org"]}, "192.0.2.1", "you@example.org", True, id="usual-own"),
            pytest.param({"domains": ["example.org"]}, "192.0.2.1", "you@EXAMPLE.org", True, id="odd-case"),
            pytest.param({"domains": ["EXAMPLE.org"]}, "192.0.2.1", "you@example.org", True, id="odd-case-in-setting"),
            pytest.param({"domains": ["example.org"]}, "192.0.2.1", "you@sub.example.org", False, id="usual-below"),
            pytest.param({"domains": ["example.org"]}, "192.0.2.1", "you@other.example", False, id="usual-other"),
            pytest.param({"domains": ["example.org"]}, "192.0.2.1", "Postmaster", True, id="odd-postmaster"),
            pytest.param({"networks": ["10.0.0.0/8"]}, "192.0.2.1", "postmaster", False, id="odd-postmaster-elsewhere"),
            pytest.param(
                {"domains": ["b\u00fccher.example"]},
                "192.0.2.1",
                "a@xn--bcher-kva.example",
                True,
                id="odd-two-spellings",
            ),
            pytest.param(
                {"domains": ["example.org"]}, "192.0.2.1", '"a@example.org"@x.example', False, id="hostile-quoted"
            ),
            pytest.param(
                {"domains": ["example.org"], "is_local": True},
                "127.0.0.1",
                "a@x.example",
                False,
                id="odd-local-domains",
            ),
            pytest.param({"networks": ["10.0.0.0/8"]}, "10.1.2.3", "you@x.example", True, id="usual-network"),
            pytest.param({"networks": ["10.0.0.0/8"]}, "11.1.2.3", "you@x.example", False, id="usual-outside"),
            pytest.param({"networks": ["10.0.0.0/8"]}, "::ffff:10.1.2.3", "you@x.example", True, id="odd-mapped"),
            pytest.param(
                {"networks": ["10.0.0.0/8"]}, "::ffff:11.1.2.3", "you@x.example", False, id="odd-mapped-other"
            ),
            pytest.param({"networks": ["2001:db8::/32"]}, "2001:db8::7", "you@x.example", True, id="usual-ipv6"),
            pytest.param({"networks": ["2001:db8::/32"]}, "10.1.2.3", "you@x.example", False, id="odd-other-version"),
            pytest.param({"networks": ["192.0.2.1"]}, "192.0.2.1", "you@x.example", True, id="usual-one-host"),
            pytest.param({"networks": ["10.0.0.0/8"]}, "", "you@x.example", False, id="odd-socket-file"),
        ],
    )
    def test_who_may_send_to_whom(self, settings: Any, host: str, recipient: str, may: bool) -> None:
        """RFC 5321, section 3.6.2: a server need not carry on for everybody, and this one does not."""
        assert Access(**settings).may_send(recipient, host=host, has_logged_in=False) is may

    def test_who_has_logged_in_may_send_to_all(self) -> None:
        """RFC 6409, section 4.3."""
        access = Access(users=USERS, domains=["example.org"])

        assert access.may_send("you@other.example", host="192.0.2.1", has_logged_in=True)


class TestRoutes:
    @pytest.mark.parametrize(
        "recipient",
        [
            pytest.param("ana%example.net@example.org", id="hostile-percent"),
            pytest.param("example.net!ana@example.org", id="hostile-bang"),
            pytest.param('"ana@example.net"@example.org', id="hostile-quoted"),
        ],
    )
    def test_a_way_on_is_no_address_of_our_own(self, recipient: str) -> None:
        """RFC 5321, appendix F.2: an old server behind this one would carry it on; who may send to all may do so."""
        access = Access(domains=["example.org"], networks=["192.0.2.0/24"])

        assert not access.may_send(recipient, host="198.51.100.1", has_logged_in=False)
        assert access.may_send(recipient, host="192.0.2.1", has_logged_in=False)
        assert access.may_send(recipient, host="198.51.100.1", has_logged_in=True)
